"""Retraining from the command line: in a folder that may hold other things, and again after an interruption."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from app.cli import options
from app.store import ModelStore
from app.training import TrainedModel

QUICK = ("--model", "handprint", "--epochs", "3", "--batch-size", "24")


@pytest.fixture(autouse=True)
def store(tiny_models: ModelStore) -> ModelStore:
    return tiny_models


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "retraining"


@pytest.fixture
def retrain(inkrow: Any, place: Path) -> Callable[..., Result]:
    """Give a function that runs the command in `place`."""
    return lambda *arguments: inkrow("retrain", "--workers", "0", "--folder", str(place), *arguments)


@pytest.fixture
def stop(retrain: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Give a function that runs the command and presses Ctrl+C after an epoch."""

    def run_and_stop(*arguments: str) -> Result:
        def press(self: object, kind: str, data: object) -> None:
            if kind == "epoch":
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("app.cli.commands.retrain.TerminalListener.emit", press)
            return retrain(*arguments)

    return run_and_stop


def test_the_models_are_those_that_can_be_retrained() -> None:
    assert options.TrainedModel == TrainedModel


def test_a_retraining_takes_its_folder_away_at_its_end(retrain: Callable[..., Result], place: Path):
    result = retrain(*QUICK)

    assert result.exit_code == 0, result.output
    assert "published handprint 2 sha256:" in result.stdout
    assert not place.exists()


def test_what_failed_at_once_is_in_nobodys_way(retrain: Callable[..., Result], place: Path):
    assert retrain("--model", "handprint", "--start", "9").exit_code == 3
    assert not place.exists()


def test_what_a_killed_process_was_writing_is_in_nobodys_way(retrain: Callable[..., Result], place: Path):
    place.mkdir()
    for name in (".fresh-request.json-0a", ".fresh-handprint.json-0b"):
        (place / name).write_text("{")

    assert retrain(*QUICK).exit_code == 0
    assert not place.exists()


def test_what_a_killed_process_was_writing_goes_with_what_is_resumed(
    retrain: Callable[..., Result], stop: Callable[..., Result], place: Path
):
    stop(*QUICK)
    for name in (".fresh-request.json-0a", "handprint.checkpoint.unfinished"):
        (place / name).write_text("{")

    assert retrain("--resume").exit_code == 0
    assert not place.exists()


def test_only_what_can_be_resumed_is_advised_to_be(
    retrain: Callable[..., Result], stop: Callable[..., Result], place: Path
):
    stop(*QUICK)
    assert "--resume goes on" in retrain(*QUICK).stderr
    (place / "request.json").unlink()
    assert "--resume" not in retrain(*QUICK).stderr


def test_a_folder_that_holds_anything_is_refused(retrain: Callable[..., Result], place: Path):
    place.mkdir()
    (place / "thesis.txt").write_text("precious")

    result = retrain(*QUICK)

    assert result.exit_code == 5
    assert "is not empty" in result.stderr


def test_nothing_is_resumed_in_a_folder_where_nothing_was_stopped(
    retrain: Callable[..., Result], place: Path, store: ModelStore
):
    missing = retrain("--resume", *QUICK)
    place.mkdir()
    (place / "thesis.txt").write_text("precious")
    foreign = retrain("--resume", *QUICK)

    assert (missing.exit_code, foreign.exit_code) == (4, 4)
    assert "there is no retraining in" in missing.stderr
    assert (place / "thesis.txt").read_text() == "precious"
    assert store.versions("handprint") == ["1"]


def test_a_damaged_request_is_no_missing_one(retrain: Callable[..., Result], place: Path):
    place.mkdir()
    (place / "request.json").write_text("{")

    result = retrain("--resume")

    assert result.exit_code == 3
    assert "expected a folder in which a retraining was stopped" in result.stderr


def test_what_is_resumed_is_what_was_stopped(
    retrain: Callable[..., Result], stop: Callable[..., Result], store: ModelStore
):
    stopped = stop(*QUICK)
    assert (stopped.exit_code, store.versions("handprint")) == (130, ["1"])

    resumed = retrain("--resume")

    assert resumed.exit_code == 0, resumed.output
    assert "epoch 2 of 3" in resumed.stdout
    assert "epoch 1 of 3" not in resumed.stdout
    assert "rows" not in resumed.stdout  # which a request without a model is for, too


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_resumed_has_the_data_that_it_had(
    retrain: Callable[..., Result],
    stop: Callable[..., Result],
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moved: bool,
):
    roots: list[Path] = []

    def look(request: object, store: object, root: Path) -> None:
        roots.append(root)
        raise KeyboardInterrupt

    stop(*QUICK, "--data-root", str(tmp_path / "one"))
    monkeypatch.setattr("app.cli.work.retraining.plan_retraining", look)
    retrain("--resume", *(["--data-root", str(tmp_path / "other")] if moved else []))

    assert roots == [tmp_path / ("other" if moved else "one")]


def test_files_of_others_survive_a_resumption(retrain: Callable[..., Result], stop: Callable[..., Result], place: Path):
    stop(*QUICK)
    (place / "thesis.txt").write_text("precious")

    assert retrain("--resume").exit_code == 0
    assert [path.name for path in place.iterdir()] == ["thesis.txt"]


def test_resuming_with_other_options_is_refused_and_loses_nothing(
    retrain: Callable[..., Result], stop: Callable[..., Result], place: Path
):
    stop(*QUICK)
    before = (place / "handprint.checkpoint").read_bytes()

    result = retrain("--resume", "--model", "seed", "--epochs", "3", "--seed", "5", "--no-corrections")

    assert result.exit_code == 5
    assert "expected --model handprint, got --model seed" in result.stderr
    assert "expected no --seed, got --seed 5" in result.stderr
    assert "expected --corrections, got --no-corrections" in result.stderr
    assert "--epochs" not in result.stderr
    assert (place / "handprint.checkpoint").read_bytes() == before
    assert json.loads((place / "request.json").read_bytes())["model"] == "handprint"


def test_a_run_that_begins_anew_says_so_and_keeps_what_it_had_until_its_end(
    retrain: Callable[..., Result], stop: Callable[..., Result], store: ModelStore, place: Path
):
    stop(*QUICK)
    again = store.load("handprint", "1")
    arrays = {name: array + 0.01 for name, array in again.arrays.items()}
    kept = {"name", "version", "created", "format", "files", "arrays"}
    store.publish("handprint", arrays, {key: value for key, value in again.card.items() if key not in kept})
    store.promote("handprint", "2")

    before = (place / "handprint.checkpoint").read_bytes()

    stop("--resume")

    assert (place / "handprint.checkpoint.old").read_bytes() == before
    (place / "handprint.checkpoint.old").replace(place / "handprint.checkpoint")
    result = retrain("--resume")
    assert not place.exists()
    assert "handprint begins anew" in result.stdout
    assert "epoch 1 of 3" in result.stdout


def test_no_bar_is_drawn_where_nobody_sees_it(retrain: Callable[..., Result]):
    assert "\r" not in retrain(*QUICK).stderr
