"""The curves of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """Mean loss (nats) and share of glyphs named rightly, in training and on the validation writers.

    Attributes
    ----------
    lr : learning rate of the last step
    valid_loss, valid_accuracy : of the weights that would be published: the average, where the recipe has one
    last_loss, last_accuracy : where it has one, likewise of the weights as the last step left them
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    seconds: float
    last_loss: float | None = None
    last_accuracy: float | None = None


def best_epoch(history: Sequence[Epoch], metric: str = "loss", min_delta: float = 0.0) -> int:
    """Return the last epoch that improved the best validation figure so far by more than `min_delta`.

    Parameters
    ----------
    history : at least one epoch
    metric : ``loss`` or ``accuracy``
    """
    best = 0
    for number, epoch in enumerate(history):
        if metric == "loss":
            gain = history[best].valid_loss - epoch.valid_loss
        else:
            gain = epoch.valid_accuracy - history[best].valid_accuracy
        if gain > min_delta:
            best = number
    return best
