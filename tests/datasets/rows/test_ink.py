"""Rows of pen strokes to ink, bent and spoiled."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.datasets import RowVariation, draw_row
from app.datasets.pens.hand import Hand, write_row
from app.datasets.rows.ink import PLAIN_ROWS, bend_row
from app.vision import STRIP_HEIGHT, Strip


def _rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def strokes() -> list[NDArray[np.float32]]:
    return [stroke.points for stroke in write_row("Hand 5", Hand(), _rng(), height_px=1.0)]


def _same(one: Strip, other: Strip) -> bool:
    return np.array_equal(one.pixels, other.pixels)


def test_plain_rows_are_not_bent(strokes: list[NDArray[np.float32]]) -> None:
    for stroke, bent in zip(strokes, bend_row(strokes, PLAIN_ROWS, _rng()), strict=True):
        np.testing.assert_allclose(bent, stroke, atol=1e-6)


def test_a_row_is_bent_as_a_whole_and_what_is_given_stays_as_it_is(strokes: list[NDArray[np.float32]]) -> None:
    before = [stroke.copy() for stroke in strokes]
    bent = bend_row(strokes, RowVariation(), _rng())
    assert [stroke.shape for stroke in bent] == [stroke.shape for stroke in strokes]
    assert any(np.abs(stroke - other).max() > 0.02 for stroke, other in zip(strokes, bent, strict=True))
    for stroke, kept in zip(strokes, before, strict=True):
        np.testing.assert_array_equal(stroke, kept)


CORNERS = [np.array([[0.0, 0.0], [0.0, 1.0], [4.0, 1.0], [4.0, 0.0]])]


def test_slant_leans_the_top_and_leaves_the_baseline() -> None:
    (bent,) = bend_row(CORNERS, replace(PLAIN_ROWS, slant=0.3), _rng())
    np.testing.assert_allclose(bent[1:3], CORNERS[0][1:3])
    np.testing.assert_allclose(bent[0] - bent[1], bent[3] - bent[2])
    assert abs(bent[0, 0]) > 0.01


def test_stretching_keeps_heights_and_turning_keeps_widths() -> None:
    (wide,) = bend_row(CORNERS, replace(PLAIN_ROWS, stretch=0.3), _rng())
    np.testing.assert_allclose(wide[:, 1], CORNERS[0][:, 1])
    assert abs(wide[2, 0] - 4) > 0.04
    (turned,) = bend_row(CORNERS, replace(PLAIN_ROWS, rotation=0.3), _rng())
    np.testing.assert_allclose(turned[:, 0], CORNERS[0][:, 0])
    assert abs(turned[2, 1] - turned[1, 1]) > 0.04


def test_a_plain_row_is_the_same_whatever_the_seed(strokes: list[NDArray[np.float32]]) -> None:
    strip = draw_row(strokes, PLAIN_ROWS, _rng(1))
    assert _same(strip, draw_row(strokes, PLAIN_ROWS, _rng(2)))
    width, height = np.ptp(np.concatenate(strokes), axis=0) + PLAIN_ROWS.pen[0]
    assert strip.pixels.shape[0] == STRIP_HEIGHT
    assert strip.width == pytest.approx((STRIP_HEIGHT - 2) * width / height, rel=0.05)
    assert strip.pixels.max() == 255


def test_the_same_seed_gives_the_same_strip_and_another_one_another(strokes: list[NDArray[np.float32]]) -> None:
    strips = [draw_row(strokes, RowVariation(), _rng(seed)) for seed in range(8)]
    assert all(_same(strip, draw_row(strokes, RowVariation(), _rng(seed))) for seed, strip in enumerate(strips))
    assert len({strip.pixels.tobytes() for strip in strips}) == 8


CHANGES = {
    "small": {"capital_px": (12.0, 14.0)},
    "a thick pen": {"pen": (0.15, 0.2)},
    "pressure": {"pressure": 1.0},
    "slant": {"slant": 0.3},
    "stretch": {"stretch": 0.3},
    "rotation": {"rotation": 0.05},
    "drift": {"drift": 0.1},
    "wobble": {"wobble": 0.05},
    "blur": {"blur": 0.2},
    "noise": {"noise": 0.3},
    "erosion": {"erosion": 0.6},
    "a scar": {"scar": 1.0},
    "gaps": {"gaps": 60.0},
    "residue": {"residue": 1.0},
}


def test_every_way_to_vary_is_tried() -> None:
    assert {name for change in CHANGES.values() for name in change} == set(asdict(PLAIN_ROWS))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_way_to_vary_changes_the_strip(strokes: list[NDArray[np.float32]], change: dict[str, object]) -> None:
    plain = draw_row(strokes, PLAIN_ROWS, _rng())
    varied = [draw_row(strokes, replace(PLAIN_ROWS, **change), _rng(seed)) for seed in range(4)]
    assert sum(_same(strip, plain) for strip in varied) <= 1  # a scar may miss the ink
    assert len({strip.pixels.tobytes() for strip in varied}) == 4


def test_scratches_take_ink_away(strokes: list[NDArray[np.float32]]) -> None:
    plain = draw_row(strokes, PLAIN_ROWS, _rng()).pixels.mean()
    scratched = [draw_row(strokes, replace(PLAIN_ROWS, gaps=40.0), _rng(seed)).pixels.mean() for seed in range(12)]
    assert np.mean(scratched) < 0.99 * plain


def test_a_scar_takes_ink_away_along_a_line(strokes: list[NDArray[np.float32]]) -> None:
    plain = draw_row(strokes, PLAIN_ROWS, _rng()).pixels > 127
    scarred = [draw_row(strokes, replace(PLAIN_ROWS, scar=1.0), _rng(seed)).pixels for seed in range(12)]
    lost = [plain & (pixels < 128) for pixels in scarred if pixels.shape == plain.shape]
    lost_rows = [np.flatnonzero(pixels.any(axis=1)) for pixels in lost if pixels.any()]
    assert len(lost_rows) > 3
    assert all(np.ptp(rows) < 0.25 * STRIP_HEIGHT for rows in lost_rows)


def test_noise_and_erosion_leave_paper_as_it_is(strokes: list[NDArray[np.float32]]) -> None:
    plain = draw_row(strokes, PLAIN_ROWS, _rng()).pixels
    paper = np.asarray(Image.fromarray(plain).filter(ImageFilter.MaxFilter(3))) == 0  # an eroded row may be cut closer
    for seed in range(4):
        rough = draw_row(strokes, replace(PLAIN_ROWS, noise=0.1, erosion=0.3), _rng(seed)).pixels
        if rough.shape == plain.shape:
            assert not rough[paper].any()


def test_a_dash_does_not_fill_the_strip() -> None:
    strip = draw_row([np.array([[0.0, 0.6], [0.5, 0.6]])], PLAIN_ROWS, _rng())
    assert 5 < np.count_nonzero((strip.pixels > 127).any(axis=1)) < 10


def test_a_dot_alone_is_drawn() -> None:
    assert draw_row([np.array([[0.0, 1.0]])], PLAIN_ROWS, _rng()).pixels.max() > 200


def test_a_row_that_is_longer_than_any_is_drawn_smaller() -> None:
    line = np.array([[0.0, 0.0], [200.0, 1.0]])
    strip = draw_row([line], replace(PLAIN_ROWS, capital_px=(1000.0, 1000.0)), _rng())
    assert strip.scale > 1
    assert strip.width / strip.scale < 4100
