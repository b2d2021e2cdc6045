"""Barcodes on labels and receipts: they are made paper, or they would be taken for shadow, strokes and letters.

The bars of a code are parallel, many, close to each other for how long they are, and of several widths. The strokes of
a pen have one width; grain and leaves have far more different ones.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink.grid import cell_px, enlarged, filled, reduced

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

_LINES = 80  # lines of pixels along the longer side that are looked at, about; with those between they cost too much
_LONG = 3  # lines that the edge of a bar goes on for, at least
_LEANS_PX = 2  # from one of these lines to the next, at most
_STEEP = 0.1  # rise or fall of grey at the edge of a bar, in the paper's grey, at least
_PAPER = 0.9  # quantile of the image's greys that is paper
# Bars of a code along a line:
_FEWEST = 16  # count, at least
_APART = 2.2  # distance of two at most, in distances of lines
_QUIET = 3.0  # the same, in their median distance; it is 11 modules, and the empty space beside a code has ten
_UNEVEN = (0.25, 0.65)  # standard deviation of their widths in mean widths, from and to
_ALIKE = 0.8  # correlation of the greys at both ends of their edges, at least; that of grain and leaves is near 0
# Where a code is known in part, all of it is what is dark there, and joined across its bars:
_DARKER = 0.75  # share of the paper than which it is darker
_KNOWN = 0.4  # share of it that is known, at least
_RIM_PX = 2  # its blurred edge
# Its paper is continued from beside it, on a grid of about so many cells along the longer side:
_CELLS = 160
_BESIDE_CELLS = 2  # so far from it,
_CLOSED_CELLS = 7  # without writing, which is no wider


class _Part(NamedTuple):
    """Rows and columns of pixels that are surely of a code, and the widest gap between its bars there, in pixels."""

    rows: slice
    columns: slice
    gap: int


def without_barcodes(grey: Grey) -> Grey:
    """Make barcodes paper whose bars are about upright or level; return `grey` itself if there are none.

    Parameters
    ----------
    grey : (H, W), dark bars on light paper
    """
    step = cell_px(grey.shape, _LINES)
    least = _STEEP * float(np.quantile(grey[::step, ::step], _PAPER))
    upright, level = _known_parts(grey, step, least), _known_parts(grey.T, step, least)
    if not upright and not level:
        return grey
    known = np.zeros(grey.shape, bool)
    for parts, mask in ((upright, known), (level, known.T)):
        for part in parts:
            mask[part.rows, part.columns] = True
    dark = known | (grey < _DARKER * _paper(grey, known))
    whole = _whole_codes(known, dark, upright) | _whole_codes(known.T, dark.T, level).T
    whole = ndimage.binary_dilation(whole, np.ones((3, 3)), _RIM_PX)
    return np.where(whole, _paper(grey, whole), grey)


def _paper(grey: Grey, codes: Binary) -> Grey:
    """Continue the paper beside codes (H, W) all over them, on a page (H, W)."""
    cell = cell_px(grey.shape, _CELLS)
    there = reduced(codes.view(np.uint8) * np.uint8(255), cell) > 0
    beside = ~ndimage.binary_dilation(there, np.ones((3, 3)), _BESIDE_CELLS)
    ground = ndimage.grey_closing(ndimage.maximum_filter(reduced(grey, cell), 3), (_CLOSED_CELLS, _CLOSED_CELLS))
    return enlarged(filled(ground, beside if beside.any() else ~beside), grey.shape)


def _known_parts(page: Grey, step: int, least: float) -> list[_Part]:
    """Find where on a page (H, W) codes with upright bars surely are.

    Parameters
    ----------
    step : distance of the lines that are looked at
    least : rise or fall of grey at an edge
    """
    lines = page[::step]
    begins, ends = _long_edges(lines, least)
    parts = []
    counts = np.minimum(np.count_nonzero(begins, axis=1), np.count_nonzero(ends, axis=1))
    for line in np.flatnonzero(counts >= _FEWEST).tolist():
        left, right = np.flatnonzero(begins[line]), np.flatnonzero(ends[line])
        near = np.split(left, np.flatnonzero(np.diff(left) > _APART * step) + 1)
        for bars in (own for group in near for own in _evenly_spaced(group)):
            across, stops = slice(bars[0], bars[-1]), right[np.searchsorted(right[:-1], bars[:-1])]
            if _are_uneven(stops - bars[:-1]) and _are_alike(lines[line, across], lines[line + _LONG - 1, across]):
                rows = slice(line * step, (line + _LONG - 1) * step + 1)
                parts.append(_Part(rows, across, int((bars[1:] - stops).max())))
    return parts


def _whole_codes(known: Binary, dark: Binary, parts: list[_Part]) -> Binary:
    """Return which pixels (H, W) are of codes with upright bars that are known in part.

    Parameters
    ----------
    known, dark : (H, W), which pixels are surely of codes, and which are of codes or dark
    """
    if not parts:
        return np.zeros_like(known)
    across = 2 * (round(median(part.gap for part in parts) / 2) + _RIM_PX) + 1
    joined = ndimage.minimum_filter1d(ndimage.maximum_filter1d(dark.view(np.uint8), across), across) > 0
    pieces, count = ndimage.label(joined)
    areas, own = (np.bincount(pieces[mask], minlength=count + 1) for mask in (joined, known))
    return np.asarray((own >= np.maximum(_KNOWN * areas, 1))[pieces])


def _long_edges(lines: Grey, least: float) -> tuple[Binary, Binary]:
    """Return at which columns of lines (L, W) bars begin, and at which they end, that go on for `_LONG` lines.

    Of neighbouring columns with one edge only the first is told. There are ``L - _LONG + 1`` lines in both.
    """
    exact = lines.astype(np.int16)
    rise = exact[:, 2:] - exact[:, :-2]
    both = []
    for edges in (rise < -least, rise > least):
        long = edges
        for _ in range(_LONG - 1):
            long = edges[: max(len(long) - 1, 0)] & _spread(long[1:])
        long[:, 1:] &= ~long[:, :-1]
        both.append(long)
    return both[0], both[1]


def _spread(edges: Binary) -> Binary:
    """Spread edges (L, W) to both sides, as far as they may lean."""
    spread = edges.copy()
    for by_px in range(1, _LEANS_PX + 1):
        spread[:, by_px:] |= edges[:, :-by_px]
        spread[:, :-by_px] |= edges[:, by_px:]
    return spread


def _evenly_spaced(bars: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Part bars (N,) from lines and letters beside a code; return those (M,) that are enough for a code."""
    if len(bars) < _FEWEST:
        return []
    apart = np.diff(bars)
    groups = np.split(bars, np.flatnonzero(apart > _QUIET * np.median(apart)) + 1)
    return [group for group in groups if len(group) >= _FEWEST]


def _are_uneven(widths: NDArray[np.intp]) -> bool:
    """Whether widths (N,) are as different as those of the bars of a code."""
    return bool(_UNEVEN[0] * widths.mean() <= widths.std() <= _UNEVEN[1] * widths.mean())


def _are_alike(above: Grey, below: Grey) -> bool:
    """Whether two lines (W,) of grey are alike, but for how far edges lean in between."""
    most = _LEANS_PX * (_LONG - 1)
    exact = above[most : len(above) - most].astype(np.float32)
    others = (below[most + lean : len(below) - most + lean] for lean in range(-most, most + 1))
    return max(float(np.corrcoef(exact, other)[0, 1]) for other in others) >= _ALIKE
