"""The loss of a glyph network: cross-entropy over all characters, and over a group of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.datasets import GlyphLesson
from app.nn import Array, array_namespace, cross_entropy
from app.ocr import Alphabet
from app.training.epochs.step import Part


def loss_and_gradient(
    logits: Array,
    classes: NDArray[np.integer],
    smoothing: float = 0.0,
    group: NDArray[np.bool_] | None = None,
    group_weight: float = 0.0,
) -> tuple[float, Array]:
    """Return the mean cross-entropy, partly over a group of classes only, and its gradient.

    A reader with an allow-list takes the softmax over the allowed characters alone. To train that choice as well, the
    loss of a sample whose class is in the group is ``(1 - w) * CE + w * CE_group``, with CE over all classes and
    CE_group over the logits of the group; that of any other sample is CE.

    Parameters
    ----------
    logits : ndarray of shape (N, K), NumPy's or of another library
    classes : (N,), 0 to K - 1; NumPy's, as `group` is
    smoothing : label smoothing, see `cross_entropy`; within the group, over the group
    group : (K,), True for the classes of the group
    group_weight : w, in [0, 1]

    Returns
    -------
    loss, grad : nats per sample; ndarray of shape (N, K), of the library of the logits
    """
    loss, grad = cross_entropy(logits, classes, smoothing)
    inside = np.flatnonzero(group[classes]) if group is not None and group_weight else np.empty(0, np.intp)
    if group is None or not len(inside):
        return loss, grad
    share = group_weight * len(inside) / len(classes)
    xp, members, (n, k) = array_namespace(logits), np.flatnonzero(group), logits.shape
    logits_inside = xp.take(logits, xp.asarray(inside), axis=0)
    loss_inside, _ = cross_entropy(logits_inside, classes[inside], smoothing)
    among = xp.take(logits_inside, xp.asarray(members), axis=1)
    number_in_group = np.cumsum(group) - 1
    loss_group, grad_group = cross_entropy(among, number_in_group[classes[inside]], smoothing)
    kept = xp.asarray(np.where(group[classes], 1 - group_weight, 1.0)[:, None], dtype=grad.dtype)
    # The array API has no scatter: products with matrices of ones and zeros put each gradient where its logit was.
    to_rows = xp.asarray(np.arange(n)[:, None] == inside, dtype=grad.dtype)
    to_columns = xp.asarray(members[:, None] == np.arange(k), dtype=grad.dtype)
    grad = grad * kept + to_rows @ (share * grad_group) @ to_columns
    return loss + share * (loss_group - loss_inside), grad


@dataclass(frozen=True)
class NameGlyphs:
    """The objective of a glyph network: a class for each glyph. The other settings are those of `loss_and_gradient`."""

    alphabet: Alphabet
    smoothing: float = 0.0
    group: NDArray[np.bool_] | None = None
    group_weight: float = 0.0
    at_once: int = 32

    @property
    def classes(self) -> int:
        """Outputs of the network."""
        return len(self.alphabet)

    def parts(self, drawn: tuple[Array, NDArray[np.str_]] | GlyphLesson, shards: int) -> list[Part]:
        """Cut glyphs (N, 1, H, W) and their labels (N,) into equally large parts."""
        glyphs, labels = drawn[:2]
        classes = self.alphabet.encode(labels)
        return list(zip(np.split(glyphs, shards), np.split(classes, shards), strict=True))

    def loss(self, logits: Array, truth: NDArray[np.integer]) -> tuple[float, Array]:
        """See `loss_and_gradient`."""
        return loss_and_gradient(logits, truth, self.smoothing, self.group, self.group_weight)

    def valid_loss(self, logits: Array, truth: NDArray[np.integer]) -> float:
        """Return the mean cross-entropy over all classes."""
        return cross_entropy(logits, truth)[0]

    def score(self, logits: Array, truth: NDArray[np.integer]) -> tuple[int, int]:
        """Return how many glyphs are named rightly, and how many there are."""
        return int((logits.argmax(axis=1) == truth).sum()), len(truth)
