"""Training batches of glyphs, which worker processes draw ahead of need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.augment import Augmentation
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.render import render_glyphs
from app.datasets.pens.strokes import StrokeSet
from app.datasets.prefetch import Prefetcher
from app.errors import InvalidInput

# Every seed ends in the number of a purpose, so that no two purposes share a random stream. Without it, the order of an
# epoch and the drawing of its batch 0 would, as NumPy pads seeds with zeros. Training numbers its purposes from 1.
_DRAWING, _ORDER = 101, 102


class GlyphStream(Prefetcher[NDArray[np.float32]]):
    """Endless epochs of augmented glyphs, the same for a seed whatever the number of workers.

    Each batch has a generator of its own, seeded by (seed, epoch, batch), so that it does not matter which process
    draws it, and when. Without augmentation, the glyphs are drawn once, by the caller, and kept: 4 kB each.
    A context manager: leaving it ends the workers; if this process is killed instead, they end by themselves.

    Parameters
    ----------
    samples : strokes or images
    augmentation : how glyphs vary; None for the same glyphs in every epoch, without variation
    batch_size : glyphs a batch; the rest of an epoch that fills no batch is dropped
    seed : of order and augmentation
    workers : processes; with 0, or without augmentation, the caller draws
    balance : with 0, each sample is shown once an epoch; above 0, samples are drawn with replacement, with
        probabilities in proportion to ``(samples of its class * samples of its writer) ** -balance``

    Raises
    ------
    InvalidInput : the samples fill no batch.
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
        super().__init__(_draw, (samples, augmentation), workers if augmentation else 0)
        self.samples = samples
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.seed = seed
        self._kept: NDArray[np.float32] | None = None
        self._share = _shares(samples, balance) if balance else None

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""
        return len(self.samples) // self.batch_size

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
        calls = ((indices, self._rng(epoch, number)) for number, indices in enumerate(batches))
        yield from self.results(calls)

    def _rng(self, epoch: int, batch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, epoch, batch, _DRAWING])


def _shares(samples: StrokeSet | GlyphSet, balance: float) -> NDArray[np.float64]:
    """Return the probability with which each sample (N,) is drawn."""
    share = np.ones(len(samples))
    for group in (samples.labels, samples.writers):
        _, member, counts = np.unique(group, return_inverse=True, return_counts=True)
        share *= counts[member] ** -balance
    return share / share.sum()


def _draw(
    samples: StrokeSet | GlyphSet,
    augmentation: Augmentation,
    indices: NDArray[np.integer],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    return render_glyphs(samples, indices, augmentation, rng)
