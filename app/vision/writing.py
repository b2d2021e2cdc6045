"""Which pieces of ink may be writing; pieces that are drawn, printed or no ink at all are dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.binarise import Levels
from app.vision.ink.components import LOWEST_PX, Components, label_pieces, stroke_width, text_height
from app.vision.marks.binder_holes import are_binder_holes
from app.vision.marks.checkboxes import are_checkboxes
from app.vision.marks.dot_grids import are_dots_of_grid
from app.vision.marks.dotted_lines import are_dots_of_lines
from app.vision.marks.rules import find_rules, shorter_than
from app.vision.marks.slivers import are_slivers
from app.vision.marks.torn_lines import are_of_torn_lines

# Pieces that are kept, the topmost ones. A densely printed page has fewer; a page with more is mostly texture.
_MOST = 20_000
# In heights of the writing:
_SHORTEST_RULE = 2.0  # shorter straight lines are strokes of large letters in a thin pen
# Width of a thin pen's strokes. Specks of noise lower the mean width of all strokes, which is taken to be no less.
_THIN_PEN = 0.1
# A piece that is higher or wider is a drawing or a shadow, rarely a joined word; both are set by eye.
_HIGHEST = 4.0
_WIDEST = 12.0
# Shares:
_SPAN = 0.5  # of the image's height or width; a piece that spans more may be a frame
_HOLLOW = 0.04  # of its box; such a piece is a frame if less is ink
# Of all ink. If the pieces that do not span the image hold less, they do not tell how high letters are.
_MOSTLY_INSIDE = 0.3
_SPECK_AREA = 0.3  # stroke widths squared; a piece with less ink is a speck
# Blots are filled discs and squares: holes, magnets and pins. Drawn ones are at least 7 strokes high. So are letters in
# bold print on a page written in a thin pen, and some of these fill their box as much. But their strokes are at most
# 0.4 times as wide as the letter, while a disc counts as a stroke 0.5 times as wide as itself, and a square 0.6 times.
# Bullets and full stops are lower than letters, also if the pen is thin.
_ROUND = 1.4  # longer side of a blot at most, in its shorter side
_BLOT_STROKES = 6.0  # shorter side at least, in stroke widths
_BLOT_HIGH = 0.9  # height at least, in heights of the writing
_BLOT_SOLID = 0.72  # share of its box that is ink, at least; a disc fills 0.785
_BLOT_WIDE = 0.45  # mean width of its strokes at least, in its shorter side


def find_components(ink: NDArray[np.uint8], levels: Levels, cleared: NDArray[np.bool_] | None = None) -> Components:
    """Return the pieces of ink of a page (see `label_pieces`), without the lines that are drawn or printed.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it
    cleared : (H, W), which pixels were lines of ruled paper, cleared from `ink` already; None if there are none
    """
    binary = ink >= levels.faint
    stroke_px = stroke_width(binary)
    rules, cells = find_rules(binary, stroke_px, cleared)
    found = replace(label_pieces(binary & ~rules, ink, levels, stroke_px), cells=tuple(cells))
    if not rules.any():
        return found
    lines = rules if cleared is None else rules | cleared
    strokes = rules & shorter_than(lines, _SHORTEST_RULE * text_height(found), stroke_px)
    # Short lines are strokes of letters if most lines are short. Otherwise they are parts of torn rules.
    if np.count_nonzero(strokes) <= np.count_nonzero(rules) / 2:
        return found
    return replace(label_pieces(binary & (~rules | strokes), ink, levels, stroke_px), cells=tuple(cells))


def without_holes(components: Components) -> Components:
    """Drop the holes of a spiral or a binder; `components` itself is returned if there are none."""
    holes = are_binder_holes(components)
    return components.select(~holes) if holes.any() else components


def keep_writing(components: Components) -> Components:
    """Drop what cannot be a letter or a part of one.

    These are dropped in turn:

    1. Boxes to tick, dots and crumbs of lines, and dots of a grid. Their form or their arrangement shows them, however
       high the writing is. They would count as letters in the next steps.
    2. Frames around the page.
    3. Drawings, shadows, blots and specks, by their size relative to the writing. Its height is that of what is left
       after the first two steps.
    4. The pieces that begin lowest on the page, if there are more than can be looked at.
    5. Slivers along the sides of the image, because no letter is near them.
    """
    components = components.select(~_are_drawn(components))
    hollow = components.areas < _HOLLOW * components.heights * components.widths
    kept = components.select(~(_spans_the_image(components) & hollow))
    letter_px = _letter_height(kept)
    if letter_px < LOWEST_PX:
        return kept.select(np.zeros(len(kept), bool))
    are_specks = kept.areas < _SPECK_AREA * kept.stroke_px**2
    kept = kept.select(~(_are_huge(kept, letter_px) | are_specks)).topmost(_MOST)
    return kept.select(~are_slivers(kept, letter_px))


def _are_drawn(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are boxes to tick, dots or crumbs of lines, or dots of a grid."""
    drawn = are_checkboxes(components)
    drawn |= are_dots_of_lines(components.boxes, components.stroke_px)
    drawn |= are_dots_of_grid(components.boxes, components.stroke_px)
    thick_px = max(components.stroke_px, _THIN_PEN * text_height(components))
    return drawn | are_of_torn_lines(components.boxes, components.areas, thick_px)


def _letter_height(components: Components) -> float:
    """As `text_height`, but of the pieces that are no blots and do not span the image, if these hold enough of the ink.

    In a picture of a single row they may not.
    """
    inside = components.select(~(_spans_the_image(components) | _are_blots(components)))
    return text_height(inside if inside.areas.sum() > _MOSTLY_INSIDE * components.areas.sum() else components)


def _are_huge(components: Components, letter_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are too large for letters and words, or are blots as high as letters."""
    huge = (components.heights > _HIGHEST * letter_px) | (components.widths > _WIDEST * letter_px)
    return huge | (_are_blots(components) & (components.heights > _BLOT_HIGH * letter_px))


def _are_blots(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are filled circles or squares far thicker than strokes are."""
    heights, widths = components.heights, components.widths
    less, more = np.minimum(heights, widths), np.maximum(heights, widths)
    blots = (less >= _BLOT_STROKES * components.stroke_px) & (more <= _ROUND * less)
    blots &= components.areas >= _BLOT_SOLID * heights * widths
    for number in np.flatnonzero(blots).tolist():
        blots[number] = stroke_width(np.pad(components.mask(number), 1)) >= _BLOT_WIDE * less[number]
    return blots


def _spans_the_image(components: Components) -> NDArray[np.bool_]:
    height, width = components.label_image.shape
    return (components.heights > _SPAN * height) | (components.widths > _SPAN * width)
