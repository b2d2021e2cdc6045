"""Model versions on disk, through the door that others use."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from app.errors import CorruptModel, InvalidInput, ModelNotFound, ShapeMismatch, StoreUnwritable, VersionExists
from app.store import ModelStore

WEIGHTS = {
    "dense.weight": np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32),
    "dense.bias": np.array([-1.0, 0.5], dtype=np.float32),
    "steps": np.array(7, dtype=np.int64),
}
CARD = {"alphabet": "AÜ", "metrics": {"accuracy": 0.5}}


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models", now=lambda: datetime(2026, 11, 23, 12, 0, 0, 5, UTC))


@pytest.fixture
def published(store):
    store.publish("handprint", WEIGHTS, CARD, initial={"dense.weight": WEIGHTS["dense.weight"] * 0})
    store.set_alias("handprint", "champion", "1")
    return store


def folder_of(store, version="1"):
    return store.root / "handprint" / version


def edit_card(store, **changes):
    """Let the seal agree with the change: what the store makes of a card that was made by hand."""
    path = folder_of(store) / "card.json"
    content = json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}).encode()
    path.write_bytes(content)
    path.with_name("card.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  card.json\n", encoding="ascii")


def test_what_was_published_comes_back_equal(published):
    model = published.load("handprint")
    assert (model.name, model.version, model.alias) == ("handprint", "1", "champion")
    assert model.card["alphabet"] == "AÜ"
    assert model.arrays.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(model.arrays[name], array, strict=True)
    np.testing.assert_array_equal(published.load_initial("handprint")["dense.weight"], np.zeros((2, 2)))


def test_publish_tells_what_the_store_then_holds(store):
    version = store.publish("handprint", WEIGHTS, {"sizes": (2, 2)})
    assert version.card == store.card("handprint", "1")
    assert version.digest == store.load("handprint", "1").digest
    assert version.card["created"] == "2026-11-23T12:00:00Z"


def test_the_date_is_utc_whatever_the_clock_shows(tmp_path):
    store = ModelStore(tmp_path, now=lambda: datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))))
    assert store.publish("handprint", WEIGHTS, CARD).card["created"] == "2025-12-31T22:30:00Z"


def test_a_version_asked_for_by_number_has_no_alias(published):
    assert published.load("handprint", "1").alias is None


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0).reshape(2, 3).T, np.arange(6.0)[::2], np.arange(3, dtype=">f4"), np.zeros((0, 3)), np.array(True)],
    ids=["transposed", "strided", "big-endian", "empty", "scalar"],
)
def test_any_memory_layout_survives(store, array):
    store.publish("odd", {"x": array}, {})
    np.testing.assert_array_equal(store.load("odd", "1").arrays["x"], array)


@pytest.mark.parametrize("name, reference", [("rows", "champion"), ("handprint", "candidate")])
def test_what_is_not_there_is_none_to_those_who_can_do_without(published, name, reference):
    assert published.load_if_there(name, reference) is None
    assert published.load_if_there("handprint").version == "1"


def test_a_version_that_was_asked_for_by_its_number_is_missed(published):
    with pytest.raises(ModelNotFound):
        published.load_if_there("handprint", "9")


def test_loaded_arrays_cannot_be_changed(published):
    with pytest.raises(ValueError, match="read-only"):
        published.load("handprint").arrays["dense.bias"][0] = 9


def test_publishing_leaves_the_senders_arrays_writable_and_unchanged(store):
    array = np.ones(3)
    store.publish("handprint", {"x": array}, {})
    array[0] = 2
    assert store.load("handprint", "1").arrays["x"].tolist() == [1, 1, 1]


def test_versions_count_up_as_numbers(store):
    for _ in range(11):
        store.publish("handprint", WEIGHTS, CARD)
    assert store.versions("handprint") == [str(number) for number in range(1, 12)]
    assert store.names() == ["handprint"]


def test_equal_arrays_have_equal_digests(store):
    first = store.publish("handprint", WEIGHTS, CARD)
    second = store.publish("handprint", dict(reversed(WEIGHTS.items())), {})
    assert first.digest == second.digest


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", ".hidden", "1st", "a b", "ä", "a\n", "a\\b", "a.", "a" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(store, name):
    for call in (lambda: store.publish(name, WEIGHTS, CARD), lambda: store.load(name), lambda: store.versions(name)):
        with pytest.raises(InvalidInput, match="must match"):
            call()
    assert not store.root.exists()


def test_whoever_names_the_model_as_well_is_told(published):
    with pytest.raises(ModelNotFound, match=r"alias 'handprint/1' \(expected it without NAME/\); it has 1"):
        published.load("handprint", "handprint/1")


@pytest.mark.parametrize("alias", ["", "1", "../x", "Champion", "a" * 65])
def test_an_alias_that_could_be_a_version_or_a_path_is_refused(published, alias):
    with pytest.raises(InvalidInput, match="must match"):
        published.set_alias("handprint", alias, "1")


@pytest.mark.parametrize("key", ["name", "version", "created", "format", "files", "arrays"])
def test_a_card_may_not_speak_for_the_store(store, key):
    with pytest.raises(InvalidInput, match=key):
        store.publish("handprint", WEIGHTS, {key: "mine"})


@pytest.mark.parametrize("value", [np.float32(1), float("nan"), {1, 2}, Path()], ids=str)
def test_a_card_that_is_not_json_is_refused_before_anything_is_written(store, value):
    with pytest.raises(InvalidInput, match="JSON"):
        store.publish("handprint", WEIGHTS, {"value": value})
    assert not store.root.exists()


@pytest.mark.parametrize("arrays", [{}, {"x": np.array(["a"])}, {"x": np.array([None])}, {"x": np.ones(1, complex)}])
def test_arrays_that_the_format_cannot_hold_are_refused(store, arrays):
    with pytest.raises(InvalidInput):
        store.publish("handprint", arrays, CARD)


@pytest.mark.parametrize("initial", [{"dense.bias": np.zeros(3, np.float32)}, {"other": np.zeros(2, np.float32)}])
def test_initial_weights_must_fit_the_trained_ones(store, initial):
    with pytest.raises(ShapeMismatch, match="initial array"):
        store.publish("handprint", WEIGHTS, CARD, initial=initial)


def test_a_version_without_initial_weights_says_so(store):
    store.publish("handprint", WEIGHTS, CARD)
    with pytest.raises(ModelNotFound, match="without initial weights"):
        store.load_initial("handprint", "1")


# Whole or not at all


def all_of(root):
    """Everything below a folder, by path: content of files, None for folders."""
    return {path.relative_to(root): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["app.store.versions.write_durably", "pathlib.Path.mkdir", "pathlib.Path.rename"])
def test_what_the_system_refuses_to_write_leaves_everything_as_it_was(published, monkeypatch, step, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    before = all_of(published.root)
    monkeypatch.setattr(step, refuse)
    with pytest.raises(StoreUnwritable, match=os.strerror(code)):
        published.publish("handprint", WEIGHTS, CARD)
    assert all_of(published.root) == before


def test_a_failed_publish_leaves_no_folder_of_a_new_model(store, monkeypatch):
    monkeypatch.setattr("app.store.versions.write_durably", no_space)
    with pytest.raises(StoreUnwritable):
        store.publish("rows", WEIGHTS, CARD)
    assert not store.root.exists()


def no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_failed_alias_move_keeps_the_old_aliases(published, monkeypatch):
    published.publish("handprint", WEIGHTS, CARD)
    before = all_of(published.root)
    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(StoreUnwritable, match="No space left"):
        published.promote("handprint", "2")
    assert all_of(published.root) == before


def test_a_disk_that_gives_back_something_else_gets_no_version(published, monkeypatch):
    def flip(path, content):
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if path.name == "model.safetensors" else content)

    before = all_of(published.root)
    monkeypatch.setattr("app.store.versions.write_durably", flip)
    with pytest.raises(CorruptModel, match=r"model\.safetensors: expected sha256"):
        published.publish("handprint", WEIGHTS, CARD)
    assert all_of(published.root) == before


# A number asked for


def test_a_version_may_be_asked_for_by_its_number(published):
    assert published.publish("handprint", WEIGHTS, CARD, version="7").version == "7"
    assert published.publish("handprint", WEIGHTS, CARD).version == "8"


def test_a_second_publish_of_a_version_is_refused(published):
    before = all_of(published.root)
    with pytest.raises(VersionExists, match="handprint 1 was published before"):
        published.publish("handprint", {"x": np.ones(1)}, {}, version="1")
    assert all_of(published.root) == before


def test_of_two_who_want_the_same_number_one_gets_it(store):
    def publish(number):
        try:
            return store.publish("handprint", {"x": np.full(100, number)}, {}, version="1")
        except VersionExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        (winner,) = filter(None, pool.map(publish, range(8)))
    assert winner.digest == store.load("handprint", "1").digest
    assert store.verify() == []


@pytest.mark.parametrize("version", ["", "0", "01", "-1", "x", "../1", "1\n", "9" * 10])
def test_what_is_not_a_number_is_refused(store, version):
    with pytest.raises(InvalidInput, match="a version must match"):
        store.publish("handprint", WEIGHTS, CARD, version=version)
    assert not store.root.exists()


def test_equal_content_published_twice_makes_two_versions(store):
    first, second = (store.publish("handprint", WEIGHTS, CARD) for _ in range(2))
    assert (first.version, second.version) == ("1", "2")
    assert first.digest == second.digest


def test_publishers_at_the_same_time_get_a_version_each(store):
    def publish(number):
        return store.publish("handprint", {"x": np.full(100, number)}, {"number": number}).version

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(publish, range(24)))
    assert sorted(versions, key=int) == store.versions("handprint") == [str(n) for n in range(1, 25)]
    for number, version in enumerate(versions):
        model = store.load("handprint", version)
        assert model.card["number"] == number
        assert (model.arrays["x"] == number).all()


# What is no longer as it was published


def test_changed_weights_are_refused_with_both_digests(published):
    path = folder_of(published) / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptModel, match=r"handprint/1/model\.safetensors: expected sha256 \w+, got sha256 \w+"):
        published.load("handprint")


def test_truncated_weights_are_refused_with_both_sizes(published):
    path = folder_of(published) / "model.safetensors"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CorruptModel, match=f"expected size_bytes {size}, got size_bytes {size - 3}") as caught:
        published.load("handprint")
    assert caught.value.context["file"] == "handprint/1/model.safetensors"


@pytest.mark.parametrize("file", ["model.safetensors", "card.json", "card.sha256"])
def test_a_missing_file_is_refused(published, file):
    (folder_of(published) / file).unlink()
    with pytest.raises(CorruptModel, match=file):
        published.load("handprint")


def test_changed_initial_weights_are_refused(published):
    (folder_of(published) / "initial.safetensors").write_bytes(b"")
    with pytest.raises(CorruptModel, match=r"initial\.safetensors"):
        published.load_initial("handprint")


def test_weights_that_are_not_safetensors_are_refused_even_if_their_digest_agrees(published):
    (folder_of(published) / "model.safetensors").write_bytes(b"")
    edit_card(
        published,
        files={
            "model.safetensors": {
                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # of nothing
                "size_bytes": 0,
            }
        },
    )
    with pytest.raises(CorruptModel, match="expected a safetensors file"):
        published.load("handprint")


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"arrays": {}}, r"expected no array 'dense.bias', got array 'dense.bias' of float32 \[2\]"),
        ({"arrays": {"dense.weight": {"shape": [4], "dtype": "float32"}}}, "array 'dense.bias'"),
        (
            {"arrays": {"dense.bias": {"shape": ["2"], "dtype": "float32"}}},
            "whole numbers as the shape of 'dense.bias'",
        ),
        ({"arrays": []}, "expected objects by name as 'arrays'"),
        ({"files": {}}, r"expected model\.safetensors and at most initial\.safetensors"),
        ({"files": {"model.safetensors": "?"}}, "expected objects by name as 'files'"),
        ({"files": {"model.safetensors": {"sha256": "?"}}}, r"expected sha256 and size_bytes of model\.safetensors"),
        ({"files": {"model.safetensors": {}, "../secret": {}}}, r"got .*\.\./secret"),
        ({"format": 3}, "expected format 2 or none, which this release reads, got format 3"),
        ({"version": "7"}, "expected the card of handprint 1, got that of handprint 7"),
        ({"name": "rows"}, "got that of rows 1"),
    ],
)
def test_an_edited_card_is_refused(published, changes, message):
    edit_card(published, **changes)
    with pytest.raises(CorruptModel, match=message):
        published.load("handprint")


@pytest.mark.parametrize(
    "card, message",
    [
        ("{", "JSONDecodeError"),
        ("[]", "got a list"),
        ("{}", "without name"),
        ("\xff", "Error"),
        pytest.param("[" * 100_000, "RecursionError", id="deep"),
    ],
)
def test_a_card_that_is_no_card_is_refused(published, card, message):
    (folder_of(published) / "card.json").write_text(card, encoding="latin-1")
    with pytest.raises(CorruptModel, match=message):
        published.load("handprint")


@pytest.mark.parametrize("content", ["{", "[]", '{"champion": 1}', "[" * 100_000], ids=range(4))
def test_broken_aliases_are_refused(published, content):
    (published.root / "handprint" / "aliases.json").write_text(content, encoding="utf-8")
    with pytest.raises(CorruptModel, match=r"handprint/aliases\.json"):
        published.load("handprint")


# Aliases and what is not there


def test_an_alias_moves_and_others_stay(published):
    published.publish("handprint", WEIGHTS, CARD)
    assert published.set_alias("handprint", "previous", "champion") == "1"
    assert published.set_alias("handprint", "champion", "2") == "2"
    assert published.aliases("handprint") == {"champion": "2", "previous": "1"}
    assert published.load("handprint").version == "2"
    assert published.resolve("handprint", "previous") == "1"


def test_aliases_set_at_the_same_time_are_all_kept(published):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: published.set_alias("handprint", f"try-{n}", "1"), range(24)))
    assert len(published.aliases("handprint")) == 25


def test_a_missing_model_names_those_that_there_are(published):
    with pytest.raises(ModelNotFound, match="no model 'rows'; the store has handprint"):
        published.load("rows")


def test_a_missing_store_says_that_it_does_not_exist(store):
    assert store.names() == []
    with pytest.raises(ModelNotFound, match="the store does not exist"):
        store.load("handprint")


def test_an_empty_store_says_that_it_is_empty(store):
    store.root.mkdir()
    with pytest.raises(ModelNotFound, match="the store is empty"):
        store.load("handprint")


@pytest.mark.parametrize("reference", ["2", "candidate", "01", "../1", ""])
def test_a_missing_version_names_versions_and_aliases(published, reference):
    with pytest.raises(ModelNotFound, match=r"it has 1, champion \(1\)") as caught:
        published.load("handprint", reference)
    assert caught.value.context["aliases"] == {"champion": "1"}


def test_an_alias_whose_version_is_gone_is_not_found(published):
    (published.root / "handprint" / "aliases.json").write_text('{"champion": "5"}', encoding="utf-8")
    with pytest.raises(ModelNotFound, match=r"champion \(5\)"):
        published.load("handprint")


def test_a_card_of_a_missing_version_is_not_found(published):
    with pytest.raises(ModelNotFound):
        published.card("handprint", "2")


def test_what_is_not_a_version_is_not_listed(published):
    for name in ("0", "01", "x", ".staging-x", "1.old"):
        (published.root / "handprint" / name).mkdir()
    (published.root / "empty").mkdir()
    (published.root / "README").touch()
    assert published.versions("handprint") == ["1"]
    assert published.names() == ["handprint"]
