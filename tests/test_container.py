"""Image and compose file agree with the project. That they work takes an engine to try: see docs/container.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from app.api import create_app
from app.config import Settings
from tests.conftest import PROJECT

_PROJECT_TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_PORT = str(Settings.model_fields["port"].default)


def _stages() -> list[list[tuple[str, str]]]:
    """Every stage of the Dockerfile as its (instruction, rest) pairs; the first pair of each is its FROM."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    stages: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, rest = line.split(maxsplit=1)
        if instruction == "FROM":
            stages.append([])
        stages[-1].append((instruction, rest))
    return stages


_ARGS, *_STAGES = _stages()
_IMAGE = _STAGES[-1]


def _in_image(instruction: str) -> list[str]:
    return [rest for name, rest in _IMAGE if name == instruction]


def _env(stage: list[tuple[str, str]]) -> dict[str, str]:
    return dict(pair.split("=", 1) for name, rest in stage if name == "ENV" for pair in rest.split())


def _copied_from_the_project() -> Iterator[str]:
    for name, rest in (pair for stage in _STAGES for pair in stage):
        words = [word for word in rest.split() if not word.startswith("--")]
        if name == "COPY" and "--from=" not in rest:
            yield from words[:-1]


def _health_check() -> list[str]:
    (rest,) = _in_image("HEALTHCHECK")
    command: list[str] = json.loads(rest[rest.index("[") :])
    return command


def _service() -> dict[str, Any]:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    (service,) = compose["services"].values()
    return dict(service)


def _is_sent_to_the_build(path: str) -> bool:
    """Apply .dockerignore as Docker does: the last rule that matches a path, or a folder it lies in, decides."""
    sent = True
    places = [path, *map(str, PurePosixPath(path).parents)]
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = re.escape(line.removeprefix("!").rstrip("/"))
        pattern = pattern.replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, place) for place in places):
            sent = line.startswith("!")
    return sent


def test_the_base_is_a_slim_python_that_the_project_supports():
    (arg,) = (rest for name, rest in _ARGS if name == "ARG")
    base = re.fullmatch(r"PYTHON=python:(\d+\.\d+)(\.\d+)?-slim-[a-z]+", arg)
    assert base
    assert base.group(1) in SpecifierSet(_PROJECT_TABLE["requires-python"])
    assert _IMAGE[0] == ("FROM", "${PYTHON}")


def test_packages_are_installed_from_the_lock_by_hash_and_nothing_else_is():
    runs = [rest for stage in _STAGES for name, rest in stage if name == "RUN"]
    installs = [command for run in runs for command in run.split("&&") if "pip install" in command]
    locked, ours = installs
    assert "--require-hashes --requirement requirements/serve.txt" in locked
    assert "--no-deps --no-build-isolation --editable ." in ours


@pytest.mark.parametrize("source", sorted(set(_copied_from_the_project())))
def test_what_is_copied_is_there_and_reaches_the_build(source):
    files = [file for found in PROJECT.glob(source) for file in (found, *found.rglob("*"))]
    kept = [file.relative_to(PROJECT).as_posix() for file in files if file.suffix != ".pyc" and file.is_file()]
    kept = [file for file in kept if "/." not in file]
    assert kept
    assert [file for file in kept if not _is_sent_to_the_build(file)] == []


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "data/unipen/chars_train.npz",
        "requirements/dev.txt",
        "app/nn/__pycache__/conv.cpython-313.pyc",
        "model_store/handprint/.lock",
        "model_store/handprint/.staging-1234/model.safetensors",
        "state/inkrow.db",
    ],
)
def test_secrets_data_and_left_overs_do_not_reach_the_build(path):
    assert not _is_sent_to_the_build(path)


def test_nothing_reaches_the_build_that_is_not_copied():
    copied = {source.split("/")[0] for source in _copied_from_the_project()}
    sent = {place.name for place in PROJECT.iterdir() if _is_sent_to_the_build(place.name)}
    assert sent <= copied


def test_models_and_state_of_the_image_belong_to_the_user_and_nothing_else_does():
    (user,) = _in_image("USER")
    ids = re.fullmatch(r"([1-9]\d*):([1-9]\d*)", user)
    assert ids, "Kubernetes sees only from a number that it is not root"
    assert [rest for rest in _in_image("COPY") if "--chown" in rest] == [f"--chown={user} model_store model_store"]
    (make_state,) = _in_image("RUN")
    assert make_state == f"install --directory --owner={ids[1]} --group={ids[2]} --mode=700 state"


def test_the_state_folder_of_the_image_is_where_the_service_looks_for_it(monkeypatch):
    monkeypatch.delenv("INKROW_STATE")
    state = Settings().state
    assert state.relative_to(PROJECT) == PurePosixPath("state")  # beside the package, as in the image
    assert "INKROW_STATE" not in _env(_IMAGE)


def test_environment_and_bytecode_stay_where_they_were_made():
    # The paths inside both are absolute.
    (folder,) = _in_image("WORKDIR")
    assert [rest for stage in _STAGES for name, rest in stage if name == "WORKDIR"] == [folder, folder]
    prefixes = [_env(stage)["PYTHONPYCACHEPREFIX"] for stage in _STAGES if "PYTHONPYCACHEPREFIX" in _env(stage)]
    assert prefixes == [f"{folder}/bytecode"] * 2
    assert f"--from=tried {folder}/bytecode bytecode" in _in_image("COPY")


def test_a_container_runs_the_command_itself_so_that_signals_reach_it():
    (entrypoint,), (cmd,) = _in_image("ENTRYPOINT"), _in_image("CMD")
    command, subcommand = json.loads(entrypoint) + json.loads(cmd)
    assert command in _PROJECT_TABLE["scripts"]
    help_page = [sys.executable, "-c", "from app.cli import main; main()", subcommand, "--help"]
    assert subprocess.run(help_page, cwd=PROJECT, check=False).returncode == 0


def test_port_and_address_are_the_same_everywhere():
    service = _service()
    assert _in_image("EXPOSE") == [_PORT]
    assert service["ports"] == [
        f"${{INKROW_HOST:-{Settings.model_fields['host'].default}}}:${{INKROW_PORT:-{_PORT}}}:{_PORT}"
    ]
    assert service["environment"] == {"INKROW_HOST": "0.0.0.0", "INKROW_PORT": _PORT}
    assert _env(_IMAGE)["INKROW_HOST"] == "0.0.0.0"


def test_compose_makes_exactly_three_places_writable():
    service = _service()
    (folder,) = _in_image("WORKDIR")
    assert service["read_only"] is True
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    mounts = [mount.split(":") for mount in service["volumes"]]
    assert [places for _, *places in mounts] == [[f"{folder}/model_store"], [f"{folder}/state"]]
    assert _env(_IMAGE)["MPLCONFIGDIR"].startswith("/tmp/")


def test_compose_gives_no_privileges_and_bounds_the_memory():
    service = _service()
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]


def test_compose_and_image_ask_the_same_health_check():
    assert _service()["healthcheck"]["test"] == ["CMD", *_health_check()]


@pytest.mark.parametrize("status, exit_code", [(200, 0), (503, 1)])
def test_the_health_check_tells_ready_from_not_ready(status, exit_code):
    asked = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        program, *arguments = [word.replace(_PORT, str(server.server_port)) for word in _health_check()]
        assert program == "python"
        assert subprocess.run([sys.executable, *arguments], check=False).returncode == exit_code
        thread.join()
    assert asked == ["/readyz"]
    assert "/readyz" in create_app(Settings()).openapi()["paths"]
