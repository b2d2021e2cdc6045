"""Draw pen strokes as an image of ink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def draw_strokes(
    strokes: Sequence[NDArray[np.float32]],
    shape: tuple[int, int],
    pen_px: float | Sequence[NDArray[np.floating]],
    *,
    oversampling: int = 2,
) -> NDArray[np.uint8]:
    """Draw strokes with a round pen.

    Parameters
    ----------
    strokes : arrays (points, 2) of x, y in pixels; pixel (row, column) covers x from column to column + 1. A stroke of
        one point is a dot
    shape : (H, W) of the image; strokes outside are cut off
    pen_px : width of the pen in pixels, or for each stroke an array (points,) of widths; at least one sub-pixel is
        drawn, so that a line thinner than a pixel is grey
    oversampling : sub-pixels along each side of a pixel; its square is the number of grey levels at an edge

    Returns
    -------
    uint8 ndarray of shape (H, W), 255 for ink and 0 for paper, antialiased
    """
    height, width = shape
    canvas = Image.new("L", (width * oversampling, height * oversampling))
    pen = ImageDraw.Draw(canvas)
    for number, stroke in enumerate(strokes):
        # Pillow counts from pixel centres, the strokes from pixel corners.
        points = (stroke * oversampling - 0.5).tolist()
        if isinstance(pen_px, float | int):
            _draw_run(pen, points, max(1, round(pen_px * oversampling)))
            continue
        widths = np.maximum(1, np.rint(pen_px[number] * oversampling)).astype(int).tolist()
        start = 0
        for stop, (width, following) in enumerate(zip(widths, [*widths[1:], 0], strict=True), start=1):
            if width != following:
                _draw_run(pen, points[start : stop + 1], width)
                start = stop
    return np.asarray(canvas.reduce(oversampling))


def _draw_run(pen: ImageDraw.ImageDraw, points: list[list[float]], line_px: int) -> None:
    """Draw a line of one width, with a disc on every point: Pillow's own joints are slower and leave notches."""
    if len(points) > 1:
        pen.line([value for point in points for value in point], fill=255, width=line_px)
    radius = (line_px - 1) / 2
    if radius < 1 and len(points) > 1:
        return
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
