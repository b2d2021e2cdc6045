"""Joins two opinions of a row: the row network's, and the glyph network's of the characters in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.ocr.line import Line
from app.vision import Box, Hypothesis

# Boxes whose intersection over union is at least this are of the same character.
_SAME = 0.6
# Probabilities of the likeliest character. A row is in doubt if one of its characters is below _SURE. In such a row
# every character below _CERTAIN is doubtful (docs/notebook/reader.md).
_SURE, _CERTAIN = 0.7, 0.97
# Weight of the glyph network's log-probabilities beside the row network's.
_GLYPH_WEIGHT = 0.5


def in_doubt(by_row: Line, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Return the hypotheses to show to the glyph network: for each doubtful character the one in its place, if any.

    If there is a pattern, characters of both readings count: of the one that fits it and of the free one.
    """
    boxes = [hypothesis.box for hypothesis in hypotheses]
    found: set[int] = set()
    for line in (by_row, by_row.otherwise):
        if line is not None and (doubtful := _doubtful(line)).any():
            best, same = _same_place(line.boxes, boxes)
            found.update(best[same & doubtful].tolist())
    return [hypotheses[index] for index in sorted(found)]


def join(by_row: Line, boxes: Sequence[Box], by_glyph: Array) -> Line:
    """Weigh what the glyph network says of doubtful characters in; how many there are, the row network alone decides.

    Each doubtful character for which there is a glyph in the same place gets the product of both probabilities, the
    glyph network's to the power of `_GLYPH_WEIGHT`. Such a product is not normalised.

    Parameters
    ----------
    boxes : of M glyphs
    by_glyph : (M, K), log-probabilities of each glyph's classes

    Returns
    -------
    Line : a new one; `by_row` does not change
    """
    if not boxes:
        return by_row
    best, same = _same_place(by_row.boxes, boxes)
    same &= _doubtful(by_row)
    log_p = by_row.log_p.copy()
    log_p[same] += _GLYPH_WEIGHT * by_glyph[best[same]]
    return replace(by_row, log_p=log_p, otherwise=by_row.otherwise and join(by_row.otherwise, boxes, by_glyph))


def _doubtful(by_row: Line) -> NDArray[np.bool_]:
    """Return which characters of a row are doubtful, (S,); none if the row is not in doubt."""
    sure = by_row.log_p.max(axis=1)
    return np.asarray((sure < np.log(_CERTAIN)) & (sure.min() < np.log(_SURE)))


def _same_place(boxes: Sequence[Box], others: Sequence[Box]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return which other box overlaps each of N boxes most, (N,), and whether both are in the same place, (N,)."""
    shared = _shared(np.array(boxes, np.float64), np.array(others, np.float64))
    best = shared.argmax(axis=1)
    return best, shared[np.arange(len(best)), best] >= _SAME


def _shared(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area_a, area_b = (np.prod(sides[:, 2:] - sides[:, :2], axis=1) for sides in (a, b))
    return np.asarray(common / np.maximum(area_a[:, None] + area_b - common, 1e-9))
