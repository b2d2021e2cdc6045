"""How well a network names glyphs, and how honestly it says so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.nn import Array, Sequential, cross_entropy, softmax
from app.ocr import Alphabet

# Two pairs that a single glyph's shape does not tell apart in most hands.
_ONE_SHAPE = {"0": "O", "1": "I"}


def evaluate(network: Sequential, glyphs: Array, classes: NDArray[np.integer]) -> tuple[float, float]:
    """Return mean cross-entropy (nats) and accuracy."""
    logits = network.predict(glyphs)
    loss, _ = cross_entropy(logits, classes)
    return loss, float((logits.argmax(axis=1) == classes).mean())


@dataclass(frozen=True)
class GlyphReport:
    """What a network makes of labelled glyphs.

    Attributes
    ----------
    accuracy : over all classes
    accuracy_36 : over the glyphs that are digits and capitals, the network choosing among these only
    accuracy_36_one_shape : likewise, with 0 and O, and 1 and I, each counted as one
    count, count_36 : glyphs behind these figures
    confusion : (K, K) counts; rows are true
    """

    accuracy: float
    accuracy_36: float
    accuracy_36_one_shape: float
    count: int
    count_36: int
    confusion: NDArray[np.int64]

    @property
    def metrics(self) -> dict[str, float | int]:
        """The figures by name."""
        return {
            name: getattr(self, name)
            for name in ("accuracy", "accuracy_36", "accuracy_36_one_shape", "count", "count_36")
        }


def report(logits: Array, classes: NDArray[np.integer], alphabet: Alphabet) -> GlyphReport:
    """Compare logits (N, K) with the true classes (N,)."""
    y_pred = logits.argmax(axis=1)
    confusion = np.zeros((len(alphabet), len(alphabet)), np.int64)
    np.add.at(confusion, (classes, y_pred), 1)
    in_36 = np.array([char.isdigit() or char.isupper() for char in alphabet.chars])
    one_shape = alphabet.encode(_one_shape(char, alphabet) for char in alphabet.chars)
    among = in_36[classes]
    true_36, pred_36 = classes[among], np.where(in_36, logits[among], -np.inf).argmax(axis=1)
    return GlyphReport(
        accuracy=_share(y_pred == classes),
        accuracy_36=_share(pred_36 == true_36),
        accuracy_36_one_shape=_share(one_shape[pred_36] == one_shape[true_36]),
        count=len(classes),
        count_36=int(among.sum()),
        confusion=confusion,
    )


def fit_temperature(logits: Array, classes: NDArray[np.integer]) -> float:
    """Return the temperature T for which softmax(logits / T) is most likely; above 1 for an overconfident network.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, section 4.2.
    """
    low, high = np.log(0.2), np.log(5.0)
    for _ in range(30):  # the loss has one minimum in log T, so thirds can be thrown away
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if cross_entropy(logits / np.exp(left), classes)[0] < cross_entropy(logits / np.exp(right), classes)[0]:
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def expected_calibration_error(probabilities: Array, classes: NDArray[np.integer], bins: int = 15) -> float:
    """Return how far confidence is from accuracy, on average over glyphs in bins of equal confidence.

    References
    ----------
    Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == classes
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(number, confidence, bins) - np.bincount(number, right, bins)
    return float(np.abs(gap).sum() / len(classes))


def calibration(logits: Array, classes: NDArray[np.integer]) -> dict[str, float]:
    """Return the fitted temperature, and the expected calibration error without and with it."""
    temperature = fit_temperature(logits, classes)
    return {
        "temperature": temperature,
        "ece_before": expected_calibration_error(softmax(logits), classes),
        "ece_after": expected_calibration_error(softmax(logits / temperature), classes),
    }


def _one_shape(char: str, alphabet: Alphabet) -> str:
    twin = _ONE_SHAPE.get(char, char)
    return twin if twin in alphabet.chars else char


def _share(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if len(right) else 0.0
