"""A training run: the epoch loop, with its checkpoints, its moving average and early stopping."""

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
from app.training.epochs.diagnosis import fault_in_batch, fault_in_inference
from app.training.epochs.history import Epoch, best_epoch
from app.training.epochs.step import (
    Batch,
    BatchResult,
    Objective,
    Part,
    TrainingObjective,
    assess,
    forward_backward,
    quiet,
)
from app.training.recipes.row_recipe import AnyRecipe

# Called by `Run.train` after each batch with the epoch, batches done, batches in all, and the mean loss so far.
Progress: TypeAlias = Callable[[int, int, int, float], None]

# The last entry of a generator's seed says what it is for. None is 0: NumPy pads seeds with zeros, so [seed, 5] and
# [seed, 5, 0] would draw the same numbers. `GlyphStream` numbers its own from 101.
_FIRST_WEIGHTS, _DROPOUT = 1, 2


class Stream(Protocol):
    """Training batches, the same for a seed."""

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield every batch of one epoch, in the form that the run's `Objective` takes."""


class Start(NamedTuple):
    """Weights to start from: the stored model they are of, as name/version, its digest, and the weights by name."""

    model: str
    digest: str
    arrays: Mapping[str, Array]

    @classmethod
    def of(cls, version: StoredModel) -> Self:
        """Take the weights of a version."""
        return cls(f"{version.name}/{version.version}", version.digest, version.arrays)


class Run:
    """A network in training, with all that its next step depends on: so it can be saved and resumed.

    Arrays that a step uses lie on the device. Those of checkpoints and of `trained` are NumPy's, so a run may go on on
    another device than it began on.

    Attributes
    ----------
    network : with the weights as the last step left them; `trained` has those to publish
    objective : what the network is measured by, and trained for unless there is a `rehearsal`
    rehearsal : what it is trained for instead, if it is to learn corrections without forgetting; None otherwise. The
        network then computes as in inference: the statistics of the rehearsed batches are not those of its own data
    initial : the weights before the first step, NumPy's
    memory : what the optimiser remembers
    averaged : what the moving average of the weights remembers; empty if the recipe has none
    best : the weights of the best epoch; empty if the recipe has no early stopping
    history : one `Epoch` for each epoch done

    Raises
    ------
    InvalidInput : the weights to start from do not fit the recipe's network.
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
        self.initial = _copies(network.arrays())
        self.device = device
        self.network = network.map_arrays(device.to_device)
        arrays = self.network.arrays()
        self.optimiser = recipe.optimiser.build()
        self.memory = self.optimiser.memory(self.network.params)
        self._average = None if recipe.average is None else ExponentialAverage(recipe.average)
        self.averaged = {} if self._average is None else self._average.memory(arrays)
        self.best = {} if recipe.early_stopping is None else _copies(arrays)
        self.history: list[Epoch] = []

    @property
    def identity(self) -> str:
        """A digest of recipe, data and start; `resume` refuses the checkpoint of another."""
        about = [self.recipe.as_table(), self.alphabet.chars, self.fingerprint]
        if self.start is not None:
            about.append(self.start.digest)
        text = json.dumps(about, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or early stopping has waited long enough."""
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

        The recipe says whether these are the best epoch's or the last, and averaged or not.
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
        """Go on from a checkpoint, to exactly the weights that an uninterrupted run would have had.

        Raises
        ------
        Conflict : the checkpoint belongs to another recipe or other data.
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
        """Train the epochs that are left of the current phase.

        The checkpoint is replaced after each epoch, whole or not at all. So the run may be interrupted at any moment
        and loses at most the epoch it was in.

        Parameters
        ----------
        stream : the training batches of this phase
        validation : images by writers that the stream does not have, with their truth
        on_batch, on_epoch : called after each

        Raises
        ------
        InvalidInput : `checkpoint` cannot be written; nothing has been trained.
        TrainingDiverged : a loss or gradient is not finite; the message names epoch, batch, learning rate and layer.
            The checkpoint is that of the epoch before.
        """
        if self.finished:
            return
        if checkpoint is not None:
            check_writable(checkpoint)
        keep_freed_memory()
        first, phase = self.recipe.phase_of(len(self.history))
        with ThreadPoolExecutor(self.recipe.shards if self.device.side_by_side else 1) as threads:
            for epoch in range(len(self.history), first + phase.epochs):
                # One BLAS thread for each shard: two shards on two cores are faster than two threads inside each
                # product, and the results do not depend on how many cores there are.
                with threadpool_limits(1), quiet():
                    self.history.append(self._epoch(epoch, stream, validation, threads, on_batch))
                if self.best and self.best_epoch == epoch:
                    self.best = _copies(self._current())
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
        """Take a step for every batch, then measure the network."""
        start, batches = perf_counter(), stream.batches_per_epoch
        first, phase = self.recipe.phase_of(epoch)
        objective = self.rehearsal or self.objective
        lr, losses, right, count = 0.0, 0.0, 0, 0
        for batch, drawn in enumerate(stream.epoch(epoch)):
            lr = self.recipe.schedule.lr((epoch - first) * batches + batch, phase.epochs * batches, phase.lr)
            parts = objective.parts(drawn, self.recipe.shards)
            seed = self.recipe.seed, epoch, batch, _DROPOUT
            result = self.step(Batch(parts, seed, as_used=self.rehearsal is not None), lr, threads)
            losses += result.loss
            right += result.right
            count += result.count
            if on_batch is not None:
                on_batch(epoch, batch + 1, batches, losses / (batch + 1))
        trained = losses / batches, right / max(count, 1)  # no character at all, if no row fits the lanes
        last = self._measure(self.network, validation, epoch, lr, threads)
        if self._average is None:
            return Epoch(epoch, lr, *trained, *last, perf_counter() - start)
        averaged = self._measure(self._network_of(self._current()), validation, epoch, lr, threads)
        return Epoch(epoch, lr, *trained, *averaged, perf_counter() - start, *last)

    def step(self, batch: Batch, lr: float, threads: Executor) -> BatchResult:
        """Carry a batch forward and back and update the weights; raises TrainingDiverged as `train` does."""
        objective = self.rehearsal or self.objective
        result = forward_backward(self.network, batch, objective, threads, self.device, summed=self.recipe.summed)
        grads, norm = result.grads, 0.0
        if self.recipe.clip is not None:
            grads, norm = clip_gradients(grads, self.recipe.clip)
        if not np.isfinite(result.loss + norm):
            _, epoch, number, _ = batch.seed
            what = f"the loss became {result.loss}" if np.isfinite(norm) else f"the gradient's length became {norm}"
            fault = fault_in_batch(self.network, batch, objective, self.device) or "the sum over all gradients"
            raise _diverged(f"{what} in epoch {epoch + 1}, batch {number + 1}", lr, fault)
        self.optimiser.step(self.network.params, grads, self.memory, lr)
        for name, array in result.state.items():
            self.network.state[name][...] = array
        if self._average is not None:
            self._average.update(self.network.arrays(), self.averaged)
        return result

    def _measure(
        self, network: Sequential, validation: Sequence[Part], epoch: int, lr: float, threads: Executor
    ) -> tuple[float, float]:
        """Return the loss and the share that is right on the validation writers, at the end of an epoch."""
        loss, accuracy = assess(network, validation, self.objective, threads, self.device)
        if not np.isfinite(loss):
            fault = fault_in_inference(network, validation, self.device) or "the loss"
            raise _diverged(f"the loss became {loss} in validation after epoch {epoch + 1}", lr, fault)
        return loss, accuracy

    def _current(self) -> Params:
        """Return the arrays to measure and publish, by name: averaged if the recipe says so. Not copies."""
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


def _copies(arrays: Params) -> Params:
    return {name: _copied(array) for name, array in arrays.items()}


def _copied(array: Array) -> Array:
    return array_namespace(array).asarray(array, copy=True)
