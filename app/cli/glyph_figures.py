"""A measurement on glyphs as text for a terminal, and its confusion matrix as a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.cli.shell import aligned
from app.errors import InvalidInput
from app.inspection import most_confused, normalise_confusion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.training import GlyphMeasurement

CONFUSION_SUFFIXES = (".csv", ".png")
_FIGURES = {
    "accuracy": "all characters",
    "accuracy_one_shape": "- what only size tells apart as one",
    "accuracy_36": "digits and capitals, among these",
    "accuracy_36_one_shape": "- 0 and O, 1 and I as one",
    "glyphs": "glyphs",
    "glyphs_36": "- digits and capitals",
}
_CALIBRATION = {
    "card_temperature": "temperature of the card",
    "ece_card_temperature": "calibration error with it",
    "ece_before": "calibration error without a temperature",
    "temperature": "temperature fitted to these glyphs",
    "ece_after": "calibration error with that",
    "ece_cross_fitted": "- each half of the writers with the other's",
}
# Most characters that a matrix on a terminal has, four columns each.
_WIDEST = 24


def lay_out(measured: GlyphMeasurement, limit: int | None) -> str:
    """Return all that was measured as text, lists cut to `limit` lines; None cuts nothing."""
    parts = [_left_out(measured, limit), _figures(measured), _calibration(measured)]
    parts += [each(measured, limit) for each in (_writers, _classes, _pairs, _matrix)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _left_out(measured: GlyphMeasurement, limit: int | None) -> list[str]:
    if not measured.left_out:
        return []
    every = [f"{label} {count}" for label, count in measured.left_out.items()]
    count = sum(measured.left_out.values())
    head = f"left out, labels that the model does not know: {count} ({', '.join(every[:limit])})"
    return [head, *_rest(every, limit)]


def _figures(measured: GlyphMeasurement) -> list[str]:
    columns = list(measured.figures["accuracy"])
    rows = [["accuracy", *columns]]
    rows += [
        [title, *(_cell(measured.figures[name].get(column)) for column in columns)] for name, title in _FIGURES.items()
    ]
    return list(aligned(rows))


def _cell(value: float | int | None) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _calibration(measured: GlyphMeasurement) -> list[str]:
    rows = [
        [title, f"{measured.calibration[name]:.4f}"]
        for name, title in _CALIBRATION.items()
        if name in measured.calibration
    ]
    return list(aligned(rows))


def _writers(measured: GlyphMeasurement, limit: int | None) -> list[str]:
    if not measured.writers:
        return []
    low, middle, high = measured.quartiles()
    head = f"{len(measured.writers)} writers: median {middle:.4f}, half of them from {low:.4f} to {high:.4f}"
    rows = [["worst writers", "accuracy", "glyphs"]]
    rows += [[one.writer, f"{one.accuracy:.4f}", str(one.count)] for one in measured.writers[:limit]]
    return [head, *aligned(rows), *_rest(measured.writers, limit)]


def _classes(measured: GlyphMeasurement, limit: int | None) -> list[str]:
    worst = sorted(measured.classes, key=lambda figures: figures.recall)
    rows = [["lowest recall", "precision", "recall", "glyphs"]]
    rows += [[one.char, f"{one.precision:.4f}", f"{one.recall:.4f}", str(one.support)] for one in worst[:limit]]
    return [*aligned(rows), *_rest(worst, limit)]


def _pairs(measured: GlyphMeasurement, limit: int | None) -> list[str]:
    everything = most_confused(measured.confusion, measured.alphabet)
    rows = [["most confused", "as the second", "as the first", "share of both"]]
    for pair in everything[:limit]:
        counts = [str(pair.first_as_second), str(pair.second_as_first)]
        rows.append([f"{pair.first} {pair.second}", *counts, f"{pair.share:.4f}"])
    return [*aligned(rows), *_rest(everything, limit)] if everything else ["no two characters were confused"]


def _matrix(measured: GlyphMeasurement, limit: int | None) -> list[str]:
    """Show the matrix of the characters that are most confused; all of a small alphabet."""
    chars = measured.alphabet
    chosen: list[str] = list(chars) if len(chars) <= _WIDEST else []
    for pair in most_confused(measured.confusion, chars, limit):
        for char in (pair.first, pair.second):
            if char not in chosen and len(chosen) < _WIDEST:
                chosen.append(char)
    if not chosen:
        return []
    index = [chars.index(char) for char in sorted(chosen)]
    named = measured.confusion[index]
    rest = named.sum(axis=1) - named[:, index].sum(axis=1)
    rows = [["true", *(chars[k] for k in index), "other"]]
    for k, counts, other in zip(index, named[:, index], rest, strict=True):
        rows.append([chars[k], *(str(count) if count else "." for count in counts), str(other)])
    return ["confusion: rows are true, columns are what was read", *aligned(rows)]


def _rest(items: Sequence[object], limit: int | None) -> list[str]:
    more = 0 if limit is None else len(items) - limit
    return [f"... and {more} more (--top 0 shows all)"] if more > 0 else []


def write_confusion(path: Path, measured: GlyphMeasurement) -> None:
    """Write the confusion matrix as .csv (counts) or .png (shares of each true character).

    Raises
    ------
    InvalidInput : there is no writing to `path`.
    """
    try:
        if path.suffix == ".png":
            _draw_confusion(path, measured.confusion, measured.alphabet)
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["true", *measured.alphabet])
            writer.writerows(
                [char, *row] for char, row in zip(measured.alphabet, measured.confusion.tolist(), strict=True)
            )
    except OSError as exc:
        raise InvalidInput(f"cannot write {path}; {exc}") from exc


def _draw_confusion(path: Path, counts: NDArray[np.int64], chars: str) -> None:
    from matplotlib.figure import Figure

    side = max(4.0, 0.16 * len(chars))  # inches: room for one character a row
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(np.sqrt(normalise_confusion(counts, "true")), cmap="Greys")  # the root shows rare mistakes, too
    places = range(len(chars))
    labels = [char.replace("$", r"\$") for char in chars]  # a dollar sign begins mathematics
    axes.set_xticks(places, labels, fontsize=7)
    axes.set_yticks(places, labels, fontsize=7)
    axes.set_xlabel("read as")
    axes.set_ylabel("true")
    figure.savefig(path, dpi=150)
