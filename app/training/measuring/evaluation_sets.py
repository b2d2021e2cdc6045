"""Data to measure a published model on: splits of the data that its card names, or imagined writers, without files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets import (
    Composed,
    WrittenRow,
    batch_rows,
    draw_plainly,
    load_row_writers,
    load_samples,
    load_synthetic,
    plain_glyphs,
)
from app.datasets.catalogue import find
from app.datasets.rows.shapes import Spacing
from app.datasets.rows.text import imagine_text
from app.errors import DatasetNotFound, InvalidInput
from app.nn import Array, Inference
from app.ocr import RECEPTIVE_COLUMNS, RowReader, spells_rows
from app.ocr.recognisers.architectures import build_from_card
from app.training.epochs.glyph_data import Samples
from app.training.measuring.cases import Cases, glyph_cases, row_cases
from app.training.measuring.row_measure import Checkpoint, sample_rows

EvaluationSplit: TypeAlias = Literal["valid", "test", "synthetic"]
SYNTHETIC: EvaluationSplit = "synthetic"

_ROWS_A_WRITER = 30  # of imagined writers; some three thousand characters of ten
_ROWS_A_KIND = 300  # of the card's data
_PROBED_ROWS, _PROBED_GLYPHS = 10, 200  # enough to describe activations, and done in a moment
_SPACING = Spacing(gap=0.08, space=0.55, wide=0.0)  # as of tidy hand print


def make_cases(
    card: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    split: EvaluationSplit,
    data_root: Path,
    checkpoint: Checkpoint = lambda: None,
) -> Cases:
    """Let a published model read an evaluation set; the result is always the same.

    Parameters
    ----------
    card, arrays : of any version, for glyphs or for rows
    split : of the data that the card names; ``synthetic`` is what ten imagined writers wrote whom no training saw, and
        needs no data
    data_root : folder of all data sets
    checkpoint : called now and then; whatever it raises ends the work

    Raises
    ------
    DatasetNotFound : the card names no data, or they are not in `data_root`.
    InvalidInput : the data have no such split, or nothing that the model knows.
    UnknownArchitecture, CorruptModel, ShapeMismatch : as of `app.ocr.recognisers.architectures.build_from_card`.
    """
    if spells_rows(card):
        reader = RowReader.from_card(card, arrays)
        return row_cases(reader, load_evaluation_rows(card, split, data_root), checkpoint)
    network, alphabet, temperature = build_from_card(card, arrays)
    samples = load_evaluation_glyphs(card, split, data_root)
    return glyph_cases(
        Inference(network), alphabet, temperature, plain_glyphs(samples), samples.labels, samples.writers, checkpoint
    )


def load_evaluation_glyphs(card: Mapping[str, Any], split: EvaluationSplit, data_root: Path) -> Samples:
    """Return the samples of an evaluation set that a model for glyphs can name, with the errors of `make_cases`."""
    if split == SYNTHETIC:
        samples: Samples = load_synthetic("test")
    else:
        samples = load_samples(_data_name(card), split, data_root)
    samples = samples.select(np.isin(samples.labels, list(card["alphabet"])))
    if not len(samples):
        raise InvalidInput(f"expected glyphs out of {card['alphabet']} in the split {split}, got none")
    return samples


def is_at_hand(card: Mapping[str, Any], split: str, data_root: Path) -> bool:
    """Tell whether an evaluation set can be loaded, without loading it; arguments as of `make_cases`."""
    if split == SYNTHETIC:
        return True
    try:
        return split in find(_data_name(card), data_root)[1].splits
    except DatasetNotFound:
        return False


def load_probe(card: Mapping[str, Any]) -> Array:
    """Return a few inputs by imagined writers, always the same, on which a version's activations can be described.

    Returns
    -------
    ndarray of float32, ink 1 on paper 0: glyphs (N, 1, 32, 32), or lanes of rows (N, 1, STRIP_HEIGHT, W)
    """
    if spells_rows(card):
        rows = draw_plainly(row for row, _ in islice(_imagined_rows(card["alphabet"]), _PROBED_ROWS))
        return batch_rows(rows, RECEPTIVE_COLUMNS).images[:, None].astype(np.float32) / np.float32(255)
    samples = load_evaluation_glyphs(card, SYNTHETIC, Path())
    return plain_glyphs(samples)[:: max(1, len(samples) // _PROBED_GLYPHS)]


def _data_name(card: Mapping[str, Any]) -> str:
    name = card.get("data", {}).get("name")
    if not name:
        raise DatasetNotFound(f"the card names no data set to measure on; the split {SYNTHETIC} needs none")
    return str(name)


def load_evaluation_rows(
    card: Mapping[str, Any], split: EvaluationSplit, data_root: Path, most: int | None = None
) -> Iterator[tuple[WrittenRow, str]]:
    """Return the rows of an evaluation set, each with its writer, with the errors of `make_cases`.

    Parameters
    ----------
    most : rows of each kind, of the data that the card names; None for as many as are looked into
    """
    if split == SYNTHETIC:
        yield from _imagined_rows(card["alphabet"])
        return
    name = _data_name(card)
    max_doubt = int(card["hyper_parameters"]["data"]["max_doubt"])
    for writer in load_row_writers(name, split, data_root, max_doubt).values():
        for row in islice(sample_rows(writer), most or _ROWS_A_KIND):
            yield row, ""


def _imagined_rows(alphabet: str) -> Iterator[tuple[WrittenRow, str]]:
    """Rows by every imagined writer, each of something else."""
    samples = load_synthetic("test")
    people = Composed(samples.select(np.isin(samples.labels, list(alphabet))), ())
    for number, (writer, known) in enumerate(people.known.items()):
        rng = np.random.default_rng(number)
        for _ in range(_ROWS_A_WRITER):
            text = "".join(char for char in imagine_text(rng, (), known).text if char in known or char == " ")
            if text := " ".join(text.split()):
                yield people.write_text(text, writer, _SPACING, rng), writer
