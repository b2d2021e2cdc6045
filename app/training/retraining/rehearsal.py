"""The objectives of networks that learn corrections without forgetting: other writing is to be read as before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets import GlyphLesson, RowBatch
from app.nn import Array, Inference, array_namespace, cross_entropy, log_softmax, softmax
from app.training.epochs.glyph_loss import NameGlyphs
from app.training.epochs.row_loss import RowTruth, SpellRows
from app.training.epochs.step import Part

_TINY = 1e-12


class ToldGlyphs(NamedTuple):
    """The truth about the glyphs of a part: classes (N,), and the probabilities (N, K) that the network is to give."""

    classes: NDArray[np.int64]
    targets: Array


@dataclass(frozen=True)
class RehearseGlyphs:
    """The objective of a glyph network that learns corrections: for corrected glyphs, the true class.

    For all other glyphs, which are rehearsed, it is to give the probabilities that the network gave from which it
    started, its doubts included. So it neither forgets nor becomes surer.

    Attributes
    ----------
    naming : the objective without rehearsal, by which the network is measured
    before : the network from which training started
    doubt : the share of what `before` said of a corrected glyph that is kept, 0 to 1: another hand may write what it
        was misread as in just this way

    References
    ----------
    Hinton, Vinyals, Dean (2015), Distilling the knowledge in a neural network. Li, Hoiem (2016), Learning without
    forgetting.
    """

    naming: NameGlyphs
    before: Inference
    doubt: float = 0.0

    def parts(self, drawn: GlyphLesson, shards: int) -> list[Part]:
        """Cut a lesson into parts of equally many glyphs."""
        classes = self.naming.alphabet.encode(drawn.labels)
        said = softmax(self.before.predict(drawn.glyphs))
        smoothing = self.naming.smoothing
        k = self.naming.classes
        true = (1 - smoothing) * np.eye(k, dtype=said.dtype)[classes] + smoothing / k
        share = np.where(drawn.taught, 1 - self.doubt, 0).astype(said.dtype)[:, None]
        cut = (np.split(array, shards) for array in (drawn.glyphs, classes, share * true + (1 - share) * said))
        return [(glyphs, ToldGlyphs(own, targets)) for glyphs, own, targets in zip(*cut, strict=True)]

    def loss(self, logits: Array, truth: ToldGlyphs) -> tuple[float, Array]:
        """Mean cross-entropy with the wanted probabilities, and its gradient."""
        return cross_entropy(logits, truth.targets)

    def score(self, logits: Array, truth: ToldGlyphs) -> tuple[int, int]:
        """Return how many glyphs are named rightly, and how many there are."""
        return self.naming.score(logits, truth.classes)


class ToldRows(NamedTuple):
    """The truth about R rows: which (R,) are corrected, and what `before` said of their lanes, (lanes, T, K)."""

    rows: RowTruth
    taught: NDArray[np.bool_]
    said: Array


@dataclass(frozen=True)
class RehearseRows:
    """The objective of a row network that learns corrections: for corrected rows, the true text.

    At every column of all other rows, and of the paper between them, it is to give the probabilities that the network
    gave from which it started; the loss is the divergence of the two, summed over the columns. All rows count equally.

    Attributes
    ----------
    spelling : the objective without rehearsal, by which the network is measured
    before : the network from which training started
    """

    spelling: SpellRows
    before: Inference

    def parts(self, drawn: RowBatch, shards: int) -> list[Part]:
        """Cut lanes as `SpellRows` does."""
        parts, first = [], 0
        for images, rows in self.spelling.parts(drawn, shards):
            after = first + len(images)
            own = [number for number, place in enumerate(drawn.places) if first <= place.lane < after]
            taught = np.isin(own, [*drawn.taught])
            parts.append((images, ToldRows(rows, taught, softmax(self.before.predict(images)))))
            first = after
        return parts

    def loss(self, logits: Array, truth: ToldRows) -> tuple[float, Array]:
        """Mean loss of a part's rows, and its gradient."""
        xp, count = array_namespace(logits), max(len(truth.taught), 1)
        kept = np.full((*logits.shape[:2], 1), 1 / count)
        for number in np.flatnonzero(truth.taught):
            lane, start, stop = truth.rows.places[number]
            kept[lane, start:stop] = 0
        weight, said = xp.asarray(kept, dtype=logits.dtype), xp.asarray(truth.said)
        log_p = log_softmax(logits)
        loss = float(xp.sum(weight * said * (xp.log(said + _TINY) - log_p)))
        grad = weight * (xp.exp(log_p) - said)
        if truth.taught.any():
            spelt, towards = self.spelling.loss(logits, truth.rows.select(truth.taught))
            share = 1 / count * int(truth.taught.sum())
            loss += share * spelt
            grad += share * towards
        return loss, grad

    def score(self, logits: Array, truth: ToldRows) -> tuple[int, int]:
        """Return what `SpellRows.score` does."""
        return self.spelling.score(logits, truth.rows)
