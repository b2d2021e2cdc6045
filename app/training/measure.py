"""A reader's figures on single glyphs."""

from __future__ import annotations

from pathlib import Path

from app.datasets import StrokeSet, load_samples
from app.ocr import Reader
from app.training.evaluation import report
from app.training.glyph_data import plain_glyphs

# Some labels are wrong, and some samples are pieces of a character. Figures are given over all of them, and over those
# whose label another network, which had not seen the writer, ranked below these.
_DOUBT = {"all": 2**15, "doubt < 8": 8, "doubt < 3": 3}


def evaluate_reader_on_glyphs(reader: Reader, name: str, split: str, root: Path) -> dict[str, float | int]:
    """Return a reader's figures on a split of a data set: all of it, and the samples whose label is sure."""
    samples = load_samples(name, split, root)
    classes = reader.alphabet.encode(samples.labels)
    logits = reader.network.predict(plain_glyphs(samples))
    figures: dict[str, float | int] = {}
    for words, below in _DOUBT.items():
        if isinstance(samples, StrokeSet):
            kept = samples.doubt < below
            measured = report(logits[kept], classes[kept], reader.alphabet).metrics
            figures |= {f"{key} ({words})": value for key, value in measured.items()}
    return figures
