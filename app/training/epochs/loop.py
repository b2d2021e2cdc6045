"""The epoch loop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, Protocol, Self, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from app.errors import InvalidInput, ShapeMismatch, TrainingDiverged
from app.memory import keep_freed_memory
from app.nn import Array, ExponentialAverage, Params, Sequential, array_namespace, clip_gradients
from app.ocr import Alphabet, build_network
from app.store import StoredModel
from app.training.epochs.checkpoint import check_writable, load_checkpoint, save_checkpoint
from app.training.epochs.device import CPU, Device
from app.training.epochs.diagnosis import first_fault
from app.training.epochs.history import Epoch, best_epoch
from app.training.epochs.step import (
    Batch,
    BatchResult,
    Objective,
    Part,
    TrainingObjective,
    assess,
    find_fault,
    forward_backward,
    quiet,
)
from app.training.recipes.row_recipe import AnyRecipe

# What `Run.train` tells while it runs: epoch, batches done and to do, mean loss so far.
Progress: TypeAlias = Callable[[int, int, int, float], None]

# What a generator is for is the last entry of its seed: NumPy pads seeds with zeros, so that [seed, 5] and [seed, 5, 0]
# would draw the same numbers. `GlyphStream` numbers its own from 101.
_FIRST_WEIGHTS, _DROPOUT = 1, 2
# Images that are looked at together for a fault, every layer's output being kept.
_AT_ONCE = 64


class Stream(Protocol):
    """Training batches, the same for a seed."""

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield every batch of one epoch, in the form that the run's `Objective` knows."""


class Start(NamedTuple):
    """Weights to start from: the model that has them, as name/version, its digest, and the weights by name."""

    model: str
    digest: str
    arrays: Mapping[str, Array]

    @classmethod
    def of(cls, version: StoredModel) -> Self:
        """Take the weights of a version."""
        return cls(f"{version.name}/{version.version}", version.digest, version.arrays)


class Run:
    """A network on its way: made fresh from a recipe or taken up from a checkpoint.

    What a step touches lies on the device; what leaves a run, and its checkpoints, is NumPy's, so that a run may go on
    elsewhere than it began.

    Attributes
    ----------
    network : the weights as the last step left them; `trained` is what to publish
    rehearsal : what is asked of it in training instead of its objective, if it is to keep what it knew before. It is
        then trained as it is used, without dropout and with the running statistics of the data that it was made from:
        those of what is rehearsed are others
    initial : the weights as they were before the first step, NumPy's
    memory : what the optimiser remembers
    averaged : what the moving average of the weights remembers; empty if the recipe has none
    best : the weights of the best epoch; empty if the recipe has no early stopping
    history : one `Epoch` for each epoch behind it

    Raises
    ------
    InvalidInput : the weights to start from are of another network.
    """

    def __init__(
        self,
        recipe: AnyRecipe,
        alphabet: Alphabet,
        fingerprint: str,
        start: Start | None = None,
        device: Device = CPU,
    ) -> None:
        self.recipe = recipe
        self.alphabet = alphabet
        self.fingerprint = fingerprint
        self.objective: Objective = recipe.objective(alphabet)
        network = build_network(
            {**recipe.network, "classes": self.objective.classes},
            np.random.default_rng([recipe.seed, 0, 0, _FIRST_WEIGHTS]),
        )
        self.start = start
        self.rehearsal: TrainingObjective | None = None
        if start is not None:
            try:
                network.load(start.arrays)
            except ShapeMismatch as exc:
                raise InvalidInput(f"expected a start with the recipe's network, {start.model} has another") from exc
            if recipe.lessons is not None:
                self.rehearsal = recipe.rehearsal(alphabet, network.map_arrays(_copied))
        self.initial = _copy(network.arrays())
        self.device = device
        self.network = network.map_arrays(device.to_device)
        arrays = self.network.arrays()
        self.optimiser = recipe.optimiser.build()
        self.memory = self.optimiser.memory(self.network.params)
        self._average = None if recipe.average is None else ExponentialAverage(recipe.average)
        self.averaged = {} if self._average is None else self._average.memory(arrays)
        self.best = {} if recipe.early_stopping is None else _copy(arrays)
        self.history: list[Epoch] = []

    @property
    def identity(self) -> str:
        """Names recipe, data and start, so that a checkpoint is not taken up by another run."""
        about = [self.recipe.as_table(), self.alphabet.chars, self.fingerprint]
        if self.start is not None:
            about.append(self.start.digest)
        text = json.dumps(about, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def finished(self) -> bool:
        """No epoch is left, or early stopping has waited long enough."""
        done, stopping = len(self.history), self.recipe.early_stopping
        waited_in_vain = stopping is not None and done - 1 - self.best_epoch >= stopping.patience
        return done >= self.recipe.total_epochs or waited_in_vain

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights `trained` returns; -1 before the first."""
        stopping = self.recipe.early_stopping
        if stopping is None or not self.history:
            return len(self.history) - 1
        return best_epoch(self.history, stopping.metric, stopping.min_delta)

    def trained(self) -> Sequential:
        """Return a NumPy copy of the network with the weights to publish.

        The best epoch's, averaged, as the recipe says.
        """
        return self._network_of(self.best or self._current()).map_arrays(self.device.to_host)

    def save(self, path: Path) -> None:
        """Write a checkpoint, with the errors of `save_checkpoint`."""
        groups = {
            group: {name: self.device.to_host(array) for name, array in arrays.items()}
            for group, arrays in self._groups().items()
        }
        save_checkpoint(path, groups, self.history, self.identity)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint, to the same weights as without the interruption.

        Raises
        ------
        Conflict : it belongs to another recipe or other data.
        InvalidInput : it is missing or damaged. In both cases the run is as it was.
        """
        groups, history = load_checkpoint(path, self.identity)
        own = self._groups()
        if _shapes(groups) != _shapes(own):
            raise InvalidInput(f"{path} is damaged: its arrays are not those of the run that it names")
        for group, arrays in own.items():
            for name, array in arrays.items():
                array[...] = array_namespace(array).asarray(groups[group][name])
        self.history = history

    def train(
        self,
        stream: Stream,
        validation: Sequence[Part],
        *,
        checkpoint: Path | None = None,
        on_batch: Progress | None = None,
        on_epoch: Callable[[Epoch], None] | None = None,
    ) -> None:
        """Train the epochs that are left of the phase in which the run is.

        A checkpoint is written after each epoch, whole or not at all, so the run may be interrupted at any moment and
        loses no more than the epoch it was in.

        Parameters
        ----------
        stream : training batches as the recipe and its phase want them
        validation : images of writers that the stream does not hold, with what is true of them

        Raises
        ------
        InvalidInput : there is no writing to `checkpoint`; nothing has been trained yet.
        TrainingDiverged : a number ceased to be finite; names epoch, batch, lr and layer. The checkpoint is the one
            before.
        """
        if self.finished:
            return
        if checkpoint is not None:
            check_writable(checkpoint)
        keep_freed_memory()
        first, phase = self.recipe.phase_of(len(self.history))
        with ThreadPoolExecutor(self.recipe.shards if self.device.side_by_side else 1) as threads:
            for epoch in range(len(self.history), first + phase.epochs):
                # One BLAS thread a shard: two shards on two cores are faster than two threads inside each product,
                # and the bits do not depend on how many cores there are.
                with threadpool_limits(1), quiet():
                    self.history.append(self._epoch(epoch, stream, validation, threads, on_batch))
                if self.best and self.best_epoch == epoch:
                    self.best = _copy(self._current())
                if checkpoint is not None:
                    self.save(checkpoint)
                if on_epoch is not None:
                    on_epoch(self.history[-1])
                if self.finished:
                    return

    def _epoch(
        self,
        epoch: int,
        stream: Stream,
        validation: Sequence[Part],
        threads: Executor,
        on_batch: Progress | None,
    ) -> Epoch:
        """Show every batch once, then measure."""
        start, batches = perf_counter(), stream.batches_per_epoch
        first, phase = self.recipe.phase_of(epoch)
        objective, as_used = self.rehearsal or self.objective, self.rehearsal is not None
        lr, losses, right, count = 0.0, 0.0, 0, 0
        for batch, drawn in enumerate(stream.epoch(epoch)):
            lr = self.recipe.schedule.lr((epoch - first) * batches + batch, phase.epochs * batches, phase.lr)
            parts = objective.parts(drawn, self.recipe.shards)
            seed = self.recipe.seed, epoch, batch, _DROPOUT
            result = self.step(Batch(parts, seed, as_used), lr, threads)
            losses += result.loss
            right += result.right
            count += result.count
            if on_batch is not None:
                on_batch(epoch, batch + 1, batches, losses / (batch + 1))
        trained = losses / batches, right / max(count, 1)  # lanes may be too short for any row
        last = self._measure(self.network, validation, (epoch, lr), threads)
        if self._average is None:
            return Epoch(epoch, lr, *trained, *last, perf_counter() - start)
        averaged = self._measure(self._network_of(self._current()), validation, (epoch, lr), threads)
        return Epoch(epoch, lr, *trained, *averaged, perf_counter() - start, *last)

    def step(self, batch: Batch, lr: float, threads: Executor) -> BatchResult:
        """Carry a batch forward and back, and follow its gradient; TrainingDiverged as of `train`."""
        objective = self.rehearsal or self.objective
        result = forward_backward(self.network, batch, objective, threads, self.device, summed=self.recipe.summed)
        grads, norm = result.grads, 0.0
        if self.recipe.clip is not None:
            grads, norm = clip_gradients(grads, self.recipe.clip)
        if not np.isfinite(result.loss + norm):
            _, epoch, number, _ = batch.seed
            what = f"the loss became {result.loss}" if np.isfinite(norm) else f"the gradient's length became {norm}"
            fault = find_fault(self.network, batch, objective, self.device) or "the sum over all gradients"
            raise _diverged(f"{what} in epoch {epoch + 1}, batch {number + 1}", lr, fault)
        self.optimiser.step(self.network.params, grads, self.memory, lr)
        for name, array in result.state.items():
            self.network.state[name][...] = array
        if self._average is not None:
            self._average.update(self.network.arrays(), self.averaged)
        return result

    def _measure(
        self, network: Sequential, validation: Sequence[Part], place: tuple[int, float], threads: Executor
    ) -> tuple[float, float]:
        """Return loss and share of what is right on the validation writers; `place` is epoch and learning rate."""
        loss, accuracy = assess(network, validation, self.objective, threads, self.device)
        if not np.isfinite(loss):
            few = (images[i : i + _AT_ONCE] for images, _ in validation for i in range(0, len(images), _AT_ONCE))
            fault = next(filter(None, (first_fault(network, self.device.to_device(part)) for part in few)), "the loss")
            raise _diverged(f"the loss became {loss} in validation after epoch {place[0] + 1}", place[1], fault)
        return loss, accuracy

    def _current(self) -> Params:
        """Return the weights to measure, by name: the average if the recipe has one. Not copies."""
        return self.network.arrays() if self._average is None else self._average.averages(self.averaged)

    def _network_of(self, arrays: Params) -> Sequential:
        twin = self.network.map_arrays(_copied)
        twin.load(arrays)
        return twin

    def _groups(self) -> dict[str, Params]:
        """Return all that a checkpoint holds; not copies."""
        return {
            "network": self.network.arrays(),
            "initial": self.initial,
            "optimiser": self.memory,
            "average": self.averaged,
            "best": self.best,
        }


def _diverged(what: str, lr: float, fault: str) -> TrainingDiverged:
    return TrainingDiverged(f"{what}, at lr {lr:.2g}; first not finite: {fault}")


def _shapes(groups: Mapping[str, Params]) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(group, name): array.shape for group, arrays in groups.items() for name, array in arrays.items()}


def _copy(arrays: Params) -> Params:
    return {name: _copied(array) for name, array in arrays.items()}


def _copied(array: Array) -> Array:
    return array_namespace(array).asarray(array, copy=True)
