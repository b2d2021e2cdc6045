"""From logits to probabilities and to a loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.errors import ShapeMismatch
from app.nn.types import Array


def softmax(logits: Array) -> Array:
    """Return ``exp(logits) / sum(exp(logits))`` along the last axis.

    Softmax does not change when all logits of a sample move by the same amount, so the largest is taken off first:
    then no exponential overflows.
    """
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def log_softmax(logits: Array) -> Array:
    """Return ``log(softmax(logits))`` along the last axis without ever taking the logarithm of 0."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def cross_entropy(logits: Array, labels: NDArray[np.integer], smoothing: float = 0.0) -> tuple[float, Array]:
    """Mean cross-entropy of softmax(logits) with smoothed labels, and its gradient.

    The target is ``(1 - smoothing) * onehot(label) + smoothing / K``; then ``grad = (softmax - target) / N``.

    Parameters
    ----------
    logits : ndarray of shape (N, K)
    labels : integers of shape (N,), 0 to K - 1
    smoothing : share of the target spread evenly over the classes, in [0, 1)

    Returns
    -------
    loss, grad : nats per sample; ndarray of shape (N, K)

    Raises
    ------
    ShapeMismatch : logits and labels do not count the same samples.

    References
    ----------
    Szegedy et al. (2016), Rethinking the inception architecture, section 7 (label smoothing).
    """
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ShapeMismatch(f"cross_entropy expects (N, K) and (N,), got {logits.shape} and {labels.shape}")
    n, k = logits.shape
    log_p = log_softmax(logits)
    target = np.full_like(log_p, smoothing / k)
    target[np.arange(n), labels] += 1 - smoothing
    return float(-(target * log_p).sum() / n), (np.exp(log_p) - target) / n
