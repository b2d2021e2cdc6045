"""Glyphs forward and back, cut into shards that are computed side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.nn import Array, Inference, Params, Sequential
from app.training.diagnosis import first_fault

# Maps logits (N, K) and classes (N,) to the mean loss and its gradient (N, K).
LossFunction: TypeAlias = Callable[[Array, NDArray[np.integer]], tuple[float, Array]]
_Part: TypeAlias = tuple[Array, NDArray[np.integer], np.random.Generator]


@dataclass(frozen=True)
class Batch:
    """Glyphs (N, 1, H, W) with their classes (N,), in `shards` equal parts; `seed` is for dropout."""

    glyphs: Array
    classes: NDArray[np.integer]
    seed: Sequence[int]
    shards: int

    def parts(self) -> list[_Part]:
        """Return the shards, each with a fresh generator of its own; every call gives the same."""
        rngs = map(np.random.default_rng, np.random.SeedSequence(self.seed).spawn(self.shards))
        if self.shards == 1:
            return [(self.glyphs, self.classes, next(rngs))]
        return list(zip(np.split(self.glyphs, self.shards), np.split(self.classes, self.shards), rngs, strict=True))


@dataclass(frozen=True)
class Carried:
    """What a batch gives: mean loss, glyphs named rightly, mean gradients, and statistics as they should become."""

    loss: float
    hits: int
    grads: Params
    state: Params


def carry(network: Sequential, batch: Batch, loss: LossFunction, threads: Executor) -> Carried:
    """Carry a batch forward and back; the network is not changed."""

    def shard(part: _Part) -> tuple[float, int, Params, Params]:
        glyphs, classes, rng = part
        with quiet():  # each thread has an error state of its own
            logits, cache = network.forward(glyphs, rng)
            value, grad = loss(logits, classes)
            hits = int((logits.argmax(axis=1) == classes).sum())
            return value, hits, network.param_gradients(grad, cache), network.next_state(cache)

    side_by_side = threads.map if batch.shards > 1 else map  # a thread costs a small network a seventh of its time
    losses, hits, grads, states = zip(*side_by_side(shard, batch.parts()), strict=True)
    return Carried(sum(losses) / batch.shards, sum(hits), _mean(grads), _mean(states))


def infer(network: Sequential, glyphs: Array, shards: int, threads: Executor) -> Array:
    """Return the logits (N, K) of any number of glyphs, without dropout and with the running statistics."""
    inference = Inference(network)

    def shard(part: Array) -> Array:
        with quiet():
            return inference.predict(part)

    return np.concatenate(list(threads.map(shard, np.array_split(glyphs, shards))))


def find_fault(network: Sequential, batch: Batch, loss: LossFunction) -> str | None:
    """Carry a batch once more, to find where the first value that is not finite appears; None if there is none."""
    for glyphs, classes, rng in batch.parts():
        if fault := first_fault(network, glyphs, rng, _of(classes, loss)):
            return fault
    return None


def _of(classes: NDArray[np.integer], loss: LossFunction) -> Callable[[Array], tuple[float, Array]]:
    return lambda logits: loss(logits, classes)


def quiet() -> np.errstate:
    """Silence NumPy on weights that run away: the loss that is no number tells it, with its place."""
    return np.errstate(over="ignore", invalid="ignore")


def _mean(parts: Sequence[Params]) -> Params:
    """Average dicts of arrays, always in the same order so that the bits are the same."""
    first, *others = parts
    if not others:
        return first
    return {name: sum((part[name] for part in others), start=first[name]) / len(parts) for name in first}
