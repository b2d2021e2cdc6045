"""From what the glyphs of a page look like to what they are: words first, then characters in view of each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.line import Line
from app.ocr.priors.context import Context, RowGlyphs
from app.ocr.priors.evenness import evened
from app.ocr.priors.spacing import space_probabilities
from app.vision import Box

# A page of practice has at least so many rows of it, with this share of its glyphs. So many of those are what the row
# repeats: in 2000 and 50000 fewer are. And rows in their order, with those that go on with it, are so long on average:
# 12345 is a number.
_PRACTICE_ROWS, _PRACTICE_SHARE, _PURE, _LONG = 2, 0.5, 0.9, 7
# In heights of the row; characters that are no farther apart stand as in a word, and those of an alphabet likewise.
_NEAR, _NEAR_IN_ORDER = 0.25, 0.37
# So many times as wide as other gaps are those that part groups, and at least in this share of the rows.
_WIDER, _GROUPED_ROWS = 2.0, 0.5
_LEAST_GAP = 0.05  # likewise; narrower ones are no measure


class Decoded(NamedTuple):
    """The N characters of one row.

    Attributes
    ----------
    p : (N, K), probability of each class
    p_space : (N - 1,), probability of a space after each character but the last
    words : (N,), number of the word that it is in, ascending from 0
    """

    p: NDArray[np.float64]
    p_space: NDArray[np.float64]
    words: NDArray[np.intp]


class Prior(Protocol):
    """What is known of whole words before they are seen."""

    def weigh(self, rows: Sequence[tuple[NDArray[np.float64], NDArray[np.intp]]]) -> list[NDArray[np.float64]]:
        """Return the probabilities (N, K) of each row's glyphs in view of the words that they may make.

        Parameters
        ----------
        rows : of each row, the probabilities (N, K) so far, and the number (N,) of the word that each glyph is in
        """
        ...


def decode(
    lines: Sequence[Line],
    slope: float,
    context: Context,
    priors: Sequence[Prior] = (),
    *,
    may_be_practice: bool = True,
) -> list[Decoded]:
    """Decide on the words and characters of all rows of a page.

    Parameters
    ----------
    slope : of the page's rows, downwards in pixels for each one to the right
    priors : that help, one after the other
    may_be_practice : whether characters of alphabets, and of rows of one of them, may stand alone
    """
    spaces = [
        evened(p_space, softmax(line.log_p) @ context.between)
        for line, p_space in zip(lines, space_probabilities(lines), strict=True)
    ]
    words = list(map(_words, spaces))
    glyphs = [
        RowGlyphs(line.log_p, _places(line.boxes, slope), numbers) for line, numbers in zip(lines, words, strict=True)
    ]
    weighed, repeated, in_order = context.weigh(glyphs, places_seen=any(line.p_space is not None for line in lines))
    if may_be_practice:
        ends = [p[[0, -1]].argmax(axis=1).tolist() for p in weighed]
        goes_on = [context.practice.goes_on(last, first) for (_, last), (first, _) in pairwise(ends)]
        spaces = _set_apart(lines, spaces, repeated, in_order, goes_on)
    for prior in priors:
        weighed = prior.weigh(list(zip(weighed, words, strict=True)))
    return [Decoded(p, p_space, _words(p_space)) for p, p_space in zip(weighed, spaces, strict=True)]


def _words(p_space: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number (N,) of the word that each character is in, given the probability (N - 1,) of a space after it."""
    return np.concatenate([[0], np.cumsum(p_space > 0.5)]).astype(np.intp)


def _set_apart(
    lines: Sequence[Line],
    spaces: list[NDArray[np.float64]],
    repeated: NDArray[np.float64],
    in_order: NDArray[np.float64],
    goes_on: Sequence[bool],
) -> list[NDArray[np.float64]]:
    """Let each character of a page of practice stand for itself: whoever wrote A A A did not write a word.

    Unless they stand as near to each other as in words, or wider white parts them in groups.

    Parameters
    ----------
    repeated, in_order : see `Weighed`
    goes_on : of each row but the last, whether the next begins with what comes after its end
    """
    glyphs = np.array([len(line.boxes) for line in lines])
    ordered = in_order > np.maximum(repeated, 0.5)
    runs = ordered.sum() - (ordered[:-1] & ordered[1:] & np.array(goes_on, bool)).sum()
    if glyphs[ordered].sum() < _LONG * runs:
        ordered[:] = False
    practised = np.minimum(np.where(ordered, in_order, repeated), 1.0)
    practice = practised > 0.5
    if practice.sum() < _PRACTICE_ROWS or glyphs[practice].sum() < _PRACTICE_SHARE * glyphs.sum():
        return spaces
    if np.average(practised[practice], weights=glyphs[practice]) < _PURE:
        return spaces
    gaps = [line.gaps for line in compress(lines, practice)]
    wide = [p_space > 0.5 for p_space in compress(spaces, practice)]
    near = _NEAR_IN_ORDER if glyphs[practice & ordered].sum() > glyphs[practice & ~ordered].sum() else _NEAR
    if _are_near(np.concatenate(gaps), near) or _are_groups(gaps, wide):
        return spaces
    return [
        1 - (1 - p_space) * (1 - p) if alone else p_space
        for p_space, p, alone in zip(spaces, practised, practice, strict=True)
    ]


def _are_near(gaps: NDArray[np.float64], near: float) -> bool:
    return not len(gaps) or float(np.median(gaps)) < near


def _are_groups(gaps: Sequence[NDArray[np.float64]], wide: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether what was taken for spaces is much wider than its row's other gaps, and in half of the rows or more."""
    each = np.concatenate([row / max(float(np.median(row)), _LEAST_GAP) for row in gaps if len(row)])
    is_wide = np.concatenate(wide)
    if not is_wide.any() or is_wide.all():
        return False
    rows = np.mean([row.any() for row in wide])
    return bool(rows >= _GROUPED_ROWS and np.median(each[is_wide]) >= _WIDER * np.median(each[~is_wide]))


def _places(boxes: Sequence[Box], slope: float) -> NDArray[np.float64]:
    """Return (N, 3): middle from the left, top and bottom of each box, the page's slope taken out."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)
