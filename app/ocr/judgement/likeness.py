"""What a row is: writing that can be read, nothing, or writing in another script.

A logistic regression from a row's evidence to the three, fitted by ``inkrow fit-likeness``; then a page's rows are
looked at together, for whoever wrote one row in a script wrote the next one in it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel
from app.nn import softmax
from app.ocr.judgement.evidence import EVIDENCE

LIKENESS = "likeness"
"""Name of the model in a store, and of its architecture."""

_FARTHEST = 4.0  # standard deviations; evidence farther out than anything seen in fitting counts as if it were here
# How many rows of each kind speak beside a page's own, and so how rare a page is taken to be that holds anything else.
_EXPECTED = np.array([1.0, 0.5, 0.2])
_ROUNDS = 20


class Kind(IntEnum):
    """What a row may be."""

    WRITING = 0
    NOTHING = 1
    FOREIGN = 2


class Limits(NamedTuple):
    """What it takes not to read a row, and to say of a page that it holds another script; probabilities."""

    read: float
    """Rows are read that are writing with this probability."""
    foreign: float
    """One row at least is in another script with this probability; else no row is."""
    written: float = 0.0
    """One row at least is writing with this probability; else no row is."""


class Likeness:
    """The fitted decision; changes nothing of itself, so threads may share one.

    Parameters
    ----------
    weight : (1 + 2 E, 3), of a constant, of E numbers of evidence, and of their squares, for each `Kind`
    mean, spread : (E,), what evidence is measured from, and in
    limits : what it takes to act on it
    """

    def __init__(
        self, weight: NDArray[np.floating], mean: NDArray[np.floating], spread: NDArray[np.floating], limits: Limits
    ) -> None:
        self._weight = weight.astype(np.float64)
        self._mean = mean.astype(np.float64)
        self._spread = spread.astype(np.float64)
        self.limits = limits

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the decision of a stored model.

        Raises
        ------
        CorruptModel : it was fitted to other evidence than this version gathers, or something is missing.
        """
        try:
            names, limits = tuple(card["evidence"]), Limits(**{key: float(p) for key, p in card["limits"].items()})
            weight, mean, spread = arrays["weight"], arrays["mean"], arrays["spread"]
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise CorruptModel(f"the card cannot be used: {type(exc).__name__} {exc}") from exc
        shapes = [array.shape for array in (weight, mean, spread)]
        expected = [(1 + 2 * len(EVIDENCE), len(Kind)), (len(EVIDENCE),), (len(EVIDENCE),)]
        if names != EVIDENCE or shapes != expected or not spread.all():
            raise CorruptModel(f"expected {expected} for {', '.join(EVIDENCE)}, got {shapes} for {', '.join(names)}")
        return cls(weight, mean, spread, limits)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what a store keeps of it beside the card."""
        return {"weight": self._weight, "mean": self._mean, "spread": self._spread}

    def p(self, evidence: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how likely each row is of each kind (N, 3), seen alone, if all kinds were as frequent.

        Parameters
        ----------
        evidence : (N, E), see `RowEvidence.of`
        """
        return np.asarray(softmax(terms(evidence, self._mean, self._spread) @ self._weight), np.float64)

    def judge(self, evidence: NDArray[np.floating]) -> list[Kind]:
        """Tell what each of a page's rows is.

        Parameters
        ----------
        evidence : (N, E), of all rows of the page
        """
        p = seen_together(self.p(evidence))
        least = self.limits.read if p[:, Kind.WRITING].max(initial=0.0) >= self.limits.written else 1.0
        kinds = np.where(p[:, Kind.WRITING] < least, 1 + p[:, 1:].argmax(axis=1), Kind.WRITING)
        if p[:, Kind.FOREIGN].max(initial=0.0) < self.limits.foreign:
            kinds[kinds == Kind.FOREIGN] = Kind.NOTHING
        return [Kind(kind) for kind in kinds]


def terms(
    evidence: NDArray[np.floating], mean: NDArray[np.floating], spread: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return what the regression weighs (N, 1 + 2 E): a constant, evidence as deviations, and their squares."""
    z = np.clip((evidence - mean) / spread, -_FARTHEST, _FARTHEST)
    return np.concatenate([np.ones((len(z), 1)), z, z**2], axis=1)


def seen_together(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh how likely each row is of each kind (N, 3) by how frequent the kinds seem to be in its page's other rows.

    Their frequencies are found by expectation maximisation, a few rows as we expect them counting in. What a row says
    of itself does not count once more: one that looks foreign is not why a page should hold another script.

    References
    ----------
    Saerens, Latinne, Decaestecker (2002), Adjusting the outputs of a classifier to new a priori probabilities.
    """
    weighed = p
    for _ in range(_ROUNDS):
        share = _EXPECTED + weighed.sum(axis=0) - weighed
        weighed = p * share
        weighed = weighed / weighed.sum(axis=1, keepdims=True)
    return weighed
