"""The glyphs that a recipe trains on, and those that it is validated with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets import DATASETS, GlyphSet, GlyphStream, LessonStream, StrokeSet, load_samples, plain_glyphs
from app.datasets.catalogue import find
from app.datasets.pens.pen_font import load_pen_font
from app.datasets.pens.strokes import join_strokes
from app.errors import InvalidInput
from app.nn import Array
from app.ocr import Alphabet
from app.training.epochs.step import Objective, Part
from app.training.recipes.recipe import Data, GlyphRecipe, Phase

Samples: TypeAlias = StrokeSet | GlyphSet


@dataclass(frozen=True)
class GlyphDataset:
    """Training samples, and validation glyphs of other writers as the classifier sees them.

    Attributes
    ----------
    fingerprint : of the training split before any sample was left out
    valid_glyphs : (N, 1, 32, 32) float32, ink 1 on paper 0
    valid_classes : (N,)
    source : what a card says of the data set: where it comes from and under what terms
    taught : (N,) glyphs that somebody corrected; used if the recipe has lessons
    """

    train: Samples
    valid: Samples
    alphabet: Alphabet
    fingerprint: str
    valid_glyphs: Array
    valid_classes: NDArray[np.int64]
    source: dict[str, Any]
    taught: GlyphSet | None = None

    def stream(self, recipe: GlyphRecipe, phase: Phase, workers: int) -> GlyphStream | LessonStream:
        """Return the batches of a phase."""
        if recipe.lessons is not None:
            return LessonStream(
                self.train,
                self.taught,
                phase.augmentation,
                batch_size=recipe.batch_size,
                share=recipe.lessons.share,
                seed=recipe.seed,
                workers=workers,
            )
        return GlyphStream(
            self.train,
            phase.augmentation,
            batch_size=recipe.batch_size,
            seed=recipe.seed,
            workers=workers,
            balance=phase.balance,
        )

    def validation(self, objective: Objective, shards: int) -> list[Part]:
        """Return all validation glyphs in parts."""
        cut = (np.array_split(array, shards) for array in (self.valid_glyphs, self.valid_classes))
        return list(zip(*cut, strict=True))


def load_glyph_data(data: Data, root: Path) -> GlyphDataset:
    """Read what a recipe learns from and draw the validation glyphs; `max_doubt` is applied to training only.

    Parameters
    ----------
    root : folder of all data sets

    Raises
    ------
    DatasetNotFound : a data set is not there.
    DamagedDataset : a file is damaged.
    InvalidInput : the data lack something that the recipe needs, or have characters that cannot be published.
    """
    train, valid = load_samples(data.name, "train", root), load_samples(data.name, "valid", root)
    if data.also:
        sets = [train, *(load_samples(name, "train", root) for name in data.also)]
        strokes = [each for each in sets if isinstance(each, StrokeSet)]
        if len(strokes) < len(sets):
            names = ", ".join((data.name, *data.also))
            raise InvalidInput(f"expected data sets of pen strokes to train on together, got {names}")
        train = join_strokes(strokes)
    fingerprint = train.fingerprint()
    alphabet = Alphabet(train.alphabet if data.alphabet is None else data.alphabet)
    _refuse_strange(alphabet, data.name)
    if data.max_doubt is not None:
        if not isinstance(train, StrokeSet):
            raise InvalidInput(f"data set {data.name} does not say how doubtful labels are: expected no max_doubt")
        train = train.select(train.doubt < data.max_doubt)
    if data.alphabet is not None:
        train, valid = (part.select(np.isin(part.labels, list(alphabet.chars))) for part in (train, valid))
        if missing := sorted(set(alphabet.chars) - set(train.alphabet)):
            raise InvalidInput(f"data set {data.name} has no training samples of {''.join(missing)!r}")
    if not len(valid):
        raise InvalidInput(f"data set {data.name} has no validation samples of {alphabet.chars!r}")
    classes = alphabet.encode(valid.labels)
    return GlyphDataset(
        train, valid, alphabet, fingerprint, plain_glyphs(valid), classes, describe_sources(data.name, data.also, root)
    )


def _refuse_strange(alphabet: Alphabet, name: str) -> None:
    """Refuse, before anything is trained, characters of which a card could not say how high they stand in a row."""
    known = load_pen_font().chars
    if strange := "".join(char for char in alphabet.chars if char not in known):
        raise InvalidInput(
            f"data set {name}: expected characters out of {known}, whose height is known, got {strange!r} as well; "
            "data.alphabet of a recipe names those that are to be learnt"
        )


def describe_sources(first: str, also: Sequence[str], root: Path) -> dict[str, Any]:
    """Describe a data set as the catalogue does, with further ones that were trained on under ``also``."""
    others = [describe_source(name, root) for name in also]
    return describe_source(first, root) | ({"also": others} if others else {})


def describe_source(name: str, root: Path) -> dict[str, Any]:
    """Describe a data set, which may be named by its folder, as the catalogue does."""
    _, form = find(name, root)
    entry = DATASETS.get(name) or next((entry for entry in DATASETS.values() if form in entry.forms), None)
    if entry is None:
        return {"name": name}
    about = {"name": entry.name, "source": entry.source, "licence": entry.licence}
    return about | ({"attribution": entry.attribution} if entry.attribution else {})
