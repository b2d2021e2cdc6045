from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets import Composed, load_page_writers
from app.datasets.pages.writers import RealWriters
from app.datasets.rows.shapes import Spacing
from app.errors import DatasetNotFound, InvalidInput
from tests.conftest import save_unipen, save_writing, write_samples

SPACING = Spacing(0.1, 0.6, 0.0)


def test_an_imagined_writer_writes_everything_in_a_hand_of_his_own(rng):
    writers = load_page_writers("synthetic", "train", Path("nowhere"))
    one, other = writers.choose("a", rng), writers.choose("a", rng)
    assert len(one.chars) == 94
    rows = [writer.write("Hello, 27!", SPACING, np.random.default_rng(0)) for writer in (one, other)]
    assert [row.text for row in rows] == ["Hello, 27!"] * 2
    assert not np.array_equal(rows[0].strokes[0], rows[1].strokes[0])
    assert one.name != other.name


def test_splits_never_share_an_imagined_writer():
    names = [
        load_page_writers("synthetic", split, Path()).choose("a", np.random.default_rng(0)).name
        for split in ("train", "valid", "test")
    ]
    assert len(set(names)) == 3


def test_whoever_knows_enough_of_what_is_needed_writes_it(rng):
    samples = write_samples("abcdefgh", writers=3)
    knows_less = (samples.writers == samples.writers[0]) & (samples.labels > "e")
    people = Composed(samples.select(~knows_less), ())
    writers, everybody = RealWriters(people, None), set(people.known)
    assert {writers.choose("abc", rng).name for _ in range(30)} == everybody
    assert {writers.choose("fgh", rng).name for _ in range(30)} == everybody - {samples.writers[0]}
    assert writers.choose("xyz", rng).name in everybody  # nobody knows it; somebody writes what he or she can


def test_words_as_written_are_of_one_writer(tmp_path: Path, rng):
    folder = tmp_path / "unipen"
    folder.mkdir()
    save_unipen(folder, "valid", write_samples("abcde", writers=2))
    assert not load_page_writers("unipen", "valid", tmp_path).writes_joined
    save_writing(folder, "words", "valid", ["bad", "cab"], writers=3)
    save_writing(folder, "texts", "valid", ["a bed"])
    writers = load_page_writers("unipen", "valid", tmp_path)
    assert writers.writes_joined
    names = set()
    for _ in range(12):
        name, rows = writers.joined_rows(rng)
        names.add(name)
        assert {word for row in rows for word in row.text.split()} <= {"bad", "cab"}
    assert len(names) == 3


@pytest.mark.parametrize(
    "data, split, error", [("synthetic", "some", InvalidInput), ("unipen", "valid", DatasetNotFound)]
)
def test_writers_who_are_not_there_are_asked_for_in_vain(tmp_path: Path, data, split, error):
    with pytest.raises(error):
        load_page_writers(data, split, tmp_path)
