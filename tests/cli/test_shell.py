from __future__ import annotations

import re

import pytest

from app.config import release


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
