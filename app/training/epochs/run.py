"""A network in training, with all that its next step depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from app.errors import InvalidInput, ShapeMismatch
from app.nn import Array, ExponentialAverage, Params, Sequential, array_namespace, clip_gradients
from app.ocr import Alphabet, build_network
from app.store import StoredModel
from app.training.epochs.checkpoint import load_checkpoint, save_checkpoint
from app.training.epochs.device import CPU, Device
from app.training.epochs.diagnosis import diverged, fault_in_batch
from app.training.epochs.history import Epoch, best_epoch
from app.training.epochs.step import Batch, BatchResult, Objective, TrainingObjective, forward_backward
from app.training.recipes.row_recipe import AnyRecipe

# The last entry of a generator's seed says what it is for. None is 0: NumPy pads seeds with zeros, so [seed, 5] and
# [seed, 5, 0] would draw the same numbers. `GlyphStream` numbers its own from 101.
_FIRST_WEIGHTS, _DROPOUT = 1, 2


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

    def batch(self, drawn: Any, epoch: int, number: int) -> Batch:
        """Make of a batch that a `Stream` yields, `number` of its epoch, what `step` takes; both numbers are from 0."""
        parts = (self.rehearsal or self.objective).parts(drawn, self.recipe.shards)
        return Batch(parts, (self.recipe.seed, epoch, number, _DROPOUT), as_used=self.rehearsal is not None)

    def step(self, batch: Batch, lr: float, threads: Executor) -> BatchResult:
        """Carry a batch forward and back and update the weights.

        Raises
        ------
        TrainingDiverged : the loss or the gradient is not finite; the weights are as they were.
        """
        objective = self.rehearsal or self.objective
        result = forward_backward(self.network, batch, objective, threads, self.device, summed=self.recipe.summed)
        grads, norm = result.grads, 0.0
        if self.recipe.clip is not None:
            grads, norm = clip_gradients(grads, self.recipe.clip)
        if not np.isfinite(result.loss + norm):
            _, epoch, number, _ = batch.seed
            what = f"the loss became {result.loss}" if np.isfinite(norm) else f"the gradient's length became {norm}"
            fault = fault_in_batch(self.network, batch, objective, self.device) or "the sum over all gradients"
            raise diverged(f"{what} in epoch {epoch + 1}, batch {number + 1}", lr, fault)
        self.optimiser.step(self.network.params, grads, self.memory, lr)
        for name, array in result.state.items():
            self.network.state[name][...] = array
        if self._average is not None:
            self._average.update(self.network.arrays(), self.averaged)
        return result

    def add(self, epoch: Epoch) -> None:
        """Put an epoch into the history, and keep the weights if early stopping finds them the best so far."""
        self.history.append(epoch)
        if self.best and self.best_epoch == epoch.epoch:
            self.best = _copies(self._current())

    def averaged_network(self) -> Sequential | None:
        """Return a copy of the network with averaged weights; None if the recipe has no average."""
        return None if self._average is None else self._network_of(self._current())

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


def _shapes(groups: Mapping[str, Params]) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(group, name): array.shape for group, arrays in groups.items() for name, array in arrays.items()}


def _copies(arrays: Params) -> Params:
    return {name: _copied(array) for name, array in arrays.items()}


def _copied(array: Array) -> Array:
    return array_namespace(array).asarray(array, copy=True)
