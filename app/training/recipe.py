"""What a training run is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.datasets import Augmentation
from app.errors import InvalidInput


@dataclass(frozen=True)
class Phase:
    """A part of a run: one cycle of the learning rate with one way to vary the glyphs.

    Attributes
    ----------
    lr : peak of the cycle
    balance : how far rare classes and writers of few samples are shown more often, see `GlyphStream`
    """

    epochs: int
    lr: float
    augmentation: Augmentation
    balance: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """The settings of a run; the same recipe and data give the same weights.

    Attributes
    ----------
    architecture : as `app.ocr.architectures.build_network` takes it, without ``classes``
    lr : peak of the one-cycle schedule
    max_doubt : labels that their own shape contradicts by this rank or more are left out
    smoothing : label smoothing
    shards : parts of a batch that are computed side by side, each with batch statistics of its own; a part of the
        recipe because the weights depend on it
    finish : a second phase, if any

    Raises
    ------
    InvalidInput : a batch cannot be cut into equal shards, or epochs or lr make no sense.
    """

    architecture: Mapping[str, Any] = field(
        default_factory=lambda: {"name": "glyph-cnn", "stages": [[24], [48], [96, 128]], "hidden": 256, "dropout": 0.25}
    )
    epochs: int = 20
    batch_size: int = 64
    lr: float = 2e-3
    weight_decay: float = 0.02
    smoothing: float = 0.05
    max_doubt: int = 8
    shards: int = 2
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    finish: Phase | None = None

    def __post_init__(self) -> None:
        for phase in self.phases:
            if phase.epochs < 1 or not 0 < phase.lr < np.inf:
                raise InvalidInput(f"expected at least 1 epoch and an lr above 0, got {phase.epochs} and {phase.lr}")
        if self.shards < 1 or self.batch_size < 1 or self.batch_size % self.shards:
            raise InvalidInput(f"expected batches of a multiple of {self.shards} glyphs, got {self.batch_size}")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of the run, in order."""
        main = Phase(self.epochs, self.lr, self.augmentation)
        return (main,) if self.finish is None else (main, self.finish)

    @property
    def total_epochs(self) -> int:
        """Epochs of all phases."""
        return sum(phase.epochs for phase in self.phases)

    def phase_of(self, epoch: int) -> tuple[int, Phase]:
        """Return the phase that an epoch belongs to, behind the number of that phase's first epoch."""
        first = 0
        for phase in self.phases:
            if epoch < first + phase.epochs:
                return first, phase
            first += phase.epochs
        raise IndexError(f"the run has {self.total_epochs} epochs, got {epoch}")

    def changed(
        self,
        *,
        epochs: int | None = None,
        finish_epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        seed: int | None = None,
    ) -> Recipe:
        """Return a copy with what is given set anew; `finish_epochs` 0 leaves the second phase out."""
        finish = self.finish
        if finish is not None and finish_epochs is not None:
            finish = replace(finish, epochs=finish_epochs) if finish_epochs else None
        return replace(
            self,
            epochs=self.epochs if epochs is None else epochs,
            batch_size=self.batch_size if batch_size is None else batch_size,
            lr=self.lr if lr is None else lr,
            seed=self.seed if seed is None else seed,
            finish=finish,
        )


# Strong variation first, so that the network sees all that may come; then little of it, because what tells 0 from O
# or Z from 2 is fine detail that strong variation destroys.
HANDPRINT = Recipe(
    finish=Phase(
        epochs=8,
        lr=8e-4,
        augmentation=Augmentation(
            capital_px=(24.0, 80.0),
            pen=(0.045, 0.14),
            rotation_deg=2.0,
            slant=0.07,
            stretch=0.05,
            jitter=0.012,
            blur=0.02,
            noise=0.06,
            erosion=0.2,
        ),
        balance=0.3,
    )
)
