"""Pen strokes to ink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def draw_strokes(
    strokes: Sequence[NDArray[np.float32]],
    shape: tuple[int, int],
    pen_px: float,
    *,
    oversampling: int = 2,
    disc_joints: bool = False,
) -> NDArray[np.uint8]:
    """Draw strokes with a round pen.

    Parameters
    ----------
    strokes : arrays (points, 2) of x, y in pixels; pixel (row, column) covers x from column to column + 1. A stroke of
        one point is a dot
    shape : (H, W) of the image; what falls outside is cut off
    pen_px : pen width in pixels
    oversampling : sub-pixels along each side of a pixel; its square is the number of grey levels at an edge
    disc_joints : put a disc on every point. Where points lie closer together than the pen is wide, as in the pen font,
        Pillow's own joints leave notches; training glyphs keep these, as drawing them otherwise is another training

    Returns
    -------
    uint8 ndarray of shape (H, W), 255 for ink and 0 for paper, antialiased
    """
    height, width = shape
    canvas = Image.new("L", (width * oversampling, height * oversampling))
    pen = ImageDraw.Draw(canvas)
    line_px = max(1, round(pen_px * oversampling))
    radius = (line_px - 1) / 2
    joint = "curve" if line_px > 3 and not disc_joints else None
    for stroke in strokes:
        # Pillow counts from pixel centres, the strokes from pixel corners.
        points = (stroke * oversampling - 0.5).tolist()
        path = [tuple(point) for point in points]
        if len(path) > 1:
            pen.line(path, fill=255, width=line_px, joint=joint)
        for x, y in path if disc_joints else (path[0], path[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(canvas.reduce(oversampling))
