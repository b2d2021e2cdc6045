"""What the characters of a page say of its other ones, above all where somebody practises them.

A row is ordinary, a drill of one character, or in the order of an alphabet. Each explanation takes what the one before
it expects of a glyph as the alternative to itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import Alphabet, shape_groups
from app.ocr.priors.kind import kinds_of
from app.ocr.priors.page import log_page_prior
from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.practice.drill import log_drill_prior
from app.ocr.priors.practice.practice_set import PRACTISED_MARK, PracticeSets, in_turns
from app.ocr.priors.practice.succession import Succession

# Letters that follow each other as in the alphabet; in English words no more than four do (overstuff).
_ALPHABET = 5


class Expected(NamedTuple):
    """What is to be expected of the M glyphs and the R rows of a page by what else is on it.

    Attributes
    ----------
    log_p : (M, K), log-probability of each class, that of its shape if the row is in no order
    drills : (R, G), probability that a row is a drill of each shape
    in_order : (R,), that it is a succession
    """

    log_p: NDArray[np.float64]
    drills: NDArray[np.float64]
    in_order: NDArray[np.float64]


class Practice:
    """What may be practised of the K characters of an alphabet, which are of G shapes.

    Parameters
    ----------
    extents : (K, 2), top and bottom of each class in em, cap line 0 and baseline 1
    """

    def __init__(self, alphabet: Alphabet, extents: NDArray[np.float64]) -> None:
        kinds = kinds_of(alphabet)
        self._is_letter = np.asarray(kinds[:, 1:].any(axis=1))
        self._succession = Succession(alphabet)
        self._sets = PracticeSets(alphabet, extents)
        self._shapes = shape_groups(alphabet)
        self._sizes = self._shapes @ self._shapes.sum(axis=0)  # (K,), how many classes have a class's shape
        self._is_no_mark = kinds.any(axis=1) @ self._shapes > 0  # (G,)
        share = np.where(self._is_no_mark, 1.0, PRACTISED_MARK)
        self._practised = np.asarray(share / share.sum(), np.float64)  # (G,), of all drills those of each shape

    def nothing(self, rows: PageRows) -> Expected:
        """Expect nothing: all classes are alike, and no row is a drill or a succession."""
        classes, shapes = self._shapes.shape
        count = len(rows.starts)
        return Expected(np.zeros((len(rows.row), classes)), np.zeros((count, shapes)), np.zeros(count))

    def expected(self, seen: NDArray[np.float64], p: NDArray[np.float64], rows: PageRows) -> Expected:
        """Tell what is to be expected of the glyphs of a page.

        Of characters of one shape the place and the kind decide: a page with many an O may well have one 0.

        Parameters
        ----------
        seen : (M, K), what each glyph looks like
        p : (M, K), what it is thought to be so far
        rows : where the rows are among the glyphs
        """
        shapes = seen @ self._shapes
        by_shape, drills = log_drill_prior(shapes, rows, log_page_prior(p @ self._shapes), self._practised)
        # Each of the classes of a shape looks like the whole shape, and has an even part of its probability.
        ordinary = np.exp(by_shape) @ self._shapes.T / self._sizes
        in_order, by_class = self._succession.of_rows(shapes @ self._shapes.T, rows, ordinary)
        return Expected(np.log(by_class * self._sizes), drills, in_order)

    def repeated(self, p: NDArray[np.float64], rows: PageRows, drills: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return of each row (R,) the share of its glyphs that are the letter or digit of which it is a drill."""
        of_rows = zip(rows.split(p), drills * self._is_no_mark, strict=True)
        return np.array([row.mean(axis=0) @ self._shapes @ drill for row, drill in of_rows])

    def agreed(
        self,
        p: NDArray[np.float64],
        seen: NDArray[np.float64],
        heights: NDArray[np.float64],
        rows: PageRows,
        drills: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Let the drills (R, G) of a page agree on what is practised; slips, which are of another shape, have no say.

        Parameters
        ----------
        p, seen : (M, K), what the glyphs are in view of everything else, and what each looks like. Where it stands in
            its row says nothing there: the lines of a row of v are fitted to V as well
        heights : (M,), in pixels

        Returns
        -------
        (M, K), as `p` where there are no drills
        """
        p, shape, is_drill = p.copy(), drills.argmax(axis=1), drills.max(axis=1) > 0.5
        of_shape = (p @ self._shapes)[np.arange(len(p)), shape[rows.row]]
        repeating = np.flatnonzero(is_drill[rows.row] & (of_shape > 0.5))
        if not len(repeating):
            return p
        by_row = np.split(repeating, np.flatnonzero(np.diff(rows.row[repeating])) + 1)
        of_rows = np.array([np.median(heights[each]) for each in by_row])
        each_is = self._sets.of_rows([seen[each] for each in by_row], of_rows)
        for glyphs, practised in zip(by_row, each_is, strict=True):
            before = p[glyphs]
            alike = before * (self._shapes[:, shape[rows.row[glyphs[0]]]] > 0)
            mass = alike.sum(axis=1, keepdims=True)
            several = in_turns((alike / mass)[:, alike.any(axis=0)])
            # What it may be of another shape, if it is a slip, it may be as before.
            p[glyphs] = before + (1 - several) * (mass * practised - alike)
        return p

    def goes_on(self, p: NDArray[np.float64], rows: PageRows) -> NDArray[np.bool_]:
        """Return (R - 1,), of each row but the last, whether the next goes on with the alphabet that it ends with."""
        best = p.argmax(axis=1)
        last, first = best[rows.starts[1:] - 1], best[rows.starts[1:]]
        return self._is_letter[last] & self._is_letter[first] & self._succession.follows(last, first)

    def in_alphabet(self, p: NDArray[np.float64], rows: PageRows) -> list[NDArray[np.bool_]]:
        """Return of each row (N - 1,), whether a character but the last and the next are letters of an alphabet.

        One may go on in the next row. What is counted are the likeliest characters.
        """
        best = p.argmax(axis=1)
        steps = self._is_letter[best[:-1]] & self._succession.follows(best[:-1], best[1:])
        edges = np.flatnonzero(np.diff(steps, prepend=False, append=False))
        for start, stop in edges.reshape(-1, 2).tolist():
            steps[start:stop] = stop - start >= _ALPHABET - 1
        return [steps[start : stop - 1] for start, stop in pairwise([*rows.starts.tolist(), len(p)])]
