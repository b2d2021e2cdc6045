"""The epoch loop: takes a step for every batch, measures the network after each epoch, and writes checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

from app.memory import keep_freed_memory
from app.nn import Sequential
from app.training.epochs.checkpoint import check_writable
from app.training.epochs.diagnosis import diverged, fault_in_inference
from app.training.epochs.history import Epoch
from app.training.epochs.run import Run
from app.training.epochs.step import Part, assess, quiet

# Called by `train_phase` after each batch with the epoch, batches done, batches in all, and the mean loss so far.
Progress: TypeAlias = Callable[[int, int, int, float], None]


class Stream(Protocol):
    """Training batches, the same for a seed."""

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield every batch of one epoch, in the form that the run's `Objective` takes."""


def train_phase(
    run: Run,
    stream: Stream,
    validation: Sequence[Part],
    *,
    checkpoint: Path | None = None,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> None:
    """Train the epochs that are left of a run's current phase.

    The checkpoint is replaced after each epoch, whole or not at all. So the run may be interrupted at any moment and
    loses at most the epoch it was in.

    Parameters
    ----------
    run : changes with every step
    stream : the training batches of this phase
    validation : images by writers that the stream does not have, with their truth
    on_batch, on_epoch : called after each

    Raises
    ------
    InvalidInput : `checkpoint` cannot be written; nothing has been trained.
    TrainingDiverged : a loss or gradient is not finite; the message names epoch, batch, learning rate and layer.
        The checkpoint is that of the epoch before.
    """
    if run.finished:
        return
    if checkpoint is not None:
        check_writable(checkpoint)
    keep_freed_memory()
    first, phase = run.recipe.phase_of(len(run.history))
    with ThreadPoolExecutor(run.recipe.shards if run.device.is_cpu else 1) as threads:
        for epoch in range(len(run.history), first + phase.epochs):
            # One BLAS thread for each shard: two shards on two cores are faster than two threads inside each
            # product, and the results do not depend on how many cores there are.
            with threadpool_limits(1), quiet():
                run.add(_epoch(run, epoch, stream, validation, threads, on_batch))
            if checkpoint is not None:
                run.save(checkpoint)
            on_epoch(run.history[-1])
            if run.finished:
                return


def _epoch(
    run: Run,
    epoch: int,
    stream: Stream,
    validation: Sequence[Part],
    threads: Executor,
    on_batch: Progress,
) -> Epoch:
    """Take a step for every batch, then measure the network."""
    start, batches = perf_counter(), stream.batches_per_epoch
    first, phase = run.recipe.phase_of(epoch)
    lr, losses, right, count = 0.0, 0.0, 0, 0
    for batch, drawn in enumerate(stream.epoch(epoch)):
        lr = run.recipe.schedule.lr((epoch - first) * batches + batch, phase.epochs * batches, phase.lr)
        result = run.step(run.batch(drawn, epoch, batch), lr, threads)
        losses += result.loss
        right += result.right
        count += result.count
        on_batch(epoch, batch + 1, batches, losses / (batch + 1))
    trained = losses / batches, right / max(count, 1)  # no character at all, if no row fits the lanes
    last = _measure(run, run.network, validation, epoch, lr, threads)
    network = run.averaged_network()
    if network is None:
        return Epoch(epoch, lr, *trained, *last, perf_counter() - start)
    averaged = _measure(run, network, validation, epoch, lr, threads)
    return Epoch(epoch, lr, *trained, *averaged, perf_counter() - start, *last)


def _measure(
    run: Run, network: Sequential, validation: Sequence[Part], epoch: int, lr: float, threads: Executor
) -> tuple[float, float]:
    """Return the loss and the share that is right on the validation writers, at the end of an epoch."""
    loss, accuracy = assess(network, validation, run.objective, threads, run.device)
    if not np.isfinite(loss):
        fault = fault_in_inference(network, validation, run.device) or "the loss"
        raise diverged(f"the loss became {loss} in validation after epoch {epoch + 1}", lr, fault)
    return loss, accuracy
