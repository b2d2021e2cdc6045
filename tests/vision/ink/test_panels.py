"""Panels in a picture, and what is written on them."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import PageInk, only_panels, segment_ink
from tests.vision.conftest import write_page

WORDS = write_page(["NO WAY", "THROUGH"]).grey
HEIGHT, WIDTH = WORDS.shape
PLACE = slice(150, 150 + HEIGHT), slice(200, 200 + WIDTH)


@pytest.fixture
def leaves(rng):
    """A picture of small things, as dark and as light as can be."""
    small = rng.integers(0, 256, (90, 120), dtype=np.uint8)
    return np.repeat(np.repeat(small, 8, axis=0), 8, axis=1)


def _with_panel(picture, panel):
    picture = picture.copy()
    picture[PLACE] = panel
    return picture


@pytest.mark.parametrize("panel", [WORDS, 255 - WORDS, 60 + WORDS // 4], ids=["dark", "light", "pale"])
def test_writing_on_a_panel_becomes_dark_on_paper_and_all_else_is_paper(leaves, panel):
    page = only_panels(_with_panel(leaves, panel))
    darkest = page.min()
    assert darkest < 0.6 * page.max()
    beside = np.ones(page.shape, bool)
    beside[PLACE] = False
    assert len(np.unique(page[beside])) == 1
    alone = [len(row.pieces) for row in segment_ink(PageInk(WORDS)).rows]
    assert [len(row.pieces) for row in segment_ink(PageInk(page, panels=True)).rows] == alone


def test_a_frame_around_the_writing_is_left_out(leaves):
    framed = np.pad(np.pad(WORDS, 20, mode="edge"), 6, constant_values=40)
    leaves[: len(framed), : framed.shape[1]] = framed
    page = only_panels(leaves)
    written = page < 0.9 * page.max()
    assert written[40:-40, 40:-40].any()
    written[40 : len(framed) - 40, 40 : framed.shape[1] - 40] = False
    assert not written.any()


def test_a_page_is_no_panel():
    assert only_panels(WORDS) is None


def test_neither_is_an_even_place_on_which_nothing_is_written(leaves):
    assert only_panels(_with_panel(leaves, np.full(WORDS.shape, 200, np.uint8))) is None


def test_nor_is_one_that_is_full_of_things_up_to_its_edge(leaves):
    ragged = np.full(WORDS.shape, 200, np.uint8)
    for corner in (np.s_[:, :60], np.s_[:, -60:]):
        for top in range(0, HEIGHT, 40):
            ragged[corner][top : top + 20] = 0
    assert only_panels(_with_panel(leaves, ragged)) is None
