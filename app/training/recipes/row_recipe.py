"""The recipe of a row network, key for key."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from app.datasets import RowVariation
from app.nn import Inference, Sequential
from app.ocr import Alphabet
from app.training.epochs.row_loss import SpellRows
from app.training.recipes.recipe import AnyPhase, Count, GlyphRecipe, RunRecipe
from app.training.recipes.tables import Table, UpToOne
from app.training.retraining.rehearsal import RehearseRows


class RowData(Table, frozen=True):
    """What the network learns from.

    Attributes
    ----------
    name : ``unipen`` or the folder of its files; ``synthetic`` for imagined writers, which need none
    also : others to train on as well; what is measured is always the first
    also_share : of all rows that are by these
    max_doubt : characters whose own shape contradicts their label by this rank or more are left out
    photographed, clutter : shares of pages that are photographed and found again, and of what is no writing, see
        `app.datasets.RowVariety`
    freedom : how far the characters of composed rows are bent, see `app.datasets.Composed`
    """

    name: Annotated[str, Meta(min_length=1)]
    also: tuple[str, ...] = ()
    also_share: UpToOne = 0.5
    max_doubt: Count = 4
    photographed: UpToOne = 0.0
    clutter: UpToOne = 0.0
    freedom: UpToOne = 0.0


class RowPhase(AnyPhase, frozen=True):
    """A phase with one way to vary the rows."""

    variation: RowVariation = RowVariation()


class RowRecipe(RunRecipe[RowPhase], frozen=True, kw_only=True):
    """The settings of a run that trains a network to spell rows.

    Attributes
    ----------
    lanes, columns : of a batch, see `app.vision.Lanes`
    batches : of an epoch
    """

    data: RowData
    lanes: Count
    columns: Count
    batches: Count

    def __post_init__(self) -> None:
        if self.lanes % self.shards:
            raise ValueError(f"Expected `lanes` to be a multiple of {self.shards} shards, got {self.lanes}")

    def objective(self, alphabet: Alphabet) -> SpellRows:
        """Return what is asked of the network."""
        return SpellRows(alphabet)

    def rehearsal(self, alphabet: Alphabet, before: Sequential) -> RehearseRows:
        """Return what is asked of a network that started as `before`."""
        return RehearseRows(self.objective(alphabet), Inference(before, batch_size=1))


AnyRecipe: TypeAlias = GlyphRecipe | RowRecipe
