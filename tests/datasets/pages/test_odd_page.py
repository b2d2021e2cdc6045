from __future__ import annotations

import numpy as np
from PIL import Image

from app.datasets.pages.odd_page import LESSON, TEST, draw_odd_page, write_pages
from app.datasets.pens.odd_hand import load_odd_ways


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
