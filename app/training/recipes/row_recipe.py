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
    also : further data sets to train on; validation uses the first one only
    also_share : share of all rows that comes from these
    max_doubt : characters whose doubt is this rank or more are left out, as their shape contradicts their label
    photographed, clutter : shares of pages that are photographed and segmented again, and that hold no writing, see
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
    lanes, columns : the size of a batch, see `app.vision.Lanes`
    batches : the length of an epoch
    """

    data: RowData
    lanes: Count
    columns: Count
    batches: Count

    def __post_init__(self) -> None:
        if self.lanes % self.shards:
            raise ValueError(f"Expected `lanes` to be a multiple of {self.shards} shards, got {self.lanes}")

    def objective(self, alphabet: Alphabet) -> SpellRows:
        """Return the objective of the network."""
        return SpellRows(alphabet)

    def rehearsal(self, alphabet: Alphabet, before: Sequential) -> RehearseRows:
        """Return the objective of a trained network, `before`, that learns from corrections."""
        return RehearseRows(self.objective(alphabet), Inference(before, batch_size=1))


AnyRecipe: TypeAlias = GlyphRecipe | RowRecipe
