from __future__ import annotations

import re

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


def test_pages_are_shared_by_as_many_threads_as_the_settings_say(monkeypatch):
    given, from_card = [], RowReader.from_card
    monkeypatch.setattr(RowReader, "from_card", lambda *args: given.append(args[2]) or from_card(*args))
    load_reader(Settings(page_threads=3), "champion")
    assert given == [3]
