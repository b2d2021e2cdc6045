"""Which pieces of ink may be writing: what is drawn or printed, or no ink at all, is dropped."""

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

# More pieces than a densely printed page has; of more, which mostly are texture, the topmost are kept.
_MOST = 20_000
# In heights of the writing; straight lines that are shorter are strokes of large letters in a thin pen.
_SHORTEST_RULE = 2.0
# In heights of the writing, too: a stroke of a thin pen. Where there is noise, its specks make strokes look thinner.
_THIN_PEN = 0.1
# In heights of the writing, set by eye: what is higher or wider is a drawing or a shadow, and rarely a joined word.
_HIGHEST, _WIDEST = 4.0, 12.0
_SPAN = 0.5  # of the image: what spans so much may be a frame,
_HOLLOW = 0.04  # and is one if no more of its box is ink
_MOSTLY_INSIDE = 0.3  # share of the ink below which what does not span the image says nothing of how high letters are
_SPECK_AREA = 0.3  # stroke widths squared: a speck has less ink
# Blots are filled discs and squares: drawn holes, magnets and pins are 7 strokes high and more. So are letters in bold
# print on a page in a thin pen, some of which ink as much of their box; but these have strokes up to 0.4 times as wide
# as they are themselves, where a disc has 0.5 and a square 0.6. Bullets and full stops are lower than letters, also
# where the pen is thin.
_ROUND = 1.4  # one side is at most so many times as long as the other
_BLOT_STROKES = 6.0  # stroke widths, the shorter side at least
_BLOT_HIGH = 0.9  # heights of the writing at least
_BLOT_SOLID = 0.72  # share of its box that is ink at least; a disc fills 0.785
_BLOT_WIDE = 0.45  # mean width of its strokes, in its shorter side


def find_components(ink: NDArray[np.uint8], levels: Levels, cleared: NDArray[np.bool_] | None = None) -> Components:
    """Return the pieces of ink of a page (see `label_pieces`), without the lines that are drawn or printed.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it
    cleared : (H, W), ruling that is not in `ink` any more, if some was
    """
    binary = ink >= levels.faint
    stroke_px = stroke_width(binary)
    rules, cells = find_rules(binary, stroke_px, cleared)
    found = replace(label_pieces(binary & ~rules, ink, levels, stroke_px), cells=tuple(cells))
    if not rules.any():
        return found
    lines = rules if cleared is None else rules | cleared
    strokes = rules & shorter_than(lines, _SHORTEST_RULE * text_height(found), stroke_px)
    # On ruled paper what is short is a torn rule.
    if np.count_nonzero(strokes) <= np.count_nonzero(rules) / 2:
        return found
    return replace(label_pieces(binary & (~rules | strokes), ink, levels, stroke_px), cells=tuple(cells))


def without_holes(components: Components) -> Components:
    """Drop the holes of a spiral or a binder; the pieces themselves are returned if there are none."""
    holes = are_binder_holes(components)
    return components.select(~holes) if holes.any() else components


def keep_writing(components: Components) -> Components:
    """Drop what cannot be a letter or a part of one.

    1. Boxes to tick, dots and crumbs of lines, dots of a grid: known by their form, or by how they stand to each other,
       however high the writing is. They would count as letters in what follows.
    2. Frames around the page.
    3. What is left says how high the writing is, and by that drawings, shadows, blots and specks go.
    4. Of more pieces than can be looked at those that begin highest are kept, the others are left out.
    5. Slivers along the sides of the image, which are known by having no letter near them.
    """
    components = components.select(~_are_drawn(components))
    hollow = components.areas < _HOLLOW * components.heights * components.widths
    kept = components.select(~(_spans_the_image(components) & hollow))
    letter_px = _letter_height(kept)
    if letter_px < LOWEST_PX:
        return kept.select(np.zeros(len(kept), bool))
    kept = kept.select(~(_are_huge(kept, letter_px) | _are_specks(kept)))
    kept = kept.topmost(_MOST)
    return kept.select(~are_slivers(kept, letter_px))


def _are_drawn(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are boxes to tick, dots or crumbs of lines, or dots of a grid."""
    drawn = are_checkboxes(components)
    drawn |= are_dots_of_lines(components.boxes, components.stroke_px)
    drawn |= are_dots_of_grid(components.boxes, components.stroke_px)
    thick_px = max(components.stroke_px, _THIN_PEN * text_height(components))
    return drawn | are_of_torn_lines(components.boxes, components.areas, thick_px)


def _letter_height(components: Components) -> float:
    """As `text_height`; what spans the image does not count, unless nearly all ink does: a single row. Nor do blots."""
    inside = components.select(~(_spans_the_image(components) | _are_blots(components)))
    return text_height(inside if inside.areas.sum() > _MOSTLY_INSIDE * components.areas.sum() else components)


def _are_huge(components: Components, letter_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are too large for letters and words, or blots as high as letters."""
    huge = (components.heights > _HIGHEST * letter_px) | (components.widths > _WIDEST * letter_px)
    return huge | (_are_blots(components) & (components.heights > _BLOT_HIGH * letter_px))


def _are_specks(components: Components) -> NDArray[np.bool_]:
    return components.areas < _SPECK_AREA * components.stroke_px**2


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
