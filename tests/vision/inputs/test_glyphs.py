"""Pieces of ink to glyphs: strokes joined, hypotheses made, glyphs cut out."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision import GLYPH_SIZE, Box, Hypothesis, normalise_glyph
from app.vision.ink.binarise import Levels, flatten_illumination, ink_levels
from app.vision.ink.components import Components
from app.vision.inputs.glyphs import Piece, cut_glyphs, hypothesise, join_strokes
from app.vision.layout.rows import find_rows
from app.vision.writing import find_components, keep_writing
from tests.vision.conftest import write_page

HEIGHT = 40


def _joined(grey):
    """Components of a page with one row, and its pieces."""
    ink = flatten_illumination(grey)
    components = keep_writing(find_components(ink, ink_levels(ink)))
    (row,), _ = find_rows(components)
    return components, join_strokes(row, components)


def _pieces(*spans, top=0, bottom=HEIGHT):
    """Pieces of full height that fill spans of columns."""
    return [Piece((number,), Box(top, left, bottom, right)) for number, (left, right) in enumerate(spans, 1)]


def _groups(pieces):
    """Which pieces may be one glyph, but for each alone."""
    return [(found.start, found.stop) for found in hypothesise(pieces, HEIGHT) if found.stop - found.start > 1]


@pytest.mark.parametrize("char", "ij:;!?=")
def test_parts_that_stand_above_each_other_are_joined(char):
    page = write_page([f"H{char}H"])
    components, pieces = _joined(page.grey)
    assert len(components) == 4
    assert [len(piece.labels) for piece in pieces] == [1, 2, 1]
    np.testing.assert_allclose([piece.box for piece in pieces], page.boxes[0], atol=2)


@pytest.mark.parametrize("char, gap", [("E", (0.2, 0.3)), ("T", (0.12, 0.2)), ("I", (0.45, 0.55)), ("F", (0.25, 0.35))])
def test_a_broken_stroke_is_joined(char, gap):
    page = write_page([f"H{char}H"])
    box = page.boxes[0][1]
    rows = slice(*(round(box.top + share * box.height) for share in gap))
    broken = page.grey.copy()
    broken[rows, box.left : box.right] = 255
    components, pieces = _joined(broken)
    assert len(components) > 3
    assert len(pieces) == 3
    np.testing.assert_allclose(pieces[1].box, box, atol=2)


@pytest.mark.parametrize("slant_deg", [-15, 0, 15, 30])
@pytest.mark.parametrize("text", ["LTLT", "AVAVA", "//\\\\", "TJTJ", "VAWAY", "f7f7", "LYLY"])
def test_neighbours_that_lean_over_each_other_are_not_joined(text, slant_deg):
    page = write_page([text], hand=Hand(slant_deg=slant_deg))
    _, pieces = _joined(page.grey)
    np.testing.assert_allclose([piece.box for piece in pieces], page.boxes[0], atol=2)


@pytest.mark.parametrize(
    "letter, mark",
    [
        (Box(0, 0, 40, 30), Box(34, 26, 40, 36)),  # a full stop half below the arm of a T
        (Box(20, 0, 40, 22), Box(0, 18, 12, 28)),  # an apostrophe that leans over a small letter
    ],
    ids=["full stop", "apostrophe"],
)
def test_marks_beside_a_letter_are_not_joined_to_it(letter, mark):
    boxes = np.array([letter, mark], np.int32)
    components = Components(np.zeros((40, 40), np.int32), np.array([1, 2], np.int32), boxes, np.array([99, 9]), 4.0)
    assert [piece.labels for piece in join_strokes(np.array([0, 1]), components)] == [(1,), (2,)]


def test_hypotheses_are_each_piece_alone_and_what_is_near():
    pieces = _pieces((0, 10), (14, 24), (40, 60))
    found = hypothesise(pieces, HEIGHT)
    assert found == [
        Hypothesis(0, 1, Box(0, 0, HEIGHT, 10)),
        Hypothesis(0, 2, Box(0, 0, HEIGHT, 24)),
        Hypothesis(1, 2, Box(0, 14, HEIGHT, 24)),
        Hypothesis(2, 3, Box(0, 40, HEIGHT, 60)),
    ]


def test_three_pieces_may_be_one_glyph_but_not_four():
    assert _groups(_pieces((0, 6), (8, 14), (16, 22), (24, 30))) == [(0, 2), (0, 3), (1, 3), (1, 4), (2, 4)]


def test_pieces_together_as_wide_as_two_letters_are_no_glyph():
    assert _groups(_pieces((0, 28), (30, 58))) == [(0, 2)]
    assert _groups(_pieces((0, 32), (34, 64))) == []


def test_pieces_that_overlap_are_near():
    assert _groups(_pieces((0, 20), (12, 30))) == [(0, 2)]


def test_pieces_of_two_rows_are_no_glyph():
    upper, lower = _pieces((0, 10), top=0, bottom=HEIGHT), _pieces((12, 20), top=50, bottom=50 + HEIGHT)
    assert _groups(upper + lower) == []


@pytest.mark.parametrize("mark", [Box(34, 24, 40, 30), Box(34, 24, 48, 32)], ids=["full stop", "comma"])
def test_a_full_stop_or_a_comma_is_no_part_of_the_letter_before_it(mark):
    assert _groups([*_pieces((0, 22)), Piece((2,), mark)]) == []


@pytest.mark.parametrize("text", ["HAND", "if, join", "A", "1/2 = 0.5", "'quoted'"])
def test_each_piece_alone_is_a_hypothesis(text):
    _, pieces = _joined(write_page([text]).grey)
    alone = [found for found in hypothesise(pieces, HEIGHT) if found.stop == found.start + 1]
    assert [found.box for found in alone] == [piece.box for piece in pieces]


def test_there_are_no_hypotheses_without_pieces():
    assert hypothesise([], HEIGHT) == []


def test_a_cut_glyph_is_what_it_would_be_without_its_neighbours():
    """The boxes of these letters overlap, so a plain crop would hold ink of both."""
    page = write_page(["LTLT"], hand=Hand(slant_deg=-15))
    components, pieces = _joined(page.grey)
    ink, levels = 255 - page.grey, Levels(100, 196)  # so that 255 is just solid
    hypotheses = [Hypothesis(number, number + 1, piece.box) for number, piece in enumerate(pieces)]
    glyphs = cut_glyphs(pieces, hypotheses, ink, components, levels)
    assert glyphs.shape == (4, 1, GLYPH_SIZE, GLYPH_SIZE)
    assert glyphs.dtype == np.float32
    foreign = 0
    for glyph, (box, labels) in zip(glyphs, ((piece.box, piece.labels) for piece in pieces), strict=True):
        alone = np.where(np.isin(components.label_image, labels), ink, 0).astype(np.uint8)
        np.testing.assert_allclose(glyph[0], normalise_glyph(alone), atol=0.01)
        foreign += np.count_nonzero((ink - alone)[box.top : box.bottom, box.left : box.right])
    assert foreign > 20


def test_a_glyph_of_several_pieces_holds_them_all():
    page = write_page(["||"])
    components, pieces = _joined(page.grey)
    both = Hypothesis(0, 2, Box.around(piece.box for piece in pieces))
    (glyph,) = cut_glyphs(pieces, [both], 255 - page.grey, components, Levels(100, 196))
    strokes = np.flatnonzero(np.diff((glyph[0].max(axis=0) > 0.5).astype(int), prepend=0) == 1)
    assert len(strokes) == 2


def test_how_dark_a_pen_writes_does_not_show_in_the_glyph():
    page = write_page(["S8&"])
    glyphs = []
    for contrast in (60, 230):
        grey = np.rint(240 - contrast * (1 - page.grey / 255)).astype(np.uint8)
        ink = flatten_illumination(grey)
        components, pieces = _joined(grey)
        glyphs.append(cut_glyphs(pieces, hypothesise(pieces, 1.0)[:3], ink, components, ink_levels(ink)))
    assert np.abs(glyphs[0] - glyphs[1]).mean() < 0.01


def test_where_a_pen_gives_more_ink_or_less_does_not_show_in_the_glyph():
    page = write_page(["B"])
    components, pieces = _joined(page.grey)
    hypotheses = hypothesise(pieces, HEIGHT)
    levels = Levels(60, 120)
    flow = np.linspace(0.65, 1.0, page.grey.shape[1])  # from 166 on the left to 255 on the right
    even, uneven = (
        cut_glyphs(pieces, hypotheses, ink.astype(np.uint8), components, levels)
        for ink in (255 - page.grey, (255 - page.grey) * flow)
    )
    assert uneven[even > 0.99].min() > 0.95
