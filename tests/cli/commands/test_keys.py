"""`inkrow keys`, and the key that a first start shows."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from app.access import KeyStore
from app.cli.first_key import show_first_key
from app.config import read_settings
from app.database import Database

_ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Give the keys of an empty state folder, which the settings name."""
    monkeypatch.setenv("INKROW_STATE", str(tmp_path / "state"))
    database = Database(read_settings().database_url)
    yield KeyStore(database)
    database.close()


@pytest.fixture
def run(inkrow, store):
    return lambda *arguments: inkrow("keys", *arguments)


def test_a_key_is_printed_alone_so_that_a_script_can_take_it(run, store):
    result = run("create", "scanner", "--scope", "correct")
    (sent,) = result.stdout.splitlines()
    key = store.verify(sent)
    assert key.permitted == {"read", "correct"}
    assert result.stderr == (
        f"Key {key.id} of 'scanner' opens read, correct until it is revoked. It is shown this once:\n"
    )


@pytest.mark.parametrize("text, period", [("12h", {"hours": 12}), ("90d", {"days": 90}), ("8w", {"weeks": 8})])
def test_it_may_end_some_time_from_now(run, store, text, period):
    run("create", "a", "--scope", "read", "--expires", text)
    assert abs(store.list()[0].expires_at - datetime.now(UTC) - timedelta(**period)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "text, end",
    [
        ("2099-12-31", datetime(2099, 12, 31, tzinfo=UTC)),
        ("2099-12-31T12:00+02:00", datetime(2099, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_it_may_end_on_a_date(run, store, text, end):
    run("create", "a", "--scope", "read", "--expires", text)
    assert store.list()[0].expires_at == end


@pytest.mark.parametrize(
    "text, complaint",
    [("soon", "expected an end such as 12h"), ("2020-01-01", "in the future, got 2020-01-01 00:00 UTC")],
)
def test_an_end_that_cannot_be_is_refused(run, store, text, complaint):
    result = run("create", "a", "--scope", "read", "--expires", text)
    assert result.exit_code == 3
    assert complaint in result.stderr
    assert store.list() == []


@pytest.mark.parametrize("scope", [[], ["--scope", "root"]])
def test_a_key_is_for_something_that_there_is(run, scope):
    assert run("create", "a", *scope).exit_code == 2


def test_the_list_tells_all_but_the_key(run, store):
    sent = run("create", "scanner", "--scope", "correct").stdout.strip()
    run("create", "guest", "--scope", "read", "--expires", "2099-12-31")
    store.revoke(store.list()[0].id)
    store.note_use(store.list()[1])
    head, first, second = run("list").stdout.splitlines()
    assert re.split(r"  +", head) == ["ID", "NAME", "SCOPES", "STATE", "CREATED", "LAST USED"]
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(rf"{store.list()[0].id}  scanner  correct  revoked {time} +{time}  never", first)
    assert re.fullmatch(rf"\w+  guest    read     valid until 2099-12-31 00:00  {time}  {time}", second)
    listed = run("list", "--format", "json").stdout
    assert sent.rpartition("_")[2] not in listed
    assert [(key["name"], key["scopes"], key["is_valid"]) for key in json.loads(listed)] == [
        ("scanner", ["correct"], False),
        ("guest", ["read"], True),
    ]


def test_a_revoked_key_opens_nothing(run, store):
    sent = run("create", "a", "--scope", "read").stdout.strip()
    key = store.verify(sent)
    assert run("revoke", key.id).stdout == f"key {key.id} of 'a' opens nothing any more\n"
    assert store.verify(sent) is None
    again = run("revoke", key.id)
    assert (again.exit_code, again.stdout.startswith(f"key {key.id} of 'a' was revoked already, on 20")) == (0, True)


def test_an_id_that_no_key_has_is_told(run):
    result = run("revoke", "scanner")
    assert result.exit_code == 4
    assert "expected the id of a key (inkrow keys list shows them), got 'scanner'" in result.stderr


def test_a_first_start_shows_a_key_and_how_to_use_it_and_a_second_one_does_not(store, capsys):
    show_first_key(read_settings(), _ADDRESS, "text")
    shown = capsys.readouterr().err
    sent, curl = re.search(r"\n    (inkrow_\w+)\n\n    (curl .*)\n", shown).groups()
    assert curl == f"curl -H 'Authorization: Bearer {sent}' {_ADDRESS}/admin/jobs"
    assert store.verify(sent).scopes == {"admin"}
    show_first_key(read_settings(), _ADDRESS, "text")
    assert capsys.readouterr() == ("", "")


def test_a_log_for_programs_never_has_a_key(store, capsys, caplog):
    show_first_key(read_settings(), _ADDRESS, "json")
    assert store.list() == []
    assert caplog.messages == ["no key has the scope admin; inkrow keys create NAME --scope admin makes one"]
    assert capsys.readouterr() == ("", "")


def test_a_key_of_the_environment_makes_another_one_needless(store, capsys, monkeypatch):
    monkeypatch.setenv("INKROW_ADMIN_KEY", "k" * 32)
    show_first_key(read_settings(), _ADDRESS, "text")
    assert store.list() == []
    assert capsys.readouterr() == ("", "")


def test_a_database_that_cannot_be_opened_keeps_nobody_from_serving(tmp_path, monkeypatch, caplog, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("INKROW_STATE", str(tmp_path / "file"))
    show_first_key(read_settings(), _ADDRESS, "text")
    assert caplog.records[0].levelno == logging.ERROR
    assert caplog.messages[0].startswith("no admin key could be looked for: ")
    assert capsys.readouterr() == ("", "")


def test_a_short_admin_key_is_refused(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_ADMIN_KEY", "hush" * 7)
    result = inkrow("config")
    assert result.exit_code == 3
    assert "INKROW_ADMIN_KEY: expected at least 32 characters, got 28" in result.stderr
    assert "hush" not in result.stderr


def test_the_settings_do_not_show_the_admin_key(inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_ADMIN_KEY", "hush" * 8)
    assert "hush" not in inkrow("config").stdout
