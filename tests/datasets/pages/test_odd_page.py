from __future__ import annotations

import numpy as np
from PIL import Image

from app.datasets.pages.odd_page import LESSON, TEST, draw_odd_page, load_odd_ways, write_pages
from app.datasets.pens.hand import Hand, write_row
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


def test_the_lesson_has_twenty_odd_characters_and_the_test_all_of_them():
    odd = load_odd_ways()
    assert sum(char in odd for line in LESSON for char in line) == 20
    assert odd.keys() <= set("".join(TEST))


def test_equal_seeds_give_equal_pages():
    page = draw_odd_page(TEST, 1)
    assert page.shape == (150 * len(TEST), 1000, 3)
    assert np.array_equal(page, draw_odd_page(TEST, 1))


def test_pages_are_written_with_what_is_on_them(tmp_path):
    write_pages(tmp_path)
    assert (tmp_path / "lesson.txt").read_text().splitlines() == list(LESSON)
    with Image.open(tmp_path / "test.png") as page:
        assert page.size == (1000, 150 * len(TEST))
