"""How well and how fast everybody reads a folder of pages that have a transcription."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, cast

from PIL import Image

from app.ocr import Page
from app.training import FIGURES, PageScore, score_page, summarise
from bench.grey import PHOTO_MEGAPIXELS, grey_ms
from bench.kinds import ALL, kind_of, kinds_of
from bench.readers import FLOOR
from bench.stats import percentile
from bench.workers import Timed, Worker, read_in_turns

# Upper ends of the classes by which times are told.
_MEGAPIXELS = (0.5, 5.0, 14.0)
_GLYPHS = (30, 100, 300)


def measure_pages(images: Sequence[Path], workers: Mapping[str, Worker], turns: int) -> dict[str, Any]:
    """Read all pages and compare them with their transcriptions.

    Returns
    -------
    dict with ``pages``, a record of each; ``error_rate`` by kind, reader and figure; ``ms`` by class of size, and by
    class of glyphs, for each reader: how many pages, median and 95th percentile; and ``photos``, see `_over_grey`
    """
    records, scores = [], []
    for image, timed in zip(images, read_in_turns(workers, images, turns), strict=True):
        scored = {name: score_reading(image, one) for name, one in timed.items() if name != FLOOR}
        records.append(_record(image, timed, scored, turns))
        scores.append(scored)
    names = [record["page"] for record in records]
    chosen = {kind: [kind_of(name) == kind for name in names] for kind in kinds_of(names)}
    chosen[ALL] = [True] * len(names)
    return {
        "pages": records,
        "error_rate": {
            kind: _error_rates([score for score, wanted in zip(scores, mask, strict=True) if wanted])
            for kind, mask in chosen.items()
        },
        "ms_by_megapixels": _times(records, workers, lambda record: record["megapixels"], _MEGAPIXELS),
        "ms_by_glyphs": _times(records, workers, lambda record: record["glyphs"], _GLYPHS),
        "stages_ms": _stages(records),
        "photos": _over_grey(records, workers),
    }


def score_reading(image: Path, read: Timed) -> PageScore:
    """Compare what somebody read with the transcription beside the image."""
    # Of a page only the text is looked at.
    return score_page(image, lambda _: cast(Page, read))


def _record(image: Path, timed: Mapping[str, Timed], scored: Mapping[str, PageScore], turns: int) -> dict[str, Any]:
    with Image.open(image) as opened:
        megapixels = opened.width * opened.height / 1e6
    return {
        "page": image.name,
        "kind": kind_of(image.name),
        "megapixels": megapixels,
        "glyphs": len("".join(image.with_suffix(".txt").read_text(encoding="utf-8").split())),
        "ms": {name: one.ms for name, one in timed.items()},
        "to_grey_ms": grey_ms(image, turns) if megapixels >= PHOTO_MEGAPIXELS else None,
        "stages_ms": next((one.stages_ms for one in timed.values() if one.stages_ms), {}),
        "error_rate": {
            name: {figure: score.error_rate(figure) for figure in FIGURES} for name, score in scored.items()
        },
        "errors": {name: one.error for name, one in timed.items() if one.error},
    }


def _error_rates(scores: Sequence[Mapping[str, PageScore]]) -> dict[str, Any]:
    rates: dict[str, Any] = {"pages": len(scores)}
    for name in scores[0]:
        summary = summarise([score[name] for score in scores])
        rates[name] = {**summary.error_rate, "mean_of_pages": summary.mean_of_pages}
    return rates


def _times(
    records: Sequence[Mapping[str, Any]],
    names: Mapping[str, object],
    measure: Callable[[Mapping[str, Any]], float],
    ends: Sequence[float],
) -> dict[str, Any]:
    table: dict[str, Any] = {}
    starts = [0, *ends]
    for low, high in zip(starts, [*ends, float("inf")], strict=True):
        inside = [record for record in records if low <= measure(record) < high]
        if inside:
            title = f"{low:g} to {high:g}" if high < float("inf") else f"{low:g} and more"
            table[title] = _spread(inside, names)
    table[ALL] = _spread(records, names)
    return table


def _spread(records: Sequence[Mapping[str, Any]], names: Mapping[str, object]) -> dict[str, Any]:
    ms = {name: [record["ms"][name] for record in records] for name in names}
    return {"pages": len(records)} | {
        name: {"median": median(values), "p95": percentile(values, 95)} for name, values in ms.items()
    }


def _over_grey(records: Sequence[Mapping[str, Any]], names: Mapping[str, object]) -> dict[str, Any]:
    """Return the ``number`` of photos of 12 megapixels and more, and by reader ``over_grey``.

    These are the least, median and most of a reader's time over the time that Pillow takes to make the photo grey.
    """
    photos = [record for record in records if record["to_grey_ms"] is not None]
    ratios = {name: [photo["ms"][name] / photo["to_grey_ms"] for photo in photos] for name in names}
    spread = {name: [min(values), median(values), max(values)] for name, values in ratios.items() if values}
    return {"number": len(photos), "over_grey": spread}


def _stages(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Of each of our stages the median, and its share of all the time."""
    stages = list(dict.fromkeys(stage for record in records for stage in record["stages_ms"]))
    values = {stage: [record["stages_ms"].get(stage, 0.0) for record in records] for stage in stages}
    total = sum(sum(times) for times in values.values())
    return {stage: {"median": median(times), "share": sum(times) / total} for stage, times in values.items()}
