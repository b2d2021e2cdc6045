"""Rows in other scripts."""

from __future__ import annotations

import shutil
from itertools import pairwise

import numpy as np
import pytest

from app.datasets.negatives.foreign import Foreign, load_foreign
from app.datasets.sources.script_fonts import ScriptFont
from app.errors import DatasetNotFound
from tests.datasets.sources.test_fonts import FONT, TRAINS


@pytest.fixture(scope="module")
def writer():
    return Foreign(ScriptFont(FONT))


@pytest.fixture(scope="module")
def rows(writer):
    return [writer.write(np.random.default_rng(seed)) for seed in range(30)]


def test_the_same_seed_gives_the_same_row(writer, rows):
    again = writer.write(np.random.default_rng(0))
    assert all(np.array_equal(one, other) for one, other in zip(rows[0].strokes, again.strokes, strict=True))


def test_nobody_can_say_what_is_written(rows):
    assert {row.text for row in rows} == {""}


def test_strokes_are_as_high_as_letters_with_marks_above_and_below(rows):
    for row in rows:
        points = np.concatenate(row.strokes)
        assert points.dtype == np.float32
        assert np.isfinite(points).all()
        assert 0.3 < np.ptp(points[:, 1]) < 3.5


def test_most_rows_are_longer_than_high(rows):
    sides = [np.ptp(np.concatenate(row.strokes), axis=0) for row in rows]
    assert np.mean([width > height for width, height in sides]) > 0.8


def test_rows_differ(rows):
    lengths = [len(row.strokes) for row in rows]
    assert any(one != other for one, other in pairwise(lengths))


def test_every_font_of_a_split_writes(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(FONT, tmp_path / "scripts" / f"{TRAINS}.ttf")
    assert len(load_foreign(tmp_path, "train")) == 1
    with pytest.raises(DatasetNotFound, match="split valid"):
        load_foreign(tmp_path, "valid")


def test_without_the_fonts_it_is_said_how_to_get_them(tmp_path):
    with pytest.raises(DatasetNotFound, match="inkrow data fetch scripts brings it"):
        load_foreign(tmp_path, "train")
