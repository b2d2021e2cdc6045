"""From logits to probabilities and to a loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from app.errors import ShapeMismatch
from app.nn.namespace import array_namespace
from app.nn.types import Array


def softmax(logits: Array) -> Array:
    """Return ``exp(logits) / sum(exp(logits))`` along the last axis.

    Softmax does not change when all logits of a sample move by the same amount, so the largest is taken off first:
    then no exponential overflows.
    """
    xp = array_namespace(logits)
    exponentials = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=-1, keepdims=True)


def log_softmax(logits: Array) -> Array:
    """Return ``log(softmax(logits))`` along the last axis without ever taking the logarithm of 0."""
    xp = array_namespace(logits)
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def cross_entropy(
    logits: Array, targets: NDArray[np.integer[Any]] | Array, smoothing: float = 0.0
) -> tuple[float, Array]:
    """Mean cross-entropy of softmax(logits) with smoothed targets, and its gradient.

    With p a sample's target probabilities (1 for its class and 0 for the others where a class is given), the target is
    ``(1 - smoothing) * p + smoothing / K``; then ``grad = (softmax - target) / N``.

    Parameters
    ----------
    logits : ndarray of shape (N, K)
    targets : integers of shape (N,), the classes, 0 to K - 1; or probabilities of shape (N, K), each row adding up to
        one (not checked; the gradient relies on it). NumPy's, or of the library of the logits
    smoothing : share of the target spread evenly over the classes, in [0, 1)

    Returns
    -------
    loss, grad : nats per sample; ndarray of shape (N, K)

    Raises
    ------
    ShapeMismatch : logits and targets do not count the same samples or classes, or a class is not 0 to K - 1.

    References
    ----------
    Szegedy et al. (2016), Rethinking the inception architecture, section 7 (label smoothing). Hinton, Vinyals, Dean
    (2015), Distilling the knowledge in a neural network (probabilities as targets).
    """
    if logits.ndim != 2 or targets.shape not in (logits.shape[:1], logits.shape):
        raise ShapeMismatch(f"cross_entropy expects (N, K) and (N,) or (N, K), got {logits.shape} and {targets.shape}")
    xp = array_namespace(logits)
    targets = xp.asarray(targets)
    n, k = logits.shape
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    grad = xp.exp(shifted)  # softmax and its logarithm share the exponentials; the gradient is then computed in place
    total = xp.sum(grad, axis=-1, keepdims=True)
    if targets.ndim == 1:
        own = targets[:, None] == xp.arange(k, device=device(logits))
        if int(xp.count_nonzero(own)) != n:  # otherwise a label out of range would count as a sample without loss
            odd = targets[~xp.any(own, axis=1)][0]
            raise ShapeMismatch(f"cross_entropy expects whole numbers from 0 to {k - 1} as classes, got {odd}")
        target = xp.astype(own, logits.dtype)
    else:
        target = xp.astype(targets, logits.dtype)
    if smoothing:
        target = (1 - smoothing) * target + smoothing / k
    shifted -= xp.log(total)
    shifted *= target
    grad /= total
    grad -= target
    grad /= n
    return float(-xp.sum(shifted) / n), grad
