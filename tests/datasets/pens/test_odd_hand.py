from __future__ import annotations

import numpy as np

from app.datasets import PageVariation, draw_page, synthesise
from app.datasets.pages.writers import ImaginedWriters
from app.datasets.pens.hand import Hand, write_row
from app.datasets.pens.odd_hand import load_odd_ways
from app.datasets.pens.pen_font import load_pen_font


def _points(text: str, hand: Hand) -> list[np.ndarray]:
    return [stroke.points for stroke in write_row(text, hand, np.random.default_rng(3), height_px=40.0)]


def test_odd_ways_are_none_of_the_font():
    font, odd = load_pen_font(), load_odd_ways()

    assert sorted(odd) == ["4", "7", "E"]
    for char, way in odd.items():
        drawn = np.concatenate(way.strokes)
        assert not any(np.array_equal(drawn, np.concatenate(known.strokes)) for known in font.glyphs[char])


def test_a_hand_writes_its_own_ways_and_the_rest_as_the_font_does():
    odd = Hand(own=load_odd_ways())

    assert len(_points("7", odd)) != len(_points("7", Hand()))
    np.testing.assert_array_equal(_points("M", odd)[0], _points("M", Hand())[0])


def test_imagined_writers_keep_their_other_characters():
    usual, odd = synthesise("AE", 2, 3, 1), synthesise("AE", 2, 3, 1, own=load_odd_ways())

    first_e = usual.stroke_ptr[3]  # three A come first
    np.testing.assert_array_equal(usual.points[: usual.point_ptr[first_e]], odd.points[: odd.point_ptr[first_e]])
    assert not np.array_equal(np.concatenate(usual.strokes(3)), np.concatenate(odd.strokes(3)))


def test_a_page_can_be_written_in_the_odd_hand():
    usual, odd = (
        draw_page(ImaginedWriters("test", own), PageVariation(), seed=1, number=0) for own in (None, load_odd_ways())
    )

    assert usual.text == odd.text
    assert usual.image.shape != odd.image.shape or not np.array_equal(usual.image, odd.image)
