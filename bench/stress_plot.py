"""Stress curves as SVG, all of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from app.datasets import describe_knobs
from bench.plots import COLOURS, WIDTH_IN, saved_figure
from bench.table import Figures

_COLUMNS = 2
_HEIGHT_IN = 2.3
_SHOWN = "strict"
_MOST = 1.0  # whoever reads nothing has this; what is above it is cut off


def draw_curves(figures: Figures, folder: Path) -> None:
    """Draw ``stress.svg`` with a panel for each knob."""
    curves, titles = figures["curves"], figures["readers"]
    rows = -(-(len(curves) + 1) // _COLUMNS)  # one place is the legend's
    with saved_figure(folder / "stress.svg", WIDTH_IN, _HEIGHT_IN * rows) as figure:
        panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel().tolist()
        for axes, (knob, curve) in zip(panels, curves.items(), strict=False):
            _draw(axes, knob, curve, titles)
        for axes in panels[len(curves) :]:
            axes.set_axis_off()
        figure.supylabel(f"character error rate, {_SHOWN}", fontsize="small")
        panels[-1].legend(*panels[0].get_legend_handles_labels(), loc="center", fontsize="small")


def _draw(axes: Axes, knob: str, curve: Mapping[str, Any], titles: Mapping[str, str]) -> None:
    """Values stand at equal distances, as those of most knobs span decades."""
    places = range(len(curve["values"]))
    for name, rates in curve["error_rate"].items():
        axes.plot(places, rates[_SHOWN], "o-", color=COLOURS[name], label=titles[name], markersize=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xticks(places, [f"{value:g}" for value in curve["values"]])
    axes.set_ylim(0, _MOST)
    axes.set_title(knob, fontsize="medium")
    axes.set_xlabel(_MEANINGS[knob], fontsize="x-small")
    axes.tick_params(labelsize="small")


_MEANINGS = {knob.name: knob.meaning for knob in describe_knobs()}
