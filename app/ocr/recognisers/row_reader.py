"""The row network in use: strips in, texts out, with a place and probabilities for every character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel
from app.nn import BLANK, Array, Sequential
from app.ocr.alphabet import Alphabet, look_alike_groups, shape_groups
from app.ocr.judgement.evidence import RowEvidence
from app.ocr.line import Line
from app.ocr.patterns.automaton import MOST_COST, Pattern
from app.ocr.patterns.spelling import spell_pattern
from app.ocr.patterns.syntax import SPACE
from app.ocr.recognisers.architectures import build_from_card
from app.ocr.recognisers.row_predictor import RowPredictor
from app.ocr.spelling.alignment import Alignment, align
from app.ocr.spelling.allow_list import allow_only
from app.ocr.spelling.beam_search import LANGUAGE_WEIGHT, beam_search
from app.ocr.spelling.points import POINT, insert, overlooked_points
from app.ocr.spelling.posteriors import character_posteriors
from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState
from app.ocr.spelling.spelling import Spelling
from app.ocr.spelling.word_breaks import weigh_breaks
from app.vision import Components, RowOfInk, Strip, assign_ink, cut_between

_TINY = 1e-12
# Some 200 characters. The alignment needs memory by the square of this, so a page made for it could exhaust the memory.
_MOST_COLUMNS = 1200
_NEVER = -100.0  # nats: as good as impossible


class Effort(NamedTuple):
    """How thorough the search for a row's text is: arguments of `beam_search`."""

    beam_width: int
    least: float


# With half the width, a quarter of what the language mends stays wrong (docs/notebook/reader.md).
_THOROUGH = Effort(32, 1e-3)
# On a page crowded with writing, of some 2,000 characters and more, that would take seconds. This takes a quarter of
# the time, for 5 of a hundred edits more (docs/notebook/speed.md).
_CROWDED_COLUMNS = 12_000
_HASTY = Effort(8, 1e-2)


class RowReader:
    """A row network with its alphabet. Threads may share one, since reading changes nothing in it.

    Parameters
    ----------
    network : maps strips (N, 1, STRIP_HEIGHT, W) to logits (N, T, K + 1); class `BLANK` is none of the K characters
    alphabet : the K characters, the space among them
    temperature, threads : as of `RowPredictor`
    """

    def __init__(self, network: Sequential, alphabet: Alphabet, temperature: float = 1.0, threads: int = 1) -> None:
        self._predictor = RowPredictor(network, temperature, threads)
        self.alphabet = alphabet
        self.evidence = RowEvidence(alphabet)
        self._space = 1 + alphabet.chars.index(SPACE)
        self._shapes = shape_groups(alphabet)
        self._look_alikes = look_alike_groups(alphabet)

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], threads: int = 1) -> Self:
        """Build the reader of a stored model, with the errors of `build_from_card`; `threads` as of the class."""
        network, alphabet, temperature = build_from_card(card, arrays)
        if SPACE not in alphabet.chars:
            raise CorruptModel(f"the card cannot be used: expected a space among {alphabet.chars!r}")
        return cls(network, alphabet, temperature, threads)

    def is_short_enough(self, strip: Strip) -> bool:
        """Whether a strip is not too long to be read; nobody writes rows that long."""
        return strip.columns <= _MOST_COLUMNS

    def predict(self, strips: Sequence[Strip]) -> list[Array]:
        """Return for each strip the log-probabilities (T, K + 1) of its columns, see `RowPredictor.predict`.

        A strip that is not `is_short_enough` comes back as a single column, a blank.
        """
        blank = np.where(np.arange(len(self.alphabet) + 1) == BLANK, 0.0, _NEVER)[None]
        predicted = iter(self._predictor.predict([strip for strip in strips if self.is_short_enough(strip)]))
        return [next(predicted) if self.is_short_enough(strip) else blank for strip in strips]

    def certainty(self, log_p: Array, *, roughly: bool = False) -> NDArray[np.float64]:
        """Return how sure the network is of each character (S,) it sees: the log-probability of its likeliest shape.

        There is no search for a text. Neighbouring columns that show the same shape are one character, which counts
        where it is seen best.

        Parameters
        ----------
        log_p : (T, K + 1), as `predict` returns it
        roughly : whether look-alikes such as 9 and g count as one shape
        """
        p = np.exp(log_p, dtype=np.float64)
        shapes = self._characters(p) @ (self._look_alikes if roughly else self._shapes)
        best = np.where(shapes.max(axis=1) > np.maximum(p[:, BLANK], p[:, self._space]), shapes.argmax(axis=1), -1)
        starts = np.flatnonzero(np.diff(best, prepend=-2))
        peaks = np.maximum.reduceat(shapes.max(axis=1), starts)
        return np.asarray(np.log(peaks[best[starts] >= 0]))

    def effort(self, seen: Sequence[Array]) -> Effort:
        """Return how thoroughly the rows of a page can be searched, by what `predict` returned for all of them."""
        return _HASTY if sum(map(len, seen)) > _CROWDED_COLUMNS else _THOROUGH

    def log_gain(self, log_p: Array, scorer: PrefixScorer) -> float:
        """Return by how many nats a language makes a row (T, K + 1) of `predict` likelier, weighed as in the search."""
        text, _ = beam_search(log_p, *_THOROUGH, scorer=scorer)
        return LANGUAGE_WEIGHT * scorer.log_gain(scorer.extend(PrefixState(), text), ended=True)

    def spell(
        self,
        log_p: Array,
        allowed: NDArray[np.bool_] | None = None,
        scorer: PrefixScorer | None = None,
        effort: Effort = _THOROUGH,
    ) -> Spelling:
        """Find the likeliest text of a row.

        Parameters
        ----------
        log_p : (T, K + 1), as `predict` returns it
        allowed : (K,), characters that may come out; None for all. The space always may
        scorer : scores prefixes by the language that helps to find the text
        effort : how thorough the search is
        """
        permitted = self._permit(log_p, allowed)
        text, _ = beam_search(permitted, *effort, scorer=scorer)
        spelling = self._spelling(text, align(permitted, text), permitted)
        if scorer is not None:
            spelling = replace(spelling, p_space=weigh_breaks(text, self._space, spelling.p_space, scorer))
        if allowed is None:
            return spelling
        free = self.spell(log_p, effort=effort)
        # With an allow-list two neighbours may become the same character, and without a blank between them the search
        # takes them for one. The text found without the list has both.
        return spelling if len(free.columns) <= len(spelling.columns) else _share_out(free, allowed)

    def spell_as(
        self,
        log_p: Array,
        pattern: Pattern,
        substitutions: NDArray[np.float64],
        allowed: NDArray[np.bool_] | None = None,
    ) -> Spelling | None:
        """Find the likeliest text of a row that fits a pattern; None if none fits well.

        Parameters
        ----------
        log_p, allowed : as for `spell`
        substitutions : (M, M), see `substitution_matrix`, for the M characters of the pattern
        """
        classes = np.array([1 + self.alphabet.chars.index(char) for char in pattern.known + SPACE], np.intp)
        known = classes[:-1]
        softened = np.exp(log_p, dtype=np.float64)
        softened[:, known] = softened[:, known] @ substitutions
        log_softened = self._permit(np.log(softened + _TINY), allowed)
        found = spell_pattern(log_softened, pattern, classes)
        if found is None:
            return None
        text, score = found
        if log_softened.max(axis=1).sum() - score > MOST_COST * len(text):
            return None
        return self._spelling(text, align(log_softened, text), self._permit(log_p, allowed))

    def with_points(
        self, spelling: Spelling, log_p: Array, row: RowOfInk, allowed: NDArray[np.bool_] | None = None
    ) -> Spelling:
        """Add the full stops that the search left out, although the network saw them and there is ink for them.

        Parameters
        ----------
        log_p, allowed : as for `spell`
        """
        point = self.alphabet.chars.find(POINT)
        if point < 0 or not len(spelling.columns):  # a strip that is too long has neither columns nor characters
            return spelling
        p = self._characters(np.exp(self._permit(log_p, allowed), dtype=np.float64))
        spelt = spelling.columns[spelling.p.argmax(axis=1) == point].tolist()
        points = np.setdiff1d(overlooked_points(row, p[:, point], spelt), spelling.columns).astype(np.intp)
        peaks = _peaks(p, points, point)
        surest = peaks.argmax(axis=1) == point  # otherwise the column shows the letter beside the stop
        return insert(spelling, points[surest], peaks[surest])

    def _permit(self, log_p: Array, allowed: NDArray[np.bool_] | None) -> Array:
        return log_p if allowed is None else allow_only(log_p, np.append(True, allowed), (BLANK, self._space))

    def _spelling(self, text: Sequence[int], alignment: Alignment, log_p: Array) -> Spelling:
        """Find what each character of a text may be, by the log-probabilities (T, K + 1) of the columns around it."""
        posteriors = character_posteriors(log_p, text, alignment)
        written = np.flatnonzero(np.asarray(text, np.intp) != self._space)
        peaks = alignment.peaks[written]
        p_space = np.zeros(max(len(written) - 1, 0))
        for number, (left, right) in enumerate(pairwise(written)):
            if right > left + 1:
                p_space[number] = posteriors[left + 1 : right, self._space].max()  # there may be two spaces in a row
            else:
                p_space[number] = min(np.exp(log_p[peaks[number] : peaks[number + 1], self._space].max()), 0.5)
        return Spelling(self._characters(posteriors[written]), peaks, p_space)

    def _characters(self, posteriors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Drop the blank from posteriors (S, K + 1), and set the space to 0: the probabilities (S, K) of characters."""
        p = np.delete(posteriors, BLANK, axis=1)
        p[:, self._space - 1] = 0
        return p

    def text(self, spelling: Spelling) -> str:
        """Return the likeliest characters, with spaces where they are likelier than not."""
        chars = [self.alphabet.chars[index] for index in spelling.p.argmax(axis=1)]
        spaces = [SPACE if p > 0.5 else "" for p in spelling.p_space]
        return "".join(char + space for char, space in zip(chars, [*spaces, ""], strict=False))

    def line(self, row: RowOfInk, spelling: Spelling, components: Components, alphabet: Alphabet) -> Line | None:
        """Give each character of a spelling its ink; None if there is no character with ink.

        A character that the network saw where no ink is left for it is dropped.

        Parameters
        ----------
        components : the pieces of ink of the page that the row is of
        alphabet : the classes of the line, all of them known to the network
        """
        if not len(spelling.columns):
            return None
        labels = [label for piece in row.pieces for label in piece.labels]
        cuts = cut_between(row.strip, spelling.columns.tolist())
        found = assign_ink(labels, components, cuts, row.strip.middles(spelling.columns))
        kept = [number for number, own in enumerate(found) if own is not None]
        if not kept:
            return None
        inks = [own for own in found if own is not None]
        p_space = [1 - np.prod(1 - spelling.p_space[left:right]) for left, right in pairwise(kept)]
        p = spelling.p[np.ix_(kept, [self.alphabet.chars.index(char) for char in alphabet.chars])]
        log_p = np.where(p > 0, np.log(p + _TINY), -np.inf)  # 0: not allowed
        return Line(
            [own.box for own in inks],
            log_p,
            row.height,
            p_space=np.array(p_space),
            joined=sum(own.is_joined for own in inks) / len(inks),
            block=row.block,
            number=row.line,
            cells=row.cells,
        )


def _peaks(p: NDArray[np.float64], columns: NDArray[np.intp], char: int) -> NDArray[np.float64]:
    """Return, for each column (S,), the row of p (T, K) in which `char` is likeliest: of it or a column beside it."""
    near = np.clip(columns[:, None] + [-1, 0, 1], 0, len(p) - 1)
    return p[near[np.arange(len(columns)), p[near, char].argmax(axis=1)]]


def _share_out(spelling: Spelling, allowed: NDArray[np.bool_]) -> Spelling:
    """Give the probability of each character of a text to the allowed ones (K,), in proportion."""
    p = np.where(allowed, spelling.p + _TINY, 0.0)
    return replace(spelling, p=p * (spelling.p.sum(axis=1) / p.sum(axis=1))[:, None])
