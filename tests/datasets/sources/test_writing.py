from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets.sources.writing import Writing, load_writing
from app.errors import DamagedDataset
from tests.conftest import save_writing

WORDS = ["Anna", "to", "mill"]


def test_what_is_in_the_file_comes_back(tmp_path: Path) -> None:
    path = save_writing(tmp_path, "words", "valid", WORDS, writers=2, style=np.repeat(["MIXED", ""], 3))

    writing, sound = load_writing(tmp_path, "words", "valid")

    assert writing.labels.tolist() == WORDS * 2
    assert writing.writers.tolist() == ["0-0"] * 3 + ["0-1"] * 3
    assert writing.styles.tolist() == ["MIXED"] * 3 + [""] * 3
    assert sound.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(writing) == 6
    with np.load(path) as arrays:
        strokes = [stroke for index in range(6) for stroke in writing.strokes(index)]
        assert len(strokes) == arrays["stroke_ptr"][-1]
        np.testing.assert_array_equal(np.concatenate(strokes), arrays["points"])
        np.testing.assert_array_equal(writing.strokes(4)[0], strokes[arrays["stroke_ptr"][4]])


@pytest.mark.parametrize(
    "array, value",
    [
        ("width_logratio", np.float32(0.5)),
        ("width_logratio", np.float32(-0.5)),
        ("width_logratio", np.float32(np.nan)),
        ("quality", "BAD"),
        ("rows", np.int16(2)),
        ("rows", np.int16(0)),
        ("labels", "naïve"),
        ("labels", "to\nAnna"),
        ("labels", "   "),
        ("labels", ""),
    ],
)
def test_a_label_that_cannot_be_trusted_or_is_not_one_row_of_ascii_is_not_sound(
    tmp_path: Path, array: str, value: Any
) -> None:
    whole = {
        "width_logratio": np.array([0.39, 0.0, -0.39], np.float32),
        "quality": np.array(["OK", "GOOD", "?"]),
        "rows": np.ones(3, np.int16),
        "labels": np.array(["Anna to", "to Anna", "mill 3"]),
    }
    save_writing(tmp_path, "texts", "train", WORDS, **whole)
    assert load_writing(tmp_path, "texts", "train")[1].tolist() == [0, 1, 2]

    others = np.where(np.arange(3) == 1, value, whole[array])
    save_writing(tmp_path, "texts", "train", WORDS, **whole | {array: others})

    writing, sound = load_writing(tmp_path, "texts", "train")
    assert len(writing) == 3
    assert sound.tolist() == [0, 2]


def _fallen(ptr: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([ptr[:1], ptr[2:0:-1], ptr[3:]])


# By what is wrong: which array is damaged, and how.
BROKEN: dict[str, tuple[str, Callable[[NDArray[Any]], NDArray[Any]]]] = {
    "points cut off": ("points", lambda points: points[:-1]),
    "strokes cut off": ("point_ptr", lambda ptr: ptr[:-1]),
    "samples cut off": ("stroke_ptr", lambda ptr: ptr[:-1]),
    "labels cut off": ("labels", lambda labels: labels[:-1]),
    "writers cut off": ("writer_group", lambda writers: writers[:-1]),
    "styles cut off": ("style", lambda styles: styles[:-1]),
    "widths cut off": ("width_logratio", lambda ratios: ratios[:-1]),
    "numbers of rows cut off": ("rows", lambda rows: rows[:1]),
    "strokes that fall": ("stroke_ptr", _fallen),
    "points that fall": ("point_ptr", _fallen),
    "a start past the first stroke": ("stroke_ptr", lambda ptr: np.concatenate([[1], ptr[1:]])),
    "a start before the first point": ("point_ptr", lambda ptr: np.concatenate([[-2], ptr[1:]])),
    "no pointers at all": ("point_ptr", lambda ptr: ptr[:0]),
    "points in space": ("points", lambda points: np.pad(points, ((0, 0), (0, 1)))),
    "points in a row": ("points", lambda points: points.ravel()),
    "points between the units": ("points", lambda points: points.astype(np.float32)),
    "labels as numbers": ("labels", lambda labels: np.arange(len(labels))),
    "labels in a table": ("labels", lambda labels: labels[:, None]),
    "numbers of rows as text": ("rows", lambda rows: rows.astype(str)),
    "objects": ("quality", lambda quality: quality.astype(object)),
}


@pytest.mark.parametrize("array, damage", BROKEN.values(), ids=BROKEN)
def test_arrays_that_do_not_fit_together_are_refused(
    tmp_path: Path, array: str, damage: Callable[[NDArray[Any]], NDArray[Any]]
) -> None:
    path = save_writing(tmp_path, "texts", "train", WORDS)
    with np.load(path) as arrays:
        damaged = damage(arrays[array])
    save_writing(tmp_path, "texts", "train", WORDS, **{array: damaged})

    with pytest.raises(DamagedDataset) as refusal:
        load_writing(tmp_path, "texts", "train")

    assert refusal.value.detail.startswith(str(path))
    assert refusal.value.context == {"path": str(path)}


def test_a_file_without_samples_holds_no_writing(tmp_path: Path) -> None:
    nothing: dict[str, NDArray[Any]] = {
        **{name: np.empty(0, "U4") for name in ("labels", "writer_group", "style", "quality")},
        "width_logratio": np.empty(0, np.float32),
        "stroke_ptr": np.zeros(1, np.int32),
        "point_ptr": np.zeros(1, np.int32),
        "points": np.empty((0, 2), np.int16),
    }
    save_writing(tmp_path, "words", "train", WORDS, **nothing)

    writing, sound = load_writing(tmp_path, "words", "train")

    assert isinstance(writing, Writing)
    assert (len(writing), len(sound)) == (0, 0)
