from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pages.camera import View, blurred, shadow, slope_of_light

SHEET = np.array([[0.0, 0.0], [20.0, 10.0]])
CORNERS = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]])


def _view(rotation_deg=0.0, perspective=0.0, farther_rad=0.0):
    return View(SHEET, 30, rotation_deg, perspective, farther_rad, margin=1.0)


def test_a_camera_straight_above_only_scales():
    view = _view()
    assert view.size_px == (360, 660)
    np.testing.assert_allclose(view(CORNERS), 30 * (CORNERS + 1))


def test_a_positive_angle_turns_against_the_clock():
    left, right = _view(rotation_deg=10)(np.array([[0.0, 5.0], [20.0, 5.0]]))
    assert np.degrees(np.arctan2(left[1] - right[1], right[0] - left[0])) == pytest.approx(10)


@pytest.mark.parametrize("angle", [0, 33, 180, -90])
@pytest.mark.parametrize("perspective", [0.0, 0.3])
def test_all_that_must_be_seen_is_seen_with_its_margin(angle, perspective):
    view = _view(angle, perspective, farther_rad=1.0)
    seen = view(CORNERS)
    height, width = view.size_px
    np.testing.assert_allclose(seen.min(axis=0), 30, atol=1e-6)
    np.testing.assert_allclose(seen.max(axis=0), (width - 30, height - 30), atol=1)


def test_the_farther_edge_looks_shorter_by_the_share_asked():
    top_left, top_right, bottom_right, bottom_left = _view(perspective=0.2, farther_rad=0.0)(CORNERS)
    near, far = bottom_left[1] - top_left[1], bottom_right[1] - top_right[1]
    across = 20 / np.hypot(20, 10)  # the share is that of the whole diagonal
    assert 1 - far / near == pytest.approx(0.2 * across, abs=0.03)


def test_light_falls_from_one_in_the_middle():
    light = slope_of_light((5, 9), np.array([0.2, -0.1]))
    assert light.shape == (5, 9)
    assert light[2, 4] == pytest.approx(1)
    assert light[2, -1] - light[2, 0] == pytest.approx(0.2)
    assert light[-1, 4] - light[0, 4] == pytest.approx(-0.1)


def test_a_shadow_goes_from_nothing_to_all(rng):
    lost = shadow(rng, (40, 60))
    assert lost.shape == (40, 60)
    assert (lost.min(), lost.max()) == pytest.approx((0, 1))


def test_a_blur_that_nobody_sees_changes_nothing_and_a_wide_one_keeps_the_light():
    image = np.zeros((30, 30), np.uint8)
    image[10:20, 10:20] = 200
    assert blurred(image, 0.2) is image
    soft = blurred(image, 2.0)
    assert soft.max() < 200 < soft.sum() / 100 + 10
    assert np.count_nonzero(soft) > 200
