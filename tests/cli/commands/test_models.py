from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.store import ModelStore


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Give a store of two versions, the first of them the champion, and let the settings point at it."""
    store = ModelStore(tmp_path / "models")
    for alphabet in ("AB", "ABC"):
        card = {
            "architecture": {"name": "glyph-resnet"},
            "alphabet": alphabet,
            "metrics": {"valid": {"accuracy": 0.75, "count": 4}},
            "curves": [{"epoch": number, "loss": 1.0} for number in range(20)],
        }
        store.publish("handprint", {"x": np.ones((2, 3)), "y": np.ones(4)}, card)
    store.promote("handprint", "1")
    monkeypatch.setenv("INKROW_MODEL_STORE", str(store.root))
    return store


@pytest.fixture
def run():
    def invoke(*arguments):
        return CliRunner().invoke(app, ["models", *arguments])

    return invoke


def test_the_list_has_a_line_for_each_version(run, store):
    result = run("list")
    head, first, second = result.stdout.splitlines()
    created = store.card("handprint", "1")["created"]
    assert head.split() == ["VERSION", "CREATED", "SIZE", "ALIASES", "METRICS"]
    assert first.split() == ["handprint/1", created, *first.split()[2:4], "champion", "valid.accuracy", "0.7500"]
    assert second.startswith("handprint/2 ")
    assert "champion" not in second
    assert result.exit_code == 0


def test_the_list_goes_on_after_a_damaged_card_and_fails_in_the_end(run, store):
    (store.root / "handprint" / "1" / "card.json").write_text("{")
    result = run("list")
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [
        ["handprint/1", "damaged"],
        ["handprint/2", store.card("handprint", "2")["created"]],
    ]
    assert result.stderr.startswith("inkrow: handprint/1/card.json: expected a JSON object")
    assert result.exit_code == 1


@pytest.mark.parametrize("command", [["list"], ["verify"], ["show", "handprint"], ["promote", "handprint/1"]])
def test_a_missing_store_is_named(run, tmp_path, monkeypatch, command):
    monkeypatch.setenv("INKROW_MODEL_STORE", str(tmp_path / "nothing"))
    result = run(*command)
    assert "does not exist" in result.stderr
    assert str(tmp_path / "nothing") in result.stderr
    assert result.exit_code == 4


@pytest.mark.parametrize(
    "reference, version", [("handprint", "1"), ("handprint/champion", "1"), ("handprint/1", "1"), ("handprint/2", "2")]
)
def test_a_version_is_named_by_model_and_number_or_alias(run, store, reference, version):
    assert json.loads(run("show", reference, "--json").stdout) == store.card("handprint", version)


def test_show_prints_what_is_short_and_counts_what_is_long(run, store):
    lines = dict(line.split(maxsplit=1) for line in run("show", "handprint").stdout.splitlines())
    assert lines["version"] == "handprint/1 (champion)"
    assert lines["digest"] == store.describe("handprint").digest
    assert lines["arrays"] == "2 of 10 numbers"
    assert lines["alphabet"] == "AB"
    assert lines["metrics.valid.accuracy"] == "0.75"
    assert lines["curves"] == "20 entries (--json shows them)"


def test_show_of_what_is_not_there_says_what_is(run, store):
    result = run("show", "handprint/candidate")
    assert "it has 1, 2, champion (1)" in result.stderr
    assert result.exit_code == 4


def test_verify_of_a_sound_store_says_how_much_it_has_read(run, store):
    assert run("verify").stdout == run("verify", "handprint").stdout == "2 versions are as published\n"
    assert run("verify", "handprint/champion").stdout == "1 version is as published\n"


def test_verify_prints_every_finding_and_fails(run, store):
    (store.root / "handprint" / "1" / "model.safetensors").write_bytes(b"")
    (store.root / "handprint" / "2" / "card.json").unlink()
    (store.root / "handprint" / ".staging-x").mkdir()
    result = run("verify")
    first, second, third = result.stdout.splitlines()
    assert first.startswith("handprint/1/model.safetensors: expected size_bytes")
    assert second.startswith("handprint/2/card.json: expected a file")
    assert third.startswith("note: handprint/.staging-x: left behind")
    assert result.stderr == f"inkrow: 2 things are wrong in {store.root}\n"
    assert result.exit_code == 1


def test_verify_does_not_fail_for_notes(run, store):
    (store.root / "handprint" / ".staging-x").mkdir()
    result = run("verify")
    assert (result.exit_code, result.stderr) == (0, "")


def test_promote_and_rollback_say_what_stands_where(run, store):
    assert run("promote", "handprint/2").stdout == "handprint/2 is the champion, handprint/1 previous\n"
    assert run("promote", "handprint/2").stdout == "handprint/2 was the champion already; nothing changed\n"
    assert run("rollback", "handprint").stdout == "handprint/1 is the champion, handprint/2 previous\n"
    assert run("rollback", "handprint").stdout == "handprint/2 is the champion, handprint/1 previous\n"


@pytest.mark.parametrize("file", ["model.safetensors", "card.json"])
def test_a_damaged_version_is_not_promoted(run, store, file):
    (store.root / "handprint" / "2" / file).write_bytes(b"{}")
    result = run("promote", "handprint/2")
    assert f"no alias may stand for a damaged version: handprint/2/{file}" in result.stderr
    assert result.exit_code == 1
    assert store.resolve("handprint", "champion") == "1"


def test_without_a_previous_version_rollback_is_exit_code_5(run, store):
    result = run("rollback", "handprint")
    assert "no previous champion" in result.stderr
    assert result.exit_code == 5


@pytest.mark.parametrize("command", [["promote", "handprint/3"], ["rollback", "handprint"]])
def test_a_version_of_another_kind_never_serves(run, store, command):
    store.publish("handprint", {"x": np.ones(1)}, {"architecture": {"name": "row-resnet"}})
    store.promote("handprint", "3")  # as by an older release
    store.promote("handprint", "2")
    result = run(*command)
    assert (result.exit_code, store.resolve("handprint", "champion")) == (5, "2")
    detail = "handprint is a network for glyphs, which cannot be followed by a network for rows; choose another name"
    assert result.stderr == f"inkrow: {detail}\n"


def test_a_champion_of_another_kind_is_replaced_by_what_reads_under_its_name(run, store):
    store.publish("handprint", {"x": np.ones(1)}, {"architecture": {"name": "row-resnet"}})
    store.promote("handprint", "3")
    assert run("promote", "handprint/1").exit_code == 0
    assert store.resolve("handprint", "champion") == "1"


def test_the_log_says_who_moved_what_and_why(run, store, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ann")
    run("promote", "handprint/2", "--reason", "reads our sevens")
    run("rollback", "handprint")
    newest, before, first = run("promotions").stdout.splitlines()
    assert newest.endswith("handprint champion: 2 to 1  rollback by ann at a terminal")
    assert before.endswith("handprint champion: 1 to 2  promote by ann at a terminal: reads our sevens")
    assert first.endswith("handprint champion: none to 1  promote by nobody named")
    assert run("promotions", "handprint").stdout.count("\n") == 3
    assert run("promotions", "rows").exit_code == 4
    store.publish("rows", {"x": np.ones(1)}, {})
    result = run("promotions", "rows")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no move of an alias is in the log\n")


def test_an_alias_is_taken_away(run, store):
    store.set_alias("handprint", "trial", "2")
    assert run("unalias", "handprint/trial").stdout == "handprint has no alias trial any more\n"
    assert store.aliases("handprint") == {"champion": "1"}
    assert run("promotions").stdout.splitlines()[0].split("  ")[1:3][0] == "handprint trial: 2 to none"
    assert (run("unalias", "handprint/trial").exit_code, run("unalias", "handprint").exit_code) == (4, 2)
    assert run("unalias", "handprint/champion").exit_code == 5


@pytest.mark.parametrize("role", ["", "ROW_"])
def test_an_alias_by_which_a_model_serves_is_not_taken_away(run, store, monkeypatch, role):
    store.set_alias("handprint", "trial", "2")
    monkeypatch.setenv(f"INKROW_{role}MODEL", "handprint")
    monkeypatch.setenv(f"INKROW_{role}ALIAS", "trial")
    result = run("unalias", "handprint/trial")
    assert (result.exit_code, "which serves" in result.stderr) == (5, True)
    assert "trial" in store.aliases("handprint")


def test_promote_without_a_version_is_a_wrong_command_line(run, store):
    result = run("promote", "handprint")
    assert "expected NAME/REF" in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["verify"], ["promote"], ["unalias"], ["rollback"]])
def test_every_help_shows_examples(run, command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:\n    inkrow models " in result.stdout
