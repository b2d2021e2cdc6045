"""Measures a model on labelled glyphs in every way: by figure, by class, by writer, and its calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets import StrokeSet, plain_glyphs
from app.errors import InvalidInput
from app.nn import Array, softmax
from app.ocr import Reader
from app.training.epochs.glyph_data import Samples
from app.training.measuring.calibration import calibration, expected_calibration_error
from app.training.measuring.evaluation import confusion_counts, hits_by_figure

# Some labels are wrong, and some samples are pieces of a character. Where the data tell how doubtful a label is,
# figures are given over all samples, and over those whose label another network, which had not seen the writer, ranked
# below these: what recipes for glyphs learn from, and what rows are composed of.
_DOUBTS = (8, 4)


@dataclass(frozen=True)
class ClassFigures:
    """One character: how many of those so named are it, how many of it were so named, and how many there are."""

    char: str
    precision: float
    recall: float
    support: int


@dataclass(frozen=True)
class Writer:
    """One writer's glyphs and the share of them that was named rightly."""

    writer: str
    count: int
    accuracy: float


@dataclass(frozen=True)
class GlyphMeasurement:
    """A model on one split of a data set.

    Attributes
    ----------
    count : glyphs measured
    left_out : by label that the model does not know, the glyphs that were therefore not measured
    figures : by figure, see `hits_by_figure`, the accuracy over ``all`` glyphs, those of doubt below a rank, and the
        ``mean of classes``; by ``glyphs`` and ``glyphs_36`` their numbers
    classes : in the order of the alphabet, without those of no glyph
    calibration : see `calibration`; with the card's temperature
    writers : the worst first; empty if the data do not name them
    confusion : (K, K) counts; rows are true
    """

    count: int
    left_out: dict[str, int]
    figures: dict[str, dict[str, float]]
    classes: list[ClassFigures]
    calibration: dict[str, float]
    writers: list[Writer]
    alphabet: str
    confusion: NDArray[np.int64]

    def quartiles(self) -> tuple[float, float, float]:
        """Return lower quartile, median and upper quartile of the writers' accuracies; there must be a writer."""
        low, middle, high = np.quantile([writer.accuracy for writer in self.writers], [0.25, 0.5, 0.75])
        return float(low), float(middle), float(high)

    def document(self) -> dict[str, Any]:
        """Return all of it in JSON's types."""
        document = asdict(self) | {"confusion": self.confusion.tolist()}
        if self.writers:
            document["writer_quartiles"] = self.quartiles()
        return document


def measure_glyphs(reader: Reader, temperature: float, samples: Samples, *, fit: bool) -> GlyphMeasurement:
    """Let a reader's network name every sample.

    Parameters
    ----------
    temperature : of the model's card
    fit : also fit a temperature to these samples: for the split that temperatures are fitted on

    Raises
    ------
    InvalidInput : the model knows none of the labels.
    """
    alphabet = reader.alphabet
    known = np.isin(samples.labels, list(alphabet.chars))
    if not known.any():
        raise InvalidInput(f"expected labels out of {alphabet.chars}, got none")
    labels, counts = np.unique(samples.labels[~known], return_counts=True)
    samples = samples.select(known)
    classes = alphabet.encode(samples.labels)
    logits = reader.glyphs.network.predict(plain_glyphs(samples))
    y_pred = logits.argmax(axis=1)
    confusion = confusion_counts(y_pred, classes, len(alphabet))
    return GlyphMeasurement(
        count=len(classes),
        left_out={str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        figures=_figures(logits, classes, reader, samples),
        classes=class_figures(confusion, alphabet.chars),
        calibration=_calibration(logits, classes, samples.writers, temperature, fit=fit),
        writers=writer_figures(y_pred == classes, samples.writers),
        alphabet=alphabet.chars,
        confusion=confusion,
    )


def _figures(
    logits: Array, classes: NDArray[np.integer], reader: Reader, samples: Samples
) -> dict[str, dict[str, float]]:
    subsets = {"all": np.ones(len(classes), bool)}
    if isinstance(samples, StrokeSet):
        subsets |= {f"doubt < {below}": samples.doubt < below for below in _DOUBTS}
    judged = hits_by_figure(logits, classes, reader.alphabet)
    figures: dict[str, dict[str, float]] = {
        name: {
            **{subset: verdict.share(among) for subset, among in subsets.items()},
            "mean of classes": verdict.mean_of_classes(classes),
        }
        for name, verdict in judged.items()
    }
    asked = {"glyphs": judged["accuracy"].asked, "glyphs_36": judged["accuracy_36"].asked}
    return figures | {
        name: {subset: int((mask & among).sum()) for subset, among in subsets.items()} for name, mask in asked.items()
    }


def class_figures(confusion: NDArray[np.int64], chars: str) -> list[ClassFigures]:
    """Return the figures of each class of a confusion matrix (K, K) that has a glyph, in its order."""
    hits, named, support = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
    return [
        ClassFigures(char, float(hits[k] / max(1, named[k])), float(hits[k] / support[k]), int(support[k]))
        for k, char in enumerate(chars)
        if support[k]
    ]


def _calibration(
    logits: Array, classes: NDArray[np.integer], writers: NDArray[np.str_], temperature: float, *, fit: bool
) -> dict[str, float]:
    if fit:
        fitted: Mapping[str, float] = calibration(logits, classes, writers)
    else:
        fitted = {"ece_before": expected_calibration_error(softmax(logits), classes)}
    ece = expected_calibration_error(softmax(logits / temperature), classes)
    return {**fitted, "card_temperature": temperature, "ece_card_temperature": ece}


def writer_figures(right: NDArray[np.bool_], writers: NDArray[np.str_]) -> list[Writer]:
    """Return who wrote how many of N glyphs and what share of these was read right, (N,) both, the worst first."""
    names, member, counts = np.unique(writers, return_inverse=True, return_counts=True)
    accuracy = np.bincount(member, right, len(names)) / counts
    everyone = zip(names.tolist(), counts.tolist(), accuracy.tolist(), strict=True)
    return sorted((Writer(*one) for one in everyone if one[0]), key=lambda writer: (writer.accuracy, writer.writer))
