from __future__ import annotations

import os
import re
import subprocess
import sys

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


def test_the_release_can_be_asked_for(inkrow):
    assert inkrow("--version").stdout == f"inkrow {release()}\n"


def test_a_reader_that_has_heard_enough_is_no_failure():
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-c", "from app.cli import main; main()", "config"]
    with os.fdopen(write_end, "wb") as closed:
        result = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_pages_are_shared_by_as_many_threads_as_the_settings_say(monkeypatch):
    given, from_card = [], RowReader.from_card
    monkeypatch.setattr(RowReader, "from_card", lambda *args: given.append(args[2]) or from_card(*args))
    load_reader(Settings(page_threads=3), "champion")
    assert given == [3]
