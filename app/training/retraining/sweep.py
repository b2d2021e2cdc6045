"""A recipe at another learning rate, to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from app.errors import TrainingDiverged
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.history import Epoch
from app.training.epochs.loop import Progress
from app.training.epochs.train import train_recipe
from app.training.recipes.recipe import GlyphRecipe


@dataclass(frozen=True)
class Trial:
    """What became of one learning rate.

    Attributes
    ----------
    curves : the epochs that were completed
    diverged : what ended the run; None if it came to its end
    """

    lr: float
    seconds: float
    curves: list[Epoch]
    diverged: str | None = None

    @property
    def best(self) -> Epoch | None:
        """The epoch of the lowest validation loss; None if none was completed."""
        return min(self.curves, key=lambda epoch: epoch.valid_loss, default=None)


def try_rate(
    data: GlyphDataset,
    recipe: GlyphRecipe,
    lr: float,
    *,
    workers: int = 1,
    on_batch: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Trial:
    """Train a recipe at another learning rate, from its first weights and on its glyphs; divergence is a result.

    Nothing is written or published.

    Parameters
    ----------
    lr : of the recipe's first phase; those of the others change in proportion

    Raises
    ------
    InvalidInput : the rate is not above 0.
    """
    changed, start = recipe.changed(lr=lr), perf_counter()
    curves: list[Epoch] = []

    def keep(epoch: Epoch) -> None:
        curves.append(epoch)
        if on_epoch is not None:
            on_epoch(epoch)

    try:
        train_recipe(data, changed, workers=workers, on_batch=on_batch, on_epoch=keep)
    except TrainingDiverged as exc:
        return Trial(lr, perf_counter() - start, curves, exc.detail)
    return Trial(lr, perf_counter() - start, curves)
