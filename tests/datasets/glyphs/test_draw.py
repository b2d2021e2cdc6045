from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets.glyphs.draw import draw_strokes

LINE = np.array([[10.0, 10.0], [30.0, 10.0]], np.float32)


def _share(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Ink as a share of full ink."""
    return image / 255


@pytest.mark.parametrize("oversampling", [2, 4])
def test_a_line_has_its_width_and_round_ends(oversampling: int) -> None:
    image = draw_strokes([LINE], (20, 40), 4, oversampling=oversampling)

    assert image.dtype == np.uint8
    assert image.shape == (20, 40)
    ink = _share(image)
    assert ink[:, 20].sum() == pytest.approx(4, abs=0.6)
    assert ink[8:12, 20].min() == pytest.approx(1.0, abs=0.3)
    assert ink.sum() == pytest.approx(4 * 20 + np.pi * 2**2, rel=0.12)
    assert 0 < ink[8, 8] < 1  # the corner of a square end would be 1


def test_a_stroke_lies_where_its_coordinates_say() -> None:
    ink = _share(draw_strokes([LINE + np.float32(3.0)], (30, 50), 4, oversampling=4))

    y, x = np.indices(ink.shape) + 0.5  # the middle of pixel 0 lies at 0.5
    assert (ink * y).sum() / ink.sum() == pytest.approx(13.0, abs=0.15)
    assert (ink * x).sum() / ink.sum() == pytest.approx(23.0, abs=0.15)


def test_a_stroke_of_one_point_is_a_dot_as_wide_as_the_pen() -> None:
    ink = _share(draw_strokes([np.array([[10.0, 10.0]], np.float32)], (20, 20), 6, oversampling=4))

    assert ink.sum() == pytest.approx(np.pi * 3**2, rel=0.05)
    assert ink[10].sum() == pytest.approx(ink[:, 10].sum(), abs=0.3)


def test_finer_sub_pixels_give_more_greys_at_an_edge() -> None:
    slope = np.array([[2.0, 2.0], [37.0, 15.0]], np.float32)
    coarse, fine = (np.unique(draw_strokes([slope], (20, 40), 3, oversampling=n)) for n in (2, 4))

    assert len(coarse) == 5
    assert len(fine) > 10


def test_a_sharp_joint_has_no_notch() -> None:
    joint = np.array([[5.0, 25.0], [15.0, 5.0], [25.0, 25.0]], np.float32)

    assert _share(draw_strokes([joint], (30, 30), 8))[3:7, 13:17].min() > 0.95


def test_there_are_no_notches_between_points_nearer_than_the_pen_is_wide() -> None:
    angle = np.linspace(0, 2 * np.pi, 120)
    ring = (np.stack([np.cos(angle), np.sin(angle)], axis=1) * 30 + 50).astype(np.float32)

    ink = _share(draw_strokes([ring], (100, 100), 12, oversampling=4))

    radius = np.hypot(*(np.indices(ink.shape) + 0.5 - 50))
    assert ink[(radius > 25) & (radius < 35)].min() == 1.0
    assert ink[(radius < 22.5) | (radius > 37.5)].max() == 0.0


@pytest.mark.parametrize("pen_px", [0.1, 0.5])
def test_the_thinnest_pen_still_leaves_ink_along_the_whole_line(pen_px: float) -> None:
    assert draw_strokes([LINE], (20, 40), pen_px)[:, 10:30].max(axis=0).min() > 0


def test_ink_outside_the_picture_is_cut_off() -> None:
    assert not draw_strokes([LINE + np.float32(100.0)], (20, 20), 3).any()
