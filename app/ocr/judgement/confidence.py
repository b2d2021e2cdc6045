"""How often the reader is right when it says that it is this sure: of glyphs, of words and of rows.

The networks' probabilities are honest of single glyphs and of drawn rows. Once both have been joined and rows have been
found on real pages they promise too much, and what they say of single glyphs is not yet a promise for a word. So three
curves, measured on pages whose text is known (`app.training.fitting.confidence`), take what the reader computes to the
share that was right.

References
----------
Zadrozny, Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates, for isotonic
regression.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel
from app.ocr.page import Alternative, Glyph, Row, Word

CONFIDENCE_MODEL = "confidence"
"""The name under which the curves are stored."""
_TINY = 1e-9


def curve_scale(p: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return probabilities on the scale between whose points curves are straight: ``-log(-log p)``, rising with p.

    It spreads what lies near 1, where most glyphs are, and a product of probabilities, as of a long word, near 0.
    """
    return np.asarray(-np.log(-np.log(np.clip(p, _TINY, 1 - _TINY))), np.float64)


@dataclass(frozen=True)
class Curve:
    """A rising line from what is computed to what is right; level beyond its ends.

    Attributes
    ----------
    places : (N,) ascending, on `curve_scale`
    shares : (N,) 0 to 1, never falling
    """

    places: NDArray[np.float64]
    shares: NDArray[np.float64]

    def __call__(self, p: float) -> float:
        """Return the share that was right of what was computed to have this probability."""
        return self.along([p])[0]

    def along(self, p: Sequence[float]) -> list[float]:
        """Return the share for each of several probabilities, in about the time that one takes."""
        return np.interp(curve_scale(np.array(p, np.float64)), self.places, self.shares).tolist()


@dataclass(frozen=True)
class Confidence:
    """The three curves of a reader."""

    glyph: Curve
    word: Curve
    row: Curve

    @classmethod
    def from_card(
        cls,
        card: Mapping[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        lineages: Sequence[Collection[str] | None],
    ) -> Self | None:
        """Build the curves that are stored, or return None if they were fitted for other models.

        A network that was trained on from one that they were fitted for is not another: what a few corrections change
        is less than what the curves tell. How much it is, the gate measures before such a network serves
        (`app.training.gate.decision`).

        Parameters
        ----------
        lineages : of the models that read, in the order of `model_digests`: the digests of each and of those that it
            was trained on from; None for one that is not there

        Raises
        ------
        CorruptModel : as of `from_arrays`
        """
        fitted_for = card.get("fitted_for") or []
        fits = len(fitted_for) == len(lineages) and all(
            digest is None if line is None else digest in line
            for digest, line in zip(fitted_for, lineages, strict=True)
        )
        return cls.from_arrays(arrays) if fits else None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the curves from what is stored.

        Raises
        ------
        CorruptModel : an array is missing or is no curve.
        """
        try:
            curves = {
                level.name: Curve(arrays[f"{level.name}.places"], arrays[f"{level.name}.shares"])
                for level in fields(cls)
            }
        except KeyError as exc:
            raise CorruptModel(f"the model for confidences lacks the array {exc}") from exc
        for name, curve in curves.items():
            rising = all((np.diff(values) >= 0).all() for values in (curve.places, curve.shares))
            if (
                curve.places.shape != curve.shares.shape
                or curve.places.ndim != 1
                or not len(curve.places)
                or not rising
            ):
                raise CorruptModel(f"the model for confidences: expected two rising arrays of one length as {name}")
        return cls(**curves)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what is stored."""
        return {
            f"{level.name}.{part.name}": getattr(getattr(self, level.name), part.name)
            for level in fields(self)
            for part in fields(Curve)
        }

    def apply(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Say of each glyph, word and row how likely it is right.

        What is left of 1 by a glyph's new confidence its alternatives share as before, none of them becoming likelier
        than the glyph itself.
        """
        return tuple(self._apply_to_row(with_glyphs(row, self.glyph)) for row in rows)

    def _apply_to_row(self, row: Row) -> Row:
        words = zip(row.words, word_scores(row), strict=True)
        calibrated = tuple(replace(word, calibrated=self.word(score)) for word, score in words)
        return replace(row, words=calibrated, calibrated=self.row(row_score(row)))


def model_digests(models: Mapping[str, Any]) -> list[str | None]:
    """Return the digests of the models for glyphs, for rows and of the language; None for one that is not there.

    Parameters
    ----------
    models : as an answer names them: that for glyphs, and within it ``rows`` and ``language``
    """
    found = (models, models.get("rows"), models.get("language"))
    return [None if model is None else model["digest"] for model in found]


def with_glyphs(row: Row, curve: Curve) -> Row:
    """Return a row whose glyphs' confidences follow a curve."""
    confidences = iter(curve.along([glyph.confidence for word in row.words for glyph in word.glyphs]))
    return replace(
        row,
        words=tuple(
            replace(word, glyphs=tuple(_calibrated(each, next(confidences)) for each in word.glyphs))
            for word in row.words
        ),
    )


def _calibrated(glyph: Glyph, confidence: float) -> Glyph:
    scale = (1 - confidence) / max(1 - glyph.confidence, _TINY)
    others = (Alternative(other.char, min(confidence, other.confidence * scale)) for other in glyph.alternatives)
    return replace(glyph, confidence=confidence, alternatives=tuple(others))


def word_scores(row: Row) -> list[float]:
    """Return the probability of each word, were its glyphs and gaps right or wrong independently of each other."""
    gaps = [1.0, *(_sure_of_gap(glyph) for word in row.words for glyph in word.glyphs)]
    starts = np.cumsum([0, *(len(word.glyphs) for word in row.words)]).tolist()
    return [
        _all_right(word) * prod(gaps[start : stop + 1])  # from the gap before it to that behind it
        for word, (start, stop) in zip(row.words, pairwise(starts), strict=True)
    ]


def row_score(row: Row) -> float:
    """Return the probability of a row, likewise."""
    return prod(_all_right(word) for word in row.words) * prod(
        _sure_of_gap(glyph) for word in row.words for glyph in word.glyphs
    )


def _all_right(word: Word) -> float:
    return prod(glyph.confidence for glyph in word.glyphs)


def _sure_of_gap(glyph: Glyph) -> float:
    return max(glyph.break_after.p_space, 1 - glyph.break_after.p_space)
