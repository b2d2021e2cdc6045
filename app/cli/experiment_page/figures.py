"""The experiment's pictures, as SVG and PNG text that goes into the page; colours come from the page's style."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray
from PIL import Image

from app.inspection import normalise_confusion, tile, weight_images
from app.vision import GLYPH_SIZE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from app.training import Epoch, Trial

# matplotlib writes these into the SVG; the page gives them a meaning for light and for dark.
_INK, _LINE = "#010101", "#020202"
_SERIES = ("#030303", "#040404", "#050505")
_STYLES = {_INK: "var(--ink)", _LINE: "var(--line)"} | {hue: f"var(--series-{n})" for n, hue in enumerate(_SERIES, 1)}
# Over any paper: the stronger, the more opaque.
_POSITIVE, _NEGATIVE, _RIGHT = (224, 104, 38), (48, 124, 214), (40, 150, 110)


def curves(rates: Sequence[Trial], figure: Callable[[Epoch], tuple[float, float]], label: str, *, log: bool) -> str:
    """Draw one figure of every epoch, training thin and validation thick, in one colour a rate.

    Parameters
    ----------
    figure : of an epoch, in training and in validation
    log : whether the axis of `figure` is logarithmic
    """
    picture = Figure(figsize=(4.6, 3.1), layout="constrained", facecolor="none")
    axes = _axes(picture)
    for run, hue in zip(rates, _SERIES, strict=False):
        epochs = [epoch.epoch + 1 for epoch in run.curves]
        values = np.array([figure(epoch) for epoch in run.curves]).reshape(-1, 2)
        axes.plot(epochs, values[:, 0], color=hue, linewidth=1, linestyle=(0, (3, 2)))
        axes.plot(epochs, values[:, 1], color=hue, linewidth=2)
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    return _svg(picture)


def confusion(counts: NDArray[np.integer], chars: str) -> str:
    """Draw a confusion matrix, each row as shares: what is right in one colour, what is wrong in another.

    The opacity goes with the square root of the share, so that a rare mistake is still seen.
    """
    strength = np.sqrt(normalise_confusion(counts, "true"))
    right = np.eye(len(chars), dtype=bool)
    wrong = np.where(right, 0, strength)
    strength = np.where(right, strength, wrong / max(float(wrong.max()), 1e-9))
    cells = np.empty((*counts.shape, 4), np.uint8)
    cells[..., :3] = np.where(right[..., None], _RIGHT, _POSITIVE)
    cells[..., 3] = np.rint(255 * strength)
    picture = Figure(figsize=(5.6, 5.6), layout="constrained", facecolor="none")
    axes = _axes(picture)
    axes.imshow(cells, interpolation="none")
    for axis, title in ((axes.xaxis, "read as"), (axes.yaxis, "written")):
        axis.set_ticks(range(len(chars)), list(chars), fontsize=7.5)
        axis.set_label_text(title)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    return _svg(picture)


def weights(weight: NDArray[np.floating], scale: float, columns: int) -> str:
    """Draw every unit's weights (inputs, units) as an image, `scale` and more being opaque: a PNG as data URI."""
    sheet = tile(weight_images(weight, (GLYPH_SIZE, GLYPH_SIZE)), columns)
    pixels = np.zeros((*sheet.shape, 4), np.uint8)
    pixels[..., :3] = np.where((sheet > 0)[..., None], _POSITIVE, _NEGATIVE)
    pixels[..., 3] = np.rint(255 * np.clip(np.nan_to_num(np.abs(sheet)) / scale, 0, 1))
    return _png(pixels)


def glyphs(images: NDArray[np.floating], columns: int) -> str:
    """Draw glyphs (N, H, W), ink 1, side by side in black on nothing: a PNG as data URI."""
    sheet = np.nan_to_num(tile(images, min(columns, len(images)), gap=2))
    pixels = np.zeros((*sheet.shape, 4), np.uint8)
    pixels[..., 3] = np.rint(255 * sheet)
    return _png(pixels)


def _axes(picture: Figure) -> Axes:
    axes = picture.add_subplot(facecolor="none")
    axes.tick_params(colors=_INK, which="both", labelsize=10.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=_INK, fontsize=10.5)
    axes.grid(color=_LINE, linewidth=0.6)
    return axes


def _svg(picture: Figure) -> str:
    """Return the figure as an ``svg`` element that scales and takes its colours from the page."""
    content = io.StringIO()
    # Text stays text, to be read and searched; and the same figure has the same bytes.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "inkrow"}):
        FigureCanvasSVG(picture).print_svg(content, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    svg = content.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"font-family: [^;]*; ?", "", svg)
    for hue, meaning in _STYLES.items():
        svg = svg.replace(hue, meaning)
    return svg


def _png(pixels: NDArray[np.uint8]) -> str:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
