"""Training batches of a few corrected glyphs among many that the network knows already and rehearses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.augment import Augmentation
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.render import render_glyphs
from app.datasets.pens.strokes import StrokeSet
from app.datasets.prefetch import Prefetcher
from app.errors import InvalidInput
from app.vision import GLYPH_SIZE

_DRAWING, _ORDER = 104, 105  # the last number of each seed, see `app.datasets.glyphs.stream`
_NOTHING = GlyphSet(np.zeros((0, GLYPH_SIZE, GLYPH_SIZE), np.uint8), np.zeros(0, "<U1"), np.zeros(0, "<U1"))


class GlyphLesson(NamedTuple):
    """A batch: glyphs (N, 1, H, W), their labels (N,), and which (N,) of them somebody corrected."""

    glyphs: NDArray[np.float32]
    labels: NDArray[np.str_]
    taught: NDArray[np.bool_]


class LessonStream(Prefetcher[NDArray[np.float32]]):
    """Endless epochs of augmented glyphs, the same for a seed whatever the number of workers.

    An epoch shows each rehearsed sample once, in random order, and some corrected ones in each batch. A context
    manager, as `GlyphStream` is.

    Parameters
    ----------
    rehearsed : samples that the network knows already
    taught : corrected glyphs, None if there are none
    augmentation : how both vary; None for no variation
    batch_size : glyphs a batch; the rest of an epoch that fills no batch is dropped
    share : of corrected glyphs in each batch, or less if they are fewer: none is shown twice in a batch
    seed : of order and augmentation
    workers : processes; 0 draws in the caller

    Raises
    ------
    InvalidInput : the samples fill no batch, or no place in a batch is left for rehearsed ones.
    """

    def __init__(
        self,
        rehearsed: StrokeSet | GlyphSet,
        taught: GlyphSet | None,
        augmentation: Augmentation | None,
        *,
        batch_size: int,
        share: float,
        seed: int,
        workers: int = 1,
    ) -> None:
        taught = _NOTHING if taught is None else taught
        self._taught_each = min(round(share * batch_size), len(taught))
        self._rehearsed_each = batch_size - self._taught_each
        if not 1 <= batch_size <= len(rehearsed):
            raise InvalidInput(
                f"expected a batch of 1 to {len(rehearsed)} glyphs, as many as there are, got {batch_size}"
            )
        if not self._rehearsed_each:
            raise InvalidInput(
                f"expected a share that leaves a glyph of each batch to be rehearsed, got {share:g} of {batch_size}"
            )
        super().__init__(_draw, (rehearsed, taught, augmentation), workers)
        self._rehearsed, self._taught, self._seed = rehearsed, taught, seed

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `epoch` yields."""
        return len(self._rehearsed) // self._rehearsed_each

    def epoch(self, epoch: int) -> Iterator[GlyphLesson]:
        """Yield every batch of one epoch."""
        rng, each = np.random.default_rng([self._seed, epoch, _ORDER]), self._rehearsed_each
        order = rng.permutation(len(self._rehearsed))[: self.batches_per_epoch * each].reshape(-1, each)
        # Corrected samples have the indices after the rehearsed ones. They are mixed in, so that all parts of a batch
        # get some.
        count = len(self._taught)
        taught = np.stack([rng.choice(count, self._taught_each, replace=False) for _ in order])
        batches = rng.permuted(np.concatenate([order, len(self._rehearsed) + taught], axis=1), axis=1)
        labels = np.concatenate([self._rehearsed.labels, self._taught.labels])
        calls = ((indices, (self._seed, epoch, number, _DRAWING)) for number, indices in enumerate(batches))
        for indices, glyphs in zip(batches, self.results(calls), strict=True):
            yield GlyphLesson(glyphs, labels[indices], indices >= len(self._rehearsed))


def _draw(
    rehearsed: StrokeSet | GlyphSet,
    taught: GlyphSet,
    augmentation: Augmentation | None,
    indices: NDArray[np.integer],
    seed: Sequence[int],
) -> NDArray[np.float32]:
    """Draw both kinds, and put each glyph in its place in the batch."""
    rng = np.random.default_rng(seed)
    glyphs = np.empty((len(indices), 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    is_taught = indices >= len(rehearsed)
    glyphs[~is_taught] = render_glyphs(rehearsed, indices[~is_taught], augmentation, rng)
    if is_taught.any():
        glyphs[is_taught] = render_glyphs(taught, indices[is_taught] - len(rehearsed), augmentation, rng)
    return glyphs
