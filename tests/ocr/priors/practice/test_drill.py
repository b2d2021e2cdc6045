"""Rows of one character, and those that only look like it."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.practice.drill import log_drill_prior

SHAPES = "AHO78X"
EVEN = np.full(len(SHAPES), 1 / len(SHAPES))


def _seen(text, doubts=()):
    """What shapes the glyphs of a row look like; of `doubts`, each (place, shape, p), a part is another shape's."""
    p = np.full((len(text), len(SHAPES)), 1e-3)
    p[np.arange(len(text)), [SHAPES.index(char) for char in text]] = 1
    for place, shape, share in doubts:
        p[place] *= 1 - share
        p[place, SHAPES.index(shape)] += share
    return p / p.sum(axis=1, keepdims=True)


USUAL = -np.log(len(SHAPES))  # log-probability of every shape in an ordinary row


def _prior(*rows, practised=EVEN):
    page, seen = PageRows.of(rows), np.concatenate(rows)
    prior, _ = log_drill_prior(seen, page, np.full(seen.shape, USUAL), practised)
    return page.split(prior)


def _read(*rows, practised=EVEN):
    best = [
        (np.log(p) + log_p).argmax(axis=1) for p, log_p in zip(rows, _prior(*rows, practised=practised), strict=True)
    ]
    return ["".join(SHAPES[index] for index in row) for row in best]


def test_it_is_a_probability_for_each_glyph():
    for prior in _prior(_seen("AAAAAAAA"), _seen("HOX")):
        np.testing.assert_allclose(np.exp(prior).sum(axis=1), 1.0)


def test_a_doubtful_glyph_among_many_of_one_character_is_another_of_them():
    assert _read(_seen("AAAAAAAAAAHA", [(10, "A", 0.1)])) == ["A" * 12]


def test_of_two_shapes_a_row_is_a_drill_of_the_one_that_is_practised():
    row = _seen("H" * 16, [(place, "A", 0.45) for place in range(16)])
    assert _read(row) == ["H" * 16]
    seldom = np.where(np.array(list(SHAPES)) == "H", 1e-3, 1.0)
    assert _read(row, practised=seldom / seldom.sum()) == ["A" * 16]


def test_a_slip_that_looks_like_nothing_else_stays():
    assert _read(_seen("AAAAAAAAAAHA")) == ["AAAAAAAAAAHA"]


@pytest.mark.parametrize("text", ["HAAO", "AAH", "H", "7A7A7A7H", "XOXOXOXOXOHA"])
def test_rows_of_few_or_of_different_glyphs_are_left_as_they_were(text):
    row = _seen(text, [(text.index("H"), "A", 0.1)])
    np.testing.assert_allclose(_prior(row)[0], USUAL, atol=0.05)


def test_a_page_of_drills_makes_short_rows_drills_too():
    short = _seen("78777", [(1, "7", 0.1)])
    assert _read(short) == ["78777"]
    assert _read(short, *[_seen("OOOOOOOOOO")] * 4, *[_seen("8888888888")] * 2)[0] == "77777"


def test_a_row_repeats_what_the_other_rows_do():
    half = _seen("HHHAAHH", [(place, "A", 0.2) for place in (0, 1, 2, 5, 6)])
    assert _read(half, *[_seen("AAAAAAAA")] * 6)[0] == "AAAAAAA"
