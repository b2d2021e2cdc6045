"""A batch forward and back, cut into parts that are computed side by side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np

from app.nn import Array, Params, Sequential
from app.training.epochs.device import CPU, Device
from app.training.epochs.diagnosis import first_fault

# NumPy's images (N, ...) and what is true of them, in the form that an `Objective` knows.
Part: TypeAlias = tuple[Array, Any]


class TrainingObjective(Protocol):
    """What is asked of a network in training.

    Its losses are computed where the logits are, whose library may be another than NumPy.
    """

    def parts(self, drawn: Any, shards: int) -> list[Part]:
        """Cut what a stream yields into parts of equally many images."""

    def loss(self, logits: Array, truth: Any) -> tuple[float, Array]:
        """Return the mean loss of a part and its gradient with respect to the logits."""

    def score(self, logits: Array, truth: Any) -> tuple[int, int]:
        """Return how much of a part is right, and of how much; the logits are NumPy's."""


class Objective(TrainingObjective, Protocol):
    """What a network is for, by which it is measured as well."""

    @property
    def classes(self) -> int:
        """Outputs of the network."""

    @property
    def at_once(self) -> int:
        """Images that go through together when no gradient is asked for."""

    def valid_loss(self, logits: Array, truth: Any) -> float:
        """Return the mean loss of a part as it is measured: without what only training asks for."""


@dataclass(frozen=True)
class Batch:
    """Parts of equal weight.

    Attributes
    ----------
    seed : for dropout
    as_used : whether the network computes as it does when it is used: without dropout, and with the running statistics,
        which stay as they are
    """

    parts: Sequence[Part]
    seed: Sequence[int]
    as_used: bool = False

    def rngs(self) -> Sequence[np.random.Generator | None]:
        """Return a fresh generator for each part; every call gives the same."""
        if self.as_used:
            return [None] * len(self.parts)
        seeds = (np.random.SeedSequence(self.seed, spawn_key=(part,)) for part in range(len(self.parts)))
        return [np.random.default_rng(seed) for seed in seeds]


@dataclass(frozen=True)
class BatchResult:
    """What a batch gives: mean loss, right of count, mean gradients, and statistics as they should become."""

    loss: float
    right: int
    count: int
    grads: Params
    state: Params


def forward_backward(
    network: Sequential,
    batch: Batch,
    objective: TrainingObjective,
    threads: Executor,
    device: Device = CPU,
    *,
    summed: bool = False,
) -> BatchResult:
    """Carry a batch forward and back; the network, which is on the device, is not changed.

    With `summed` the gradients are those of all that counts together, and not their mean.
    """
    parts = len(batch.parts)
    # To make a generator took a thirteenth of a small network's step: none is made where nobody asks for it.
    rngs = batch.rngs() if network.differs_in_training else [None] * parts

    def shard(part: Part, rng: np.random.Generator | None) -> tuple[float, int, int, Params, Params]:
        images, truth = part
        with quiet():  # each thread has an error state of its own
            logits, cache = network.forward(device.to_device(images), rng)
            value, grad = objective.loss(logits, truth)
            right, count = objective.score(device.to_host(logits), truth)
            if summed:  # here, where the gradient has only one value for each class
                grad *= count * parts
            grads = network.param_gradients(grad, cache)
            state = {} if rng is None else network.next_state(cache)
            return value, right, count, grads, state

    side_by_side = threads.map if parts > 1 else map  # a thread costs a small network a seventh of its time
    losses, right, counts, grads, states = zip(*side_by_side(shard, batch.parts, rngs), strict=True)
    return BatchResult(sum(losses) / len(losses), sum(right), sum(counts), _mean(grads), _mean(states))


def assess(
    network: Sequential, parts: Sequence[Part], objective: Objective, threads: Executor, device: Device = CPU
) -> tuple[float, float]:
    """Return mean loss and share of what is right, without dropout and with the running statistics."""
    predict = device.make_predict(network, objective.at_once)

    def assess_part(part: Part) -> tuple[float, int, int]:
        images, truth = part
        with quiet():
            logits = predict(device.to_device(images))
            return objective.valid_loss(logits, truth), *objective.score(device.to_host(logits), truth)

    losses, right, counts = zip(*threads.map(assess_part, parts), strict=True)
    return float(np.average(losses, weights=counts)), sum(right) / sum(counts)


def find_fault(network: Sequential, batch: Batch, objective: TrainingObjective, device: Device = CPU) -> str | None:
    """Carry a batch once more, to find where the first value that is not finite appears; None if there is none."""
    for (images, truth), rng in zip(batch.parts, batch.rngs(), strict=True):
        if fault := first_fault(network, device.to_device(images), rng, partial(objective.loss, truth=truth)):
            return fault
    return None


def quiet() -> np.errstate:
    """Silence NumPy on weights that run away: the loss that is no number tells it, with its place."""
    return np.errstate(over="ignore", invalid="ignore")


def _mean(parts: Sequence[Params]) -> Params:
    """Average dicts of arrays, always in the same order so that the bits are the same."""
    first, *others = parts
    if not others:
        return first
    return {name: sum((part[name] for part in others), start=first[name]) / len(parts) for name in first}
