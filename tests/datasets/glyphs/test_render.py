from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from app.datasets import PLAIN, Augmentation, GlyphSet, StrokeSet, render_glyphs
from app.datasets.glyphs import render
from app.datasets.glyphs.draw import draw_strokes
from app.vision import GLYPH_SIZE, normalise_glyph
from app.vision.inputs import glyphs as glyphs_of_pages


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
        ideal = normalise_glyph(draw_strokes(strokes, (height, width), 38.4))
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

    assert vars(render)["normalise_glyph"] is vars(glyphs_of_pages)["normalise_glyph"] is normalise_glyph
    monkeypatch.setattr(render, "normalise_glyph", spy)

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
        replace(PLAIN, elastic=0.04),
        replace(PLAIN, pressure=0.5),
        replace(PLAIN, stretch=0.3),
        replace(PLAIN, blur=0.1),
        replace(PLAIN, light=0.8),
        replace(PLAIN, noise=0.3),
        replace(PLAIN, erosion=0.4),
        replace(PLAIN, neighbour=1.0),
        replace(PLAIN, residue=1.0),
        replace(PLAIN, gap=1.0),
    ],
    ids=lambda other: next(it.name for it in fields(PLAIN) if getattr(other, it.name) != getattr(PLAIN, it.name)),
)
def test_every_setting_has_an_effect_of_its_own(pen_samples: StrokeSet, augmentation: Augmentation) -> None:
    changed = _all(pen_samples, augmentation)

    assert (np.abs(changed - _all(pen_samples, PLAIN)).sum(axis=(1, 2, 3)) > 1).mean() > 0.8


@pytest.mark.parametrize("name", ["neighbour", "residue", "gap", "cut"])
def test_what_is_rare_happens_as_often_as_asked(pen_samples: StrokeSet, name: str) -> None:
    indices = np.arange(len(pen_samples)).repeat(5)
    clean, spoiled = (
        render_glyphs(pen_samples, indices, replace(PLAIN, **{name: chance}), _seeded()) for chance in (0.0, 0.2)
    )

    changed = (np.abs(clean - spoiled).sum(axis=(1, 2, 3)) > 0).mean()
    assert 0.1 < changed < 0.25  # a scratch or a cut may go where it takes nothing


def test_elastic_bends_a_straight_line() -> None:
    glyphs = render_glyphs(_bar(), np.zeros(50, int), replace(PLAIN, elastic=0.03), _seeded())

    middle = (glyphs[:, 0] * np.arange(GLYPH_SIZE)).sum(axis=2)[:, 3:-3] / glyphs[:, 0].sum(axis=2)[:, 3:-3]
    rows = np.arange(middle.shape[1])
    fits = np.polynomial.polynomial.polyfit(rows, middle.T, 1)
    bow = middle - (fits[0][:, None] + fits[1][:, None] * rows)
    assert np.median(np.ptp(bow, axis=1)) > 0.5


@pytest.mark.parametrize("capital_px", [16.0, 80.0])
@pytest.mark.parametrize("pen", [0.02, 0.25])
def test_thin_and_thick_pens_draw_the_line_from_end_to_end(capital_px: float, pen: float) -> None:
    (glyph,) = _all(_bar(), replace(PLAIN, capital_px=(capital_px, capital_px), pen=(pen, pen)))

    assert (glyph[0, 4:-4].max(axis=1) > 0.5).all()
    # A line thinner than a pixel, of the page or of the input, is as wide as one: what is grey is made dark.
    expected_px = max(1.0, max(pen, 1 / capital_px) * (GLYPH_SIZE - 6) / (1 + pen))
    assert glyph[0, 16].sum() == pytest.approx(expected_px, rel=0.35)


def _images(samples: StrokeSet, size: int = 40) -> GlyphSet:
    """The same samples as images, each a plain glyph somewhere in a larger one."""
    drawn = _all(samples, PLAIN)[:, 0]
    images = np.zeros((len(samples), size, size), np.uint8)
    images[:, 5:37, 3:35] = (drawn * 255).round()
    return GlyphSet(images, samples.labels, samples.writers)


@pytest.mark.parametrize("augmentation", [None, PLAIN], ids=["none", "plain"])
def test_images_that_do_not_vary_are_only_normalised(pen_samples: StrokeSet, augmentation: Augmentation | None) -> None:
    images = _images(pen_samples)

    glyphs = render_glyphs(images, np.array([7, 3]), augmentation, _seeded())

    for glyph, index in zip(glyphs, (7, 3), strict=True):
        np.testing.assert_array_equal(glyph[0], normalise_glyph(images.images[index]))


def test_no_augmentation_of_strokes_is_plain(pen_samples: StrokeSet) -> None:
    indices = np.arange(6)

    np.testing.assert_array_equal(
        render_glyphs(pen_samples, indices, None, _seeded(1)), render_glyphs(pen_samples, indices, PLAIN, _seeded(2))
    )


def test_images_vary_as_strokes_do(pen_samples: StrokeSet) -> None:
    images = _images(pen_samples)
    indices = np.arange(len(images))

    once, again = (render_glyphs(images, indices, Augmentation(), _seeded(3)) for _ in range(2))
    plain = render_glyphs(images, indices, PLAIN, _seeded())

    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(once.max(axis=(1, 2, 3)), 1.0)
    assert (np.abs(once - plain).sum(axis=(1, 2, 3)) > 5).all()


@pytest.mark.parametrize("size_px", [26.0, 80.0])
def test_a_bent_image_shows_what_it_showed(pen_samples: StrokeSet, size_px: float) -> None:
    """Nothing but a hair of slant: the whole way through the mesh, at any size, must leave the shape where it was."""
    images = _images(pen_samples)
    barely = replace(PLAIN, slant=1e-9, capital_px=(size_px, size_px))

    bent = render_glyphs(images, np.arange(len(images)), barely, _seeded())

    plain = render_glyphs(images, np.arange(len(images)), PLAIN, _seeded())
    assert np.abs(bent - plain).mean() < 0.3 * plain.mean()
    for one, other in ((bent, plain), (plain, bent)):
        assert ((one > 0.6) & (maximum_filter(other, size=(1, 1, 3, 3)) < 0.3)).mean() < 0.001


def test_an_image_without_ink_stays_empty() -> None:
    empty = GlyphSet(np.zeros((1, 8, 8), np.uint8), np.array(["A"]), np.array([""]))

    assert not render_glyphs(empty, np.zeros(4, int), Augmentation(), _seeded()).any()


def test_noise_leaves_paper_far_from_ink_clean() -> None:
    glyphs = render_glyphs(_bar(), np.zeros(20, int), replace(PLAIN, noise=0.4), _seeded())

    assert not glyphs[:, 0, :, :10].any()
    assert not glyphs[:, 0, :, 22:].any()


def test_drawing_does_not_drift_unnoticed() -> None:
    """A model on its way expects the glyphs it began with; sums, as another Pillow may round a pixel otherwise."""
    glyphs = render_glyphs(_bar(), np.zeros(200, int), Augmentation(), _seeded())

    sums = glyphs.sum(axis=(1, 2, 3))
    np.testing.assert_allclose(sums[:5], [31.7, 86.7, 37.9, 36.2, 41.0], rtol=0.02)
    assert sums.mean() == pytest.approx(54.15, rel=0.002)
