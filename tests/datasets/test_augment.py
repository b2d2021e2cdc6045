from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from app.datasets import PLAIN, Augmentation, StrokeSet, augment, render_glyphs
from app.datasets.draw import draw_strokes
from app.vision import GLYPH_SIZE, normalise_glyph
from app.vision import glyphs as glyphs_of_pages


def _seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def _all(samples: StrokeSet, augmentation: Augmentation, seed: int = 0) -> NDArray[np.float32]:
    return render_glyphs(samples, np.arange(len(samples)), augmentation, _seeded(seed))


def _bar(relative_size: float = 1.0) -> StrokeSet:
    """One sample, an upright stroke."""
    return StrokeSet(
        labels=np.array(["l"]),
        writers=np.array(["ann"]),
        relative_size=np.array([relative_size], np.float32),
        doubt=np.zeros(1, np.int16),
        stroke_ptr=np.array([0, 1], np.int32),
        point_ptr=np.array([0, 2], np.int32),
        points=np.array([[0, 0], [0, 1000]], np.int16),
    )


def _lean_deg(glyph: NDArray[np.float32]) -> float:
    """Angle of the ink against the upright, by its second moments."""
    y, x = np.indices(glyph.shape)
    covariance = np.cov(np.stack([y.ravel(), x.ravel()]), aweights=glyph.ravel())
    return float(np.degrees(np.arctan2(covariance[0, 1], covariance[0, 0])))


def test_the_same_generator_state_gives_the_same_bits(pen_samples: StrokeSet) -> None:
    once, again = (_all(pen_samples, Augmentation(), seed=3) for _ in range(2))

    np.testing.assert_array_equal(once, again, strict=True)
    assert not np.array_equal(once, _all(pen_samples, Augmentation(), seed=4))


def test_every_drawing_of_a_sample_is_another() -> None:
    glyphs = render_glyphs(_bar(), np.zeros(20, int), Augmentation(), _seeded())

    assert len({glyph.tobytes() for glyph in glyphs}) == 20


@pytest.mark.parametrize("augmentation", [PLAIN, Augmentation()], ids=["plain", "augmented"])
def test_every_glyph_has_ink_in_range(pen_samples: StrokeSet, augmentation: Augmentation) -> None:
    glyphs = _all(pen_samples, augmentation)

    assert glyphs.shape == (len(pen_samples), 1, GLYPH_SIZE, GLYPH_SIZE)
    assert glyphs.dtype == np.float32
    assert glyphs.min() == 0.0
    np.testing.assert_array_equal(glyphs.max(axis=(1, 2, 3)), 1.0)
    assert (glyphs.sum(axis=(1, 2, 3)) > 10).all()


@pytest.mark.parametrize("relative_size, held_to", [(0.0, 0.02), (1e-6, 0.02), (50.0, 2.0)])
def test_outliers_of_size_are_held_to_what_a_page_could_show(relative_size: float, held_to: float) -> None:
    odd, bound = (
        render_glyphs(_bar(relative_size=size), np.zeros(20, int), Augmentation(), _seeded())
        for size in (relative_size, held_to)
    )

    np.testing.assert_array_equal(odd, bound)
    np.testing.assert_array_equal(odd.max(axis=(1, 2, 3)), 1.0)


def test_a_dot_of_one_point_becomes_a_blot() -> None:
    dot = StrokeSet(
        *(np.array(["."]), np.array(["ann"]), np.array([0.1], np.float32), np.zeros(1, np.int16)),
        *(np.array([0, 1], np.int32), np.array([0, 1], np.int32), np.zeros((1, 2), np.int16)),
    )

    (glyph,) = _all(dot, PLAIN)

    assert glyph[0, 12:20, 12:20].min() > 0.5


def test_plain_draws_the_strokes_as_they_are(pen_samples: StrokeSet) -> None:
    glyphs = _all(pen_samples, PLAIN)

    for index in range(len(pen_samples)):
        points = np.concatenate(pen_samples.strokes(index))
        scale = 480 * float(pen_samples.relative_size[index]) / np.ptp(points, axis=0).max()
        width, height = (np.ptp(points, axis=0) * scale + 80).astype(int)
        strokes = [
            ((stroke - points.min(axis=0)) * scale + 40).astype(np.float32) for stroke in pen_samples.strokes(index)
        ]
        # Ten times as large: the shape, free of the pixels that PLAIN draws on. Those may move it by one.
        ideal = normalise_glyph(draw_strokes(strokes, (height, width), 38.4, disc_joints=True))
        for one, other in ((glyphs[index, 0], ideal), (ideal, glyphs[index, 0])):
            assert not ((one > 0.6) & (maximum_filter(other, size=3) < 0.4)).any()


def test_plain_needs_no_chance(pen_samples: StrokeSet) -> None:
    np.testing.assert_array_equal(_all(pen_samples, PLAIN, seed=1), _all(pen_samples, PLAIN, seed=2))


def test_glyphs_come_through_the_function_that_pages_use(
    pen_samples: StrokeSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def spy(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
        seen.append((ink, normalise_glyph(ink)))
        return seen[-1][1]

    assert vars(augment)["normalise_glyph"] is vars(glyphs_of_pages)["normalise_glyph"] is normalise_glyph
    monkeypatch.setattr(augment, "normalise_glyph", spy)

    glyphs = _all(pen_samples, Augmentation())

    assert len(seen) == len(pen_samples)
    for glyph, (ink, normal) in zip(glyphs, seen, strict=True):
        assert ink.dtype == np.uint8
        np.testing.assert_array_equal(glyph[0], normal)


@pytest.mark.parametrize(
    "augmentation, expected_deg",
    [(replace(PLAIN, rotation_deg=8.0), 8.0), (replace(PLAIN, slant=0.2), 11.3)],
    ids=["rotation", "slant"],
)
def test_a_bar_leans_as_far_as_asked(augmentation: Augmentation, expected_deg: float) -> None:
    upright = render_glyphs(_bar(), np.zeros(300, int), PLAIN, _seeded())
    bent = render_glyphs(_bar(), np.zeros(300, int), augmentation, _seeded())

    assert _lean_deg(upright[0, 0]) == pytest.approx(0.0, abs=0.1)
    angles = [_lean_deg(glyph[0]) for glyph in bent]
    assert np.std(angles) == pytest.approx(expected_deg, rel=0.2)
    assert np.mean(angles) == pytest.approx(0.0, abs=2.0)


def test_a_wider_pen_leaves_more_ink(pen_samples: StrokeSet) -> None:
    thin, thick = (_all(pen_samples, replace(PLAIN, pen=(pen, pen))) for pen in (0.04, 0.16))

    assert (thick.sum(axis=(1, 2, 3)) > 1.5 * thin.sum(axis=(1, 2, 3))).all()


@pytest.mark.parametrize(
    "augmentation",
    [
        replace(PLAIN, jitter=0.04),
        replace(PLAIN, stretch=0.3),
        replace(PLAIN, blur=0.1),
        replace(PLAIN, noise=0.3),
        replace(PLAIN, erosion=0.4),
    ],
    ids=["jitter", "stretch", "blur", "noise", "erosion"],
)
def test_every_setting_has_an_effect_of_its_own(pen_samples: StrokeSet, augmentation: Augmentation) -> None:
    changed = _all(pen_samples, augmentation)

    assert (np.abs(changed - _all(pen_samples, PLAIN)).sum(axis=(1, 2, 3)) > 1).mean() > 0.8


def test_noise_leaves_paper_far_from_ink_clean() -> None:
    glyphs = render_glyphs(_bar(), np.zeros(20, int), replace(PLAIN, noise=0.4), _seeded())

    assert not glyphs[:, 0, :, :10].any()
    assert not glyphs[:, 0, :, 22:].any()


def test_drawing_does_not_drift_unnoticed() -> None:
    """A model on its way expects the glyphs it began with; sums, as another Pillow may round a pixel otherwise."""
    glyphs = render_glyphs(_bar(), np.zeros(200, int), Augmentation(), _seeded())

    sums = glyphs.sum(axis=(1, 2, 3))
    np.testing.assert_allclose(sums[:5], [42.1, 79.4, 71.0, 51.4, 44.1], rtol=0.02)
    assert sums.mean() == pytest.approx(54.63, rel=0.002)
