"""Sets of labelled pen strokes, in flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.fingerprint import fingerprint

SIDE_UNITS = 2000
"""Larger side of a character, as in UNIPEN's prepared files."""


class PenStrokes:
    """What all sets of pen strokes share, be they characters, words or rows."""

    labels: NDArray[np.str_]
    stroke_ptr: NDArray[np.int32]
    point_ptr: NDArray[np.int32]
    points: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[NDArray[np.float32]]:
        """Return the strokes of one sample, each float32 (points, 2) as x, y."""
        ends = self.point_ptr[self.stroke_ptr[index] : self.stroke_ptr[index + 1] + 1]
        return [self.points[a:b].astype(np.float32) for a, b in pairwise(ends)]

    def fingerprint(self) -> str:
        """Return ``sha256:...`` over all arrays, by which cards identify training data."""
        return fingerprint(self)


@dataclass(frozen=True)
class StrokeSet(PenStrokes):
    """N characters as pen strokes; all arrays count samples along the first axis unless said otherwise.

    Attributes
    ----------
    labels : (N,) unicode, one character each
    writers : (N,) unicode, who wrote it; splits never share a writer
    relative_size : (N,) float32, larger side of the character relative to that of the writer's usual capital or digit
    doubt : (N,) int16, rank that another network gave the label; 0 for no doubt
    stroke_ptr : (N + 1,) int32; sample i has the strokes ``stroke_ptr[i]`` to ``stroke_ptr[i + 1] - 1``
    point_ptr : (strokes + 1,) int32, the same from strokes to points
    points : (points, 2) int16, x to the right and y down, in units of which only ratios matter
    """

    labels: NDArray[np.str_]
    writers: NDArray[np.str_]
    relative_size: NDArray[np.float32]
    doubt: NDArray[np.int16]
    stroke_ptr: NDArray[np.int32]
    point_ptr: NDArray[np.int32]
    points: NDArray[np.int16]

    @property
    def alphabet(self) -> str:
        """The different labels, sorted by code point."""
        return "".join(np.unique(self.labels))

    def select(self, keep: NDArray[np.bool_]) -> StrokeSet:
        """Return the samples where `keep` (N,) is True."""
        return self.take(np.flatnonzero(keep))

    def take(self, indices: NDArray[np.integer]) -> StrokeSet:
        """Return the samples `indices`, in that order; one may come more than once."""
        strokes = _spans(self.stroke_ptr, indices)
        points = _spans(self.point_ptr, strokes)
        return StrokeSet(
            labels=self.labels[indices],
            writers=self.writers[indices],
            relative_size=self.relative_size[indices],
            doubt=self.doubt[indices],
            stroke_ptr=_pointers(_counts(self.stroke_ptr, indices)),
            point_ptr=_pointers(_counts(self.point_ptr, strokes)),
            points=self.points[points],
        )


def scale_strokes(strokes: Sequence[NDArray[np.number]]) -> tuple[float, list[NDArray[np.int16]]]:
    """Return the larger side of a character, and its strokes from (0, 0) with that side at `SIDE_UNITS`."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), float(np.ptp(points, axis=0).max())
    scale = SIDE_UNITS / extent if extent else 1.0
    return extent, [np.rint((stroke - low) * scale).astype(np.int16) for stroke in strokes]


def stack_strokes(
    labels: Sequence[str],
    writers: Sequence[str],
    relative_size: NDArray[np.float32],
    strokes: Sequence[Sequence[NDArray[np.int16]]],
) -> StrokeSet:
    """Make a set of characters, at least one, whose labels are not in doubt."""
    parts = [stroke for char in strokes for stroke in char]
    return StrokeSet(
        labels=np.array(labels),
        writers=np.array(writers),
        relative_size=relative_size,
        doubt=np.zeros(len(labels), np.int16),
        stroke_ptr=_pointers([len(char) for char in strokes]),
        point_ptr=_pointers([len(part) for part in parts]),
        points=np.concatenate(parts),
    )


def join_strokes(sets: Sequence[StrokeSet]) -> StrokeSet:
    """Concatenate sets, at least one."""
    arrays: dict[str, Any] = {
        field.name: np.concatenate([getattr(each, field.name) for each in sets]) for field in fields(StrokeSet)
    }
    for name in ("stroke_ptr", "point_ptr"):
        arrays[name] = _pointers(np.concatenate([np.diff(getattr(each, name)) for each in sets]))
    return StrokeSet(**arrays)


def _pointers(counts: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _counts(ptr: NDArray[np.int32], chosen: NDArray[np.integer]) -> NDArray[np.int32]:
    return ptr[chosen + 1] - ptr[chosen]


def _spans(ptr: NDArray[np.int32], chosen: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the indices ``ptr[i]`` to ``ptr[i + 1] - 1`` of all chosen i, one after another."""
    counts = _counts(ptr, chosen)
    starts = np.repeat(ptr[chosen] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return starts + np.arange(counts.sum())
