from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.datasets import Augmentation, GlyphSet, StrokeSet
from app.datasets.glyphs.sheet import contact_sheet
from app.errors import InvalidInput


def _images(labels: str) -> GlyphSet:
    images = np.zeros((len(labels), 20, 20), np.uint8)
    images[:, 3:17, 8:11] = 255
    return GlyphSet(images, np.array(list(labels)), np.full(len(labels), ""))


def test_the_same_seed_gives_the_same_sheet(pen_samples: StrokeSet) -> None:
    sheets = [contact_sheet(pen_samples, seed=seed, count=4, augmentation=Augmentation()) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(sheets[0], sheets[1], strict=True)
    assert (sheets[0] != sheets[2]).any()
    assert sheets[0].dtype == np.uint8


def test_variation_changes_the_drawing_and_not_the_choice(pen_samples: StrokeSet) -> None:
    plain, varied = (contact_sheet(pen_samples, count=12, augmentation=how) for how in (None, Augmentation()))
    assert plain.shape == varied.shape
    assert (plain != varied).any()


def test_a_class_looks_the_same_whatever_others_are_shown(pen_samples: StrokeSet) -> None:
    alone = contact_sheet(pen_samples, classes="7", count=5, seed=3)
    beside = contact_sheet(pen_samples, classes="7A", count=5, seed=3)
    np.testing.assert_array_equal(beside[: alone.shape[0] - 1], alone[:-1])


def test_fewer_samples_than_asked_for_leave_room() -> None:
    assert contact_sheet(_images("ab"), count=9).shape == contact_sheet(_images("a" * 9 + "b" * 9), count=9).shape


def test_labels_beyond_ascii_are_drawn_too() -> None:
    sheets = [contact_sheet(_images(char)) for char in "éλa"]
    assert all((a != b).any() for a, b in pairwise(sheets))


def test_a_class_that_is_not_there_is_named(pen_samples: StrokeSet) -> None:
    with pytest.raises(InvalidInput, match="got 'xy'"):
        contact_sheet(pen_samples, classes="1xyx")


def test_no_class_at_all_is_refused(pen_samples: StrokeSet) -> None:
    with pytest.raises(InvalidInput, match="expected classes among"):
        contact_sheet(pen_samples, classes="")


def test_images_vary_too() -> None:
    plain, varied = (contact_sheet(_images("aaaa"), augmentation=how) for how in (None, Augmentation()))
    glyphs = [[sheet[2:34, 46 + 36 * k : 78 + 36 * k] for k in range(4)] for sheet in (plain, varied)]
    assert all((a == b).all() for a, b in pairwise(glyphs[0]))
    assert all((a != b).any() for a, b in pairwise(glyphs[1]))
