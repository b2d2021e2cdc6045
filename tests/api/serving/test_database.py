"""What has expired is deleted, whatever went wrong the last time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from app.api.serving import database
from app.config import Settings
from app.errors import StateUnwritable


@pytest.mark.parametrize("failure", [StateUnwritable("cannot write to images"), PermissionError("no")])
def test_a_failure_is_logged_and_the_next_hour_comes(monkeypatch, caplog, tmp_path, failure):
    calls = []

    def tidy(_, settings):
        calls.append(settings)
        if len(calls) == 1:
            raise failure
        raise asyncio.CancelledError

    monkeypatch.setattr(database, "_tidy", tidy)
    monkeypatch.setattr(database, "_EVERY_S", 0)
    with caplog.at_level(logging.ERROR), pytest.raises(asyncio.CancelledError):
        asyncio.run(database.tidy_every_hour(None, Settings(state=tmp_path)))
    assert len(calls) == 2
    assert "what has expired could not be deleted" in caplog.text
