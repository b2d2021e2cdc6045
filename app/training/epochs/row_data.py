"""The rows that a recipe trains on, and those that it is validated with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from string import ascii_letters, digits, punctuation
from typing import Any

from app.datasets import (
    AsWritten,
    Composed,
    RowBatch,
    RowSource,
    RowStream,
    RowVariety,
    Strip,
    batch_rows,
    draw_plainly,
    load_row_writers,
)
from app.datasets.fingerprint import joint_fingerprint
from app.datasets.rows.stream import columns_needed
from app.ocr import RECEPTIVE_COLUMNS, Alphabet
from app.training.epochs.glyph_data import describe_sources
from app.training.epochs.step import Objective, Part
from app.training.measuring.row_measure import sample_rows
from app.training.recipes.row_recipe import RowData, RowPhase, RowRecipe

ROW_ALPHABET = Alphabet(" " + "".join(sorted(digits + ascii_letters + punctuation)))
# Shares of rows that are composed from characters, that are composed from words, and that are as somebody wrote them.
# Set by eye.
_SHARES = {"chars": 0.5, "words": 0.3, "texts": 0.2}
_VALID_ROWS = 250  # of each kind, after each epoch


@dataclass(frozen=True)
class RowDataset:
    """Rows to train on, and rows of other writers to validate with.

    Attributes
    ----------
    train : the writers to train on
    valid_writers : other writers, by kind of row
    valid : rows of these, drawn without variation, by kind
    fingerprint : of all training data
    source : what a card says of the data
    taught : (text, strip) of rows that somebody corrected; used if the recipe has lessons
    """

    train: RowSource
    valid_writers: Mapping[str, Composed | AsWritten]
    valid: Mapping[str, RowBatch]
    fingerprint: str
    source: dict[str, Any]
    taught: Sequence[tuple[str, Strip]] = ()

    @property
    def alphabet(self) -> Alphabet:
        """The characters of a row, with the space."""
        return ROW_ALPHABET

    def stream(self, recipe: RowRecipe, phase: RowPhase, workers: int) -> RowStream:
        """Return the batches of a phase."""
        data = recipe.data
        variety = RowVariety(phase.variation, data.photographed, recipe.lanes, recipe.columns, data.clutter)
        return RowStream(
            self.train,
            variety,
            batches_per_epoch=recipe.batches,
            seed=recipe.seed,
            workers=workers,
            taught=self.taught,
            share=0.0 if recipe.lessons is None else recipe.lessons.share,
        )

    def validation(self, objective: Objective, shards: int) -> list[Part]:
        """Return all validation rows in parts."""
        return [part for batch in self.valid.values() for part in objective.parts(batch, shards)]


def load_row_data(data: RowData, root: Path) -> RowDataset:
    """Read the data of a row recipe, and draw the validation rows; with the errors of `load_row_writers`."""
    first, *others = (
        load_row_writers(name, "train", root, data.max_doubt, freedom=data.freedom) for name in (data.name, *data.also)
    )
    share = data.also_share if others else 0.0
    train = [*_shared([first], 1 - share), *_shared(others, share)]
    valid = load_row_writers(data.name, "valid", root, data.max_doubt)
    return RowDataset(
        RowSource([writer for writer, _ in train], [part for _, part in train]),
        valid,
        {kind: _few(writer) for kind, writer in valid.items()},
        joint_fingerprint(writer.fingerprint() for writer, _ in train),
        describe_sources(data.name, data.also, root),
    )


def _shared(
    sets: Sequence[Mapping[str, Composed | AsWritten]], share: float
) -> list[tuple[Composed | AsWritten, float]]:
    """Divide a share of all rows among the writers of some data sets, in proportion to the shares of their kinds."""
    parts = [(writer, _SHARES[kind]) for writers in sets for kind, writer in writers.items()]
    whole = sum(part for _, part in parts)
    return [(writer, share * part / whole) for writer, part in parts]


def _few(writer: Composed | AsWritten) -> RowBatch:
    """Draw the same few rows each time, without those that are too narrow for their text: for these CTC has no loss."""
    drawn = draw_plainly(islice(sample_rows(writer), _VALID_ROWS))
    return batch_rows([each for each in drawn if each[1].columns >= columns_needed(each[0])], RECEPTIVE_COLUMNS)
