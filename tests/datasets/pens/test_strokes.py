from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.datasets import StrokeSet
from app.datasets.pens.strokes import join_strokes

# An H of three strokes, a dot, and a T of two.
THREE = StrokeSet(
    labels=np.array(["H", ".", "T"]),
    writers=np.array(["ann", "bob", "ann"]),
    relative_size=np.array([1.0, 0.1, 0.9], np.float32),
    doubt=np.array([0, 3, 12], np.int16),
    stroke_ptr=np.array([0, 3, 4, 6], np.int32),
    point_ptr=np.array([0, 2, 4, 6, 7, 9, 12], np.int32),
    points=np.array(
        [[0, 0], [0, 9], [5, 0], [5, 9], [0, 4], [5, 4], [1, 1], [0, 0], [8, 0], [4, 0], [4, 5], [3, 9]], np.int16
    ),
)


def test_strokes_are_cut_out_at_the_pointers() -> None:
    h, dot, t = (THREE.strokes(index) for index in range(3))

    np.testing.assert_equal(h, [[[0, 0], [0, 9]], [[5, 0], [5, 9]], [[0, 4], [5, 4]]])
    np.testing.assert_equal(dot, [[[1, 1]]])
    np.testing.assert_equal([stroke.tolist() for stroke in t], [[[0, 0], [8, 0]], [[4, 0], [4, 5], [3, 9]]])
    assert {stroke.dtype for stroke in h + dot + t} == {np.dtype(np.float32)}


def test_its_length_is_the_number_of_samples_and_its_alphabet_is_sorted() -> None:
    assert len(THREE) == 3
    assert THREE.alphabet == ".HT"


@pytest.mark.parametrize("kept", [[0], [1, 2], [0, 2], [0, 1, 2]])
def test_select_keeps_each_sample_with_its_strokes_in_order(kept: list[int]) -> None:
    chosen = THREE.select(np.isin(np.arange(3), kept))

    for name in ("labels", "writers", "relative_size", "doubt"):
        np.testing.assert_array_equal(getattr(chosen, name), getattr(THREE, name)[kept])
    for new, old in enumerate(kept):
        for stroke, original in zip(chosen.strokes(new), THREE.strokes(old), strict=True):
            np.testing.assert_array_equal(stroke, original)
    assert chosen.point_ptr[-1] == len(chosen.points)


def test_select_of_everything_changes_no_bit(pen_samples: StrokeSet) -> None:
    everything = pen_samples.select(np.ones(len(pen_samples), bool))

    assert everything.fingerprint() == pen_samples.fingerprint()
    assert everything.points.dtype == pen_samples.points.dtype


def test_select_of_nothing_is_empty() -> None:
    nothing = THREE.select(np.zeros(3, bool))

    assert len(nothing) == 0
    assert nothing.alphabet == ""
    assert len(nothing.points) == 0
    assert nothing.stroke_ptr.tolist() == [0]


@pytest.mark.parametrize(
    "name, changed",
    [
        ("labels", np.array(["H", ".", "7"])),
        ("writers", np.array(["ann", "bob", "bob"])),
        ("relative_size", THREE.relative_size * np.float32(1.001)),
        ("doubt", THREE.doubt + np.int16(1)),
        ("point_ptr", np.array([0, 2, 4, 6, 7, 10, 12], np.int32)),
        ("points", THREE.points[::-1]),
    ],
)
def test_a_fingerprint_changes_with_every_array(name: str, changed: np.ndarray) -> None:
    other = replace(THREE, **{name: changed})

    assert other.fingerprint() != THREE.fingerprint()


def test_a_fingerprint_does_not_depend_on_how_arrays_lie_in_memory() -> None:
    turned = replace(THREE, points=np.asfortranarray(THREE.points))

    assert turned.fingerprint() == THREE.fingerprint()
    # The value itself stands on cards: it must not change from one version of Inkrow to the next.
    assert THREE.fingerprint() == "sha256:e680ca62ed63e0e5b9c10d896ec48fc225a2a8cc4742eec8a18de0fe2e6c650f"


def test_joined_sets_have_the_samples_of_all_in_order(pen_samples: StrokeSet):
    first, second = pen_samples.take(np.array([3, 1])), pen_samples.take(np.array([5]))

    joined = join_strokes([first, second])

    assert joined.labels.tolist() == [*first.labels.tolist(), *second.labels.tolist()]
    for stroke, same in zip(joined.strokes(2), second.strokes(0), strict=True):
        np.testing.assert_array_equal(stroke, same)
