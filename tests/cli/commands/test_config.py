from __future__ import annotations

import json

from app.config import Settings


def test_each_setting_is_listed_with_its_meaning_and_value(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_PORT", "9000")
    lines = inkrow("config").stdout.splitlines()
    assert "INKROW_PORT=9000  (default: 8000)" in lines
    place = lines.index("INKROW_HOST=127.0.0.1  (default)")
    assert lines[place + 1].strip() == Settings.model_fields["host"].description


def test_json_has_every_setting(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_PORT", "9000")
    settings = json.loads(inkrow("config", "--format", "json").stdout)
    assert len(settings) == len(Settings.model_fields)
    (port,) = [setting for setting in settings if setting["name"] == "INKROW_PORT"]
    assert (port["value"], port["default"], port["is_given"]) == (9000, 8000, True)


def test_the_address_of_a_queue_that_nobody_knows_is_told(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_QUEUE_URL", "foo")
    result = inkrow("config")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "expected the address of a queue such as sqlite:///state/queue.db, got 'foo'" in result.stderr


def test_a_wrong_setting_is_told_instead(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_PORT", "high")
    result = inkrow("config")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "inkrow: INKROW_PORT: expected a valid integer, got 'high'\n"
