"""The rows of a recipe: what is trained on, and what is measured."""

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
# Of all rows: composed from characters, words set side by side, and rows as somebody wrote them. By eye.
_SHARES = {"chars": 0.5, "words": 0.3, "texts": 0.2}
_VALID_ROWS = 250  # of each kind, after each epoch


@dataclass(frozen=True)
class RowDataset:
    """What a row network is trained and measured on.

    Attributes
    ----------
    train : the writers of training
    valid_writers : others, by kind of row
    valid : by kind, rows of these, plainly drawn
    fingerprint : of all that is trained on
    source : what a card says of the data
    taught : (text, strip) of rows that somebody corrected; trained on where the recipe has lessons
    """

    train: RowSource
    valid_writers: Mapping[str, Composed | AsWritten]
    valid: Mapping[str, RowBatch]
    fingerprint: str
    source: dict[str, Any]
    taught: Sequence[tuple[str, Strip]] = ()

    @property
    def alphabet(self) -> Alphabet:
        """What a row may be made of, the space included."""
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
    """Read what a row recipe learns from and draw the validation rows; errors as of `load_row_writers`."""
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
    """Divide a share of all rows among the writers of some data sets, by the kind of their rows."""
    parts = [(writer, _SHARES[kind]) for writers in sets for kind, writer in writers.items()]
    whole = sum(part for _, part in parts)
    return [(writer, share * part / whole) for writer, part in parts]


def _few(writer: Composed | AsWritten) -> RowBatch:
    """Draw the first rows of those that are always the same, without any too narrow for its text: CTC has no loss."""
    drawn = draw_plainly(islice(sample_rows(writer), _VALID_ROWS))
    return batch_rows([each for each in drawn if each[1].columns >= columns_needed(each[0])], RECEPTIVE_COLUMNS)
