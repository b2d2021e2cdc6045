from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.datasets.pens.hand import Hand, WrittenStroke, write_row
from app.datasets.pens.pen_font import load_pen_font
from app.errors import InvalidInput

PLAIN = Hand()


def _seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def _letters(row: list[WrittenStroke]) -> list[np.ndarray]:
    """All points of each character, in order."""
    return [
        np.concatenate([s.points for s in row if s.char_index == index])
        for index in dict.fromkeys(s.char_index for s in row)
    ]


def _same(one: list[WrittenStroke], other: list[WrittenStroke]) -> bool:
    return len(one) == len(other) and all(
        a.char_index == b.char_index and np.array_equal(a.points, b.points) for a, b in zip(one, other, strict=True)
    )


def _white_between(left: np.ndarray, right: np.ndarray) -> float:
    return float(right[:, 0].min() - left[:, 0].max())


def test_the_same_seed_gives_the_same_hand_and_row():
    assert Hand.random(_seeded(5)) == Hand.random(_seeded(5))
    assert Hand.random(_seeded(5)) != Hand.random(_seeded(6))
    hand = Hand.random(_seeded(5))

    row = write_row("Same 2", hand, _seeded(1), height_px=40)

    assert _same(row, write_row("Same 2", hand, _seeded(1), height_px=40))
    assert not _same(row, write_row("Same 2", hand, _seeded(2), height_px=40))


def test_a_plain_hand_writes_the_font_as_it_is():
    (stem, *_) = write_row("H", PLAIN, _seeded(), height_px=50)

    np.testing.assert_allclose(stem.points, load_pen_font().glyph("H").strokes[0] * 50, atol=1e-4)


def test_each_stroke_knows_its_character_in_the_text():
    row = write_row("A i", PLAIN, _seeded(), height_px=30)

    assert [stroke.char_index for stroke in row] == [0, 0, 2, 2]
    assert all(stroke.points.dtype == np.float32 for stroke in row)


@pytest.mark.parametrize("seed", range(12))
def test_letters_follow_each_other_without_touching(seed):
    rng = _seeded(seed)
    hand, text = Hand.random(rng), "LAVA TOY, 1745: (jiffy) WAY/17\\g|fj@Q_y"

    letters = _letters(write_row(text, hand, rng, height_px=1.0))

    assert len(letters) == len(text.replace(" ", ""))
    centres = [(points[:, 0].min() + points[:, 0].max()) / 2 for points in letters]
    assert centres == sorted(centres)
    for left, right in pairwise(letters):
        distance = np.hypot(*(left[:, None] - right[None]).transpose(2, 0, 1)).min()
        assert distance > hand.pen


@pytest.mark.parametrize("seed", range(12))
def test_white_between_words_is_wider_than_any_between_letters(seed):
    rng = _seeded(seed)
    hand = Hand.random(rng)

    letters = _letters(write_row("HOUSE NUMBER", hand, rng, height_px=1.0))

    gaps = [_white_between(left, right) for left, right in pairwise(letters)]
    between_words = gaps.pop(4)
    assert between_words > 1.3 * max(gaps)
    assert 0.3 < between_words < 1.1


@pytest.mark.parametrize("seed", range(6))
def test_letters_stay_near_their_lines(seed):
    rng = _seeded(seed)
    row = write_row("BLOCK CAPITALS 0123456789", Hand.random(rng), rng, height_px=1.0)

    for letter in _letters(row):
        assert abs(letter[:, 1].min()) < 0.3
        assert abs(letter[:, 1].max() - 1.0) < 0.3


def test_height_scales_the_whole_row():
    hand = Hand.random(_seeded())
    small = write_row("Ag1", hand, _seeded(), height_px=10)
    large = write_row("Ag1", hand, _seeded(), height_px=40)

    for one, other in zip(small, large, strict=True):
        np.testing.assert_allclose(one.points * 4, other.points, rtol=1e-4, atol=1e-4)


def test_slant_leans_the_top_to_the_right_and_leaves_the_baseline():
    (bar,) = write_row("l", replace(PLAIN, slant_deg=45.0, variants={"l": 1}), _seeded(), height_px=1.0)

    np.testing.assert_allclose(bar.points[[0, -1]], [[1.0, 0.0], [0.0, 1.0]], atol=1e-5)


def test_roundness_cuts_corners_and_keeps_free_ends():
    corner = np.array([0.0, 1.0])
    (sharp,) = write_row("L", PLAIN, _seeded(), height_px=1.0)
    (blunt,) = write_row("L", replace(PLAIN, roundness=0.06), _seeded(), height_px=1.0)

    assert np.hypot(*(sharp.points - corner).T).min() < 1e-5
    assert 0.01 < np.hypot(*(blunt.points - corner).T).min() < 0.06
    np.testing.assert_allclose(blunt.points[[0, -1]], sharp.points[[0, -1]], atol=1e-5)


def test_a_closed_letter_stays_closed():
    (ring,) = write_row("O", replace(PLAIN, roundness=0.05, jitter=0.04), _seeded(), height_px=1.0)

    np.testing.assert_allclose(ring.points[0], ring.points[-1], atol=1e-5)


def test_a_habit_makes_a_writers_letters_alike():
    def shape(habit: int, chance: int) -> np.ndarray:
        hand = replace(PLAIN, jitter=0.05, habit=habit)
        points = write_row("S", hand, _seeded(chance), height_px=1.0)[0].points
        return points - points.mean(axis=0)

    own = np.mean([np.abs(shape(h, c) - shape(h, c + 1)).mean() for h in range(8) for c in range(0, 8, 2)])
    others = np.mean([np.abs(shape(h, c) - shape(h + 1, c + 1)).mean() for h in range(8) for c in range(0, 8, 2)])
    assert own < 0.9 * others


def test_a_preferred_variant_is_written():
    slashed = write_row("0", replace(PLAIN, variants={"0": 1}), _seeded(), height_px=1.0)

    assert len(slashed) == 2
    assert len(write_row("0", PLAIN, _seeded(), height_px=1.0)) == 1


def test_spaces_alone_leave_no_ink():
    assert write_row("  ", PLAIN, _seeded(), height_px=20) == []


@pytest.mark.parametrize("text", ["naïve", "two\nrows"])
def test_a_character_the_font_lacks_is_refused(text):
    with pytest.raises(InvalidInput, match="the pen font has no"):
        write_row(text, PLAIN, _seeded(), height_px=20)
