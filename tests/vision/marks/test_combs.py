"""What divides the places for single characters goes, and letters that look like it stay."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.datasets.pens.hand import Hand
from app.vision.box import Box
from app.vision.cells import Cells
from app.vision.marks import combs as comb_finder
from app.vision.marks.lines import level_boxes
from app.vision.marks.rules import find_rules
from app.vision.segment import deslanted, segment
from tests.vision.conftest import PLAIN, write_page

STROKE_PX = 4
STEP, LEFT, TOP, FOOT = 60, 40, 30, 110


def find_combs(binary, level, stroke_px):
    return comb_finder.find_combs(binary, level, level_boxes(level, stroke_px), stroke_px)


def _field(places, length, *, boxed, thickness=2):
    """Level lines (H, W), and dividers (H, W) that stand on the lower one."""
    level, dividers = (np.zeros((150, 2 * LEFT + places * STEP), bool) for _ in range(2))
    right = LEFT + places * STEP + thickness
    level[FOOT : FOOT + thickness, LEFT:right] = True
    if boxed:
        level[TOP : TOP + thickness, LEFT:right] = True
    for place in range(places + 1):
        x = LEFT + place * STEP
        dividers[FOOT - length : FOOT, x : x + thickness] = True
    return level, dividers & ~level


@pytest.mark.parametrize("cleared", [True, False], ids=["line cleared", "line there"])
@pytest.mark.parametrize(
    "places, length, boxed", [(8, 22, False), (8, 10, False), (8, FOOT - TOP, True), (2, FOOT - TOP, True)]
)
def test_dividers_go(places, length, boxed, cleared):
    level, dividers = _field(places, length, boxed=boxed)
    combs = find_combs(dividers if cleared else dividers | level, level, STROKE_PX)[0]
    assert (combs & dividers).sum() > 0.95 * dividers.sum()
    assert not (combs & ~dividers).any()


def test_dividers_of_few_boxes_go_where_their_lines_were_left_to_what_crosses_them():
    level, dividers = _field(3, FOOT - TOP, boxed=True)
    for x in (LEFT + STEP, LEFT + 2 * STEP):
        level[:, x - 2 : x + 4] = False
    assert (find_combs(dividers, level, STROKE_PX)[0] & dividers).sum() > 0.95 * dividers.sum()


def test_a_letter_that_crosses_a_divider_stays():
    level, dividers = _field(8, FOOT - TOP, boxed=True)
    letter = np.zeros_like(level)
    letter[60:64, 90:140] = letter[50:100, 92:96] = True  # over the divider at 100, and near it
    left = (dividers | letter) & ~find_combs(dividers | letter, level, STROKE_PX)[0]
    assert (left & letter).sum() > 0.98 * letter.sum()
    assert (left & ~letter).sum() < 0.06 * dividers.sum()


@pytest.mark.parametrize("what", ["few", "uneven", "unlike", "floating", "amid a line", "thick"])
def test_uprights_that_are_no_comb_stay(what, rng):
    level, dividers = _field(3 if what == "few" else 8, 40, boxed=False, thickness=10 if what == "thick" else 2)
    if what == "uneven":
        moved = [np.roll(dividers[:, x - 20 : x + 20], rng.integers(-15, 16), axis=1) for x in range(40, 540, STEP)]
        for x, part in zip(range(40, 540, STEP), moved, strict=True):
            dividers[:, x - 20 : x + 20] = part
    if what == "unlike":
        for x, cut in zip(range(40, 540, STEP), (0, 12, 5, 20, 8, 16, 1, 22, 10), strict=True):
            dividers[: FOOT - 40 + cut, x - 20 : x + 20] = False
    if what == "floating":
        dividers = np.roll(dividers, -15, axis=0)
    if what == "amid a line":
        level, dividers = (np.pad(each, ((0, 0), (200, 200)), mode="edge") for each in (level, dividers))
        level[FOOT : FOOT + 2] = True
    assert not find_combs(dividers, level, STROKE_PX)[0].any()


def test_letters_from_line_to_line_on_narrow_ruled_paper_stay():
    level, dividers = _field(3, FOOT - TOP, boxed=True)
    level, dividers = (np.pad(each, ((0, 0), (0, 400)), mode="edge") for each in (level, dividers))
    level[[TOP, TOP + 1, FOOT, FOOT + 1]] = True
    assert not find_combs(dividers, level, STROKE_PX)[0].any()


@pytest.mark.parametrize("longer, nearer", [(2.6, 2.6), (3.0, 3.0), (-3.0, -3.0)])
def test_dividers_that_grow_and_close_up_as_a_slanted_sheet_shows_them_go(longer, nearer):
    steps = STEP + nearer * np.sign(np.arange(3, -4, -1))
    at = np.rint(np.cumsum([LEFT, *steps])).astype(int)
    level = np.zeros((150, at[-1] + LEFT), bool)
    dividers = np.zeros_like(level)
    level[FOOT : FOOT + 2, LEFT - 20 : -LEFT + 20] = True
    for x, length in zip(at, np.rint(60 + longer * np.arange(len(at))).astype(int), strict=True):
        dividers[FOOT - length : FOOT, x : x + 2] = True
    assert not (find_combs(dividers, level, STROKE_PX)[0] & ~dividers).any()
    assert (find_combs(dividers, level, STROKE_PX)[0] & dividers).sum() > 0.8 * dividers.sum()


@pytest.mark.parametrize("first, last", [(0.09, 0.09), (-0.06, 0.06), (0.0, -0.12)])
def test_dividers_that_lean_as_a_slanted_sheet_shows_them_go(first, last):
    level, straight = _field(8, FOOT - TOP, boxed=True)
    dividers = np.zeros_like(straight)
    y, x = np.nonzero(straight)
    lean = first + (last - first) * (x - LEFT) / (8 * STEP)
    dividers[y, np.rint(x + lean * (FOOT - y)).astype(int)] = True
    dividers &= ~level
    letter = np.zeros_like(level)
    letter[50:100, 120:124] = True  # in the second place
    combs = find_combs(dividers | letter | level, level, STROKE_PX)[0]
    assert (combs & dividers).sum() > 0.95 * dividers.sum()
    assert not (combs & ~dividers).any()


def test_strokes_that_lean_to_both_sides_in_turn_are_no_dividers():
    level, straight = _field(8, FOOT - TOP, boxed=True)
    strokes = np.zeros_like(straight)
    y, x = np.nonzero(straight)
    side = np.where((x - LEFT) // STEP % 2, 1, -1)
    strokes[y, np.rint(x + 0.12 * side * (FOOT - y)).astype(int)] = True
    assert not find_combs(strokes & ~level, level, 2.0)[0].any()


def test_dividers_go_where_the_pen_is_thin_beside_their_places():
    level, dividers = _field(8, FOOT - TOP, boxed=True)
    combs = find_combs(dividers, level, 2.0)[0]
    assert (combs & dividers).sum() > 0.95 * dividers.sum()


def test_nothing_is_looked_for_on_a_page_without_lines():
    _, dividers = _field(8, 40, boxed=False)
    assert not find_combs(dividers, np.zeros_like(dividers), STROKE_PX)[0].any()


def test_a_page_of_nothing_but_lines_that_were_cleared_has_none():
    level, dividers = _field(8, 40, boxed=True)
    assert not find_combs(np.zeros_like(dividers), level, 0.0)[0].any()


FIELDS = ["C L A R K", "M A R I A", "B O N N"]


def _form(paper, hand=PLAIN, fields=FIELDS, more=300):
    """A page (H, W) of fields in boxes, nine to a row; some of these are empty, so many pixels at its right."""
    page = write_page(fields, height_px=46, hand=hand)
    grey = np.pad(page.grey, ((30, 30), (30, 30 + more)), constant_values=255)
    for boxes in page.boxes:
        top, foot = boxes[0].top + 22, boxes[0].bottom + 38
        left, right = boxes[0].left + 10, grey.shape[1] - 20
        drawn = np.zeros(grey.shape, bool)
        drawn[[top, top + 1, foot, foot + 1], left : right + 2] = True
        for x in np.linspace(left, right, 10).round().astype(int):
            drawn[top : foot + 2, x : x + 2] = True
        grey[drawn] = np.minimum(grey[drawn], paper)
    return grey


@pytest.mark.parametrize("paper", [90, 170], ids=["dark lines", "pale lines"])
def test_a_form_with_a_box_for_each_character_has_rows_of_these(paper):
    """Its lines are many, and paler than the pen, as those of ruled paper are."""
    rows = segment(_form(paper)).rows
    assert len(rows) == len(FIELDS)
    assert max(piece.box.height for row in rows for piece in row.pieces) < 56
    assert all(len(cells.sides) == 10 for row in rows for cells in row.cells)
    assert all(row.cells for row in rows)


@pytest.mark.parametrize("turned_deg", [-3.2, 3.2])
def test_lines_that_were_cleared_as_ruling_still_hold_their_dividers_once_the_page_is_level(turned_deg):
    words = ["C L A R K M A R", "M A R I A C L A", "B O N N A N N A", "K L A R A M A R", "A N N A B O N N"]
    form = _form(130, fields=words, more=60)
    photo = Image.fromarray(form).rotate(turned_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    found = segment(np.asarray(photo))
    assert found.turned_deg == pytest.approx(turned_deg, abs=1)
    assert [len(row.pieces) for row in found.rows] == [len(row.pieces) for row in segment(form).rows]
    assert all(row.cells for row in found.rows)


def _middles(cells):
    """The middle of each side (N, 2), x and y."""
    return np.stack([cells.sides, np.full(len(cells.sides), (cells.top + cells.bottom) / 2)], axis=1)


@pytest.mark.parametrize("slant_deg", [-25, 25])
def test_cells_are_where_they_were_once_strokes_are_upright(slant_deg):
    found = segment(_form(90, Hand(slant_deg=slant_deg)))
    upright = deslanted(found, float(np.tan(np.radians(slant_deg))))
    assert len(upright.rows) == len(FIELDS)
    for before, after in zip(found.rows, upright.rows, strict=True):
        assert before.cells
        assert len(after.pieces) <= len(before.pieces)  # no divider among them, which would lean now
        for old, new in zip(before.cells, after.cells, strict=True):
            there = _middles(new) @ upright.to_page.linear.T + upright.to_page.shift
            np.testing.assert_allclose(there, _middles(old) @ found.to_page.linear.T + found.to_page.shift, atol=1)


@pytest.mark.parametrize("length, boxed", [(22, False), (FOOT - TOP, True)])
@pytest.mark.parametrize("hidden", [None, 0, 8], ids=["all", "no first", "no last"])
def test_cells_are_between_the_dividers_and_the_ends_of_their_line(length, boxed, hidden):
    level, dividers = _field(8, length, boxed=boxed)
    if hidden is not None:
        dividers[:, LEFT + hidden * STEP - 5 : LEFT + hidden * STEP + 5] = False
    _, found = find_combs(dividers, level, STROKE_PX)
    assert found
    for cells in found:
        np.testing.assert_allclose(cells.sides, LEFT + STEP * np.arange(9), atol=2)
        assert (cells.top, cells.bottom) == pytest.approx((FOOT - length, FOOT), abs=3)


def test_boxes_of_a_table_are_no_cells_of_a_comb():
    _, dividers = _field(8, FOOT - TOP, boxed=True)
    dividers = np.vstack([dividers[:FOOT], dividers[TOP:]])
    level = np.zeros_like(dividers)
    level[[TOP, FOOT, 2 * FOOT - TOP], LEFT : LEFT + 8 * STEP + 2] = True
    combs, cells = find_combs(dividers, level, STROKE_PX)
    assert (combs & dividers).sum() > 0.95 * dividers.sum()
    assert not cells


def _boxes_apart(places, between=12):
    """The outlines of boxes (H, W) that do not touch."""
    outlines = np.zeros((150, 2 * LEFT + places * STEP), bool)
    for left in range(LEFT, LEFT + places * STEP, STEP):
        outlines[TOP : FOOT + 2, left : left + STEP - between] = True
        outlines[TOP + 2 : FOOT, left + 2 : left + STEP - between - 2] = False
    return outlines


def test_boxes_that_stand_apart_go_and_letters_that_cross_them_stay():
    outlines = _boxes_apart(6)
    letters = np.zeros_like(outlines)
    letters[60:64, 90:140] = letters[50:100, 108:112] = True  # over the sides at 86 and 100
    letters[20:60, 180:184] = True  # over a top
    rules, cells = find_rules(outlines | letters, STROKE_PX)
    left = (outlines | letters) & ~rules
    assert (left & letters).sum() > 0.97 * letters.sum()
    assert (left & ~letters).sum() < 0.03 * outlines.sum()
    assert {tuple(np.rint(each.sides[1:-1])) for each in cells} >= {tuple(LEFT + STEP * np.arange(1.0, 6.0))}


def test_rows_of_like_letters_are_no_boxes_that_stand_apart():
    outlines = _boxes_apart(6)
    for left in range(LEFT, LEFT + 6 * STEP, STEP):
        outlines[:, left + STEP - 14 : left + STEP - 12] = False  # like a C
    assert not find_rules(outlines, STROKE_PX)[0].any()


def test_no_corner_of_boxes_stays_as_a_speck():
    level, dividers = _field(8, FOOT - TOP, boxed=True)
    whole, near = level | dividers, np.zeros_like(level)
    for x in range(LEFT + STEP, LEFT + 8 * STEP, STEP):
        near[:, x - 3 : x + 5] = True  # there, a line is left to what crosses it
    combs, _ = find_combs(whole, level & ~near, STROKE_PX)
    assert (whole & near & ~combs).sum() < 0.05 * (whole & near).sum()


def test_what_stands_on_ticks_is_in_their_cells_and_what_is_below_or_beside_is_not():
    cells = Cells(100.0, 110.0, np.arange(0.0, 400.0, 50.0))
    assert cells.hold(Box(65, 10, 105, 300))
    assert not cells.hold(Box(115, 10, 150, 300))
    assert not cells.hold(Box(10, 10, 50, 300))
    assert not cells.hold(Box(65, 400, 105, 500))
