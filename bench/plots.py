"""Plots of what was measured, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.readers import FLOOR
from bench.table import Figures

COLOURS = {"inkrow": "#1f6feb", "rapidocr": "#d1242f", "tesseract": "#8250df", FLOOR: "#6e7781"}
WIDTH_IN = 7.0


def draw_plots(figures: Figures, folder: Path) -> None:
    """Draw every plot that there are figures for."""
    titles = figures["readers"]
    if pages := figures.get("pages"):
        with _axes(folder / "error_rate.svg", height_in=5.5) as axes:
            _error_rates(axes, pages["error_rate"], titles)
        with _axes(folder / "stages.svg") as axes:
            _stages(axes, pages)
    if speed := figures.get("speed"):
        for key in ("megapixels", "glyphs"):
            with _axes(folder / f"time_by_{key}.svg") as axes:
                _growth(axes, key, speed[key], pages["pages"] if pages else [], titles)
    if load := figures.get("load"):
        with _axes(folder / "requests_per_second.svg") as axes:
            _requests(axes, load, titles)
    if memory := figures.get("memory"):
        with _axes(folder / "memory.svg") as axes:
            _memory(axes, memory)


@contextmanager
def saved_figure(path: Path, width_in: float, height_in: float) -> Iterator[Figure]:
    """Hand out a figure to draw in, and save it."""
    # The same figures give the same bytes: no day, and names of parts that are not made of chance.
    with mpl.rc_context({"svg.hashsalt": "inkrow", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        yield figure
        figure.savefig(path, metadata={"Date": None})


@contextmanager
def _axes(path: Path, height_in: float = 4.0) -> Iterator[Axes]:
    """Hand out axes to draw in, and save the plot."""
    with saved_figure(path, WIDTH_IN, height_in) as figure:
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        yield axes


def _error_rates(axes: Axes, error_rate: Figures, titles: Mapping[str, str]) -> None:
    """A group of bars for each kind of page."""
    names = [name for name in titles if name != FLOOR]
    height = 0.8 / len(names)
    kinds = list(error_rate)
    for number, name in enumerate(names):
        places = [place + (number - (len(names) - 1) / 2) * height for place in range(len(kinds))]
        rates = [error_rate[kind][name]["strict"] for kind in kinds]
        axes.barh(places, rates, height, color=COLOURS[name], label=titles[name])
    axes.set_yticks(range(len(kinds)), [f"{kind} ({error_rate[kind]['pages']})" for kind in kinds])
    axes.invert_yaxis()
    axes.set_xlabel("character error rate, strict")
    axes.legend()


def _growth(axes: Axes, key: str, measured: Figures, pages: list[Figures], titles: Mapping[str, str]) -> None:
    """Real pages as dots, drawn ones as crosses with the line through them; milliseconds span three decades."""
    for name, title in titles.items():
        colour, of = COLOURS[name], measured["readers"][name]
        axes.scatter([page[key] for page in pages], [page["ms"][name] for page in pages], 9, colour, alpha=0.4)
        axes.plot(measured["x"], of["ms"], "x", color=colour, label=title)
        steps = [measured["x"][0] + (measured["x"][-1] - measured["x"][0]) * step / 50 for step in range(51)]
        line = [of["line"]["intercept"] + of["line"]["slope"] * x for x in steps]
        above = [(x, y) for x, y in zip(steps, line, strict=True) if y > 0]
        axes.plot(*zip(*above, strict=True), color=colour, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xlabel(key)
    axes.set_ylabel("ms a page")
    axes.legend(fontsize="small")


def _stages(axes: Axes, pages: Figures) -> None:
    """Each page a bar, made up of its stages; from the fastest page to the slowest."""
    records = sorted(pages["pages"], key=lambda page: sum(page["stages_ms"].values()))
    left = [0.0] * len(records)
    for stage in pages["stages_ms"]:
        ms = [record["stages_ms"].get(stage, 0.0) for record in records]
        axes.bar(range(len(records)), ms, 0.85, left, label=stage)
        left = [already + more for already, more in zip(left, ms, strict=True)]
    axes.set_xticks([])
    axes.set_xlabel("pages")
    axes.set_ylabel("ms")
    axes.legend()


def _requests(axes: Axes, load: Figures, titles: Mapping[str, str]) -> None:
    for name, of in load["readers"].items():
        clients = [int(number) for number in of["per_second"]]
        axes.plot(clients, of["per_second"].values(), "o-", color=COLOURS[name], label=titles[name])
    axes.set_xscale("log", base=2)
    axes.set_xticks(clients, [str(number) for number in clients])
    axes.set_yscale("log")
    axes.set_xlabel("clients")
    axes.set_ylabel("requests a second")
    axes.legend()


def _memory(axes: Axes, memory: Figures) -> None:
    axes.plot(memory["requests"], memory["resident_mib"], color=COLOURS["inkrow"])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("requests")
    axes.set_ylabel("resident memory, MiB")
