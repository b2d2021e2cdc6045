from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.errors import InvalidInput
from app.vision import Box, Picture, View, crop_glyph, crop_row, deslanted, glyph_of_row, normalise_glyph, segment
from tests.vision.conftest import write_form, write_page


def _page(*boxes):
    """Black frames and bars on white paper, twice as large on the upload."""
    grey = np.full((120, 300), 255, np.uint8)
    for top, left, bottom, right in boxes:
        grey[top:bottom, left:right] = 0
    return Picture(grey, 600, 240), segment(grey)


LETTERS = [(40, 40, 80, 44), (40, 40, 44, 60), (76, 40, 80, 60)]  # a C
OTHERS = [(40, 80, 80, 84), (40, 130, 80, 134), (40, 160, 80, 164), (40, 180, 80, 184)]


@pytest.fixture
def page():
    return _page(*LETTERS, *OTHERS)


def test_the_box_of_a_hypothesis_gives_the_very_input_that_it_had(page):
    picture, found = page
    (row,) = found.rows
    for hypothesis in row.hypotheses:
        box = picture.on_upload(found.on_page(hypothesis.box))
        np.testing.assert_array_equal(crop_glyph(found, picture, box), row.cut([hypothesis])[0, 0])


def test_a_wider_box_gives_the_same_glyph_without_its_neighbours_ink(page):
    picture, found = page
    exact = crop_glyph(found, picture, picture.on_upload(found.on_page(found.rows[0].pieces[0].box)))
    wide = crop_glyph(found, picture, Box(60, 60, 180, 162))  # with an edge of the next letter
    np.testing.assert_allclose(wide, exact, atol=0.02)


def test_writing_that_is_joined_is_cut_at_the_box():
    picture, found = _page((60, 20, 64, 280), *LETTERS, (40, 200, 80, 204))
    cut = crop_glyph(found, picture, Box(80, 80, 160, 120))
    assert cut.any()
    assert not np.array_equal(cut, normalise_glyph(found.ink))


def test_a_box_without_writing_is_refused(page):
    picture, found = page
    with pytest.raises(InvalidInput, match="writing"):
        crop_glyph(found, picture, Box(0, 0, 20, 20))


def test_a_box_beside_the_page_is_refused_whichever_way_up_it_is(page):
    picture, found = page
    upside_down = segment(np.rot90(picture.grey, 2), View(180))
    for segmentation in (found, upside_down):
        with pytest.raises(InvalidInput, match="writing"):
            crop_glyph(segmentation, picture, Box(0, picture.width + 10, picture.height, picture.width + 30))


def test_a_box_around_a_whole_row_gives_the_row_that_was_found(page):
    picture, found = page
    assert crop_row(found, picture, Box(0, 0, 240, 600)) is found.rows[0]


def test_a_box_around_a_part_of_a_row_gives_its_ink_alone(page):
    picture, found = page
    part = crop_row(found, picture, Box(60, 60, 180, 180))
    assert part.pieces == found.rows[0].pieces[:2]
    assert part.strip.width < found.rows[0].strip.width / 2
    assert (part.cut(part.hypotheses).max(axis=(1, 2, 3)) == 1.0).all()


def test_a_box_around_several_rows_or_none_is_refused():
    letters = [(top, left, top + 30, left + 4) for top in (10, 80) for left in (20, 60, 100, 140)]
    picture, found = _page(*letters)
    assert len(found.rows) == 2
    with pytest.raises(InvalidInput, match="one row of writing, got one around 2"):
        crop_row(found, picture, Box(0, 0, 240, 600))
    assert crop_row(found, picture, Box(0, 0, 100, 600)) is found.rows[0]
    with pytest.raises(InvalidInput, match="writing in it"):
        crop_row(found, picture, Box(0, 400, 100, 600))


def test_a_box_around_a_line_of_two_sizes_gives_all_of_it_or_the_part_inside():
    grey = write_form({"NAME": "PAULA", "CITY": "YORK", "DATE": "1203"})
    picture, found = Picture(grey, grey.shape[1], grey.shape[0]), segment(grey)
    label, value = found.rows[2:4]
    assert crop_row(found, picture, Box(290, 0, 490, 220)) is label
    assert crop_row(found, picture, Box(290, 220, 490, 900)) is value
    whole = crop_row(found, picture, Box(290, 0, 490, 900))
    assert whole.pieces == label.pieces + value.pieces
    assert [each.box for each in whole.hypotheses] == [each.box for row in (label, value) for each in row.hypotheses]
    np.testing.assert_array_equal(
        whole.cut(whole.hypotheses), np.concatenate([row.cut(row.hypotheses) for row in (label, value)])
    )
    some = crop_row(found, picture, Box(290, label.pieces[2].box.left, 490, value.pieces[1].box.right))
    assert some.pieces == label.pieces[2:] + value.pieces[:2]
    with pytest.raises(InvalidInput, match="one row of writing, got one around 2"):
        crop_row(found, picture, Box(0, 0, 490, 900))


def test_a_glyph_of_a_row_is_the_input_that_its_hypothesis_had(page):
    _, found = page
    (row,) = found.rows
    first = row.cut(row.hypotheses[:1])[0, 0]
    np.testing.assert_array_equal(glyph_of_row(found, row, row.pieces[0].box), first)
    wider = Box(*row.pieces[0].box[:3], row.pieces[0].box.right + 3)
    np.testing.assert_allclose(glyph_of_row(found, row, wider), first, atol=0.02)


@pytest.mark.parametrize("slant_deg", [-20, 20])
def test_a_box_on_a_page_made_upright_takes_in_no_neighbours(slant_deg):
    grey = write_page(["HIT THE TILE", "FIT NINE LIDS"], hand=Hand(slant_deg=slant_deg)).grey
    found = deslanted(segment(grey), float(np.tan(np.radians(slant_deg))))
    picture = Picture(grey, grey.shape[1], grey.shape[0])
    for row in found.rows:
        for piece in row.pieces:
            exact = picture.on_upload(found.on_page(piece.box))
            wider = Box(exact.top - 1, exact.left - 1, exact.bottom + 1, exact.right + 1)
            assert crop_row(found, picture, wider).pieces == [piece]
            glyph = glyph_of_row(found, row, piece.box)
            np.testing.assert_allclose(crop_glyph(found, picture, wider), glyph, atol=0.1)
