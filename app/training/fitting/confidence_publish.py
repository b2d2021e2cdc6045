"""Draw pages, let a reader read them, and publish the curves of how often it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.datasets import PageVariation, draw_page, load_page_writers
from app.errors import InvalidInput
from app.ocr import CONFIDENCE_MODEL, Reader, model_digests
from app.store import ModelStore, Version
from app.training.epochs.glyph_data import describe_source
from app.training.fitting.confidence import (
    LEVELS,
    CheckedPage,
    check_page,
    cross_fit,
    fit_confidence,
    measure_calibration,
)
from app.training.measuring.pages import strict


def publish_confidence(
    store: ModelStore,
    reader: Reader,
    models: Mapping[str, Any],
    data: str,
    root: Path,
    *,
    split: str,
    pages: int,
    seed: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda numbers: numbers,
) -> Version:
    """Fit the curves of a reader's confidences on drawn pages, measure them, and publish; no alias moves.

    Parameters
    ----------
    models : name, version and digest of what reads; the curves will be used with just these models
    data, root, split : the writers of the pages, see `load_page_writers`
    pages : how many are drawn; pages on which nothing is read do not count
    progress : iterates over the numbers of the pages, and may show how far it is

    Returns
    -------
    Version
        Its card has under ``calibration``, for each of `LEVELS`, ``count``, ``right`` (a share), ``ece_before`` and
        ``ece_cross_fitted``.

    Raises
    ------
    DatasetNotFound, DamagedDataset : see `load_page_writers`.
    InvalidInput : less than two writers wrote anything that was read.
    """
    writers = load_page_writers(data, split, root)
    uncalibrated = replace(reader, confidence=None)
    checked: list[CheckedPage] = []
    for number in progress(range(pages)):
        drawn = draw_page(writers, PageVariation(), seed, number)
        read = uncalibrated.read(drawn.encoded("jpg"))
        if read.rows:
            checked.append(check_page(read, strict(drawn.text), drawn.writer))
    if len({page.writer for page in checked}) < 2:
        raise InvalidInput("expected writing by two writers or more, of whom one can be measured by the other's curves")
    before, after = measure_calibration(checked), measure_calibration(cross_fit(checked))
    card = {
        "description": "How often glyphs, words and rows are right that are read with a certain confidence.",
        "fitted_for": model_digests(models),
        "data": {**describe_source(data, root), "split": split, "pages": pages, "seed": seed},
        "calibration": {
            level: {
                "count": before[level].count,
                "right": before[level].right,
                "ece_before": before[level].ece,
                "ece_cross_fitted": after[level].ece,
            }
            for level in LEVELS
        },
    }
    return store.publish(CONFIDENCE_MODEL, fit_confidence(checked).arrays(), card)
