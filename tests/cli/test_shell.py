from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.shell import load_reader
from app.config import Settings, release
from app.ocr import RowReader


@pytest.mark.parametrize(
    "command",
    [[], ["serve"], ["read"], ["config"], ["train"], ["evaluate"], ["sweep"], ["experiment"], ["data", "list"]],
)
def test_every_help_shows_examples(inkrow, command):
    result = inkrow(*command, "--help")
    assert result.exit_code == 0
    assert re.search(r"Examples:\n +\S*.*inkrow ", result.stdout)


@pytest.mark.parametrize("group", [[], ["corrections"], ["data"], ["keys"], ["models"], ["synth"]])
def test_a_list_of_commands_describes_each_in_a_whole_sentence(inkrow, monkeypatch, group):
    monkeypatch.setenv("COLUMNS", "80")
    listed = inkrow(*group, "--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    cut = [line for line in listed.splitlines() if not re.search(r"\w[.]$", line)]
    assert listed
    assert not cut


def test_the_release_can_be_asked_for(inkrow):
    assert inkrow("--version").stdout == f"inkrow {release()}\n"


def test_a_command_whose_output_nobody_reads_ends_silently_as_by_sigpipe():
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-c", "from app.cli import main; main()", "config"]
    with os.fdopen(write_end, "wb") as closed:
        result = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [("config",), ("models", "list")], ids=" ".join)
def test_output_that_no_room_is_left_for_is_told(arguments):
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    expected = f"inkrow: the output cannot be written: {os.strerror(errno.ENOSPC)}\n"
    assert (result.returncode, result.stderr) == (1, expected)


def test_another_pipe_that_breaks_is_a_failure():
    code = "import app.config; from app.cli import main\ndef fail(): raise BrokenPipeError\n"
    command = [sys.executable, "-c", f"{code}app.config.read_settings = fail; main()", "config"]
    result = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert result.returncode == 1
    assert b"BrokenPipeError" in result.stderr


def test_pages_are_shared_by_as_many_threads_as_the_settings_say(monkeypatch):
    given, from_card = [], RowReader.from_card
    monkeypatch.setattr(RowReader, "from_card", lambda *args: given.append(args[2]) or from_card(*args))
    load_reader(Settings(page_threads=3), "champion")
    assert given == [3]
