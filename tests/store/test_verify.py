"""What `verify` finds, and that nothing escapes it."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import CorruptModel, InvalidInput, ModelNotFound
from app.store import Finding, ModelStore

WEIGHTS = {"a": np.array([1.0, -2.0], dtype=np.float32), "b": np.array([[7]], dtype=np.int64)}


@pytest.fixture
def store(tmp_path):
    """Give a store of two versions, the first with initial weights and both with an alias."""
    store = ModelStore(tmp_path / "models")
    store.publish("handprint", WEIGHTS, {"alphabet": "AÜ", "seed": 3}, initial={"a": WEIGHTS["a"] * 0})
    store.publish("handprint", WEIGHTS, {"alphabet": "AB"})
    store.promote("handprint", "1")
    store.set_alias("handprint", "candidate", "2")
    return store


def places(store, *arguments):
    return [(finding.place, finding.harmless) for finding in store.verify(*arguments)]


def test_what_is_as_it_was_published_gives_no_finding(store):
    assert store.verify() == store.verify("handprint") == store.verify("handprint", "1") == []


@pytest.mark.parametrize("file", ["model.safetensors", "initial.safetensors", "card.json", "card.sha256"])
def test_every_flipped_bit_is_found(store, file):
    path = store.root / "handprint" / "1" / file
    content = path.read_bytes()
    missed = []
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        if all(finding.harmless for finding in store.verify("handprint", "1")):
            missed.append(position)
    assert missed == []
    path.write_bytes(content)
    assert store.verify() == []


@pytest.mark.parametrize("file", ["model.safetensors", "initial.safetensors", "card.json", "card.sha256"])
def test_a_truncation_is_found(store, file):
    path = store.root / "handprint" / "1" / file
    content = path.read_bytes()
    for length in range(0, len(content), 3):
        path.write_bytes(content[:length])
        assert not all(finding.harmless for finding in store.verify("handprint", "1")), length


@pytest.mark.parametrize("position", range(0, 600, 7))
def test_a_version_whose_card_has_a_flipped_bit_does_not_load(store, position):
    path = store.root / "handprint" / "1" / "card.json"
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptModel, match=r"handprint/1/card\.json"):
        store.load("handprint", "1")


def test_all_damage_is_told_and_not_only_the_first(store):
    model = store.root / "handprint"
    (model / "1" / "model.safetensors").write_bytes(b"")
    (model / "1" / "initial.safetensors").unlink()
    (model / "1" / "card.sha256").write_text("?")
    (model / "2" / "card.json").write_text("{")
    (model / "aliases.json").write_text('{"champion": "1", "candidate": "9", "odd": "1 "}')
    assert places(store) == [
        ("handprint/1/card.json", False),
        ("handprint/1/model.safetensors", False),
        ("handprint/1/initial.safetensors", False),
        ("handprint/2/card.json", False),
        ("handprint/aliases.json", False),
        ("handprint/aliases.json", False),
        ("handprint/promotions.jsonl", True),
    ]
    assert places(store, "handprint", "2") == [("handprint/2/card.json", False)]


def test_a_card_of_another_version_hides_no_other_damage(store):
    folder = store.root / "handprint" / "2"
    card = (folder / "card.json").read_text()
    (folder / "card.json").write_text(card.replace('"version": "2"', '"version": "3"'))
    (folder / "model.safetensors").write_bytes(b"")
    findings = store.verify("handprint", "2")
    assert [finding.place for finding in findings] == [*["handprint/2/card.json"] * 2, "handprint/2/model.safetensors"]
    assert findings[0].detail == "expected the card of handprint 2, got that of handprint 3"


def test_an_alias_of_nothing_is_told_with_what_there_is(store):
    (store.root / "handprint" / "aliases.json").write_text('{"champion": "9"}')
    finding, note = store.verify()
    assert (note.place, note.harmless) == ("handprint/promotions.jsonl", True)
    assert str(finding) == "handprint/aliases.json: expected a version of 1, 2 behind 'champion', got '9'"


def test_torn_aliases_are_told(store):
    (store.root / "handprint" / "aliases.json").write_text('{"champion": ')
    assert places(store) == [("handprint/aliases.json", False)]


def test_what_stopped_writers_left_is_harmless(store):
    (store.root / "handprint" / ".staging-1").mkdir()
    (store.root / "handprint" / ".fresh-aliases.json-1").touch()
    (store.root / "rows" / ".staging-2").mkdir(parents=True)
    assert places(store) == [
        ("handprint/.fresh-aliases.json-1", True),
        ("handprint/.staging-1", True),
        ("rows/.staging-2", True),
    ]


def test_a_stray_file_in_a_version_is_harmless(store):
    (store.root / "handprint" / "1" / ".DS_Store").touch()
    assert store.verify() == [Finding("handprint/1/.DS_Store", "not part of the version", harmless=True)]


def test_what_was_never_published_cannot_be_verified(store, tmp_path):
    with pytest.raises(ModelNotFound, match="no model 'rows'"):
        store.verify("rows")
    with pytest.raises(ModelNotFound, match="'3'"):
        store.verify("handprint", "3")
    with pytest.raises(ModelNotFound, match="does not exist"):
        ModelStore(tmp_path / "nothing").verify()
    with pytest.raises(InvalidInput, match="name of a model"):
        store.verify(version="1")
