"""`inkrow serve`, started for real, with the model that ships."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from app.cli.commands.serve import listen
from tests.conftest import PROJECT, is_running

pytestmark = pytest.mark.service

_SCRIPT = "from app.cli import main; main()"
_UNFINISHED = (
    b"POST /ocr HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n--x"
)
_IMPATIENT = "from app.cli import main; from app.cli.commands import serve; serve._LAST_SECONDS = 0.1; main()"


@pytest.fixture(autouse=True)
def admin_key(monkeypatch):
    """Let no start be the first one, which says more."""
    monkeypatch.setenv("INKROW_ADMIN_KEY", "k" * 32)


@contextmanager
def _serving(*options, script=_SCRIPT):
    """Start the service; gives the process, its address, and the lines of its log as they come."""
    command = [sys.executable, "-c", script, "serve", "--port", "0", *options]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line
            yield process, address[0], process.stderr
        finally:
            process.kill()


def _get(address):
    with urllib.request.urlopen(address, timeout=30) as response:
        return json.load(response)


def test_it_answers_until_it_is_interrupted():
    with _serving("--log-level", "warning") as (process, address, _):
        assert _get(f"{address}/readyz")["model"]["name"] == "handprint"
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
        assert (process.returncode, rest) == (0, "")


def test_a_kept_connection_sends_without_waiting_for_acknowledgements():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_first_start_shows_a_key_that_works(monkeypatch, tmp_path):
    monkeypatch.delenv("INKROW_ADMIN_KEY")
    monkeypatch.setenv("INKROW_STATE", str(tmp_path))
    with _serving("--log-level", "warning") as (_, address, log):
        curl = next(line for line in log if "curl" in line)
        name, value, asked = re.search(r"-H '(\w+): (Bearer inkrow_\w+)' (http\S+)", curl).groups()
        assert asked.startswith(address)
        assert _get(urllib.request.Request(asked, headers={name: value}))
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _get(urllib.request.Request(asked, headers={name: value[:-1]}))


@pytest.mark.parametrize("format_name", ["text", "tsv"])
def test_reading_by_the_service_prints_what_reading_here_does(inkrow, format_name):
    page = str(PROJECT / "samples" / "parts_label.png")
    with _serving("--log-level", "error") as (_, address, _):
        there = inkrow("read", "--format", format_name, "--server", address, page)
    assert there.exit_code == 0
    assert there.stdout == inkrow("read", "--format", format_name, page).stdout != ""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_several_processes_serve_and_all_of_them_end(end):
    with _serving("--workers", "2") as (process, address, log):
        started = (re.search(r"Started server process \[(\d+)\]", line) for line in log)
        workers = [int(next(filter(None, started))[1]) for _ in range(2)]
        assert process.pid not in workers
        assert all(map(is_running, workers))
        assert _get(f"{address}/readyz")["status"] == "ready"
        process.send_signal(end)
        process.communicate(timeout=30)
        assert process.returncode == 0
        assert not any(map(is_running, workers))


def test_several_processes_end_with_the_one_that_started_them():
    with _serving("--workers", "2") as (process, address, log):
        started = (re.search(r"Started server process \[(\d+)\]", line) for line in log)
        workers = [int(next(filter(None, started))[1]) for _ in range(2)]
        assert _get(f"{address}/livez")
        process.kill()
        finished = set(re.findall(r"Finished server process \[(\d+)\]", log.read()))  # whose end is theirs
        assert finished == set(map(str, workers))


def _figure(text, start):
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(start))


def test_several_processes_count_together_and_what_one_counted_outlives_it():
    def scrape():
        with urllib.request.urlopen(f"{address}/metrics", timeout=30) as response:
            return response.read().decode()

    with _serving("--workers", "2", "--log-format", "json") as (process, address, log):
        started = (re.search(r"Started server process \[(\d+)\]", line) for line in log)
        first, second = (int(next(filter(None, started))[1]) for _ in range(2))
        for _ in range(20):  # whichever takes them
            _get(f"{address}/models")
        counted = 'inkrow_http_request_duration_seconds_count{method="GET",route="/models",status="2xx"}'
        for _ in range(4):  # both are asked sooner or later
            assert _figure(figures := scrape(), counted) == 20
            assert figures.count("process_resident_memory_bytes{") == 2
        os.kill(first, signal.SIGKILL)
        replaced = next(filter(None, started))[1]
        figures = scrape()
        assert _figure(figures, counted) == 20
        living = re.findall(r'process_start_time_seconds\{pid="(\d+)"\}', figures)
        assert set(living) == {str(second), replaced}
        assert _figure(figures, "inkrow_http_requests_in_flight ") == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_log_is_json_where_that_is_asked_for():
    with _serving("--log-format", "json") as (process, address, _):
        request = urllib.request.Request(f"{address}/models", headers={"X-Request-ID": "mine"})
        with urllib.request.urlopen(request, timeout=30):
            pass
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    lines = [json.loads(line) for line in rest.splitlines()]
    (ours,) = (line for line in lines if line.get("request_id") == "mine")
    assert (ours["route"], ours["status"], ours["client"]) == ("/models", 200, "127.0.0.1")
    assert any(line["logger"] == "uvicorn.error" for line in lines)


def test_who_has_not_finished_asking_when_it_ends_is_told_so():
    with _serving("--log-level", "warning", script=_IMPATIENT) as (process, address, _):
        port = int(address.rpartition(":")[2])
        _get(f"{address}/livez")
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(_UNFINISHED)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            with connection.makefile("rb") as answer:
                answered, _, body = answer.read().partition(b"\r\n\r\n")
        _, log = process.communicate(timeout=30)
    assert answered.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body)["reasons"] == ["the service is ending"]
    assert "Traceback" not in log
    assert process.returncode == 0


def test_what_is_not_http_gets_a_problem_document():
    with _serving("--log-level", "error") as (_, address, _):
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"READ THIS PAGE\r\n\r\n")
            with connection.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert re.search(rb"x-request-id: [0-9a-f]{32}", head)
    assert json.loads(body) == {
        "type": "/problems/malformed-request",
        "title": "Malformed request",
        "status": 400,
        "detail": "Invalid HTTP request received.",
        "instance": "/",
    }


def test_a_port_in_use_is_told_in_one_line(inkrow):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = inkrow("serve", "--port", str(port))
    assert result.exit_code == 5
    assert re.fullmatch(
        rf"inkrow: port {port} of 127.0.0.1 is in use; choose another: --port (\d+) \(make serve PORT=\1\)\n",
        result.stderr,
    )


def test_a_host_that_is_not_ours_is_told_in_one_line(inkrow):
    result = inkrow("serve", "--host", "256.0.0.1", "--port", "0")
    assert result.exit_code == 3
    assert re.fullmatch(r"inkrow: cannot listen on 256.0.0.1 port 0: .*\n", result.stderr)
