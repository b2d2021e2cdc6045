"""How honestly a network says how sure it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.nn import Array, cross_entropy, softmax


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


def cross_fitted(logits: Array, classes: NDArray[np.integer], writers: NDArray[np.str_]) -> Array:
    """Return probabilities (N, K) of which none was divided by a temperature that its own writer helped to fit.

    Every other writer makes one half; each half gets the temperature of the other.

    Parameters
    ----------
    writers : (N,), who wrote each glyph; at least two
    """
    half = np.unique(writers, return_inverse=True)[1] % 2
    probabilities = np.empty_like(logits)
    for own in (0, 1):
        temperature = fit_temperature(logits[half != own], classes[half != own])
        probabilities[half == own] = softmax(logits[half == own] / temperature)
    return probabilities


def calibration(logits: Array, classes: NDArray[np.integer], writers: NDArray[np.str_]) -> dict[str, float]:
    """Return the fitted temperature, and the expected calibration error without it, with it, and cross-fitted.

    The last, with two writers or more, is what new writers may expect: the second was measured on the very glyphs that
    the temperature was fitted on.
    """
    temperature = fit_temperature(logits, classes)
    errors = {
        "temperature": temperature,
        "ece_before": expected_calibration_error(softmax(logits), classes),
        "ece_after": expected_calibration_error(softmax(logits / temperature), classes),
    }
    if len(np.unique(writers)) > 1:
        errors["ece_cross_fitted"] = expected_calibration_error(cross_fitted(logits, classes, writers), classes)
    return errors
