"""The whole way from a grey page to rows of glyph hypotheses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import atan, degrees
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.affine import Affine, may_rotate_back, rotated_back, sheared_back
from app.vision.box import Box, bounds
from app.vision.cells import Cells
from app.vision.decoding.picture import Picture
from app.vision.ink.binarise import Levels
from app.vision.ink.components import LETTER, Components, text_height
from app.vision.ink.page_ink import PageInk
from app.vision.ink.panels import only_panels
from app.vision.ink.scale import reading_zoom
from app.vision.inputs.glyphs import Hypothesis, Piece, cut_glyphs, hypothesise, join_strokes
from app.vision.inputs.strip import Strip, cut_strip
from app.vision.layout.columns import find_columns
from app.vision.layout.fan import find_fan
from app.vision.layout.mixed_lines import SizedRow
from app.vision.layout.pressed_rows import cut_pressed_rows
from app.vision.layout.rows import find_rows
from app.vision.layout.sizes import find_lines
from app.vision.layout.skew import are_level, skew_deg, squares_deg
from app.vision.layout.touching_rows import cut_between_rows
from app.vision.look import Look, clear_ruling, find_writing, look_at, union, with_all_pens
from app.vision.marks.struck_out import split_struck_out

# If rows are turned by this much, the page is turned to make them level; rows themselves follow smaller slopes. Printed
# rules are only found within two degrees of level.
_TURNED_DEG = 3.0
# Share of the page's ink. If rules hold more, they tell better than a few letters whether the page is turned. Of 30
# drawn fields with an underline or a box that were turned by mistake, 27 have 0.13 to 0.6; of 23 drawn pages that are
# turned, none has more than 0.05.
_RULES_TELL = 0.1
# If all pieces hold more than this many times the ink of those that may be writing, the dark squares of the paper are
# one piece with the writing. On 1100 drawn pages and photographs without such squares there is never that much.
_TANGLED = 4.0
_LATTICE = 0.8  # share of the image, down and across, that a piece with such squares spans


@dataclass(frozen=True)
class RowOfInk:
    """One row of writing; all places are in pixels of the segmented image.

    Attributes
    ----------
    pieces : from left to right, ink that surely belongs to one glyph each
    hypotheses : which pieces may be one glyph; each piece alone is among them
    height : height of the row's letters
    letter_px : height of the page's letters; on a page with writing of two sizes, of the letters of this row's size
    strip : the row as a whole, the input of a row network
    cut : cuts out the glyphs of N hypotheses, the classifier's input (N, 1, GLYPH_SIZE, GLYPH_SIZE)
    block : number, from 0, of the column of text, or of the part of the page between columns, that the row stands in
    line : number of the line of text; rows with one number are written beside each other in two sizes
    cells : the places for single characters that the row was written into
    """

    pieces: list[Piece]
    hypotheses: list[Hypothesis]
    height: float
    letter_px: float
    strip: Strip
    cut: Callable[[Sequence[Hypothesis]], NDArray[np.float32]]
    block: int = 0
    line: int = 0
    cells: tuple[Cells, ...] = ()


@dataclass(frozen=True)
class View:
    """One of the ways to look at a page. The same way shows the same rows again; see `segment`.

    Attributes
    ----------
    orientation_deg : 0, 90, 180 or 270, by how much the writing is turned counter-clockwise
    slant : how far strokes lean to the right, as a tangent, so that they are made upright; 0 leaves them as they are
    inverted : as of `PageInk`
    panels : whether all but what `only_panels` finds is taken for paper
    rows_apart : which of the distances that `with_rows_apart` tries rows are cut apart at, from 1; 0 does not cut them
    """

    orientation_deg: int = 0
    slant: float = 0.0
    inverted: bool = False
    panels: bool = False
    rows_apart: int = 0


@dataclass(frozen=True)
class Segmentation:
    """What was found on a page, step by step.

    All places are in pixels of `ink`. It is as large as the writing needs, turned so that rows are about level, and
    perhaps sheared so that strokes are upright.

    Attributes
    ----------
    ink : (H, W) uint8, how much darker each pixel is than the paper around it; a paler pen is made as dark as the other
    levels : how dark ink must be to count as a stroke
    components : the connected pieces of ink that may be writing
    rows : in the order in which they are read: column by column, from top to bottom
    slope : slope of the rows, as a tangent, positive when they fall to the right; of the middle row if rows spread
    to_page : the map from pixels of `ink` to pixels of the page as it came
    view : how the page was looked at
    turned_deg : how many degrees the writing was turned counter-clockwise, beside the orientation, before it was
        levelled
    struck_out : boxes of words that somebody crossed out; they are in no row
    """

    ink: NDArray[np.uint8]
    levels: Levels
    components: Components
    rows: list[RowOfInk]
    slope: float
    to_page: Affine
    view: View
    turned_deg: float = 0.0
    struck_out: tuple[Box, ...] = ()

    @property
    def angle_deg(self) -> float:
        """How many degrees rows are turned counter-clockwise, beside the orientation."""
        return self.turned_deg + degrees(atan(-self.slope)) + 0.0  # no negative zero

    def on_page(self, box: Box) -> NDArray[np.float64]:
        """Convert a box to pixels of the page as it came: top, left, bottom and right."""
        return self.to_page.around_box(box, self.components.label_image)

    def on_upload(self, box: Box, picture: Picture) -> Box:
        """Convert a box to pixels of the upload of the page, which `picture` is of."""
        return picture.on_upload(self.on_page(box))

    def row(
        self, indices: NDArray[np.intp], pieces: list[Piece], height: float, letter_px: float, block: int, line: int
    ) -> RowOfInk:
        """Make a row.

        Parameters
        ----------
        indices : of the components that `pieces` are made of
        pieces, height, letter_px, block, line : as of `RowOfInk`
        """
        strip = cut_strip(indices, self.components, self.ink, self.levels, self.slope, letter_px)
        hypotheses, cut = hypothesise(pieces, height), self.glyph_cutter(pieces)
        box = Box.of(bounds(self.components.boxes[indices]))
        cells = tuple(each for each in self.components.cells if each.hold(box))
        return RowOfInk(pieces, hypotheses, height, letter_px, strip, cut, block, line, cells)

    def glyph_cutter(self, pieces: list[Piece]) -> Callable[[Sequence[Hypothesis]], NDArray[np.float32]]:
        """Return the attribute `cut` of a row with these pieces."""
        return partial(cut_glyphs, pieces, ink=self.ink, components=self.components, levels=self.levels)


def segment(grey: NDArray[np.uint8], view: View = View()) -> Segmentation:
    """Find the rows of a page and what in them may be a glyph.

    Parameters
    ----------
    grey : (H, W)
    view : how to look at the page. What it names and is not there, such as panels, is left out
    """
    panels = only_panels(grey) if view.panels else None
    ink = PageInk(grey, inverted=view.inverted) if panels is None else PageInk(panels, panels=True)
    found = segment_ink(ink, view.orientation_deg)
    if view.rows_apart:
        [found] = with_rows_apart(found)[view.rows_apart - 1 : view.rows_apart] or [found]
    return deslanted(found, view.slant) if view.slant else found


def segment_ink(page: PageInk, orientation_deg: int = 0) -> Segmentation:
    """As `segment`, but the ink of a page that is tried several ways up is found only once.

    1. A first look at the reduced page tells how high its letters are.
    2. If they are too low, a second look is taken at the page scaled as their height needs.
    3. If rows are clearly turned, the page is turned to make them level. Ruling and pieces are found again.
    4. Ink that reaches from one row into the next is cut. Pieces are put into rows, column by column; rows that spread
       like a fan are treated as if they were parallel.
    """
    look = look_at(page, page.overview, orientation_deg)
    zoom = _needed_zoom(page, look)
    if zoom == page.overview:
        look = with_all_pens(look)
        zoom = _needed_zoom(page, look)  # a paler pen may write smaller
    if zoom != page.overview:
        look = with_all_pens(look_at(page, zoom, orientation_deg))
    found = Segmentation(
        look.ink,
        look.levels,
        look.components,
        rows=[],
        slope=0.0,
        to_page=look.to_page,
        view=View(orientation_deg, inverted=page.inverted, panels=page.panels),
    )
    turned_deg = _turn_of_page(look)
    if abs(turned_deg) >= _TURNED_DEG and may_rotate_back(look.ink.shape, turned_deg):
        found = _levelled(found, look.cleared, turned_deg)
    return _with_rows(found)


def _needed_zoom(page: PageInk, overview: Look) -> float:
    return reading_zoom(page.shape, page.overview, text_height(overview.components))


def _levelled(page: Segmentation, cleared: NDArray[np.bool_] | None, turned_deg: float) -> Segmentation:
    """Turn a page clockwise, and find its ruling and its writing again.

    Parameters
    ----------
    cleared : (H, W), ruling that was cleared before the page was turned; it stays cleared
    """
    ink, way = rotated_back(page.ink, turned_deg)
    ink, cleared_now = clear_ruling(ink, page.levels)
    # Crumbs of lines are erased, unless ruling was cleared just now: it took them along, and what seemed to be crumbs
    # before may be letters.
    if cleared_now is None:
        ink, _ = rotated_back(np.where(_dropped(page.components), np.uint8(0), page.ink), turned_deg)
    before = None if cleared is None else rotated_back(cleared.astype(np.uint8), turned_deg)[0] > 0
    components = find_writing(ink, page.levels, union(before, cleared_now))
    return replace(page, ink=ink, components=components, to_page=page.to_page.after(way), turned_deg=turned_deg)


def _turn_of_page(page: Look) -> float:
    """Return by how many degrees rows are turned counter-clockwise, as `skew_deg` does, but more carefully.

    1. If squares of the paper are one piece with the writing, they tell the angle.
    2. Otherwise `skew_deg` tells it. If it is large, but rules hold much of the page's ink, as on a form, and are
       level, the page is not turned.
    3. If the page has columns, the largest tells the angle: lines of two columns that stand at different heights would
       look like lines that slope.
    """
    pieces, letters = page.components.label_image != 0, page.components.select(~_are_lattices(page.components))
    if np.count_nonzero(pieces) > _TANGLED * letters.areas.sum():
        turned_deg = squares_deg(pieces, page.components.stroke_px)
        if turned_deg:
            return turned_deg
    turned_deg = skew_deg(page.components)
    if abs(turned_deg) < _TURNED_DEG:
        return turned_deg
    rules = _rules(page.ink, page.levels, page.components)
    most = _RULES_TELL * (np.count_nonzero(rules) + page.components.areas.sum())
    if np.count_nonzero(rules) > most and are_level(rules, turned_deg, page.components.stroke_px):
        return 0.0
    blocks = find_columns(page.components, 0.0)
    return turned_deg if len(blocks) == 1 else skew_deg(page.components.subset(max(blocks, key=len)))


def _are_lattices(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces (N,) span the image: they may be squares of the paper with all that is written on them."""
    height, width = components.label_image.shape
    return (components.heights > _LATTICE * height) & (components.widths > _LATTICE * width)


def deslanted(found: Segmentation, slant: float) -> Segmentation:
    """Make strokes upright that lean to the right by `slant`, a tangent, and find pieces and rows again.

    Upright rules would then lean to the left and not be found again, so all lines that were erased stay erased.
    """
    erased = _dropped(found.components) | _rules(found.ink, found.levels, found.components)
    written, way = sheared_back(np.where(erased, np.uint8(0), found.ink), slant)
    cells = tuple(each.mapped(way.inverse()) for each in found.components.cells)
    components = replace(find_writing(written, found.levels), cells=cells)
    # Strokes that strike words out may be among the rules, and have to be seen again.
    ink = sheared_back(found.ink, slant)[0] if found.struck_out else written
    to_page = found.to_page.after(way)
    view = replace(found.view, slant=found.view.slant + slant)
    return _with_rows(replace(found, ink=ink, components=components, to_page=to_page, view=view))


def with_rows_apart(found: Segmentation) -> list[Segmentation]:
    """Find the rows of a page as if most of its letters touched those above and below them.

    Returns
    -------
    list of Segmentation : one for each distance that rows may have; none if few pieces are as high as two rows
    """
    return [
        _with_rows(replace(found, components=each, view=replace(found.view, rows_apart=number)))
        for number, each in enumerate(cut_pressed_rows(found.components, found.ink), 1)
    ]


def _dropped(components: Components) -> NDArray[np.bool_]:
    """Return which pixels (H, W) are of narrow pieces that are no writing, such as crumbs of lines and slivers.

    Their shorter side is less than a letter's height. Wider pieces may be ruling with letters attached to it, which
    come apart once it is level.
    """
    label_image = components.label_image
    dropped = np.ones(int(label_image.max(initial=0)) + 1, bool)
    dropped[components.labels] = dropped[components.unsure] = dropped[0] = False
    narrow_px = LETTER * text_height(components)
    for label, place in enumerate(ndimage.find_objects(label_image), 1):
        if place is not None:  # pieces that were cut up have no pixels any more
            dropped[label] &= min(side.stop - side.start for side in place) < narrow_px
    return dropped.take(label_image)


def _rules(ink: NDArray[np.uint8], levels: Levels, components: Components) -> NDArray[np.bool_]:
    """Return which pixels (H, W) are of lines that were erased: these are the ink that is in no piece."""
    return (ink >= levels.faint) & (components.label_image == 0)


def _with_rows(page: Segmentation) -> Segmentation:
    """Find the rows of a page whose components are known."""
    fan = find_fan(page.components)
    page = replace(page, components=cut_between_rows(page.components, page.ink))
    lines, slope = _lines_in_order(fan.straightened(page.components), page.view.slant)
    page = replace(page, slope=fan.slope + slope)
    binary = page.ink >= page.levels.faint
    rows, struck_out = [], []
    sized = [(number, block, *row) for number, (block, line) in enumerate(lines) for row in line]
    for number, block, whole, letter_px in sized:
        row, struck = split_struck_out(whole, page.components, binary, letter_px)
        struck_out += struck
        if not len(row):
            continue
        pieces = join_strokes(row, page.components)
        # The median of a row of dots and dashes is far below the height of letters, which is known from the page.
        height = max(float(median(piece.box.height for piece in pieces)), 0.5 * letter_px)
        rows.append(page.row(row, pieces, height, letter_px, block, number))
    return replace(page, rows=rows, struck_out=tuple(struck_out))


def _lines_in_order(components: Components, slant: float) -> tuple[list[tuple[int, list[SizedRow]]], float]:
    """As `find_lines`, but block by block, in the order in which they are read: (number of its block, line).

    Parameters
    ----------
    slant : as of `find_columns`
    """
    lines, slope = find_lines(components)
    blocks = find_columns(components, slope, slant)
    if len(blocks) == 1:
        return [(0, line) for line in lines], slope
    return [
        (number, [SizedRow(block[row], letter_px) for row, letter_px in line])
        for number, block in enumerate(blocks)
        for line in find_lines(components.subset(block))[0]
    ], slope


def find_strips(grey: NDArray[np.uint8]) -> list[tuple[Strip, Box]]:
    """Find the rows of a page without columns, from top to bottom, but no glyphs: (strip, box in pixels of the page).

    Parameters
    ----------
    grey : (H, W); its letters are as high as reading needs, so that it is not scaled
    """
    page = with_all_pens(look_at(PageInk(grey), 1.0))
    letter_px = text_height(page.components)
    found, slope = find_rows(page.components)
    return [
        (
            cut_strip(row, page.components, page.ink, page.levels, slope, letter_px),
            Box.of(bounds(page.components.boxes[row])),
        )
        for row in found
    ]
