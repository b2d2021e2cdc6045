"""Two opinions of one row to one: that of the row as a whole, and that of some glyphs, each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.ocr.line import Line
from app.vision import Box, Hypothesis

# Boxes that share this much of what both cover are of the same character.
_SAME = 0.6
# A row network that is less sure of a character than the first is not the only one that is asked: in such a row, of
# every character of which it is less sure than the second.
_SURE, _CERTAIN = 0.7, 0.97
# How much the classifier's opinion of a character counts beside the row network's.
_GLYPH_WEIGHT = 0.5


def in_doubt(by_row: Line, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Return which hypotheses of a row have the place of a character that is in doubt, with a pattern or without."""
    boxes = [hypothesis.box for hypothesis in hypotheses]
    found: set[int] = set()
    for line in (by_row, by_row.otherwise):
        if line is not None and (doubtful := _doubtful(line)).any():
            best, same = _same_place(line.boxes, boxes)
            found.update(best[same & doubtful].tolist())
    return [hypotheses[index] for index in sorted(found)]


def join(by_row: Line, boxes: Sequence[Box], by_glyph: Array) -> Line:
    """Let the row network say how many characters there are, and both what each is.

    A weighted product of probabilities for every character in doubt that both see in the same place.

    Parameters
    ----------
    boxes : (M,) of some glyphs
    by_glyph : (M, K), the log-probabilities of each
    """
    if not boxes:
        return by_row
    best, same = _same_place(by_row.boxes, boxes)
    same &= _doubtful(by_row)
    log_p = by_row.log_p.copy()
    log_p[same] += _GLYPH_WEIGHT * by_glyph[best[same]]
    return replace(by_row, log_p=log_p, otherwise=by_row.otherwise and join(by_row.otherwise, boxes, by_glyph))


def _doubtful(by_row: Line) -> NDArray[np.bool_]:
    """Tell of which characters a row network that is in doubt of some is not certain."""
    sure = by_row.log_p.max(axis=1)
    return np.asarray((sure < np.log(_CERTAIN)) & (sure.min() < np.log(_SURE)))


def _same_place(boxes: Sequence[Box], others: Sequence[Box]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return for each box (N,) which of the others it shares most with, and whether both have the same place."""
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
