"""Training batches, drawn ahead of need by worker processes."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.datasets.augment import Augmentation
from app.datasets.glyph_set import GlyphSet
from app.datasets.render import render_glyphs
from app.datasets.strokes import StrokeSet
from app.errors import InvalidInput

# Batches drawn ahead for each worker: enough that a slow one is never waited for, a few megabytes in all.
_AHEAD = 8
# The last number of each seed, so that no two purposes share a stream: NumPy pads seeds with zeros, so that without it
# the order of an epoch and the drawing of its batch 0 would be one. Training numbers its own purposes from 1.
_DRAWING, _ORDER = 101, 102


class GlyphStream:
    """Endless epochs of augmented glyphs, the same for a seed whatever the number of workers.

    Each batch has a generator of its own, seeded by (seed, epoch, batch), so it does not matter who draws it or when.
    Without augmentation the glyphs are drawn once, by the caller, and kept: 4 kB each.
    A context manager: leaving it ends the workers; if this process is killed instead, they end by themselves.

    Parameters
    ----------
    samples : what is drawn, strokes or images
    augmentation : how it varies; None for the same glyphs in every epoch, as `PLAIN` draws them
    batch_size : glyphs a batch; what is left of an epoch below that is dropped
    seed : for order and augmentation
    workers : processes; 0 draws in the caller, and there is none without augmentation
    balance : 0 shows each sample once an epoch; above 0 they are drawn with replacement, each in proportion to
        ``(samples of its class * samples of its writer) ** -balance``

    Raises
    ------
    InvalidInput : there is not one whole batch of samples.
    """

    def __init__(
        self,
        samples: StrokeSet | GlyphSet,
        augmentation: Augmentation | None,
        *,
        batch_size: int,
        seed: int,
        workers: int = 1,
        balance: float = 0.0,
    ) -> None:
        if not 1 <= batch_size <= len(samples):
            raise InvalidInput(
                f"expected a batch of 1 to {len(samples)} glyphs, as many as there are, got {batch_size}"
            )
        self.samples = samples
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.seed = seed
        self._workers = workers
        self._kept: NDArray[np.float32] | None = None
        self._share = _shares(samples, balance) if balance else None
        self._pool: ProcessPoolExecutor | None = None

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""
        return len(self.samples) // self.batch_size

    def __enter__(self) -> Self:
        if self._workers and self.augmentation is not None:
            # Not fork: the caller's BLAS threads do not survive it.
            self._pool = ProcessPoolExecutor(
                self._workers, get_context("spawn"), _start_worker, (self.samples, self.augmentation)
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def epoch(self, epoch: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.str_]]]:
        """Yield every batch of one epoch as glyphs (N, 1, H, W) and their labels (N,)."""
        rng, count = np.random.default_rng([self.seed, epoch, _ORDER]), len(self.samples)
        order = rng.permutation(count) if self._share is None else rng.choice(count, count, p=self._share)
        batches = order[: self.batches_per_epoch * self.batch_size].reshape(-1, self.batch_size)
        for indices, glyphs in zip(batches, self._drawn(batches, epoch), strict=True):
            yield glyphs, self.samples.labels[indices]

    def _drawn(self, batches: NDArray[np.integer], epoch: int) -> Iterator[NDArray[np.float32]]:
        if self.augmentation is None:
            if self._kept is None:
                self._kept = render_glyphs(self.samples, np.arange(len(self.samples)), None, self._rng(0, 0))
            for indices in batches:
                yield self._kept[indices]
            return
        if self._pool is None:
            for number, indices in enumerate(batches):
                yield render_glyphs(self.samples, indices, self.augmentation, self._rng(epoch, number))
            return
        ahead: deque[Future[NDArray[np.float32]]] = deque()
        for number, indices in enumerate(batches):
            ahead.append(self._pool.submit(_draw, indices, self._rng(epoch, number)))
            if len(ahead) > _AHEAD * self._workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _rng(self, epoch: int, batch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, epoch, batch, _DRAWING])


def _shares(samples: StrokeSet | GlyphSet, balance: float) -> NDArray[np.float64]:
    """Return how often each sample (N,) is to be drawn, as a share of all draws."""
    share = np.ones(len(samples))
    for group in (samples.labels, samples.writers):
        _, member, counts = np.unique(group, return_inverse=True, return_counts=True)
        share *= counts[member] ** -balance
    return share / share.sum()


_task: tuple[StrokeSet | GlyphSet, Augmentation]  # of a worker process, sent once when it starts


def _start_worker(samples: StrokeSet | GlyphSet, augmentation: Augmentation) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the caller ends its workers
    Thread(target=_end_with_caller, daemon=True).start()
    _task = samples, augmentation


def _end_with_caller() -> None:
    """Exit once the caller is gone: one that was killed has told nobody, and its workers would wait for ever."""
    if (caller := parent_process()) is not None:
        caller.join()
        os._exit(1)


def _draw(indices: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.float32]:
    samples, augmentation = _task
    return render_glyphs(samples, indices, augmentation, rng)
