from __future__ import annotations

import numpy as np

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
