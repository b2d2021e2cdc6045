"""The epoch loop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from app.datasets import GlyphStream
from app.errors import InvalidInput, TrainingDiverged
from app.nn import AdamW, Array, Params, cross_entropy, one_cycle
from app.ocr import Alphabet, build_network
from app.training.checkpoint import load_checkpoint, save_checkpoint
from app.training.evaluation import evaluate
from app.training.history import Epoch
from app.training.recipe import Recipe

# What `Run.train` tells while it runs: epoch, batches done and to do, mean loss so far.
Progress: TypeAlias = Callable[[int, int, int, float], None]


class Run:
    """A network on its way: made fresh from a recipe or taken up from a checkpoint.

    Attributes
    ----------
    network : the weights as they are now
    initial : the weights as they were before the first step
    history : one `Epoch` for each epoch behind it
    """

    def __init__(self, recipe: Recipe, alphabet: Alphabet, fingerprint: str) -> None:
        self.recipe = recipe
        self.alphabet = alphabet
        self.fingerprint = fingerprint
        self.network = build_network(
            {**recipe.architecture, "classes": len(alphabet)}, np.random.default_rng(recipe.seed)
        )
        self.initial: Params = {name: array.copy() for name, array in self.network.arrays().items()}
        self.optimiser = AdamW(weight_decay=recipe.weight_decay)
        self.memory = self.optimiser.memory(self.network.params)
        self.history: list[Epoch] = []
        self._threads = ThreadPoolExecutor(recipe.shards)

    @property
    def identity(self) -> str:
        """Names recipe and data, so that a checkpoint is not taken up by another run."""
        about = json.dumps([asdict(self.recipe), self.alphabet.chars, self.fingerprint], sort_keys=True)
        return hashlib.sha256(about.encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write a checkpoint, with the errors of `save_checkpoint`."""
        save_checkpoint(path, self._groups(), self.history, self.identity)

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
                array[...] = groups[group][name]
        self.history = history

    def train(
        self,
        stream: GlyphStream,
        validation: tuple[Array, NDArray[np.integer]],
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
        stream : training batches; seed and batch size are the recipe's, augmentation and balance the phase's
        validation : glyphs (N, 1, H, W) and classes (N,) of writers that the stream does not hold

        Raises
        ------
        TrainingDiverged : the loss is not a number; names epoch and batch. The checkpoint is the one before.
        """
        if len(self.history) >= self.recipe.total_epochs:
            return
        first, phase = self.recipe.phase_of(len(self.history))
        for epoch in range(len(self.history), first + phase.epochs):
            start = perf_counter()
            # One BLAS thread a shard: two shards on two cores are faster than two threads inside each product,
            # and the bits do not depend on how many cores there are.
            with threadpool_limits(1), _quiet():
                lr, train_loss, train_accuracy = self._epoch(epoch, stream, on_batch)
                valid_loss, valid_accuracy = evaluate(self.network, *validation)
            if not np.isfinite(valid_loss):
                raise TrainingDiverged(
                    f"the loss became {valid_loss} in validation after epoch {epoch}, at lr {lr:.2g}"
                )
            self.history.append(
                Epoch(epoch, lr, train_loss, train_accuracy, valid_loss, valid_accuracy, perf_counter() - start)
            )
            if checkpoint is not None:
                self.save(checkpoint)
            if on_epoch is not None:
                on_epoch(self.history[-1])

    def _groups(self) -> dict[str, Params]:
        """Return all that a checkpoint holds; not copies."""
        return {"network": self.network.arrays(), "initial": self.initial, "optimiser": self.memory}

    def _epoch(self, epoch: int, stream: GlyphStream, on_batch: Progress | None) -> tuple[float, float, float]:
        """Return the last learning rate and the epoch's mean loss and accuracy."""
        batches = stream.batches_per_epoch
        first, phase = self.recipe.phase_of(epoch)
        lr, losses, hits = 0.0, 0.0, 0
        for batch, (glyphs, labels) in enumerate(stream.epoch(epoch)):
            lr = one_cycle((epoch - first) * batches + batch, phase.epochs * batches, phase.lr)
            loss, right = self._step(
                glyphs, self.alphabet.encode(labels), lr, np.random.default_rng([self.recipe.seed, epoch, batch, 1])
            )
            if not np.isfinite(loss):
                raise TrainingDiverged(f"the loss became {loss} in epoch {epoch}, batch {batch}, at lr {lr:.2g}")
            losses += loss
            hits += right
            if on_batch is not None:
                on_batch(epoch, batch + 1, batches, losses / (batch + 1))
        return lr, losses / batches, hits / (batches * stream.batch_size)

    def _step(
        self, glyphs: Array, classes: NDArray[np.integer], lr: float, rng: np.random.Generator
    ) -> tuple[float, int]:
        """Take one step; return the batch's loss and how many glyphs were named rightly."""
        shards = self.recipe.shards
        parts = zip(np.split(glyphs, shards), np.split(classes, shards), rng.spawn(shards), strict=True)
        losses, hits, grads, states = zip(*self._threads.map(self._shard, parts), strict=True)
        self.optimiser.step(self.network.params, _mean(grads), self.memory, lr)
        for name, array in _mean(states).items():
            self.network.state[name][...] = array
        return sum(losses) / shards, sum(hits)

    def _shard(self, part: tuple[Array, NDArray[np.integer], np.random.Generator]) -> tuple[float, int, Params, Params]:
        """Carry a part of the batch forward and back: its loss, hits, gradients and observed statistics."""
        glyphs, classes, rng = part
        with _quiet():  # each thread has an error state of its own
            logits, cache = self.network.forward(glyphs, rng)
            loss, grad = cross_entropy(logits, classes, self.recipe.smoothing)
            _, grads = self.network.backward(grad, cache)
            return loss, int((logits.argmax(axis=1) == classes).sum()), grads, self.network.next_state(cache)


def _quiet() -> np.errstate:
    """Silence NumPy on weights that run away: the loss that is no number tells it, with epoch and batch."""
    return np.errstate(over="ignore", invalid="ignore")


def _shapes(groups: Mapping[str, Params]) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(group, name): array.shape for group, arrays in groups.items() for name, array in arrays.items()}


def _mean(parts: Sequence[Params]) -> Params:
    """Average dicts of arrays, always in the same order so that the bits are the same."""
    return {name: sum((part[name] for part in parts[1:]), start=parts[0][name]) / len(parts) for name in parts[0]}
