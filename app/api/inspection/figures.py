"""Plots, as ``svg`` or ``png``. matplotlib is imported only when the first one is drawn."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.inspection import ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from app.training.measuring.glyph_measure import Writer

_INK, _LINE = "#222222", "#dddddd"
_RIGHT, _WRONG, _EVEN = "#1e7d5a", "#be460a", "#777777"
# Okabe and Ito's colours, without yellow.
_SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
_DPI = 110
_LEGIBLE = 16  # classes; more leave no room for numbers in the cells


def draw_confusion(
    shares: NDArray[np.float64],
    counts: NDArray[np.integer],
    labels: Sequence[str],
    breaks: Iterable[int],
    title: str,
    form: str,
) -> bytes:
    """Draw a confusion matrix: what is right in one colour, what is wrong in another.

    A colour's strength goes with the square root of the share, so that a rare mistake is still seen; the strongest
    mistake has the full colour.

    Parameters
    ----------
    shares, counts : (K, K), rows are true; the numbers of small matrices are written into the cells
    breaks : where a group of classes ends: a line is drawn before these
    """
    size = len(labels)
    figure, axes = _figure(max(4.5, 0.17 * size + 1), max(4.8, 0.17 * size + 1.3))
    _draw_cells(axes, np.sqrt(shares / max(float(shares.max()), 1e-12)), size)
    if size <= _LEGIBLE:
        for row, column in np.argwhere(counts):
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, color=_INK)
    for place in breaks:
        axes.axhline(place - 0.5, color=_INK, linewidth=0.5)
        axes.axvline(place - 0.5, color=_INK, linewidth=0.5)
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal", title=title)
    axes.title.set_fontsize(9)
    for axis, name in ((axes.xaxis, "read as"), (axes.yaxis, "true")):
        axis.set_ticks(range(size), ["␣" if label == " " else label for label in labels], fontsize=7)
        axis.set_label_text(name)
        for text in axis.get_ticklabels():
            text.set_parse_math(False)  # otherwise a dollar sign would begin a formula
    axes.tick_params(length=0)
    axes.grid(visible=False)
    return _saved(figure, form)


def _draw_cells(axes: Axes, strength: NDArray[np.float64], size: int) -> None:
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    rows, columns = np.nonzero(strength)
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    squares = np.stack([columns, rows], axis=1)[:, None] + corners
    right = rows == columns
    wrong = strength * ~np.eye(size, dtype=bool)
    alpha = np.where(right, strength[rows, columns], wrong[rows, columns] / max(float(wrong.max()), 1e-12))
    colours = [to_rgba(_RIGHT if hit else _WRONG, 0.85 * float(a)) for hit, a in zip(right, alpha, strict=True)]
    axes.add_collection(PolyCollection([*squares], facecolors=colours, linewidths=0))


class Curves(NamedTuple):
    """The epochs of one run, as a card holds them, and what the run is called in the picture."""

    title: str
    epochs: Sequence[Mapping[str, Any]]


def draw_curves(runs: Sequence[Curves], form: str) -> bytes:
    """Draw loss and accuracy by epoch, one colour a run: training thin and dashed, validation thick."""
    from matplotlib.ticker import LogLocator, NullLocator

    figure, left = _figure(9.5, 4.0, columns=2)
    right = figure.axes[1]
    for number, run in enumerate(runs):
        hue = _SERIES[number % len(_SERIES)]
        at = [epoch["epoch"] + 1 for epoch in run.epochs]
        for axes, what in ((left, "loss"), (right, "accuracy")):
            axes.plot(at, [epoch[f"train_{what}"] for epoch in run.epochs], color=hue, linewidth=1, linestyle="--")
            values = [epoch[f"valid_{what}"] for epoch in run.epochs]
            axes.plot(at, values, color=hue, linewidth=2, label=run.title, marker="o" if len(at) == 1 else "")
    left.set(xlabel="epoch", ylabel="loss (nats)", yscale="log")
    left.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    left.yaxis.set_minor_locator(NullLocator())
    left.yaxis.set_major_formatter("{x:g}")
    right.set(xlabel="epoch", ylabel="accuracy")
    left.legend(fontsize=8, frameon=False, title="dashed: training; solid: validation", title_fontsize=8)
    return _saved(figure, form)


def draw_reliability(curve: Sequence[ReliabilityBin], title: str, form: str) -> bytes:
    """Draw how often a network is right against how sure it was, which should be equal; below, for how many answers."""
    figure, axes = _figure(4.6, 5.4, rows=2, ratios=(3, 1))
    below = figure.axes[1]
    some = [each for each in curve if each.count]
    axes.plot([0, 1], [0, 1], color=_EVEN, linewidth=1, linestyle="--")
    sure, right = ([getattr(each, name) for each in some] for name in ("confidence", "accuracy"))
    axes.plot(sure, right, color=_SERIES[0], marker="o", clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that is right", title=title)
    axes.title.set_fontsize(9)
    widths = [each.high - each.low for each in curve]
    below.bar([each.low for each in curve], [each.count for each in curve], widths, align="edge", color=_SERIES[0])
    below.set(xlim=(0, 1), xlabel="confidence", ylabel="characters")
    return _saved(figure, form)


def draw_writers(writers: Sequence[Writer], title: str, form: str) -> bytes:
    """Draw every writer's accuracy, the worst first, and the median of all."""
    figure, axes = _figure(max(4.6, 0.12 * len(writers) + 2), 3.6)
    accuracies = [writer.accuracy for writer in writers]
    axes.bar(range(len(writers)), accuracies, color=_SERIES[0])
    axes.axhline(float(np.median(accuracies)), color=_WRONG, linewidth=1, linestyle="--")
    axes.set(xlabel="writers, the worst first; dashed: the median", ylabel="accuracy", ylim=(0, 1), title=title)
    axes.set_xticks([])
    axes.title.set_fontsize(9)
    return _saved(figure, form)


def _figure(
    width: float, height: float, *, rows: int = 1, columns: int = 1, ratios: Sequence[float] | None = None
) -> tuple[Figure, Axes]:
    """Return a figure of some inches with its axes, and the first of these."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.subplots(rows, columns, height_ratios=ratios)
    for axes in figure.axes:
        axes.grid(color=_LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=_INK, labelsize=8)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure, figure.axes[0]


def _saved(figure: Figure, form: str) -> bytes:
    """Encode a figure; the same figure has the same bytes."""
    import matplotlib as mpl

    content = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "inkrow"}):
        if form == "svg":
            figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
        else:
            figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": None})
    return content.getvalue()
