"""The row network at work: puts the strips of a page through it in batches, also in several threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from app.nn import Array, Inference, Sequential, log_softmax
from app.ocr.recognisers.row_network import RECEPTIVE_COLUMNS
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip

# Rows go through the network in batches of at most so many columns, so that work arrays stay in the processor's cache;
# a longer row is a batch by itself. Within a batch the shortest row may be so many columns shorter than the longest: to
# compute that many in vain takes as long as to fetch the weights for one more batch.
_TOGETHER, _SHORTER = 256, 24
# With fewer batches threads do not pay: they often wait for each other, as Python runs one at a time.
_WORTH_SHARING = 8


class RowPredictor:
    """A row network that reads strips of any length. Threads may share one, since reading changes nothing in it.

    Parameters
    ----------
    network : maps strips (N, 1, STRIP_HEIGHT, W) to logits (N, T, K)
    temperature : logits are divided by it, which makes the probabilities honest
    threads : so many share the work on a page of many rows
    """

    def __init__(self, network: Sequential, temperature: float = 1.0, threads: int = 1) -> None:
        paper = np.zeros((1, 1, STRIP_HEIGHT, 2 * RECEPTIVE_COLUMNS * COLUMN_PX), np.float32)
        self.network = Inference(network, batch_size=_TOGETHER, blank=paper)
        self._temperature = temperature
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def predict(self, strips: Sequence[Strip]) -> list[Array]:
        """Return for each strip the log-probabilities (T, K) of its columns, as if it lay alone on endless paper."""
        batches = list(_batches([strip.columns for strip in strips]))
        run = self._pool.map if self._pool and len(batches) >= _WORTH_SHARING else map
        log_p: dict[int, Array] = {}
        for batch, of_batch in zip(batches, run(partial(self._predict_batch, strips), batches), strict=True):
            log_p |= zip(batch, of_batch, strict=True)
        return [log_p[number] for number in range(len(strips))]

    def _predict_batch(self, strips: Sequence[Strip], batch: Sequence[int]) -> list[Array]:
        """Do what `predict` does for the strips that a batch names by number, all brought to one length by paper."""
        columns = max(strips[number].columns for number in batch)
        images = np.zeros((len(batch), 1, STRIP_HEIGHT, columns * COLUMN_PX), np.float32)
        for image, number in zip(images, batch, strict=True):
            np.divide(strips[number].pixels, np.float32(255), out=image[0, :, : strips[number].width])
        log_p = log_softmax(self.network.predict(images) / self._temperature)
        return [each[: strips[number].columns] for each, number in zip(log_p, batch, strict=True)]


def _batches(columns: Sequence[int]) -> Iterator[list[int]]:
    """Divide rows, given their lengths, into batches of about equal length; a batch lists its rows by number."""
    batch: list[int] = []
    for number in sorted(range(len(columns)), key=lambda number: -columns[number]):
        if batch:
            longest = columns[batch[0]]
            if (len(batch) + 1) * longest > _TOGETHER or longest - columns[number] > _SHORTER:
                yield batch
                batch = []
        batch.append(number)
    if batch:
        yield batch
