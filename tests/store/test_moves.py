"""The log of alias moves: it cannot disagree with the aliases."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from app.errors import Conflict, CorruptModel, ModelNotFound, StaleAliases, StoreUnwritable
from app.store import LOG_FILE, ModelStore, Occasion, disk


@pytest.fixture
def store(tmp_path):
    """Give a store of three versions, the first of which is the champion."""
    store = ModelStore(tmp_path / "models", now=lambda: datetime(2026, 11, 28, 12, tzinfo=UTC))
    for number in range(3):
        store.publish("handprint", {"x": np.full(3, number)}, {})
    store.promote("handprint", "1")
    return store


@pytest.fixture
def log(store):
    return store.root / "handprint" / LOG_FILE


def test_a_move_is_written_down_with_who_when_what_and_why(store):
    figures = {"passed": True}
    store.promote("handprint", "2", Occasion(by="key abc", reason="reads sevens", figures=figures))
    move = store.moves("handprint")[-1]
    assert (move.number, move.at) == (2, "2026-11-28T12:00:00.000+00:00")
    assert (move.model, move.alias, move.from_version, move.to_version) == ("handprint", "champion", "1", "2")
    assert (move.kind, move.by, move.reason, move.figures) == ("promote", "key abc", "reads sevens", figures)
    assert move.before == {"champion": "1"}
    assert move.after == {"champion": "2", "previous": "1"} == store.aliases("handprint")


def test_every_kind_of_move_has_its_name(store):
    store.set_alias("handprint", "candidate", "3")
    store.promote("handprint", "3", Occasion(forced=True, reason="must"))
    store.rollback("handprint")
    assert [move.kind for move in store.moves("handprint")] == ["promote", "alias", "forced", "rollback"]
    assert [move.alias for move in store.moves("handprint")] == ["champion", "candidate", "champion", "champion"]


def test_an_alias_can_be_taken_away_but_for_the_champion(store):
    store.set_alias("handprint", "old", "2")
    store.delete_alias("handprint", "old", Occasion(by="key abc"))
    assert store.aliases("handprint") == {"champion": "1"}
    move = store.moves("handprint")[-1]
    assert (move.kind, move.alias, move.from_version, move.to_version, move.by) == (
        "delete",
        "old",
        "2",
        None,
        "key abc",
    )
    with pytest.raises(ModelNotFound, match="did you mean champion"):
        store.delete_alias("handprint", "champoin")
    with pytest.raises(Conflict, match="which serves"):
        store.delete_alias("handprint", "champion")


def test_an_alias_that_is_not_there_to_be_taken_away_is_not_proposed(store):
    with pytest.raises(ModelNotFound, match=r"has no alias 'previous'; it has champion$") as caught:
        store.delete_alias("handprint", "previous")
    assert caught.value.context["aliases"] == ["champion"]


def test_what_changes_nothing_is_not_written_down(store):
    store.promote("handprint", "1")
    store.set_alias("handprint", "champion", "1")
    assert len(store.moves("handprint")) == 1


def test_a_revision_that_is_stale_moves_nothing(store):
    seen = store.alias_state("handprint").revision
    store.promote("handprint", "2", Occasion(expected=seen))
    for move in (
        lambda occasion: store.promote("handprint", "3", occasion),
        lambda occasion: store.set_alias("handprint", "candidate", "3", occasion),
        lambda occasion: store.rollback("handprint", occasion),
    ):
        with pytest.raises(StaleAliases) as caught:
            move(Occasion(expected=seen))
        assert caught.value.context["revision"] == store.alias_state("handprint").revision
    assert store.aliases("handprint") == {"champion": "2", "previous": "1"}


def test_a_revision_never_comes_back(store):
    revisions = {store.alias_state("handprint").revision}
    store.promote("handprint", "2")
    for _ in range(4):
        revisions.add(store.alias_state("handprint").revision)
        store.rollback("handprint")
    revisions.add(store.alias_state("handprint").revision)
    assert len(revisions) == 6


def _begun(store, log, aliases):
    """Write down a move that was not done, as a writer leaves it that is killed in between."""
    before = store.aliases("handprint")
    store.promote("handprint", "2")
    (store.root / "handprint" / "aliases.json").write_text(json.dumps(before))
    assert store.aliases("handprint") == aliases


def test_a_move_that_was_begun_is_done_by_whoever_comes_next(store, log):
    _begun(store, log, {"champion": "1"})
    assert len(store.moves("handprint")) == 1, "readers see log and aliases without it"
    assert [finding.harmless for finding in store.verify()] == [True]
    store.set_alias("handprint", "candidate", "3")
    assert store.aliases("handprint") == {"champion": "2", "previous": "1", "candidate": "3"}
    assert [move.to_version for move in store.moves("handprint")] == ["1", "2", "3"]
    assert store.verify() == []


def test_settling_does_what_was_begun(store, log):
    _begun(store, log, {"champion": "1"})
    store.settle()
    assert store.aliases("handprint") == {"champion": "2", "previous": "1"}
    assert len(store.moves("handprint")) == 2


def test_a_torn_last_line_counts_for_nothing_and_is_mended(store, log):
    whole = log.read_bytes()
    for length in range(1, 60, 7):
        log.write_bytes(whole + whole[:length])
        assert len(store.moves("handprint")) == 1
        assert [finding.harmless for finding in store.verify()] == [True]
        store.settle()
        assert log.read_bytes() == whole
        assert store.verify() == []


def test_aliases_that_something_else_moved_are_told_and_kept(store):
    (store.root / "handprint" / "aliases.json").write_text('{"champion": "3"}')
    [finding] = store.verify()
    assert finding.harmless
    assert "something else" in finding.detail
    store.promote("handprint", "2")
    assert store.moves("handprint")[-1].from_version == "3"
    assert store.verify() == []


@pytest.mark.parametrize("line", [b"{}\n", b"[1]\n", b"no json\n", b"\xff\n", b"\n"])
def test_a_damaged_log_is_told_and_nothing_moves(store, log, line):
    log.write_bytes(line + log.read_bytes())
    assert [(finding.place, finding.harmless) for finding in store.verify()] == [(f"handprint/{LOG_FILE}", False)]
    with pytest.raises(CorruptModel, match="line 1"):
        store.promote("handprint", "2")
    assert store.load("handprint").version == "1", "what serves needs no log"


def test_a_line_that_was_taken_out_is_told(store, log):
    store.promote("handprint", "2")
    log.write_bytes(log.read_bytes().split(b"\n", 1)[1])
    assert [finding.harmless for finding in store.verify()] == [False]


@pytest.mark.parametrize("first", [True, False])
def test_a_move_that_cannot_be_done_is_not_written_down(store, log, monkeypatch, first):
    if first:
        log.unlink()
    before = log.read_bytes() if log.exists() else None

    def refuse(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.store.aliases.replace_durably", refuse)
    with pytest.raises(StoreUnwritable, match="No space left"):
        store.promote("handprint", "2")
    assert (log.read_bytes() if log.exists() else None) == before
    assert store.aliases("handprint") == {"champion": "1"}


def test_a_line_that_does_not_fit_leaves_the_log_as_it_was(store, log, monkeypatch):
    before = log.read_bytes()

    def refuse(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", refuse)
        with pytest.raises(StoreUnwritable, match="No space"):
            store.promote("handprint", "2")
    store.settle()
    assert log.read_bytes() == before


def test_a_model_that_nothing_was_moved_of_has_no_moves_though_its_aliases_are_damaged(store, log):
    log.unlink(missing_ok=True)
    (store.root / "handprint" / "aliases.json").write_text("no json")
    assert store.moves("handprint") == []
