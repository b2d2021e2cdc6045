"""Finds out whether two corrections say different things about the same ink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Two boxes are around the same ink if their intersection over union is at least this, as in PASCAL VOC (Everingham et
# al. 2010). Neighbours have less, even if one leans over the other.
_SAME_INK = 0.5


def contradict(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two corrections of a page say different things of the same ink.

    Parameters
    ----------
    one, other : the characters of both with the boxes of their ink, as `Correction.details` has them under ``on_page``
    """
    chars, boxes = _inked(one)
    others, other_boxes = _inked(other)
    if not _meet(boxes, other_boxes):
        return False
    unlike = chars[:, None] != others[None, :]
    return bool((unlike & (_shares(boxes, other_boxes) >= _SAME_INK)).any())


def _inked(on_page: Mapping[str, Any]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Return the characters that have ink, (N,), and its boxes, (N, 4)."""
    found = [(char, box) for char, box in on_page["chars"] if box is not None]
    boxes = np.array([box for _, box in found], np.float64).reshape(-1, 4)  # of none: (0,)
    return np.array([char for char, _ in found], np.str_), boxes


def _meet(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Tell whether the box around all of `boxes` (N, 4) and that around all of `others` overlap.

    Those of most rows of a page do not. Without this shortcut each correction would cost as much as all others of its
    page together.
    """
    if not len(boxes) or not len(others):
        return False
    start = np.maximum(boxes[:, :2].min(axis=0), others[:, :2].min(axis=0))
    end = np.minimum(boxes[:, 2:].max(axis=0), others[:, 2:].max(axis=0))
    return bool((start < end).all())


def _shares(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of each box (N, 4) with each of the others (M, 4)."""
    starts = np.maximum(boxes[:, None, :2], others[None, :, :2])
    ends = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    common = (ends - starts).clip(min=0).prod(axis=-1)
    covered = _areas(boxes)[:, None] + _areas(others)[None, :] - common
    return np.divide(common, covered, out=np.zeros_like(common), where=common > 0)


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = (boxes[:, 2:] - boxes[:, :2]).prod(axis=-1)
    return areas
