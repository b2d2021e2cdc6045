from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pages.layout import Layout, PlacedRow
from app.datasets.pages.paper import PENS, Line
from app.datasets.pages.photo import photograph_page
from app.datasets.pages.variation import PageVariation

BARE = PageVariation().turned(
    size_px=30, pen=0.15, contrast=0.9, brightness=0.9, cast=0, grain=0, shade=0, blur=0, noise=0, rotation_deg=0
)
CROSS = [np.array([[0.0, 0.5], [6.0, 0.5]]), np.array([[3.0, 0.0], [3.0, 1.0]])]
LAYOUT = Layout([PlacedRow("+", CROSS, [(0, 1), (0, 1)])], [1.0], [])


def _photo(variation: PageVariation = BARE, pen: str = "black", lines: tuple[Line, ...] = ()) -> np.ndarray:
    rngs = [np.random.default_rng(seed) for seed in range(3)]
    image, _ = photograph_page(LAYOUT, lines, pen, variation.draw(rngs[0]), rngs[1], rngs[2])
    return image.astype(int)


@pytest.mark.parametrize("pen", PENS)
def test_what_is_out_of_focus_is_smooth_whatever_the_pen(pen):
    sharp, soft = (np.abs(np.diff(_photo(BARE.turned(blur=blur), pen), axis=0)).max() for blur in (0, 0.15))
    assert sharp > 90
    assert soft < 35


@pytest.mark.parametrize("pen, strongest", [("blue", 2), ("red", 0), ("green", 1)])
def test_ink_has_the_colour_of_its_pen(pen, strongest):
    image = _photo(BARE.turned(contrast=0.7), pen)
    darkest = image[np.unravel_index(image.sum(axis=2).argmin(), image.shape[:2])]
    assert darkest.argmax() == strongest


def test_printed_lines_are_as_dark_as_asked_and_go_below_the_ink():
    line = Line(np.array([[-9.0, 0.2], [15.0, 0.2]]), 0.2)
    plain, faint, dark = (_photo(BARE.turned(ruling=ruling), lines=(line,)) for ruling in (0, 0.2, 0.6))
    column = plain.shape[1] // 6
    depths = [int((plain - image)[:, column].max()) for image in (faint, dark)]
    assert depths[1] == pytest.approx(3 * depths[0], rel=0.1)
    assert (dark <= plain).all()


def test_what_shows_through_is_the_writing_in_a_mirror():
    plain, through = _photo(BARE.turned(show_through=0)), _photo(BARE.turned(show_through=0.4))
    back = (plain - through).max(axis=2)
    assert 0.2 * 255 < back.max() < 0.45 * 255
    assert np.count_nonzero(back > 20) > 0.3 * np.count_nonzero(plain.min(axis=2) < 128)


def test_light_is_lost_by_the_share_asked():
    paper = np.sort(_photo(BARE.turned(shade=0.5))[:, 0].ravel())
    assert paper[0] < 0.75 * 0.9 * 255
    assert _photo(BARE)[:, 0].min() == round(0.9 * 255)
