"""The figures of a glyph network: accuracies and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.datasets.sources.unipen36 import CLASSES
from app.nn import Array
from app.ocr import Alphabet

# Two pairs that a single glyph's shape does not tell apart in most hands.
_PAIRS = ("0O", "1I")
# Characters of one shape that only their size or place on the row tells apart, which a single glyph does not show.
ONE_SHAPE = (
    *("cC", "kK", "oO0", "pP", "sS", "uU", "vV", "wW", "xX", "zZ", "yY", "jJ", "mM"),
    *("1lI|", ",'`", "-_"),
)


@dataclass(frozen=True)
class Hits:
    """Which glyphs a figure counts, (N,), and which of these were named rightly, (number of these,)."""

    asked: NDArray[np.bool_]
    right: NDArray[np.bool_]

    def share(self, among: NDArray[np.bool_] | None = None) -> float:
        """Return the accuracy, over the glyphs where `among` (N,) is True; 0 if there are none."""
        right = self.right if among is None else self.right[among[self.asked]]
        return float(right.mean()) if len(right) else 0.0

    def mean_of_classes(self, classes: NDArray[np.integer]) -> float:
        """Return the accuracy of each class (N,), averaged: a rare one counts as much as a frequent one."""
        classes = classes[self.asked]
        counts, hits = np.bincount(classes), np.bincount(classes, self.right)
        return float((hits[counts > 0] / counts[counts > 0]).mean()) if len(classes) else 0.0


def hits_by_figure(logits: Array, classes: NDArray[np.integer], alphabet: Alphabet) -> dict[str, Hits]:
    """Compare logits (N, K) with the true classes (N,), figure by figure.

    Returns
    -------
    dict
        ``accuracy``: over all classes. ``accuracy_one_shape``: likewise, the groups of `ONE_SHAPE` each counted as one.
        ``accuracy_36``: over the glyphs that are 0 to 9 and A to Z, the network choosing among these only.
        ``accuracy_36_one_shape``: likewise, with 0 and O, and 1 and I, each counted as one.
    """
    everything = np.ones(len(classes), bool)
    y_pred = logits.argmax(axis=1)
    in_36 = np.isin(list(alphabet.chars), list(CLASSES))
    asked = in_36[classes]
    true_36, pred_36 = classes[asked], np.where(in_36, logits[asked], -np.inf).argmax(axis=1)
    shape, pair = _numbers(ONE_SHAPE, alphabet), _numbers(_PAIRS, alphabet)
    return {
        "accuracy": Hits(everything, y_pred == classes),
        "accuracy_one_shape": Hits(everything, shape[y_pred] == shape[classes]),
        "accuracy_36": Hits(asked, pred_36 == true_36),
        "accuracy_36_one_shape": Hits(asked, pair[pred_36] == pair[true_36]),
    }


@dataclass(frozen=True)
class GlyphReport:
    """What a network makes of labelled glyphs.

    Attributes
    ----------
    metrics : the accuracies of `hits_by_figure`; as ``count`` and ``count_36`` the glyphs behind them
    confusion : (K, K) counts; rows are true
    """

    metrics: dict[str, float | int]
    confusion: NDArray[np.int64]


def report(logits: Array, classes: NDArray[np.integer], alphabet: Alphabet) -> GlyphReport:
    """Compare logits (N, K) with the true classes (N,)."""
    figures = hits_by_figure(logits, classes, alphabet)
    counts = {"count": len(classes), "count_36": int(figures["accuracy_36"].asked.sum())}
    return GlyphReport(
        {name: verdict.share() for name, verdict in figures.items()} | counts,
        confusion_counts(logits.argmax(axis=1), classes, len(alphabet)),
    )


def confusion_counts(y_pred: NDArray[np.integer], classes: NDArray[np.integer], k: int) -> NDArray[np.int64]:
    """Count how often each of K classes was taken for each: (K, K), rows are true."""
    confusion = np.zeros((k, k), np.int64)
    np.add.at(confusion, (classes, y_pred), 1)
    return confusion


def _numbers(groups: Sequence[str], alphabet: Alphabet) -> NDArray[np.intp]:
    """Return for each class (K,) a number that the members of a group share, and no others."""
    number = np.arange(len(alphabet))
    for group in groups:
        members = [alphabet.chars.index(char) for char in group if char in alphabet.chars]
        if members:
            number[members] = members[0]
    return number
