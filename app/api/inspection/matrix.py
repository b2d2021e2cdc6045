"""The confusion matrix of a version on a split: taken from its card, or counted now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.api.inspection.inspected import Chosen, Inspector
from app.api.serving.turns import Checkpoint
from app.errors import InvalidInput
from app.inspection import Order, group_by_kind, order_classes
from app.training.measuring.cases import NOTHING
from app.training.measuring.evaluation_sets import SYNTHETIC, EvaluationSplit


@dataclass(frozen=True)
class Matrix:
    """Counts (L, L) by label, rows are true; a model for rows has `NOTHING` as its last label, for added and lost ones.

    Attributes
    ----------
    from_card : whether training counted them
    is_final : whether the same request will always have this answer, so that it may be cached
    """

    labels: str
    counts: NDArray[np.int64]
    split: str
    from_card: bool
    is_final: bool

    @property
    def alphabet(self) -> str:
        """The labels that are characters."""
        return self.labels.removesuffix(NOTHING)

    @property
    def total(self) -> int:
        """How many characters were written, or read where nothing is written."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """The share of these that was read right."""
        return float(self.counts.trace() / max(self.total, 1))

    def ordered(self, order: Order, among: str | None) -> list[int]:
        """Return the indices of the labels to show; `NOTHING` is the last.

        Raises
        ------
        InvalidInput : `among` has characters that are none of the labels.
        """
        size = len(self.alphabet)
        everything = [*order_classes(self.alphabet, self.counts[:size, :size], order), *range(size, len(self.labels))]
        if among is None:
            return everything
        if unknown := sorted(set(among) - set(self.labels)):
            raise InvalidInput(f"among: expected characters out of {self.labels}, got {''.join(unknown)!r} as well")
        return [index for index in everything if self.labels[index] in among]

    def groups(self, shown: list[int]) -> list[dict[str, str]]:
        """Return the kinds of those that are shown, with their characters."""
        by_kind = group_by_kind([self.labels[index] for index in shown if index < len(self.alphabet)])
        return [
            {"name": name, "labels": "".join(self.labels[shown[place]] for place in places)}
            for name, places in by_kind.items()
        ]

    def breaks(self, shown: list[int]) -> list[int]:
        """Return the places at which another kind begins."""
        ends = np.cumsum([len(group["labels"]) for group in self.groups(shown)]).tolist()
        return [end for end in ends if end < len(shown)]

    def insertions(self) -> dict[str, int] | None:
        """Count what was read where nothing is written, the most frequent first; None for a model for glyphs."""
        return None if self.alphabet == self.labels else self._beside(self.counts[-1, :-1])

    def deletions(self) -> dict[str, int] | None:
        """Count what is written but was passed over, the most frequent first; None for a model for glyphs."""
        return None if self.alphabet == self.labels else self._beside(self.counts[:-1, -1])

    def _beside(self, counts: NDArray[np.int64]) -> dict[str, int]:
        order = np.argsort(-counts, kind="stable")
        return {self.labels[index]: int(counts[index]) for index in order.tolist() if counts[index]}


def find_matrix(inspector: Inspector, chosen: Chosen, split: EvaluationSplit | None, checkpoint: Checkpoint) -> Matrix:
    """Take the matrix of the card if it is of the wanted split, or if none is named; otherwise count one."""
    kept = chosen.card.get("confusion")
    if kept is not None and split in (None, kept["split"]):
        counts = np.array(kept["counts"], np.int64)
        return Matrix(chosen.card["alphabet"], counts, kept["split"], from_card=True, is_final=True)
    used, cases = inspector.cases(chosen, split, checkpoint)
    return Matrix(cases.labels, cases.confusion(), used, from_card=False, is_final=split == SYNTHETIC)
