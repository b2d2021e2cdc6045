"""What a glyph's surroundings say about it: its place in the row, the kind of its word, the characters of the page.

Shape alone cannot tell s from S, a comma from an apostrophe or O from 0. All helps here are soft: they weigh the
networks' probabilities and never rule a character out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.alphabet import Alphabet, shape_groups
from app.ocr.brackets import PAIRS, log_bracket_prior
from app.ocr.drill import agreed, log_drill_prior
from app.ocr.page_prior import log_page_prior
from app.ocr.succession import Succession

# Of mean field: each glyph is weighed again with what the others have become; those of other rows join in when those of
# its own have settled.
_ROUNDS, _ROUNDS_ALONE = 4, 2
# Standard deviation of a letter's top or bottom about its line, in em, and the degrees of freedom of a Student t
# distribution whose heavy tails let a badly placed letter stay what it looks like.
_PLACE_SPREAD = 0.13
_PLACE_FREEDOM = 3.0
_PEN = 0.1  # em; a row of nothing but dashes is as high as the pen is wide
# A row is fitted as if this many more glyphs had confirmed that it is level and of the height it seems to have.
_LEVEL_WEIGHT, _HEIGHT_WEIGHT = 1.0, 0.5
# Kinds of characters, and how many are imagined in every word, so that a mixed word stays possible: of each kind by its
# share of the page's other rows, where so many of each are imagined in turn.
_KINDS = (str.isdigit, str.isupper, str.islower)
_IMAGINED, _IMAGINED_ON_PAGE = 0.9, 3.0
# How much a glyph counts for another: next to it in the same word, elsewhere in the word, elsewhere in the row.
_NEIGHBOUR_SHARE, _WORD_SHARE, _ROW_SHARE = 2.0, 1.0, 0.25
_MARK_SHARE = 0.5  # punctuation, of no kind, goes with all: it is this much as likely as the likeliest kind
# Signs of programs and formulas, which hardly anybody writes by hand: a stroke among letters is an I, and no bar.
_RARE_MARKS, _RARE_SHARE = "\\^_`{|}~", 0.05
_CAPITAL_FIRST = 0.5  # a word's small letters speak this much for a capital at its start


class Sight(NamedTuple):
    """The N glyphs of a row as they are seen before their context is.

    Attributes
    ----------
    log_p : (N, K), what each looks like; -inf for a class that is not allowed
    places : (N, 3), its middle from the left, its top and its bottom, in pixels
    words : (N,), number of the word that it is in, ascending
    """

    log_p: NDArray[np.floating]
    places: NDArray[np.floating]
    words: NDArray[np.integer]


class Weighed(NamedTuple):
    """The glyphs of the R rows of a page in view of each other.

    Attributes
    ----------
    p : (N, K) for each row, probability of each class
    repeated : (R,), share of the glyphs of a row that are the one letter or digit which it repeats, if it does
    in_order : (R,), that it is letters or digits one after the other as they are counted up
    """

    p: list[NDArray[np.float64]]
    repeated: NDArray[np.float64]
    in_order: NDArray[np.float64]


@dataclass(frozen=True)
class Context:
    """Knowledge about K classes.

    Attributes
    ----------
    extents : (K, 2) top and bottom of each class in em, cap line 0 and baseline 1
    kinds : (K, 3) True for a digit, a capital, a small letter; all False for punctuation
    shapes : (K, G) see `shape_groups`
    log_marks : (K,) how likely punctuation is beside the likeliest kind; 0 for what is of a kind
    succession : which class follows which in an alphabet, and among the digits
    brackets : classes of each opening bracket and the closing one
    """

    extents: NDArray[np.float64]
    kinds: NDArray[np.bool_]
    shapes: NDArray[np.float32]
    log_marks: NDArray[np.float64]
    succession: Succession
    brackets: tuple[tuple[int, int], ...] = ()

    @classmethod
    def build(cls, alphabet: Alphabet, extents: Mapping[str, tuple[float, float]]) -> Self:
        """Collect what is known of each class of an alphabet."""
        kinds = np.array([[is_kind(char) for is_kind in _KINDS] for char in alphabet.chars])
        shares = [_RARE_SHARE if char in _RARE_MARKS else _MARK_SHARE for char in alphabet.chars]
        log_marks = np.where(kinds.any(axis=1), 0.0, np.log(shares))
        extent = np.array([extents[char] for char in alphabet.chars], np.float64)
        of = alphabet.chars.index
        brackets = tuple((of(pair[0]), of(pair[1])) for pair in PAIRS if set(pair) <= set(alphabet.chars))
        return cls(extent, kinds, shape_groups(alphabet), log_marks, Succession(alphabet), brackets)

    def weigh(self, rows: Sequence[Sight]) -> Weighed:
        """Weigh the glyphs of the rows of a page by each other."""
        if not rows:
            return Weighed([], np.zeros(0), np.zeros(0))
        weighed = [_normalised(row.log_p) for row in rows]
        seen = [p @ self.shapes for p in weighed]
        by_page: list[NDArray[np.float64]] = [np.zeros(1)] * len(rows)
        imagined = [np.full(len(_KINDS), _IMAGINED / len(_KINDS))] * len(rows)
        # Where one half may not come out, nothing can be said of the other.
        brackets = [pair for pair in self.brackets if all(_is_allowed(rows, half) for half in pair)]
        for number in range(_ROUNDS):
            if number >= _ROUNDS_ALONE:
                by_page, drills, in_order = self._characters_of_page(seen, weighed)
                imagined = self._kinds_of_page(weighed)
            by_brackets = log_bracket_prior(weighed, brackets)
            weighed = [
                _normalised(row.log_p + self._place(p, row.places) + self._kind(p, row.words, kinds) + prior + pairs)
                for row, p, kinds, prior, pairs in zip(rows, weighed, imagined, by_page, by_brackets, strict=True)
            ]
        of_kind = drills * (self.kinds.any(axis=1) @ self.shapes > 0)
        repeated = np.array([p.mean(axis=0) @ self.shapes @ drill for p, drill in zip(weighed, of_kind, strict=True)])
        return Weighed(self._agreed(weighed, drills), repeated, in_order)

    def _characters_of_page(
        self, seen: Sequence[NDArray[np.float64]], weighed: Sequence[NDArray[np.float64]]
    ) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], NDArray[np.float64]]:
        """Tell what is to be expected of glyphs by what else is on the page.

        Of characters of one shape the place and the kind decide: a page with many an O may well have one 0.

        Parameters
        ----------
        seen : (N, G) for each row, what shape its glyphs look like
        weighed : (N, K) for each row, what its glyphs are thought to be so far

        Returns
        -------
        log-probability (N, K) of each class for the glyphs of each row, that of its shape if the row is in no order;
        probability (R, G) that a row is a drill of each shape; (R,) that it is a succession
        """
        ends = np.cumsum([len(p) for p in weighed])[:-1]
        ordinary = np.split(log_page_prior(np.concatenate(weighed) @ self.shapes), ends)
        by_shape, drills = log_drill_prior(seen, ordinary)
        priors, in_order = [], np.zeros(len(seen))
        sizes = self.shapes @ self.shapes.sum(axis=0)  # each of so many classes has the probability of the whole shape
        for number, (row, of_shape) in enumerate(zip(seen, by_shape, strict=True)):
            in_order[number], p = self.succession.of_row(row @ self.shapes.T, np.exp(of_shape) @ self.shapes.T / sizes)
            priors.append(np.log(p * sizes))
        return priors, drills, in_order

    def _agreed(self, weighed: Sequence[NDArray[np.float64]], drills: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Let the glyphs (N, K) of rows that are drills (R, G) of one shape agree on its class: 0 or O, s or S."""
        result = [p.copy() for p in weighed]
        for shape in np.flatnonzero((drills > 0.5).any(axis=0)):
            classes = np.flatnonzero(self.shapes[:, shape])
            numbers = np.flatnonzero(drills[:, shape] > 0.5).tolist()
            rows = [weighed[number][:, classes] for number in numbers]
            masses = [row.sum(axis=1, keepdims=True) for row in rows]
            shares = [  # a slip, which is of another shape, has no say
                np.where(mass > 0.5, row / np.maximum(mass, 0.5), 1 / len(classes))
                for row, mass in zip(rows, masses, strict=True)
            ]
            for number, row, mass, share in zip(numbers, rows, masses, agreed(shares), strict=True):
                result[number][:, classes] = np.where(mass > 0.5, mass * share, row)
        return result

    def _kinds_of_page(self, weighed: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """How many glyphs of each kind (3,) are imagined in every word, for each row by what the others hold."""
        of_rows = np.array([(p @ self.kinds).sum(axis=0) for p in weighed])
        of_others = of_rows.sum(axis=0) - of_rows + _IMAGINED_ON_PAGE
        return list(_IMAGINED * of_others / of_others.sum(axis=1, keepdims=True))

    def _place(self, p: NDArray[np.float64], places: NDArray[np.floating]) -> NDArray[np.float64]:
        """Log-likelihood (N, K) of each glyph's top and bottom, were it of each class.

        The row's lines are fitted by weighted least squares: ``y = cap + slope * x + em * extent``, each glyph
        counting as every class in proportion to its probability.
        """
        x = places[:, 0] - places[:, 0].mean()
        tops_and_bottoms = places[:, 1:]
        expected = p @ self.extents  # (N, 2)
        expected_square = p @ self.extents**2
        em = float(np.ptp(tops_and_bottoms, axis=1).sum() / max(np.ptp(expected, axis=1).sum(), _PEN * len(x)))
        # Normal equations for (cap, slope, em), summed over glyphs, classes, and top and bottom.
        count, wide = 2.0 * len(x), max(float(np.abs(x).max()), em)
        a = np.array(
            [
                [count, 2 * x.sum(), expected.sum()],
                [2 * x.sum(), 2 * (x**2).sum() + _LEVEL_WEIGHT * wide**2, (x[:, None] * expected).sum()],
                [expected.sum(), (x[:, None] * expected).sum(), expected_square.sum() + _HEIGHT_WEIGHT],
            ]
        )
        y = tops_and_bottoms
        b = np.array([y.sum(), (x[:, None] * y).sum(), (expected * y).sum() + _HEIGHT_WEIGHT * em])
        cap, slope, em = np.linalg.solve(a, b)
        em = max(float(em), 1.0)
        lines = cap + slope * x[:, None, None] + em * self.extents[None]  # (N, K, 2)
        deviation = (y[:, None, :] - lines) / (_PLACE_SPREAD * em)
        return -(_PLACE_FREEDOM + 1) / 2 * np.log1p(deviation**2 / _PLACE_FREEDOM).sum(axis=2)

    def _kind(
        self, p: NDArray[np.float64], words: NDArray[np.integer], imagined: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log-probability (N, K) of each class by how common its kind is among the other glyphs of word and row."""
        of_kind = p @ self.kinds  # (N, 3)
        in_word = np.zeros((int(words.max()) + 1, len(_KINDS)))
        np.add.at(in_word, words, of_kind)
        others = _WORD_SHARE * (in_word[words] - of_kind) + _ROW_SHARE * (of_kind.sum(axis=0) - in_word[words])
        first = np.concatenate([[True], words[1:] != words[:-1]])
        together = ~first[1:, None] * (_NEIGHBOUR_SHARE - _WORD_SHARE)
        others[1:] += together * of_kind[:-1]
        others[:-1] += together * of_kind[1:]
        others[first, 1] += _CAPITAL_FIRST * others[first, 2]
        others += imagined
        share = others / others.sum(axis=1, keepdims=True)
        log_share = np.log(share)
        of_marks = log_share.max(axis=1, keepdims=True) + self.log_marks
        return np.where(self.kinds.any(axis=1), log_share @ self.kinds.T, of_marks)


def _is_allowed(rows: Sequence[Sight], char: int) -> bool:
    return any(bool(np.isfinite(row.log_p[:, char]).any()) for row in rows)


def _normalised(log_p: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(softmax(log_p.astype(np.float64)), np.float64)
