"""Champion, candidate, previous: how aliases move."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import Conflict, CorruptModel, ModelNotFound
from app.store import ModelStore


@pytest.fixture
def store(tmp_path):
    """Give a store of three versions without an alias."""
    store = ModelStore(tmp_path / "models")
    for number in range(3):
        store.publish("handprint", {"x": np.full(3, number)}, {})
    return store


def damage(store, version):
    (store.root / "handprint" / version / "model.safetensors").write_bytes(b"")


def test_the_first_promotion_has_no_previous(store):
    assert store.promote("handprint", "1") == "1"
    assert store.aliases("handprint") == {"champion": "1"}


def test_the_old_champion_becomes_the_previous_one(store):
    for version in "123":
        store.promote("handprint", version)
    assert store.aliases("handprint") == {"champion": "3", "previous": "2"}


def test_promotion_takes_an_alias_and_leaves_others_alone(store):
    store.promote("handprint", "1")
    store.set_alias("handprint", "candidate", "3")
    assert store.promote("handprint", "candidate") == "3"
    assert store.aliases("handprint") == {"candidate": "3", "champion": "3", "previous": "1"}


def test_promoting_the_champion_writes_nothing(store):
    for version in "12":
        store.promote("handprint", version)
    path = store.root / "handprint" / "aliases.json"

    def written():
        state = path.stat()  # without the time of access, which reading it moves
        return state.st_ino, state.st_mtime_ns, state.st_ctime_ns

    before = written()
    assert store.promote("handprint", "champion") == store.promote("handprint", "2") == "2"
    assert written() == before


def test_a_rollback_goes_back_and_a_second_one_returns(store):
    for version in "13":
        store.promote("handprint", version)
    assert store.rollback("handprint") == "1"
    assert store.aliases("handprint") == {"champion": "1", "previous": "3"}
    assert store.rollback("handprint") == "3"
    assert store.aliases("handprint") == {"champion": "3", "previous": "1"}


def test_without_a_previous_version_there_is_no_way_back(store):
    store.promote("handprint", "1")
    with pytest.raises(Conflict, match="no previous champion"):
        store.rollback("handprint")
    with pytest.raises(ModelNotFound, match="rows"):
        store.rollback("rows")


def test_a_rollback_to_the_champion_itself_is_refused(store):
    store.promote("handprint", "1")
    store.set_alias("handprint", "previous", "1")
    with pytest.raises(Conflict, match="both version 1"):
        store.rollback("handprint")


@pytest.mark.parametrize(
    "move",
    [
        lambda store: store.promote("handprint", "3"),
        lambda store: store.set_alias("handprint", "candidate", "3"),
        lambda store: store.rollback("handprint"),
    ],
    ids=["promote", "set_alias", "rollback"],
)
def test_no_alias_moves_to_a_damaged_version(store, move):
    for version in "321":
        store.promote("handprint", version)
    store.set_alias("handprint", "previous", "3")
    before = store.aliases("handprint")
    damage(store, "3")
    with pytest.raises(CorruptModel, match=r"handprint/3/model\.safetensors"):
        move(store)
    assert store.aliases("handprint") == before


def test_a_damaged_champion_can_be_left(store):
    for version in "12":
        store.promote("handprint", version)
    damage(store, "2")
    assert store.rollback("handprint") == "1"


def test_a_champion_whose_version_is_gone_does_not_become_previous(store):
    store.promote("handprint", "1")
    (store.root / "handprint" / "aliases.json").write_text('{"champion": "9", "previous": "1"}')
    store.promote("handprint", "2")
    assert store.aliases("handprint") == {"champion": "2", "previous": "1"}
