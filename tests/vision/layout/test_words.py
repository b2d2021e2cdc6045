"""Which gaps are word spaces, in hands of every width."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision import Box, GapModel, gap_widths
from tests.vision.conftest import write_page

# Gaps between letters and between words, each with its standard deviation, in heights of the writing.
HANDS = {
    "tidy": (0.10, 0.03, 0.45, 0.04),
    "narrow": (-0.05, 0.06, 0.45, 0.06),
    "usual": (0.15, 0.08, 0.80, 0.12),
    "wide": (0.40, 0.10, 1.30, 0.20),
    "letter-spaced": (0.90, 0.15, 2.60, 0.30),
}
ROWS = [[4, 3, 6], [2, 5, 4, 3], [7, 2], [1, 4, 1]]  # letters in each word


def _gaps(hand, words, rng):
    """Gaps of one row, and which of them are spaces."""
    letter, letter_spread, word, word_spread = hand
    is_space = np.concatenate([[False] * (count - 1) + [True] for count in words])[:-1]
    gaps = np.where(
        is_space, rng.normal(word, word_spread, len(is_space)), rng.normal(letter, letter_spread, len(is_space))
    )
    return gaps, is_space


def _spaces(*gaps):
    """Where a page of a single row has spaces."""
    row = np.array(gaps, np.float64)
    return (GapModel.fit(row).space_probability(row) > 0.5).tolist()


def _mean_height(boxes):
    return float(np.median([box.height for box in boxes]))


def test_gaps_of_typed_boxes():
    boxes = [Box(0, 0, 9, 10), Box(0, 14, 9, 20), Box(0, 18, 9, 19), Box(0, 30, 9, 33)]
    # The third stands within the second, whose right edge then counts.
    assert gap_widths(boxes).tolist() == [4.0, -2.0, 10.0]
    assert gap_widths(boxes[:1]).tolist() == []


@pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)
@pytest.mark.parametrize("seed", range(5))
def test_spaces_are_found_in_every_hand(hand, seed):
    rng = np.random.default_rng(seed)
    rows = [_gaps(hand, words, rng) for words in ROWS]
    model = GapModel.fit(np.concatenate([gaps for gaps, _ in rows]))
    for gaps, is_space in rows:
        np.testing.assert_array_equal(model.space_probability(gaps) > 0.5, is_space)


@pytest.mark.parametrize("seed", range(10))
def test_spaces_of_written_pages_are_found(seed):
    hand = Hand.random(np.random.default_rng(seed))
    lines = ["HELLO WORLD", "THIS IS A LIST", "OF MANY WORDS"]
    page = write_page(lines, hand=hand, seed=seed)
    rows = [gap_widths(boxes) / _mean_height(boxes) for boxes in page.boxes]
    model = GapModel.fit(np.concatenate(rows))
    wrong = 0
    for line, gaps in zip(lines, rows, strict=True):
        is_space = [char == " " for char, after in zip(line[1:], line, strict=False) if after != " "]
        wrong += np.count_nonzero((model.space_probability(gaps) > 0.5) != is_space)
    assert wrong <= 1


def test_the_spaces_of_letter_spaced_writing():
    """M A K E   A   L I S T"""
    assert _spaces(0.9, 0.8, 0.9, 2.4, 2.5, 0.8, 0.9, 0.7) == [False] * 3 + [True] * 2 + [False] * 3


@pytest.mark.parametrize("gap", [-0.1, 0.0, 0.1, 0.25])
@pytest.mark.parametrize("count", [1, 2, 5, 30])
def test_one_word_has_no_spaces(gap, count, rng):
    assert not any(_spaces(*rng.normal(gap, 0.05, count)))


@pytest.mark.parametrize("gap", [1.0, 1.5, 2.5])
@pytest.mark.parametrize("count", [1, 2, 5, 30])
def test_a_grid_of_single_characters_has_only_spaces(gap, count, rng):
    assert all(_spaces(*rng.normal(gap, 0.1, count)))


def test_a_few_gaps_are_judged_by_what_is_usual():
    assert _spaces(0.1, 1.0) == [False, True]
    assert _spaces(1.0, 0.1) == [True, False]


def test_a_page_without_gaps_knows_what_is_usual():
    model = GapModel.fit(np.array([]))
    assert model.space_probability(np.array([])).shape == (0,)
    assert (model.space_probability(np.array([0.1, 1.2])) > 0.5).tolist() == [False, True]


@pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)
def test_the_wider_a_gap_the_more_it_is_a_space(hand, rng):
    page = np.concatenate([_gaps(hand, words, rng)[0] for words in ROWS])
    gaps = rng.permutation(np.linspace(-3.0, 6.0, 200))
    probability = GapModel.fit(page).space_probability(gaps)
    assert (np.diff(probability[np.argsort(gaps)]) >= 0).all()
    assert probability.min() >= 0.0
    assert probability.max() <= 1.0


def test_a_row_may_be_wider_than_the_page():
    """Most gaps say that this writer leaves 0.1 between letters and 0.7 between words; one row was written wider."""
    model = GapModel.fit(np.array([0.1] * 32 + [0.7] * 8))
    row = np.array([0.45] * 6 + [1.2] + [0.45] * 5)
    assert (model.space_probability(row) > 0.5).tolist() == [gap > 0.9 for gap in row]
    assert (model.space_probability(row[:1]) > 0.5).tolist() == [True]  # alone it would be a space


def test_the_order_of_the_gaps_does_not_matter(rng):
    gaps, _ = _gaps(HANDS["usual"], [5, 3, 8, 2], rng)
    order = rng.permutation(len(gaps))
    model, shuffled = GapModel.fit(gaps), GapModel.fit(gaps[order])
    np.testing.assert_allclose(model.means, shuffled.means)
    np.testing.assert_allclose(shuffled.space_probability(gaps[order]), model.space_probability(gaps)[order])


@pytest.mark.parametrize("name", HANDS)
def test_only_letters_that_stand_far_apart_are_spaced_out(name, rng):
    gaps = np.concatenate([_gaps(HANDS[name], words, rng)[0] for words in ROWS])
    assert GapModel.fit(gaps).is_spaced_out == (name == "letter-spaced")


def test_a_grid_of_single_characters_is_not_spaced_out():
    assert not GapModel.fit(np.full(60, 1.6)).is_spaced_out
