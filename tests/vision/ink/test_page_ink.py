"""The ink of a page, looked at in several sizes and several ways up."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import PageInk, View, segment, segment_ink
from app.vision.ink import page_ink
from tests.vision.conftest import write_page

GREY = write_page(["STAND UP", "STRAIGHT"]).grey


@pytest.fixture
def looks(monkeypatch):
    """Every picture in which ink was looked for."""
    seen = []
    find = page_ink.find_ink
    monkeypatch.setattr(page_ink, "find_ink", lambda grey, **how: (seen.append(grey), find(grey, **how))[1])
    return seen


def test_ink_is_found_once_for_all_ways_up(looks):
    page = PageInk(GREY)
    rows = [len(segment_ink(page, degrees).rows) for degrees in (0, 90, 180, 270)]
    assert len(looks) == 1
    assert rows[0] == rows[2] == 2


def test_every_size_is_looked_at_by_itself(looks):
    page = PageInk(GREY)
    assert page.at(1) is page.at(1)
    assert page.at(0.5).ink.shape == tuple(-(-side // 2) for side in GREY.shape)
    assert len(looks) == 2


def test_a_page_is_enlarged_without_its_noise(rng, looks):
    noisy = np.clip(225 - 0.2 * (255.0 - GREY) + rng.normal(0, 15, GREY.shape), 0, 255).astype(np.uint8)
    page = PageInk(noisy)
    page.at(2)
    assert looks[-1].shape == tuple(2 * side for side in GREY.shape)
    assert looks[-1].std() < 0.8 * noisy.std()


def test_light_writing_is_found_as_dark_writing_is_and_dark_is_not():
    light = segment_ink(PageInk(255 - GREY, inverted=True))
    upright = segment(GREY)
    assert [row.pieces for row in light.rows] == [row.pieces for row in upright.rows]
    assert light.view.inverted
    assert not upright.view.inverted
    assert len(segment_ink(PageInk(GREY, inverted=True)).rows) < 2


def test_light_writing_is_not_turned_round_if_all_is_taken_for_dark():
    assert len(segment_ink(PageInk(GREY, panels=True)).rows) == 2
    assert len(segment_ink(PageInk(255 - GREY, panels=True)).rows) < 2


def test_a_page_is_like_one_with_its_greys_turned_round_if_that_is_done_anyhow():
    assert PageInk(255 - GREY).is_like(PageInk(255 - GREY, inverted=True))
    assert not PageInk(GREY).is_like(PageInk(GREY, inverted=True))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_what_is_found_another_way_up_lies_where_it_is_on_the_page(degrees):
    turned = segment(np.rot90(GREY, degrees // 90), View(degrees))
    upright = segment(GREY)
    for row, same in zip(turned.rows, upright.rows, strict=True):
        assert [piece.box for piece in row.pieces] == [piece.box for piece in same.pieces]
