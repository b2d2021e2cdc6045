"""Calibration: whether a network is right as often as its confidence says, and the temperature that makes it so."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from app.nn import Array, cross_entropy, softmax


def fit_temperature(logits: Array, classes: NDArray[np.integer]) -> float:
    """Return the temperature T for which softmax(logits / T) is most likely; above 1 for an overconfident network.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, section 4.2.
    """
    return best_temperature(lambda temperature: cross_entropy(logits / temperature, classes)[0])


def best_temperature(loss: Callable[[float], float], steps: int = 30) -> float:
    """Return the temperature from 0.2 to 5 with the smallest loss, which must have a single minimum there.

    Ternary search in the logarithm: every step discards a third of the range.
    """
    low, high = log(0.2), log(5.0)
    for _ in range(steps):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if loss(exp(left)) < loss(exp(right)):
            high = right
        else:
            low = left
    return exp((low + high) / 2)


def calibration_gap(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Return the mean distance of confidence (N,) and accuracy, over bins of about equal confidence.

    References
    ----------
    Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.
    """
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(number, confidence, bins) - np.bincount(number, right, bins)
    return float(np.abs(gap).sum() / max(len(right), 1))


def expected_calibration_error(probabilities: Array, classes: NDArray[np.integer], bins: int = 15) -> float:
    """Return the `calibration_gap` of probabilities (N, K) and true classes (N,)."""
    return calibration_gap(probabilities.max(axis=1), probabilities.argmax(axis=1) == classes, bins)


def cross_fitted(logits: Array, classes: NDArray[np.integer], writers: NDArray[np.str_]) -> Array:
    """Return calibrated probabilities (N, K), no writer's by a temperature fitted on that writer's own glyphs.

    Every second writer makes up one half, and each half gets the temperature fitted on the other.

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

    The cross-fitted error, computed from two writers on, is what new writers may expect; the error with the temperature
    is measured on the same glyphs that it was fitted on.
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
