"""Words that somebody struck out: by a long stroke through them, level or sloping, or by a scribble over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.box import Box, bounds
from app.vision.ink.components import Components, are_of
from app.vision.marks.lines import dilate_vertically, open_horizontally

Binary = NDArray[np.bool_]

_MOSTLY = 0.6  # share of its width that a piece of ink must be crossed to be struck out
# In stroke widths: a line that goes on alone so far beyond the letters on both sides was drawn through them. What only
# looks like one, bars of letters that touch, ends within the letters.
_JUTS = 1.0
_ABOUT = 1.0  # Ink farther from the line than this is of something else; with 1.5 joined writing loses words.

# Level strokes. In heights of the writing:
_LONG = 2.5  # no bar of a letter is so long;
_LONG_IF_IT_JUTS = 2.2  # nor so long, if it juts out of the letters. With 1.8 five more of 1467 pages lost a word.
_REACH = 0.6  # letters show above and below the stroke no farther away than this
_BEYOND = 1.2  # it ends no farther beside the letters; a rule runs on
_AROUND = 3.0  # how far beside a row is looked, to tell these two apart
# In stroke widths: how far a stroke wavers up and down, and how thick it is at most.
_WAVERING, _THICK = 0.4, 2.5
# How far from the middle of the stroke ink is that of letters, in stroke widths, and shares of its columns with letters
# above it, and below it. Small letters stand out little above a stroke through their upper half, and few of them. Under
# an underline are tails; were 0.3 enough below, four more of 80 drawn underlines would strike out their word.
_CLEAR, _ABOVE, _BELOW = 1.0, 0.2, 0.4
# Letters that are fewer strokes high leave level lines where they are joined. So more has to stand out above these. Of
# 18 drawn pages that lost a word to such lines 17 have letters as low.
_LOW, _CLEAR_OF_LOW, _ABOVE_LOW = 5.5, 1.5, 0.4

# Sloping strokes, which their word joins to one piece of ink. Chosen on 480 drawn pages of validation writers, 97 of
# whose joined words are as wide and as full of strokes: of these no more than two are taken for crossed out, and none
# with these. In heights of the writing: as wide is a word, or one of three capitals out of which the line juts.
_AS_WIDE_AS_A_WORD, _AS_WIDE_IF_IT_JUTS = 2.5, 1.8
# What a piece takes to be looked at grows with its width and the square of its height. No word is so many strokes high;
# along a longer one so many columns tell as much.
_HIGHEST, _MOST_COLUMNS = 64.0, 1000
# In a tangle of a few thick letters, such as BUT in tight capitals, any line goes from stroke to stroke, if it does not
# jut out. On 198 pages of which nothing was struck out, such pieces are up to 8 strokes high and 3.0 times as wide; of
# 40 struck words those that are found are 10 strokes high or more.
_TANGLE, _LONGER_THAN_HIGH = 9.0, 3.3
_MET = 1.6  # strokes in the mean column of such a piece: the line, and the letters that it crosses
_INKED = 0.985  # share of a straight line between the piece's sides that is ink, or as near to it as it may waver
# In stroke widths: how far a line wavers; how far it falls or rises at least if it does not jut out (lines that are
# more level are looked for beyond their piece, too); how far from it ink is that of letters; and where nothing is if no
# letter stands in its way.
_SLOPING_WAVERING, _FALL, _SLOPING_CLEAR, _FREE = 0.25, 3.0, 1.5, 1.2
# Shares of the line's columns that have letters above it, below it (below a level one `_BELOW`, as it may be an
# underline), either of these, and that have it alone.
_EACH, _EITHER, _ALONE = 0.15, 0.6, 0.25

# Scribbles. Chosen on drawn pages of validation writers, with 180 pieces of joined writing so wide on 480 of them, and
# on drawn scribbles of many pitches and pens. In heights of the writing: a scribble covers three letters or more, and
# all of their height.
_WIDE, _HIGH = 1.8, 0.7
_DENSE = 0.33  # share of its box that is ink
# The strokes along a level line as long as a piece is high, and its holes in a square of the writing's height, weigh so
# much together. Of the joined writing on 960 drawn pages one word has just less, all others 3.2 or less; of 170
# drawn coils and zigzags 148 have more, or are solid.
_HOLE, _CROWDED = 0.3, 3.5
_OPEN = 0.25  # of a pen's width squared; smaller holes are in strokes that are broken
# In a solid one strokes are so many times as wide as the page's, and it inks so much of its box. 36 drawn ones have 3.0
# and 0.75 at least; words in bold print on a page in a thin pen have up to 1.7 if they ink as much.
_SOLID_THICK, _SOLID = 2.3, 0.72


def split_struck_out(
    row: NDArray[np.intp], components: Components, binary: Binary, letter_px: float
) -> tuple[NDArray[np.intp], list[Box]]:
    """Take what is struck out from a row.

    Parameters
    ----------
    row : indices of the row's components
    binary : (H, W), ink True, erased rules included: a straight stroke may have been taken for one
    letter_px : height of the page's letters

    Returns
    -------
    row, boxes : the indices that are left, and the box of each struck-out word with its stroke
    """
    boxes = components.boxes[row]
    marks = _level_strokes(row, components, binary, letter_px)
    marks += _crossed(row, components, letter_px)
    marks += _scribbles(row, components, letter_px)
    kept, struck = np.ones(len(row), bool), []
    for mark in marks:
        within = np.minimum(boxes[:, 3], mark.right) - np.maximum(boxes[:, 1], mark.left)
        own = kept & (within >= _MOSTLY * (boxes[:, 3] - boxes[:, 1]))
        if not own.any():  # a second stroke through a word, or one through part of a joined one
            continue
        kept &= ~own
        struck.append(Box.around([mark, *map(Box.of, boxes[own])]))
    return row[kept], struck


def _level_strokes(row: NDArray[np.intp], components: Components, binary: Binary, letter_px: float) -> list[Box]:
    """Return the boxes of nearly level strokes through letters of a row, as of `split_struck_out`."""
    top, left, bottom, right = Box.of(bounds(components.boxes[row]))
    around = round(_AROUND * letter_px)
    start, stop = max(0, left - around), min(binary.shape[1], right + around)
    place = (slice(top, bottom), slice(start, stop))
    runs, strokes = _thin_runs(binary[place], components.stroke_px, letter_px)
    if not strokes:
        return []
    # Of two underlines neither shows letters to the other.
    own = are_of(components.label_image[place], components.labels[row]) & ~runs
    return [
        Box(top + int(y.min()), start + int(x[0]), top + int(y.max()) + 1, start + int(x[-1]) + 1)
        for y, x in strokes
        if _goes_through(own, y, x, components.stroke_px, letter_px)
    ]


def _thin_runs(
    binary: Binary, stroke_px: float, letter_px: float
) -> tuple[Binary, list[tuple[NDArray[np.float64], NDArray[np.intp]]]]:
    """Return the ink of long nearly level runs, and those that are thin strokes as y, x of each of their columns."""
    grown = dilate_vertically(binary, max(1, round(_WAVERING * stroke_px)))
    runs = open_horizontally(grown, round(_LONG_IF_IT_JUTS * letter_px)) & binary
    if not runs.any():  # as on nearly every row
        return runs, []
    labels, _ = ndimage.label(runs, np.ones((3, 3)))
    strokes = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        own = labels[rows, columns] == number
        thickness = own.sum(axis=0)
        x = np.flatnonzero(thickness)
        if len(x) >= _LONG_IF_IT_JUTS * letter_px and np.median(thickness[x]) <= _THICK * stroke_px:
            y = (own * np.arange(own.shape[0])[:, None]).sum(axis=0)[x] / thickness[x]
            strokes.append((y + rows.start, x + columns.start))
    return runs, strokes


def _goes_through(own: Binary, y: NDArray[np.float64], x: NDArray[np.intp], stroke_px: float, letter_px: float) -> bool:
    """Whether letters show above and below a stroke, and it ends where they end."""
    is_low = letter_px < _LOW * stroke_px
    clear_px = (_CLEAR_OF_LOW if is_low else _CLEAR) * stroke_px
    above, below = _letters_beside(own, y, x, clear_px, _REACH * letter_px)
    if above.mean() < (_ABOVE_LOW if is_low else _ABOVE) or below.mean() < _BELOW:
        return False
    crossed = x[above | below]
    juts = crossed[0] - x[0], x[-1] - crossed[-1]
    if len(x) < _LONG * letter_px and min(juts) < _JUTS * stroke_px:
        return False
    return bool(max(juts) <= _BEYOND * letter_px)


def _letters_beside(
    own: Binary, y: NDArray[np.floating | np.integer], x: NDArray[np.intp], clear_px: float, reach: float = np.inf
) -> tuple[Binary, Binary]:
    """Return in which columns of a stroke (N,) letters show above it, and below it, from `clear_px` up to `reach`.

    Parameters
    ----------
    own : (H, W), the letters' ink
    y, x : (N,), the stroke, column by column
    """
    away = np.arange(len(own))[:, None] - y
    letters = own[:, x] & (np.abs(away) >= clear_px) & (np.abs(away) <= reach)
    return np.asarray((letters & (away < 0)).any(axis=0)), np.asarray((letters & (away > 0)).any(axis=0))


def _crossed(row: NDArray[np.intp], components: Components, letter_px: float) -> list[Box]:
    """Return the boxes of a row's pieces that a sloping line crosses from side to side."""
    wide = row[components.widths[row] >= _AS_WIDE_IF_IT_JUTS * letter_px]
    return [
        Box.of(components.boxes[number])
        for number in wide
        if _is_crossed(components.mask(number), components.stroke_px, letter_px)
    ]


def _is_crossed(own: Binary, stroke_px: float, letter_px: float) -> bool:
    """Whether the ink of one piece (H, W) holds a line from its left to its right with letters on both sides.

    One that may be an accident of the letters, as these are few, or thick, or the line is nearly level, has to jut out.
    """
    height, width = own.shape
    if height > _HIGHEST * max(stroke_px, 1.0) or _strokes_down(own) < _MET * width:
        return False
    near = dilate_vertically(own, max(1, round(_SLOPING_WAVERING * stroke_px)))
    # Letters may stand out by a pen's width at both ends of a line.
    pen = max(1, round(stroke_px))
    x = np.arange(pen, max(width - pen, pen + 1), max(pen, width // _MOST_COLUMNS))
    ends = np.arange(0, height, max(1, round(0.5 * stroke_px)))
    inked, y = _most_inked(near, x, ends)
    if inked < _INKED:
        return False
    is_short = width < _AS_WIDE_AS_A_WORD * letter_px
    is_tangle = height < _TANGLE * stroke_px and width < _LONGER_THAN_HIGH * height
    is_level = abs(y[0] - y[-1]) < _FALL * stroke_px
    if (is_short or is_tangle or is_level) and not _juts_out(own, y, stroke_px):
        return False
    above, below = _letters_beside(own, y, x, _SLOPING_CLEAR * stroke_px)
    free = max(2, round(_FREE * stroke_px))
    alone = ~(own[:, x] & (np.abs(np.arange(height)[:, None] - y) == free)).any(axis=0)
    return bool(
        above.mean() >= _EACH
        and below.mean() >= (_BELOW if is_level else _EACH)
        and (above | below).mean() >= _EITHER
        and alone.mean() >= _ALONE
    )


def _juts_out(own: Binary, y: NDArray[np.intp], stroke_px: float) -> bool:
    """Whether nothing but a line, at about the rows `y` (N,) from left to right, is at both ends of a piece (H, W)."""
    far = np.abs(np.arange(len(own))[:, None] - y[[0, -1]]) > _ABOUT * stroke_px
    ends = max(1, round(_JUTS * stroke_px))
    return not own[far[:, 0], :ends].any() and not own[far[:, 1], -ends:].any()


def _most_inked(near: Binary, x: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[float, NDArray[np.intp]]:
    """Return the share of ink of the line that has most, and its rows (N,) at columns `x` (N,).

    Parameters
    ----------
    near : (H, W), ink True
    ends : (M,) rows in which lines begin on the left, and end on the right
    """
    part = np.linspace(0, 1, len(x))
    best, y = -1.0, x
    for left in ends:  # one at a time, as all together take a gigabyte for a piece of 500 rows
        lines = np.rint(left * (1 - part) + ends[:, None] * part).astype(np.intp)  # (right, columns)
        inked = near[lines, x].mean(axis=1)
        most = int(inked.argmax())
        if inked[most] > best:
            best, y = float(inked[most]), lines[most]
    return best, y


def _scribbles(row: NDArray[np.intp], components: Components, letter_px: float) -> list[Box]:
    """Return the boxes of a row's pieces that are far more crowded than joined writing, or solid."""
    heights, widths = components.heights[row], components.widths[row]
    wide = (widths >= _WIDE * letter_px) & (heights >= _HIGH * letter_px)
    wide &= components.areas[row] >= _DENSE * heights * widths
    return [
        Box.of(components.boxes[number])
        for number in row[wide]
        if _is_scribble(components.mask(number), components.stroke_px, letter_px)
    ]


def _is_scribble(own: Binary, stroke_px: float, letter_px: float) -> bool:
    """Whether one piece of ink (H, W) is solid or crowded."""
    height, width = own.shape
    across, down = _strokes_down(own.T), _strokes_down(own)
    area = np.count_nonzero(own)
    is_solid = area >= _SOLID * own.size and area >= np.pi / 4 * (across + down) * _SOLID_THICK * stroke_px
    if is_solid or across >= _CROWDED * width:
        return True
    labels, count = ndimage.label(np.pad(~own, 1, constant_values=True))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[2:]  # the first label is of the paper around
    holes = np.count_nonzero(sizes >= _OPEN * stroke_px**2)
    return bool(across / width + _HOLE * holes * letter_px**2 / (height * width) >= _CROWDED)


def _strokes_down(own: Binary) -> int:
    """Count the strokes that one meets going down each column (H, W), over all columns."""
    return int(np.count_nonzero(own[1:] > own[:-1]) + np.count_nonzero(own[0]))
