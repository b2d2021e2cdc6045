"""One training step without the update: the forward and backward passes of a batch, whose parts threads compute."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from app.nn import Array, Params, Sequential
from app.training.epochs.device import CPU, Device

# Images (N, ...) in NumPy's memory, and the truth about them, in the form that the `Objective` takes.
Part: TypeAlias = tuple[Array, Any]


class TrainingObjective(Protocol):
    """What a training step minimises.

    Losses take logits of the device that computes, which need not be NumPy's arrays.
    """

    def parts(self, drawn: Any, shards: int) -> list[Part]:
        """Cut what a stream yields into parts of equally many images."""

    def loss(self, logits: Array, truth: Any) -> tuple[float, Array]:
        """Return the mean loss of a part and its gradient with respect to the logits."""

    def score(self, logits: Array, truth: Any) -> tuple[int, int]:
        """Return how many glyphs or characters of a part are right, and how many there are; the logits are NumPy's."""


class Objective(TrainingObjective, Protocol):
    """What a network is for: it is always measured by this, and trained for it unless it learns from corrections."""

    @property
    def classes(self) -> int:
        """Outputs of the network."""

    @property
    def at_once(self) -> int:
        """How many images go through the network together when no gradient is needed."""

    def valid_loss(self, logits: Array, truth: Any) -> float:
        """Return the mean loss of a part as validation reports it, without label smoothing and the like."""


@dataclass(frozen=True)
class Batch:
    """The parts of a training batch, which have equal weight.

    Attributes
    ----------
    seed : of the random generators for dropout
    as_used : whether the network computes as in inference: without dropout, and with its running statistics, which then
        do not change
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
    """The result of a batch.

    Attributes
    ----------
    loss, grads : means over the parts
    right, count : how many glyphs or characters were right, and how many there were
    state : the new running statistics
    """

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
    """Compute loss and gradients of a batch; the network, which is on the device, is not changed.

    Parameters
    ----------
    summed : whether gradients are those of the sum over all glyphs or characters of the batch, instead of the mean
    """
    parts = len(batch.parts)
    # A network without dropout and batch normalisation needs no generators: to make them took a thirteenth of a step.
    rngs = batch.rngs() if network.differs_in_training else [None] * parts

    def shard(part: Part, rng: np.random.Generator | None) -> tuple[float, int, int, Params, Params]:
        images, truth = part
        with quiet():  # NumPy keeps this setting for each thread
            logits, cache = network.forward(device.to_device(images), rng)
            value, grad = objective.loss(logits, truth)
            right, count = objective.score(device.to_host(logits), truth)
            if summed:  # here, as the logits are the smallest array
                grad *= count * parts
            grads = network.param_gradients(grad, cache)
            state = {} if rng is None else network.next_state(cache)
            return value, right, count, grads, state

    # For one part, a thread would cost a small network a seventh of its time.
    side_by_side = threads.map if parts > 1 else map
    losses, right, counts, grads, states = zip(*side_by_side(shard, batch.parts, rngs), strict=True)
    return BatchResult(sum(losses) / len(losses), sum(right), sum(counts), _mean(grads), _mean(states))


def assess(
    network: Sequential, parts: Sequence[Part], objective: Objective, threads: Executor, device: Device = CPU
) -> tuple[float, float]:
    """Return the mean loss and the share that is right, computed as in inference."""
    predict = device.predictor(network, objective.at_once)

    def assess_part(part: Part) -> tuple[float, int, int]:
        images, truth = part
        with quiet():
            logits = predict(device.to_device(images))
            return objective.valid_loss(logits, truth), *objective.score(device.to_host(logits), truth)

    losses, right, counts = zip(*threads.map(assess_part, parts), strict=True)
    return float(np.average(losses, weights=counts)), sum(right) / sum(counts)


def quiet() -> np.errstate:
    """Silence NumPy's warnings of overflow: when weights diverge, the loss shows it, and `Run` reports where."""
    return np.errstate(over="ignore", invalid="ignore")


def _mean(parts: Sequence[Params]) -> Params:
    """Average dicts of arrays, always in the same order so that the bits are the same."""
    first, *others = parts
    if not others:
        return first
    return {name: sum((part[name] for part in others), start=first[name]) / len(parts) for name in first}
