"""Connected pieces of ink, and which of them may be writing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.binarise import Levels
from app.vision.ink.runs import label_runs
from app.vision.marks.binder_holes import are_binder_holes
from app.vision.marks.checkboxes import are_checkboxes
from app.vision.marks.combs import Cells
from app.vision.marks.dot_grids import are_dots_of_grid
from app.vision.marks.dotted_lines import are_dots_of_lines
from app.vision.marks.rules import find_rules, shorter_than
from app.vision.marks.slivers import are_slivers
from app.vision.marks.torn_lines import are_of_torn_lines

LETTER = 0.4
"""In heights of the writing: a lower piece is a dot, a dash or an accent, and no letter; an x has about 0.5."""
# More pieces than a densely printed page has; of more, which mostly are texture, the topmost are kept.
_MOST = 20_000
# In heights of the writing; straight lines that are shorter are strokes of large letters in a thin pen.
_SHORTEST_RULE = 2.0
# Letters lower than this cannot be told apart; where most ink is so low, it is noise.
_LOWEST_PX = 5
# In heights of the writing, too: a stroke of a thin pen. Where there is noise, its specks make strokes look thinner.
_THIN_PEN = 0.1
# Set by eye. What is so many times as high, or as wide, as the writing is high is a drawing or a shadow; a joined word
# is rarely wider. What spans half the image is a frame if so little of its box is ink.
_HIGHEST, _WIDEST = 4.0, 12.0
_SPAN, _HOLLOW = 0.5, 0.04
_MOSTLY_INSIDE = 0.3  # share of the ink below which what does not span the image says nothing of how high letters are
# A speck is narrower than a stroke both ways, or has less ink than a third of a stroke's width squared.
_SPECK_SIDE, _SPECK_AREA = 0.6, 0.3
# A blot is about as high as wide, so many strokes thick, as high as a capital, and more of its box is ink; a disc fills
# 0.785 of it. On 240 drawn pages by validation writers no letter two thirds of whose box are ink is 4 strokes thick;
# drawn holes, magnets and pins have 9 and more. Bullets and full stops are lower, also where the pen is thin.
_ROUND, _BLOT_STROKES, _BLOT_HIGH, _BLOT_SOLID = 1.4, 6.0, 0.9, 0.72


@dataclass(frozen=True)
class Components:
    """N connected pieces of ink.

    Attributes
    ----------
    label_image : (H, W) int32, 0 for paper; piece i has the label ``labels[i]``
    labels : (N,)
    boxes : (N, 4) int32 as top, left, bottom, right
    areas : (N,) pixels of ink
    stroke_px : mean width of a stroke over all pieces
    left_out : number of further pieces, below these, that are too many to be looked at
    unsure, unsure_boxes : (M,) labels and (M, 4) boxes of pieces without a sure pixel, which are none of the N; what is
        too low for a letter is left out
    cells : of the forms on the page, as of `find_rules`
    """

    label_image: NDArray[np.int32]
    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int64]
    stroke_px: float
    left_out: int = 0
    unsure: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    unsure_boxes: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 4), np.int32))
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

    def some(self, numbers: NDArray[np.intp]) -> Components:
        """Return the pieces of these numbers, ascending."""
        keep = np.zeros(len(self), bool)
        keep[numbers] = True
        return self.select(keep)

    def mask(self, number: int) -> NDArray[np.bool_]:
        """Return which pixels of its box (H, W) one piece has."""
        top, left, bottom, right = self.boxes[number].tolist()
        return self.label_image[top:bottom, left:right] == self.labels[number]

    def topmost(self, most: int) -> Components:
        """Return no more than so many pieces, those that begin highest; the others are left out."""
        if len(self) <= most:
            return self
        highest = self.some(np.argsort(self.boxes[:, 0], kind="stable")[:most])
        return replace(highest, left_out=self.left_out + len(self) - most)


def are_of(label_image: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which pixels (H, W) have one of some labels (N,); by a table, far faster than by `np.isin`."""
    own = np.zeros(1 + max(int(label_image.max(initial=0)), int(labels.max(initial=0))), bool)
    own[labels] = True
    return own.take(label_image)


def find_components(ink: NDArray[np.uint8], levels: Levels, cleared: NDArray[np.bool_] | None = None) -> Components:
    """Label 8-connected ink, by hysteresis: faint pixels count where they are connected to sure ones.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it
    cleared : (H, W), ruling that is not in `ink` any more, if some was

    References
    ----------
    Canny (1986), A computational approach to edge detection, section on thresholding with hysteresis.
    """
    binary = ink >= levels.faint
    stroke_px = _stroke_width(binary)
    rules, cells = find_rules(binary, stroke_px, cleared)
    found = replace(_label(binary & ~rules, ink, levels, stroke_px), cells=tuple(cells))
    if not rules.any():
        return found
    lines = rules if cleared is None else rules | cleared
    strokes = rules & shorter_than(lines, _SHORTEST_RULE * text_height(found), stroke_px)
    # On ruled paper what is short is a torn rule.
    if np.count_nonzero(strokes) <= np.count_nonzero(rules) / 2:
        return found
    return replace(_label(binary & (~rules | strokes), ink, levels, stroke_px), cells=tuple(cells))


def _label(binary: NDArray[np.bool_], ink: NDArray[np.uint8], levels: Levels, stroke_px: float) -> Components:
    pieces = label_runs(binary)
    sure = np.zeros(len(pieces.areas), bool)
    sure[pieces.label_image[ink >= levels.sure]] = True
    sure[0] = False
    labels = np.flatnonzero(sure)
    heights = pieces.boxes[:, 2] - pieces.boxes[:, 0]
    unsure = np.flatnonzero(~sure & (heights >= _LOWEST_PX))
    return Components(
        label_image=pieces.label_image,
        labels=labels.astype(np.int32),
        boxes=pieces.boxes[labels],
        areas=pieces.areas[labels],
        stroke_px=stroke_px,
        unsure=unsure,
        unsure_boxes=pieces.boxes[unsure],
    )


def text_height(components: Components) -> float:
    """Return the height (pixels) that the pieces holding most of the ink have: about that of a capital."""
    if not len(components):
        return 0.0
    order = np.argsort(components.heights)
    ink = np.cumsum(components.areas[order])
    return float(components.heights[order[np.searchsorted(ink, ink[-1] / 2)]])


def without_holes(components: Components) -> Components:
    """Drop the holes of a spiral or a binder; the pieces themselves are returned if there are none."""
    pieces = components.label_image, components.labels, components.boxes, components.areas
    holes = are_binder_holes(*pieces, components.stroke_px)
    return components.select(~holes) if holes.any() else components


def keep_writing(components: Components) -> Components:
    """Drop what cannot be a letter or a part of one: frames, boxes, lines and grids of dots, shadows, blots.

    Of more pieces than can be looked at those that begin highest are kept, the others are left out.
    """
    drawn = are_checkboxes(components.label_image, components.labels, components.boxes, components.stroke_px)
    dots = are_dots_of_lines(components.boxes, components.stroke_px)
    dots |= are_dots_of_grid(components.boxes, components.stroke_px)
    thick_px = max(components.stroke_px, _THIN_PEN * text_height(components))
    dots |= are_of_torn_lines(components.boxes, components.areas, thick_px)
    components = components.select(~(drawn | dots))
    hollow = components.areas < _HOLLOW * components.heights * components.widths
    kept = components.select(~(_spans_the_image(components) & hollow))
    # What spans the image does not say how high letters are, unless nearly all ink is of that kind: a single row. Nor
    # do blots.
    inside = kept.select(~(_spans_the_image(kept) | _are_blots(kept)))
    letter_px = text_height(inside if inside.areas.sum() > _MOSTLY_INSIDE * kept.areas.sum() else kept)
    huge = (kept.heights > _HIGHEST * letter_px) | (kept.widths > _WIDEST * letter_px)
    huge |= _are_blots(kept) & (kept.heights > _BLOT_HIGH * letter_px)
    speck = np.maximum(kept.heights, kept.widths) < _SPECK_SIDE * kept.stroke_px
    speck |= kept.areas < _SPECK_AREA * kept.stroke_px**2
    kept = kept.select(~(huge | speck) & (letter_px >= _LOWEST_PX))
    slivers = are_slivers(kept.label_image, kept.labels, kept.boxes, letter_px, kept.stroke_px)
    return kept.select(~slivers).topmost(_MOST)


def _are_blots(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are filled circles or squares far thicker than strokes are."""
    heights, widths = components.heights, components.widths
    less, more = np.minimum(heights, widths), np.maximum(heights, widths)
    blots = (less >= _BLOT_STROKES * components.stroke_px) & (more <= _ROUND * less)
    return blots & (components.areas >= _BLOT_SOLID * heights * widths)


def _spans_the_image(components: Components) -> NDArray[np.bool_]:
    height, width = components.label_image.shape
    return (components.heights > _SPAN * height) | (components.widths > _SPAN * width)


def _stroke_width(binary: NDArray[np.bool_]) -> float:
    """Mean width of strokes: twice the area over the length of the outline.

    The outline is counted in crossings of pixel rows and columns; pi / 4 makes it right on average over directions
    (Crofton's formula).
    """
    crossings = np.count_nonzero(binary[1:] != binary[:-1]) + np.count_nonzero(binary[:, 1:] != binary[:, :-1])
    return 2 * np.count_nonzero(binary) / max(np.pi / 4 * crossings, 1.0)
