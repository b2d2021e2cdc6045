from __future__ import annotations

import itertools
import string

import numpy as np
import pytest

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pens.pen_font import load_pen_font, parse_pen_font
from app.errors import DamagedDataset, InvalidInput

FONT = load_pen_font()
PRINTABLE = "".join(map(chr, range(33, 127)))
EVERY_WAY = [(char, variant) for char in FONT.chars for variant in range(len(FONT.ways(char)))]

BARE_BARS = {("I", 1), ("l", 1), ("1", 2)}


def _picture(char: str, variant: int = 0) -> np.ndarray:
    """The character on a 60 x 45 canvas, where the font places it; ink is 1."""
    strokes = [stroke * 30 + 9 for stroke in FONT.glyph(char, variant).strokes]
    return draw_strokes(strokes, (60, 45), 3, oversampling=4) / 255


def test_it_writes_exactly_printable_ascii():
    assert FONT.chars == PRINTABLE


def test_every_glyph_keeps_to_its_place_and_leaves_a_gap():
    for way in EVERY_WAY:
        points = np.concatenate(FONT.glyph(*way).strokes)

        assert points.dtype == np.float32, way
        assert abs(points[:, 0].min()) <= 0.02, way
        assert points[:, 1].min() >= -0.15, way
        assert points[:, 1].max() <= 1.4, way
        gap = FONT.glyph(*way).advance - points[:, 0].max()
        assert 0.05 < gap < 0.3, way


def test_every_stroke_is_sampled_finely_enough_to_be_bent():
    coarse = {
        way: step
        for way in EVERY_WAY
        for stroke in FONT.glyph(*way).strokes
        if (step := np.hypot(*np.diff(stroke, axis=0).T).max()) >= 0.05
    }
    assert coarse == {}


@pytest.mark.parametrize("char", string.ascii_uppercase + string.digits)
def test_capitals_and_digits_stand_between_cap_line_and_baseline(char):
    for way in FONT.ways(char):
        y = np.concatenate(way.strokes)[:, 1]

        assert y.min() == pytest.approx(0.0, abs=0.03)
        assert y.max() == pytest.approx(1.1 if char == "Q" else 1.0, abs=0.03)


@pytest.mark.parametrize("char", "acemnorsuvwxz")
def test_small_letters_stand_between_x_height_and_baseline(char):
    for way in FONT.ways(char):
        y = np.concatenate(way.strokes)[:, 1]

        assert y.min() == pytest.approx(0.45, abs=0.03)
        assert y.max() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("char", "gjpqy")
def test_descenders_go_below_the_baseline(char):
    for way in FONT.ways(char):
        assert np.concatenate(way.strokes)[:, 1].max() == pytest.approx(1.35, abs=0.03)


def test_characters_differ_when_drawn():
    pictures = [(char, variant, _picture(char, variant)) for char, variant in EVERY_WAY]

    for (one, i, image), (other, j, other_image) in itertools.combinations(pictures, 2):
        if one == other or {(one, i), (other, j)} <= BARE_BARS:
            continue  # a bare bar is all of them, for those who write them so
        smaller_ink = min(image.sum(), other_image.sum())
        assert np.abs(image - other_image).sum() > 0.15 * smaller_ink, f"{one} {i} looks like {other} {j}"


def test_bare_i_and_bare_l_are_never_the_first_choice():
    assert np.abs(_picture("I") - _picture("l")).sum() > 10


def test_usual_ways_come_first_and_every_character_has_one():
    for char in FONT.chars:
        seldom = [way.seldom for way in FONT.ways(char)]
        assert not seldom[0]
        assert seldom == sorted(seldom)


@pytest.mark.parametrize("lines", ["A 60~: 0,0 9,9", "A 60: 0,0 9,9\nA 60~: 0,9 9,0\nA 60: 9,9 0,0"])
def test_a_font_whose_usual_ways_do_not_come_first_is_refused(lines):
    with pytest.raises(DamagedDataset, match="the usual ways of 'A' first"):
        parse_pen_font(lines)


def test_a_closed_curve_has_no_corner_where_it_closes():
    (circle,) = parse_pen_font("o 60: (20,0 0,20 20,40 40,20 20,0)").glyph("o").strokes

    before, after = circle[-1] - circle[-2], circle[1] - circle[0]
    cosine = before @ after / np.hypot(*before) / np.hypot(*after)
    assert np.array_equal(circle[0], circle[-1])
    assert cosine > 0.95


def test_bare_points_are_corners_and_points_in_parentheses_are_not():
    font = parse_pen_font("L 60: 0,0 0,100 50,100\nL 60: (0,0 0,100 50,100)")
    corner = np.array([0.0, 1.0])
    straight, round_ = (way.strokes[0] for way in font.ways("L"))

    assert np.all((straight[:, 0] == 0) | np.isclose(straight[:, 1], 1))
    assert np.hypot(*(straight - corner).T).min() == pytest.approx(0.0, abs=1e-6)
    assert round_[:, 0].min() < -0.005  # a smooth curve through that corner has to swing out


def test_strokes_of_the_font_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        FONT.glyph("A").strokes[0][0, 0] = 9


@pytest.mark.parametrize("char", ["é", " ", "", "AB"])
def test_a_character_it_lacks_is_named(char):
    with pytest.raises(InvalidInput, match="has no") as caught:
        FONT.glyph(char)
    assert caught.value.context == {"char": char}


@pytest.mark.parametrize("variant", [-1, 2])
def test_a_variant_it_lacks_is_refused(variant):
    with pytest.raises(InvalidInput, match="variants 0 to 1 of 'A'"):
        FONT.glyph("A", variant)


@pytest.mark.parametrize(
    "line",
    ["A 50 0,0 1,1", "A x: 0,0 1,1", "A 50: 0,0", "A 50: (0,0 1,1", "A 50: 0,0 1,1)", "A 50: (0,0 (1,1)", "A 50: 0 1"],
)
def test_a_line_out_of_notation_is_refused_with_its_number(line):
    with pytest.raises(DamagedDataset, match="line 2"):
        parse_pen_font(f"-- a font\n{line}")
