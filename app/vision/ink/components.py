"""Connected pieces of ink, and how high and thick the writing is that they make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.vision.cells import Cells
from app.vision.ink.binarise import Levels
from app.vision.ink.runs import label_runs

LETTER = 0.4
"""Height of the lowest letter in heights of the writing. A lower piece is a dot, a dash or an accent; an x has 0.5."""
LOWEST_PX = 5
"""Letters lower than this cannot be told apart. If most ink is in lower pieces, it is noise."""


@dataclass(frozen=True)
class Components:
    """N connected pieces of ink.

    Attributes
    ----------
    label_image : (H, W) int32, 0 for paper; pieces that were dropped keep their labels here
    labels : (N,), the label that each piece has in `label_image`
    boxes : (N, 4) int32 as top, left, bottom, right
    areas : (N,) pixels of ink
    stroke_px : mean width of strokes over all ink of the page
    left_out : how many further pieces, lower on the page, were left out because there are too many
    unsure : (M,), labels of other pieces, at least `LOWEST_PX` high, of which no pixel is surely ink
    cells : places for single characters in the forms on the page, as of `find_rules`
    """

    label_image: NDArray[np.int32]
    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int64]
    stroke_px: float
    left_out: int = 0
    unsure: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    cells: tuple[Cells, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def heights(self) -> NDArray[np.int32]:
        """(N,) pixels."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def widths(self) -> NDArray[np.int32]:
        """(N,) pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    def select(self, keep: NDArray[np.bool_]) -> Components:
        """Return the pieces where `keep` (N,) is True."""
        return replace(self, labels=self.labels[keep], boxes=self.boxes[keep], areas=self.areas[keep])

    def subset(self, numbers: NDArray[np.intp]) -> Components:
        """Return the pieces with these indices, in ascending order."""
        keep = np.zeros(len(self), bool)
        keep[numbers] = True
        return self.select(keep)

    def mask(self, number: int) -> NDArray[np.bool_]:
        """Return which pixels of its box (h, w) belong to a piece, given by its index."""
        top, left, bottom, right = self.boxes[number].tolist()
        return self.label_image[top:bottom, left:right] == self.labels[number]

    def topmost(self, most: int) -> Components:
        """Return at most `most` pieces, those that begin highest on the page; the others are left out."""
        if len(self) <= most:
            return self
        highest = self.subset(np.argsort(self.boxes[:, 0], kind="stable")[:most])
        return replace(highest, left_out=self.left_out + len(self) - most)


def are_of(label_image: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which pixels (H, W) have one of these labels (N,); a table makes it far faster than `np.isin`."""
    own = np.zeros(1 + max(int(label_image.max(initial=0)), int(labels.max(initial=0))), bool)
    own[labels] = True
    return own.take(label_image)


def label_pieces(binary: NDArray[np.bool_], ink: NDArray[np.uint8], levels: Levels, stroke_px: float) -> Components:
    """Label 8-connected ink, by hysteresis: a piece counts if one of its pixels is surely ink.

    Parameters
    ----------
    binary : (H, W), which pixels are looked at; all of them are `levels.faint` or darker
    ink : (H, W), how much darker each pixel is than the paper around it
    stroke_px : mean width of a stroke

    References
    ----------
    Canny (1986), A computational approach to edge detection, section on thresholding with hysteresis.
    """
    pieces = label_runs(binary)
    sure = np.zeros(len(pieces.areas), bool)
    sure[pieces.label_image[ink >= levels.sure]] = True
    sure[0] = False
    labels = np.flatnonzero(sure)
    heights = pieces.boxes[:, 2] - pieces.boxes[:, 0]
    return Components(
        label_image=pieces.label_image,
        labels=labels.astype(np.int32),
        boxes=pieces.boxes[labels],
        areas=pieces.areas[labels],
        stroke_px=stroke_px,
        unsure=np.flatnonzero(~sure & (heights >= LOWEST_PX)),
    )


def text_height(components: Components) -> float:
    """Return how high the writing is, in pixels: about as high as a capital.

    It is the median of the pieces' heights, each weighted by its ink; 0 if there are no pieces.
    """
    if not len(components):
        return 0.0
    order = np.argsort(components.heights)
    ink = np.cumsum(components.areas[order])
    return float(components.heights[order[np.searchsorted(ink, ink[-1] / 2)]])


def stroke_width(binary: NDArray[np.bool_]) -> float:
    """Return the mean width of strokes (pixels): twice the area over the length of the outline.

    The length of the outline is pi / 4 times the number of changes between ink and paper along all rows and columns of
    pixels, which is right on average over all directions (Crofton's formula).
    """
    crossings = np.count_nonzero(binary[1:] != binary[:-1]) + np.count_nonzero(binary[:, 1:] != binary[:, :-1])
    return 2 * np.count_nonzero(binary) / max(np.pi / 4 * crossings, 1.0)
