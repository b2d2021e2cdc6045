from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.datasets import StrokeRows, load_unipen, load_unipen_rows
from app.datasets.hand import Hand, write_row
from app.nn import Inference
from app.ocr import Alphabet, build_network
from app.store import ModelStore
from app.training.cutting import cut_characters, cut_unipen
from tests.conftest import PROJECT, save_unipen, write_samples

WORDS = ["HELLO", "PUT THE BOX", "AXE 427", "hand"]


@pytest.fixture(scope="module")
def model():
    """The shipped network: what it predicts, and its alphabet."""
    stored = ModelStore(PROJECT / "model_store").load("handprint")
    network = build_network(stored.card["architecture"])
    network.load(stored.arrays)
    return Inference(network).predict, Alphabet(stored.card["alphabet"])


def _write(words: list[str], seed: int = 3) -> StrokeRows:
    """Write words as UNIPEN has them: 500 units high, stroke after stroke."""
    rng = np.random.default_rng(seed)
    strokes = [
        [stroke.points.round().astype(np.int16) for stroke in write_row(word, Hand(), rng, height_px=500.0)]
        for word in words
    ]
    flat = [stroke for word in strokes for stroke in word]
    count = len(words)
    return StrokeRows(
        labels=np.array(words),
        writers=np.array([f"w{number}" for number in range(count)]),
        files=np.arange(count, dtype=np.int32),
        extent_mm=np.full(count, 40.0, np.float32),
        stroke_ptr=np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        point_ptr=np.cumsum([0, *map(len, flat)]).astype(np.int32),
        points=np.concatenate(flat),
    )


def _cut(rows: StrokeRows, model) -> list:
    return list(cut_characters(rows, np.arange(len(rows)), *model))


def test_every_letter_gets_the_strokes_that_are_its_own(model):
    rows = _write(WORDS)
    found = _cut(rows, model)
    assert "".join(char.char for char in found) == "".join(WORDS).replace(" ", "")
    for number in range(len(WORDS)):
        letters = [char for char in found if char.row == number]
        assert sum(len(letter.strokes) for letter in letters) == len(rows.strokes(number))
        middles = [np.concatenate(letter.strokes)[:, 0].mean() for letter in letters]
        assert middles == sorted(middles)


def test_a_bar_that_was_added_last_goes_to_its_letter(model):
    rows = _write(["HAT"])
    strokes = rows.strokes(0)
    late = [*strokes[1:], strokes[0]]
    points = np.concatenate(late)
    reordered = replace(rows, points=points, point_ptr=np.cumsum([0, *map(len, late)]).astype(np.int32))
    ours, theirs = (
        [(char.char, sorted(map(len, char.strokes))) for char in _cut(some, model)] for some in (rows, reordered)
    )
    assert ours == theirs
    assert [char for char, _ in ours] == ["H", "A", "T"]


def test_a_word_with_a_wrong_label_gives_nothing(model):
    rows = replace(_write(["HELLO"]), labels=np.array(["MKXQW"]))
    assert _cut(rows, model) == []


@pytest.mark.parametrize("label", ["I", "HELLO WORLD OF PRINT", "HÉLLO", "H"])
def test_a_row_that_cannot_be_print_of_this_alphabet_is_passed_over(label, model):
    """One letter tells nothing of its neighbours; more letters than strokes are joined; É is not known."""
    assert _cut(replace(_write(["HELLO"]), labels=np.array([label])), model) == []


def test_a_data_set_gets_the_characters_of_words_behind_its_own(tmp_path, model):
    source, target = tmp_path / "unipen", tmp_path / "cut"
    source.mkdir()
    own = write_samples("ABC", 2)
    for split in ("train", "valid"):
        save_unipen(source, split, own)
    for kind in ("words", "texts"):
        _save_rows(source / f"{kind}_train.npz", _write(WORDS))
    told: list[tuple[str, int, int]] = []
    found = cut_unipen(source, target, *model, lambda *progress: told.append(progress))
    train, valid = load_unipen(target, "train"), load_unipen(target, "valid")
    assert found == 2 * len("".join(WORDS).replace(" ", ""))
    assert len(train) == len(own) + found
    assert valid.fingerprint() == load_unipen(source, "valid").fingerprint()
    assert "".join(train.labels[len(own) : len(own) + 5]) == "HELLO"
    np.testing.assert_array_equal(np.concatenate(train.strokes(0)), np.concatenate(own.strokes(0)))
    assert told == [("words", 4, 4), ("texts", 4, 4)]


def test_rows_with_a_bad_mark_an_odd_width_or_several_lines_are_not_good(tmp_path):
    path = tmp_path / "texts_train.npz"
    _save_rows(
        path,
        _write(WORDS),
        quality=np.array(["GOOD", "BAD", "OK", "?"]),
        width_logratio=np.array([0.1, 0.1, 0.7, 0.1], np.float32),
        rows=np.array([1, 1, 1, 2], np.int16),
    )
    _, good = load_unipen_rows(path)
    assert good.tolist() == [True, False, False, False]


def _save_rows(path, written: StrokeRows, **other: np.ndarray) -> None:
    arrays = {
        "labels": written.labels,
        "writer_group": written.writers,
        "source_file": written.files,
        "extent_mm": written.extent_mm,
        "stroke_ptr": written.stroke_ptr,
        "point_ptr": written.point_ptr,
        "points": written.points,
        "quality": np.full(len(written), "GOOD"),
        "width_logratio": np.zeros(len(written), np.float32),
    }
    np.savez(path, **{**arrays, **other})
