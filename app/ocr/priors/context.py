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
from app.ocr.alphabet import Alphabet, parting_marks, shape_groups
from app.ocr.priors.brackets import PAIRS, log_bracket_prior
from app.ocr.priors.drill import log_drill_prior
from app.ocr.priors.evenness import BETWEEN
from app.ocr.priors.letter_case import Letters, capital_share
from app.ocr.priors.page import log_page_prior
from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.practice_set import PRACTISED_MARK, PracticeSets, in_turns
from app.ocr.priors.succession import Succession

# Of mean field: each glyph is weighed again with what the others have become; those of other rows join in when those of
# its own have settled.
_ROUNDS, _ROUNDS_ALONE = 4, 2
# Standard deviation of a letter's top or bottom about its line, in em; larger beside a network that has seen how high
# the letter is in its row, or its place would count twice. And the degrees of freedom of a Student t distribution whose
# heavy tails let a badly placed letter stay what it looks like.
_PLACE_SPREAD, _SEEN_PLACE_SPREAD = 0.13, 0.2
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
_SELDOM_MARKS, _SELDOM_SHARE = "!?", 0.12  # a colon or an i that looks like one is likelier
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


class _Page(NamedTuple):
    """The M glyphs of all rows of a page, row after row.

    Attributes
    ----------
    log_p, places : (M, K) and (M, 3), see `Sight`
    words : (M,), numbered through the page
    rows : where they are among the glyphs
    """

    log_p: NDArray[np.float64]
    places: NDArray[np.float64]
    words: NDArray[np.intp]
    rows: PageRows

    @classmethod
    def of(cls, sights: Sequence[Sight]) -> Self:
        log_p, places, words = (np.concatenate(each) for each in zip(*sights, strict=True))
        rows = PageRows.of([sight.words for sight in sights])
        begins = np.append(True, (np.diff(words) != 0) | (np.diff(rows.row) != 0))
        return cls(np.asarray(log_p, np.float64), np.asarray(places, np.float64), np.cumsum(begins) - 1, rows)


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
    practice : what sets of them somebody practises
    parting : (K,) whether a class parts words
    between : (K,) whether one stands between words, or within one
    enders, closing : (K,) whether one ends a sentence, and whether it may stand behind such an end
    brackets : classes of each opening bracket and the closing one
    """

    extents: NDArray[np.float64]
    kinds: NDArray[np.bool_]
    shapes: NDArray[np.float32]
    log_marks: NDArray[np.float64]
    succession: Succession
    practice: PracticeSets
    parting: NDArray[np.bool_]
    closing: NDArray[np.bool_]
    enders: NDArray[np.bool_]
    between: NDArray[np.bool_]
    brackets: tuple[tuple[int, int], ...] = ()

    @classmethod
    def build(cls, alphabet: Alphabet, extents: Mapping[str, tuple[float, float]]) -> Self:
        """Collect what is known of each class of an alphabet."""
        kinds = np.array([[is_kind(char) for is_kind in _KINDS] for char in alphabet.chars])
        shares = [_mark_share(char) for char in alphabet.chars]
        log_marks = np.where(kinds.any(axis=1), 0.0, np.log(shares))
        extent = np.array([extents[char] for char in alphabet.chars], np.float64)
        of = alphabet.chars.index
        brackets = tuple((of(pair[0]), of(pair[1])) for pair in PAIRS if set(pair) <= set(alphabet.chars))
        closing, enders, between = (
            np.array([char in some for char in alphabet.chars]) for some in ("\"')", ".!?", BETWEEN)
        )
        return cls(
            extent,
            kinds,
            shape_groups(alphabet),
            log_marks,
            Succession(alphabet),
            PracticeSets(alphabet),
            parting_marks(alphabet),
            closing,
            enders,
            between,
            brackets,
        )

    def weigh(self, rows: Sequence[Sight], *, places_seen: bool = False) -> Weighed:
        """Weigh the glyphs of the rows of a page by each other.

        Parameters
        ----------
        places_seen : whether what the glyphs look like says already how high they are in their rows
        """
        if not rows:
            return Weighed([], np.zeros(0), np.zeros(0))
        page, spread = _Page.of(rows), _SEEN_PLACE_SPREAD if places_seen else _PLACE_SPREAD
        weighed = _normalised(page.log_p)
        seen = weighed @ self.shapes
        by_page: float | NDArray[np.float64] = 0.0
        imagined = np.full((len(rows), len(_KINDS)), _IMAGINED / len(_KINDS))
        # Where one half may not come out, nothing can be said of the other.
        brackets = [pair for pair in self.brackets if np.isfinite(page.log_p[:, pair]).any(axis=0).all()]
        for number in range(_ROUNDS):
            if number >= _ROUNDS_ALONE:
                by_page, drills, in_order = self._characters_of_page(seen, weighed, page)
                imagined = self._kinds_of_page(weighed, page)
            looks = page.log_p + self._place(weighed, page, spread)
            log_p = looks + self._kind(weighed, page, imagined, _normalised(looks)) + by_page
            weighed = _normalised(log_p + log_bracket_prior(weighed, page.rows, brackets))
        by_row = page.rows.split(weighed)
        of_kind = drills * self._are_of_kind
        repeated = np.array([p.mean(axis=0) @ self.shapes @ drill for p, drill in zip(by_row, of_kind, strict=True)])
        return Weighed(self._agreed(by_row, drills, page.rows.split(_normalised(looks))), repeated, in_order)

    def goes_on(self, last: int, first: int) -> bool:
        """Whether a row that begins with a class goes on with an alphabet of which the one before has the last."""
        return bool(self.kinds[[last, first], 1:].any(axis=1).all()) and self.succession.follows(last, first)

    def _characters_of_page(
        self, seen: NDArray[np.float64], weighed: NDArray[np.float64], page: _Page
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Tell what is to be expected of glyphs by what else is on the page.

        Of characters of one shape the place and the kind decide: a page with many an O may well have one 0.

        Parameters
        ----------
        seen : (M, G) what shape each glyph looks like
        weighed : (M, K) what the glyphs of all rows are thought to be so far

        Returns
        -------
        log-probability (M, K) of each class for the glyphs of all rows, that of its shape if the row is in no order;
        probability (R, G) that a row is a drill of each shape; (R,) that it is a succession
        """
        ordinary = log_page_prior(weighed @ self.shapes)
        by_shape, drills = log_drill_prior(seen, page.rows, ordinary, self._practised())
        sizes = self.shapes @ self.shapes.sum(axis=0)  # each of so many classes has the probability of the whole shape
        in_order, by_class = self.succession.of_rows(
            seen @ self.shapes.T, page.rows, np.exp(by_shape) @ self.shapes.T / sizes
        )
        return np.log(by_class * sizes), drills, in_order

    @property
    def _are_of_kind(self) -> NDArray[np.bool_]:
        """Whether each shape (G,) is one of letters or digits."""
        return np.asarray(self.kinds.any(axis=1) @ self.shapes > 0)

    def _practised(self) -> NDArray[np.float64]:
        """Share (G,) of all drills that are of each shape."""
        share = np.where(self._are_of_kind, 1.0, PRACTISED_MARK)
        return np.asarray(share / share.sum(), np.float64)

    def _agreed(
        self, weighed: Sequence[NDArray[np.float64]], drills: NDArray[np.float64], looks: Sequence[NDArray[np.float64]]
    ) -> list[NDArray[np.float64]]:
        """Let the drills (R, G) of a page agree on what is practised; slips, which are of another shape, have no say.

        Parameters
        ----------
        weighed, looks : (N, K) of each row, in view of everything else, and as its glyphs look where they stand
        """
        result = [p.copy() for p in weighed]
        # Of each row that is a drill: its number, and the glyphs that are of the shape which it repeats.
        repeated = [(number, p @ self.shapes[:, drills[number].argmax()]) for number, p in enumerate(weighed)]
        repeating = [(r, mass > 0.5) for r, mass in repeated if drills[r].max() > 0.5 and mass.max() > 0.5]
        if not repeating:
            return result
        practised = self.practice.of_rows([looks[number][alike] for number, alike in repeating])
        for (number, alike), of_row in zip(repeating, practised, strict=True):
            before = weighed[number][alike]
            of_shape = before * (self.shapes[:, drills[number].argmax()] > 0)
            mass = of_shape.sum(axis=1, keepdims=True)
            several = in_turns((of_shape / mass)[:, of_shape.any(axis=0)])
            # What it may be of another shape, if it is a slip, it may be as before.
            result[number][alike] = before + (1 - several) * (mass * of_row - of_shape)
        return result

    def _kinds_of_page(self, p: NDArray[np.float64], page: _Page) -> NDArray[np.float64]:
        """How many glyphs of each kind (R, 3) are imagined in every word, for each row by what the others hold."""
        of_rows = page.rows.sums(p @ self.kinds)
        of_others = of_rows.sum(axis=0) - of_rows + _IMAGINED_ON_PAGE
        return np.asarray(_IMAGINED * of_others / of_others.sum(axis=1, keepdims=True), np.float64)

    def _place(self, p: NDArray[np.float64], page: _Page, spread: float) -> NDArray[np.float64]:
        """Log-likelihood (M, K) of each glyph's top and bottom, were it of each class.

        The lines of each row are fitted by weighted least squares: ``y = cap + slope * x + em * extent``, each glyph
        counting as every class in proportion to its probability.

        Parameters
        ----------
        spread : of tops and bottoms about their lines, in em
        """
        glyphs = np.bincount(page.rows.row).astype(np.float64)
        x = page.places[:, 0] - (page.rows.sums(page.places[:, 0]) / glyphs)[page.rows.row]
        y = page.places[:, 1:]
        expected = p @ self.extents  # (M, 2)
        em = page.rows.sums(np.ptp(y, axis=1)) / np.maximum(page.rows.sums(np.ptp(expected, axis=1)), _PEN * glyphs)
        wide = np.maximum(np.maximum.reduceat(np.abs(x), page.rows.starts), em)
        # Normal equations for (cap, slope, em) of each row, summed over glyphs, classes, and top and bottom.
        of_x, of_xx = 2 * page.rows.sums(x), 2 * page.rows.sums(x**2) + _LEVEL_WEIGHT * wide**2
        of_extent, of_x_extent = page.rows.sums(expected.sum(axis=1)), page.rows.sums(x * expected.sum(axis=1))
        of_extent_square = page.rows.sums((p @ self.extents**2).sum(axis=1)) + _HEIGHT_WEIGHT
        a = [[2 * glyphs, of_x, of_extent], [of_x, of_xx, of_x_extent], [of_extent, of_x_extent, of_extent_square]]
        of_y, of_xy, of_y_extent = (page.rows.sums(each.sum(axis=1)) for each in (y, x[:, None] * y, expected * y))
        b = [of_y, of_xy, of_y_extent + _HEIGHT_WEIGHT * em]
        found = np.linalg.solve(np.moveaxis(np.array(a), 2, 0), np.array(b).T[:, :, None])[page.rows.row, :, 0]
        em = np.maximum(found[:, 2], 1.0)
        lines = (found[:, 0] + found[:, 1] * x)[:, None, None] + em[:, None, None] * self.extents  # (M, K, 2)
        deviation = (y[:, None, :] - lines) / (spread * em)[:, None, None]
        farness = 1 + deviation**2 / _PLACE_FREEDOM
        return np.asarray(-(_PLACE_FREEDOM + 1) / 2 * np.log(farness[:, :, 0] * farness[:, :, 1]), np.float64)

    def _kind(
        self, p: NDArray[np.float64], page: _Page, imagined: NDArray[np.float64], looks: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log-probability (M, K) of each class by how common its kind is among the other glyphs of word and row.

        Parameters
        ----------
        looks : (M, K) what each glyph looks like where it stands
        """
        of_kind = p @ self.kinds  # (M, 3)
        first = np.append(True, np.diff(page.words) > 0)
        in_word = np.add.reduceat(of_kind, np.flatnonzero(first), axis=0)[page.words]
        others = _WORD_SHARE * (in_word - of_kind) + _ROW_SHARE * (page.rows.sums(of_kind)[page.rows.row] - in_word)
        together = ~first[1:, None] * (_NEIGHBOUR_SHARE - _WORD_SHARE)
        others[1:] += together * of_kind[:-1]
        others[:-1] += together * of_kind[1:]
        others[first, 1] += _CAPITAL_FIRST * others[first, 2]
        others += imagined[page.rows.row]
        share = others / others.sum(axis=1, keepdims=True)
        letter = share[:, 1] + share[:, 2]
        capital = capital_share(self._letters(p, page, looks), share[:, 1] / letter)
        share[:, 1], share[:, 2] = letter * capital, letter * (1 - capital)
        log_share = np.log(share)
        of_marks = log_share.max(axis=1, keepdims=True) + self.log_marks
        return np.where(self.kinds.any(axis=1), log_share @ self.kinds.T, of_marks)

    def _letters(self, p: NDArray[np.float64], page: _Page, looks: NDArray[np.float64]) -> Letters:
        """Part words (M, K), as they are thought to be so far, at their marks, and find where sentences begin."""
        best = p.argmax(axis=1)
        is_mark, closes = self.parting[best], self.closing[best]
        begins = np.append(True, np.diff(page.words) > 0)
        starts = np.flatnonzero((begins | np.append(False, is_mark[:-1])) & ~is_mark)
        starts = np.union1d(0, starts)
        start_of_word = np.flatnonzero(begins)[page.words[starts]]
        # A bracket or a quotation mark may stand before a sentence, and behind the end of the one before.
        is_first = (starts == start_of_word) | ((starts == start_of_word + 1) & is_mark[start_of_word])
        end = start_of_word - 1
        ends = np.append(p @ self.enders, 1.0)[end - (closes[end] & (end > 0))]  # before the page, one has ended
        sentence = np.where(is_first, ends, 0.0)
        begins_row = np.isin(np.flatnonzero(begins), page.rows.starts)
        has_letter = np.bincount(page.words, self.kinds[best, 1:].any(axis=1)) > 0
        begins_row |= np.append(False, (begins_row & ~has_letter)[:-1])  # what follows a label such as "3:"
        row = np.where(is_first & begins_row[page.words[starts]], 1 - sentence, 0.0)
        return Letters(looks @ self.kinds, starts, np.stack([sentence, row, 1 - sentence - row], axis=1))


def _mark_share(char: str) -> float:
    return _RARE_SHARE if char in _RARE_MARKS else _SELDOM_SHARE if char in _SELDOM_MARKS else _MARK_SHARE


def _normalised(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(softmax(log_p), np.float64)
