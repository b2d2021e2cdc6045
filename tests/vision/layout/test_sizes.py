"""Large writing and small on one page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.datasets.pens.hand import Hand
from app.vision import segment
from app.vision.layout.sizes import find_lines
from tests.vision.conftest import write_form, write_page

SMALL = ["THE SMALL PRINT GOES", "ON FOR TWO ROWS"]
LARGE = ["SALE"]
MIXED = ["all letters low here", "or higher with b d h"]


def _stacked(large, small, times):
    """The first page, enlarged, above the second one."""
    above = np.asarray(Image.fromarray(large).resize((large.shape[1] * times, large.shape[0] * times)))
    width = max(above.shape[1], small.shape[1])
    padded = [np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=255) for part in (above, small)]
    return np.concatenate(padded)


def _letters(lines):
    return [len(line.replace(" ", "")) for line in lines]


@pytest.mark.parametrize("times", [2, 3, 4, 5])
@pytest.mark.parametrize("small", [SMALL, MIXED], ids=["capitals", "lower case"])
def test_small_writing_below_large_has_rows_of_its_own(times, small):
    found = segment(_stacked(write_page(LARGE).grey, write_page(small).grey, times))
    assert [len(row.pieces) for row in found.rows] == _letters([*LARGE, *small])


def test_beside_long_small_rows_a_short_one_counts():
    small = [*SMALL, "NO"]
    found = segment(_stacked(write_page(LARGE).grey, write_page(small).grey, 4))
    assert [len(row.pieces) for row in found.rows] == _letters([*LARGE, *small])


def test_rows_of_both_sizes_are_in_order_on_a_page_that_slopes():
    """A caption at the far right of each large row, a little lower; the page rises by more than that towards it."""
    large = write_page(["ROWS"]).grey
    large = np.asarray(Image.fromarray(large).resize((large.shape[1] * 4, large.shape[0] * 4)))
    small = write_page(["THE CAPTION HERE"]).grey
    page = np.full((2 * large.shape[0], large.shape[1] + 900), 255, np.uint8)
    for top in (0, large.shape[0]):
        page[top : top + large.shape[0], : large.shape[1]] = large
        below = top + large.shape[0] // 2 + 15 - small.shape[0] // 2
        page[below : below + small.shape[0], -small.shape[1] :] = small
    tilted = Image.fromarray(page).rotate(2.0, Image.Resampling.BICUBIC, fillcolor=255)
    assert [len(row.pieces) for row in segment(np.asarray(tilted)).rows] == [4, 14, 4, 14]


def test_the_small_rows_know_how_high_their_letters_are():
    page = segment(_stacked(write_page(LARGE).grey, write_page(SMALL).grey, 4)).components
    rows = [row for line in find_lines(page)[0] for row in line]
    assert rows[0].letter_px > 3 * rows[1].letter_px
    assert rows[1].letter_px == rows[2].letter_px == pytest.approx(np.median(page.heights[rows[1].pieces]), rel=0.2)


def test_dots_and_accents_begin_no_rows():
    lines = ["first. i, in it. Is", "it; is it, if. I see", 'i.i.i. "so," i said.']
    assert len(segment(write_page(lines).grey).rows) == len(lines)


def test_full_stops_of_large_writing_beside_small_are_none_of_it():
    bold = Hand(pen=0.18)  # its points are as high as letters of the label may be
    found = segment(write_form({"DATE": "1.2.3.4.5", "ALSO": "5.4.3.2.1", "THEN": "1.5.2.4.3"}, bold)).rows
    assert [(row.line, len(row.pieces)) for row in found] == [(0, 4), (0, 9), (1, 4), (1, 9), (2, 4), (2, 9)]


@pytest.mark.parametrize("label", ["AGE", "NO", "SIGNED IN"])
def test_the_label_of_a_single_field_is_a_row_of_its_own(label):
    """A cut-out of a form: the label has too few letters for the small print of a page."""
    letters = len(label.replace(" ", ""))
    beside = segment(write_form({label: "1982"})).rows
    assert [(row.line, len(row.pieces)) for row in beside] == [(0, letters), (0, 4)]
    above = segment(_stacked(write_page(["1982"]).grey, write_page([label]).grey, 3)).rows
    assert [len(row.pieces) for row in above] == [4, letters]


@pytest.mark.parametrize("text", ["AND SO...", "WELL...YES", "A ... B"])
def test_the_dots_of_an_ellipsis_are_no_label(text):
    found = segment(write_page([text], height_px=90, hand=Hand(pen=0.12)).grey)
    assert len(found.rows) == 1


def test_a_quotation_mark_that_stands_apart_is_no_label():
    found = segment(write_page(['SHE SAID " YES'], height_px=120, hand=Hand(pen=0.05)).grey)
    assert len(found.rows) == 1


def test_a_short_word_of_low_letters_on_a_page_of_many_is_no_label():
    """Its writer made it lower than the rest, at the end of a row."""
    page = write_page(["A PAGE OF LARGE WRITING", "WITH MORE ROWS BELOW", "THAT GO ON"], height_px=90).grey
    low = write_page(["NO"], height_px=32).grey
    page[-low.shape[0] - 30 : -30, 1000 : 1000 + low.shape[1]] = np.minimum(
        page[-low.shape[0] - 30 : -30, 1000 : 1000 + low.shape[1]], low
    )
    assert len(segment(page).rows) == 3
