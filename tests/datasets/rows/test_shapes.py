"""Rows in one hand: composed from single characters, or as somebody wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest

from app.datasets import AsWritten, Composed, StrokeSet, WrittenRow, char_extents
from app.datasets.rows.shapes import LONGEST_TEXT, Spacing
from app.datasets.sources.writing import Writing
from app.errors import InvalidInput
from tests.conftest import flat_strokes

# Height in em of what our letters are drawn as, a single stroke each.
SIZES = {"a": 0.55, "b": 1.0, "c": 0.55, "g": 0.9, "H": 1.0, "'": 0.25, "1": 1.0}


def _stroke(owner: int) -> np.ndarray:
    """A line of a capital's height that leans to the right; its number of points tells whose it is."""
    return np.linspace((40, 20), (340, 1020), 2 + owner).astype(np.int16)


def _samples(*alphabets: str, sizes: Mapping[str, float] = SIZES) -> StrokeSet:
    """Give each writer's characters, each once."""
    written = [(char, writer) for writer, chars in enumerate(alphabets) for char in chars]
    return StrokeSet(
        labels=np.array([char for char, _ in written]),
        writers=np.array([f"writer {writer}" for _, writer in written]),
        relative_size=np.array([sizes.get(char, 1.0) for char, _ in written], np.float32),
        doubt=np.zeros(len(written), np.int16),
        **flat_strokes([[_stroke(writer)] for _, writer in written]),
    )


def _rows(writer: Composed | AsWritten, count: int = 60) -> list[WrittenRow]:
    return [writer.write(np.random.default_rng(seed)) for seed in range(count)]


def _letters(row: WrittenRow) -> Iterator[tuple[str, np.ndarray]]:
    """Each character but spaces with its stroke."""
    return zip(row.text.replace(" ", ""), row.strokes, strict=True)


def _owners(row: WrittenRow) -> set[int]:
    return {len(stroke) - 2 for stroke in row.strokes}


def _same(one: WrittenRow, other: WrittenRow) -> bool:
    strokes = zip(one.strokes, other.strokes, strict=False)
    return one.text == other.text and all(np.array_equal(a, b) for a, b in strokes)


@pytest.fixture(scope="module")
def composed() -> list[WrittenRow]:
    return _rows(Composed(_samples("abcgH'1"), ["bag", "cab'"]))


def test_a_composed_row_is_in_the_hand_of_one_writer() -> None:
    rows = _rows(Composed(_samples("abcgH", "abcg1", "ab"), ["bag"]))
    assert {frozenset(_owners(row)) for row in rows} == {frozenset([0]), frozenset([1])}  # the third knows too little
    assert {row.style for row in rows} == {""}


def test_a_free_hand_bends_a_character_the_same_way_all_along_the_row() -> None:
    for row in _rows(Composed(_samples("abcgH"), ["bag"], freedom=0.1)):
        leans: dict[str, set[float]] = defaultdict(set)
        for char, stroke in _letters(row):
            run, rise = stroke[-1] - stroke[0]
            leans[char].add(round(float(run / rise), 2))
        assert all(len(of_char) == 1 for of_char in leans.values())
        if len(leans) > 1:
            assert len(set.union(*leans.values())) > 1


def test_a_free_hand_may_be_that_of_two() -> None:
    samples = _samples("abcgH", "abcgH")
    assert max(len(_owners(row)) for row in _rows(Composed(samples, ["bag"], freedom=0.1))) == 2
    assert max(len(_owners(row)) for row in _rows(Composed(samples, ["bag"]))) == 1


def test_the_same_seed_gives_the_same_row(composed: list[WrittenRow]) -> None:
    again = _rows(Composed(_samples("abcgH'1"), ["bag", "cab'"]))
    assert all(_same(one, other) for one, other in zip(again, composed, strict=True))
    assert not any(_same(one, other) for one, other in pairwise(composed))


def test_what_a_writer_never_wrote_is_left_out() -> None:
    rows = _rows(Composed(_samples("abcdeghH"), ["headache!"]))
    texts = [row.text for row in rows]
    assert {char for text in texts for char in text} <= set("abcdeghH ")
    assert any(text.split() == ["headache"] * len(text.split()) for text in texts)
    for row in rows:
        assert len(list(_letters(row))) > 0


def test_of_a_text_that_is_mostly_unknown_nothing_is_written() -> None:
    rows = _rows(Composed(_samples("abcde"), ["xyxyab"]))
    assert all(set(row.text) <= set("abcde ") for row in rows)
    assert not any(row.text in ("ab", "ab ab") for row in rows)


def test_no_row_is_longer_than_a_network_is_shown() -> None:
    lengths = [len(row.text) for row in _rows(Composed(_samples("abcde"), ["abcdeabcde" * 4]), 20)]
    assert max(lengths) == LONGEST_TEXT


def test_letters_stand_on_the_baseline_and_descenders_hang_below_it(composed: list[WrittenRow]) -> None:
    places = defaultdict(list)
    for row in composed:
        for char, stroke in _letters(row):
            places[char].append((stroke[:, 1].min(), stroke[:, 1].max()))
    places = {char: np.median(found, axis=0) for char, found in places.items()}
    for char in "abcH1":
        np.testing.assert_allclose(places[char], (1 - SIZES[char], 1.0), atol=0.06, err_msg=char)
    assert places["g"][0] > 0.3
    assert places["g"][1] > 1.2
    assert places["'"][1] < 0.6


def test_a_size_that_cannot_be_is_replaced_by_the_usual_one() -> None:
    samples = _samples("abcgH", "abcgH", "abcgH")
    samples.relative_size[0] *= 6
    samples.relative_size[6] /= 6
    letters = [letter for row in _rows(Composed(samples, ())) for letter in _letters(row)]
    heights = [np.ptp(stroke[:, 1]) / SIZES[char] for char, stroke in letters]
    assert 0.8 < min(heights) < max(heights) < 1.25


def test_white_between_words_is_wider_than_between_letters(composed: list[WrittenRow]) -> None:
    checked = 0
    for row in composed:
        within, between = [], []
        positions = [index for index, char in enumerate(row.text) if char != " "]
        for (i, j), (one, other) in zip(pairwise(positions), pairwise(row.strokes), strict=True):
            (within if j == i + 1 else between).append(other[:, 0].min() - one[:, 0].max())
        if between and within:
            checked += 1
            assert min(between) > max(within), row.text
            assert np.mean(between) > np.mean(within) + 0.2
    assert checked >= 5


def test_letters_follow_one_another_and_lean_on_each_other_at_most(composed: list[WrittenRow]) -> None:
    for row in composed:
        for one, other in pairwise(row.strokes):
            assert -0.25 < other[:, 0].min() - one[:, 0].max() < 8
            assert other[:, 0].min() > one[:, 0].min()


def test_each_stroke_of_a_composed_row_says_which_character_it_writes(composed: list[WrittenRow]) -> None:
    for row in composed:
        assert [row.text[start:stop] for start, stop in row.spans] == [char for char, _ in _letters(row)]


def test_a_writer_sets_what_is_asked_for_with_the_white_that_is_asked_for() -> None:
    writers = Composed(_samples("abcgH", "abcd1"), [])
    assert {name: set(chars) for name, chars in writers.known.items()} == {
        "writer 0": set("abcgH"),
        "writer 1": set("abcd1"),
    }
    row = writers.write_text("ab 1d", "writer 1", Spacing(gap=0.5, space=3.0, wide=0.0), np.random.default_rng(0))
    assert row.text == "ab 1d"
    assert _owners(row) == {1}
    white = [other[:, 0].min() - one[:, 0].max() for one, other in pairwise(row.strokes)]
    assert white == pytest.approx([0.5, 3.0, 0.5], abs=0.3)


def test_writers_who_know_too_few_characters_are_refused() -> None:
    with pytest.raises(InvalidInput, match="5 different characters"):
        Composed(_samples("abcd", "bcd1"), ())


def _writing(*samples: tuple[str, int]) -> Writing:
    """Give labels with the number of who wrote them, a single stroke each."""
    return Writing(
        labels=np.array([label for label, _ in samples]),
        writers=np.array([f"writer {writer}" for _, writer in samples]),
        styles=np.array([("PRINTED", "CURSIVE")[writer % 2] for _, writer in samples]),
        **flat_strokes([[_stroke(writer)] for _, writer in samples]),
    )


def _as_written(writing: Writing, sound: Sequence[int] | None = None, most: int = 1) -> AsWritten:
    return AsWritten(writing, np.arange(len(writing)) if sound is None else np.array(sound, np.intp), most)


@pytest.fixture(scope="module")
def words() -> Writing:
    return _writing(("bag", 0), ("Cab", 0), ("axe", 1), ("ox", 1), ("mill", 1))


def test_words_of_one_writer_stand_side_by_side(words: Writing) -> None:
    rows = _rows(_as_written(words, most=3))
    for row in rows:
        (owner,) = _owners(row)
        assert set(row.text.split()) <= ({"bag", "Cab"}, {"axe", "ox", "mill"})[owner]
        assert row.style == ("PRINTED", "CURSIVE")[owner]
        assert len(row.strokes) == len(row.text.split())
        for one, other in pairwise(row.strokes):
            assert 0.1 < other[:, 0].min() - one[:, 0].max() < 2
    assert {len(row.strokes) for row in rows} == {1, 2, 3}


def test_one_at_most_is_one(words: Writing) -> None:
    assert {row.text for row in _rows(_as_written(words))} == set(words.labels)


def test_the_same_seed_gives_the_same_row_as_written(words: Writing) -> None:
    one, again = _rows(_as_written(words, most=3)), _rows(_as_written(words, most=3))
    assert all(_same(row, other) for row, other in zip(one, again, strict=True))
    assert not any(_same(row, other) for row, other in pairwise(one))


def test_each_stroke_as_written_says_which_words_it_belongs_to() -> None:
    row = _as_written(_writing(("to  be ", 0), ("or", 0))).row([0, 1, 0], np.random.default_rng(0))
    assert [row.text[start:stop] for start, stop in row.spans] == ["to be", "or", "to be"]


def test_only_sound_samples_that_are_not_too_long_are_taken() -> None:
    writing = _writing(("axe", 0), ("ox", 0), ("a" * (LONGEST_TEXT + 1), 0), ("b" * LONGEST_TEXT, 0))
    rows = _rows(_as_written(writing, [1, 2, 3], most=2))
    assert {word for row in rows for word in row.text.split()} == {"ox", "b" * LONGEST_TEXT}


def test_how_long_a_sample_may_be_can_be_told() -> None:
    writing = _writing(("axe", 0), ("b" * 60, 0))
    rows = _rows(AsWritten(writing, np.arange(2), longest=60))
    assert {row.text for row in rows} == {"axe", "b" * 60}


def test_writing_that_is_all_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match=f"at most {LONGEST_TEXT} characters"):
        _as_written(_writing(("a" * 60, 0)))


@pytest.mark.parametrize("label", ["ace", "Hat", "gap", "Egg", "a-c", "ace gap"])
def test_a_sample_is_as_high_as_the_characters_of_its_label(label: str) -> None:
    extents = char_extents(label.replace(" ", ""))
    expected = min(top for top, _ in extents.values()), max(bottom for _, bottom in extents.values())
    (stroke,) = _as_written(_writing((label, 0))).row([0], np.random.default_rng(3)).strokes
    np.testing.assert_allclose((stroke[:, 1].min(), stroke[:, 1].max()), expected, atol=0.1)
    assert np.ptp(stroke[:, 0]) / np.ptp(stroke[:, 1]) == pytest.approx(0.3, rel=1e-3)


@pytest.mark.parametrize("slope", [-0.1, 0.1])
def test_a_long_sample_that_rises_or_falls_is_levelled(slope: float) -> None:
    x = np.arange(0, 30_000, 1000)
    strokes = [np.array([[left, slope * left], [left + 400, slope * left + 1000]]).astype(np.int16) for left in x]
    writing = Writing(np.array(["H" * len(x)]), np.array(["anna"]), np.array([""]), **flat_strokes([strokes]))
    row = _as_written(writing).row([0], np.random.default_rng(0)).strokes
    tops = [stroke[:, 1].min() for stroke in row]
    assert np.ptp(tops) < 0.15  # of 3 capitals' heights


def test_dots_that_were_written_in_place_have_no_slope() -> None:
    dots = [np.full((3, 2), place, np.int16) for place in (0, 40)]
    writing = Writing(np.array([".."]), np.array(["anna"]), np.array([""]), **flat_strokes([dots]))
    assert len(_as_written(writing).row([0], np.random.default_rng(0)).strokes) == 2


def test_white_in_a_label_is_a_single_space_each() -> None:
    writing = _writing(("to  be ", 0), (" or not", 0))
    assert _as_written(writing).row([0, 1], np.random.default_rng(0)).text == "to be or not"
