"""What is left of a printed line is told from what somebody wrote."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.binarise import Levels
from app.vision.marks.torn_lines import are_of_torn_lines
from app.vision.writing import find_components, keep_writing

LEVELS = Levels(faint=60, sure=120)
LETTERS = ((20, 30, 60), (20, 90, 40))


def _page(pieces, letters=LETTERS):
    """Components of solid pieces at (y, x, height, width), and of upright strokes 6 wide at (top, left, height)."""
    ink = np.zeros((160, 640), np.uint8)
    for y, x, high, wide in np.rint(pieces).astype(int).tolist():
        ink[y : y + high, x : x + wide] = 200
    for top, left, height in letters:
        ink[top : top + height, left : left + 6] = 200
    return find_components(ink, LEVELS)


def _torn(page):
    return are_of_torn_lines(page.boxes, page.areas, 6.0)


def _line(rng, *, wide=(1, 20), gap=(3, 25), y=lambda x: np.full(len(x), 100.0)):
    """What noise leaves of a line 5 thick from 120 to 620: pieces of any width, any distance apart."""
    widths, gaps = rng.integers(*wide, 100), rng.integers(*gap, 100)
    x = 120 + np.cumsum(widths + gaps) - widths - gaps
    widths, x = widths[x + widths < 620], x[x + widths < 620]
    return np.stack([y(x + widths / 2), x, np.full(len(x), 5), widths], axis=1)


@pytest.mark.parametrize(
    "course",
    [
        lambda x: np.full(len(x), 100.0),
        lambda x: 40 + 0.17 * (x - 120),
        lambda x: 80 + 40 * ((x - 300) / 300) ** 2,
    ],
    ids=["level", "sloping", "bent"],
)
def test_the_crumbs_of_a_line_are_found_and_letters_are_not(course, rng):
    page = _page(_line(rng, y=course))
    torn = _torn(page)
    assert torn[page.heights < 20].mean() > 0.9
    assert not torn[page.heights >= 20].any()


def test_an_upright_line_is_found_too(rng):
    page = _page(_line(rng))
    upright = are_of_torn_lines(page.boxes[:, [1, 0, 3, 2]], page.areas, 6.0)
    np.testing.assert_array_equal(upright, _torn(page))
    assert upright.any()


def test_lines_above_each_other_are_told_apart(rng):
    lines = [_line(rng, y=lambda x, top=top: np.full(len(x), top)) for top in (100.0, 125.0, 150.0)]
    assert _torn(_page(np.vstack(lines), letters=())).mean() > 0.9


def test_stems_below_each_other_in_rows_of_text_stay():
    """As high as five strokes, as in bold print, and in rows as near as those are set."""
    ink = np.zeros((640, 160), np.uint8)
    for top in range(20, 620, 36):
        ink[top : top + 29, 20:26] = 200
    page = find_components(ink, LEVELS)
    assert not are_of_torn_lines(page.boxes, page.areas, 6.0).any()


def test_strokes_on_one_another_are_no_line():
    boxes = np.array([[100 + 2 * number, 200, 101 + 2 * number, 230] for number in range(20)], np.int32)
    assert not are_of_torn_lines(boxes, np.full(20, 30), 4.0).any()


def test_the_dashes_of_a_line_between_letters_are_found():
    x = np.arange(120, 600, 20)
    x = x[(x < 250) | (x > 380)]
    page = _page(np.stack([np.full(len(x), 100), x, np.full(len(x), 4), np.full(len(x), 10)], axis=1))
    assert _torn(page).sum() == len(x)


def test_torn_lines_are_no_writing(rng):
    assert sorted(keep_writing(_page(_line(rng))).heights.tolist()) == [40, 60]


def test_a_full_stop_on_a_torn_line_stays(rng):
    page = _page(np.vstack([_line(rng, wide=(8, 20), gap=(8, 9)), [(94, 606, 12, 12)]]))
    torn = _torn(page)
    assert torn.any()
    assert not torn[page.heights == 12].any()


@pytest.mark.parametrize("what", ["few", "wavering", "dots"])
def test_dots_and_dashes_of_a_hand_stay(what, rng):
    x = np.arange(120, 560, 20)[: 12 if what == "few" else None]
    y = 100 + (rng.normal(0, 2.5, len(x)) if what == "wavering" else np.zeros(len(x)))
    wide = 6 if what == "dots" else 9
    assert not _torn(_page(np.stack([y, x, np.full(len(x), 5), np.full(len(x), wide)], axis=1))).any()


def test_low_print_stays():
    """Letters as low as two strokes of a marker."""
    x = np.arange(120, 600, 26)
    boxes = np.stack([np.full(len(x), 100), x, np.full(len(x), 112), x + 20], axis=1).astype(np.int32)
    assert not are_of_torn_lines(boxes, np.full(len(x), 120), 6.0).any()
    assert are_of_torn_lines(boxes, np.full(len(x), 240), 6.0).all()
