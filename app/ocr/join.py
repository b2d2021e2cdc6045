"""Two opinions of one row to one: that of the glyphs, each alone, and that of the row as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line

# Boxes that share this much of what both cover are of the same character.
_SAME = 0.6
# A row network that is less sure of a character than this is not the only one that is asked.
_SURE = 0.7
# How much the classifier's opinion of a character counts beside the row network's.
_GLYPH_WEIGHT = 0.5
# How much the page's gaps count for a space beside the row network, in log-odds, of which neither has more than this.
_GAP_WEIGHT, _MOST_ODDS = 0.1, 9.0
# And where letters are spaced out: there the row network, which knows no more than its row, takes white for a space.
_SPACED_OUT_WEIGHT = 0.5


def is_doubtful(by_row: Line) -> bool:
    """Whether the row network is not sure of some character of a row: then the glyphs have a say."""
    return bool(by_row.log_p.max(axis=1).min() < np.log(_SURE))


def join(by_glyph: Line | None, by_row: Line | None) -> Line | None:
    """Let the row network say how many characters there are, and both what each is.

    A weighted product of probabilities for every character that both see in the same place. Of one opinion alone, that.
    """
    if by_glyph is None or by_row is None:
        return by_row if by_glyph is None else by_glyph
    shared = _shared(_sides(by_row), _sides(by_glyph))
    best = shared.argmax(axis=1)
    same = shared[np.arange(len(best)), best] >= _SAME
    log_p = by_row.log_p.copy()
    log_p[same] += _GLYPH_WEIGHT * by_glyph.log_p[best[same]]
    return replace(by_row, log_p=log_p, otherwise=by_row.otherwise and join(by_glyph, by_row.otherwise))


def join_spaces(
    by_row: NDArray[np.floating], by_gaps: NDArray[np.floating], *, spaced_out: bool = False
) -> NDArray[np.float64]:
    """Return how likely there is a space after each character but the last, (N - 1,) as both are.

    A weighted mean of log-odds: where the network is sure it decides, where it is not the widths of the gaps do. Where
    letters are spaced out, the latter count as much as the network.
    """
    weight = _SPACED_OUT_WEIGHT if spaced_out else _GAP_WEIGHT
    odds = (1 - weight) * _log_odds(by_row) + weight * _log_odds(by_gaps)
    return np.asarray(1 / (1 + np.exp(-odds)))


def _log_odds(p: NDArray[np.floating]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p) - np.log1p(-p), -_MOST_ODDS, _MOST_ODDS)


def _sides(line: Line) -> NDArray[np.float64]:
    return np.array(line.boxes, np.float64)


def _shared(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area_a, area_b = (np.prod(sides[:, 2:] - sides[:, :2], axis=1) for sides in (a, b))
    return np.asarray(common / np.maximum(area_a[:, None] + area_b - common, 1e-9))
