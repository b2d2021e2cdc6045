"""From a row of writing, cut from a page or drawn from pen strokes, to a strip: the input of a row network.

Training and reading both call this module, so that their inputs cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.errors import InvalidInput
from app.vision.box import bounds
from app.vision.ink.binarise import Levels
from app.vision.ink.components import LETTER, Components, are_of

STRIP_HEIGHT = 48
"""Pixels from the top of a strip to its bottom."""
COLUMN_PX = 6
"""Pixels along a strip for which a row network gives one answer."""
_INK_HEIGHT = 46  # pixels that the ink of a row is scaled to
_SPACE_PX = 24  # between strips that are joined: about a word space
# Share of full ink. Fainter ink is the blurred edge of strokes: it is drawn, but the row's box is measured without it.
_EDGE = 0.3
# In heights of the page's letters:
_LEAST_HEIGHT = 0.5  # lower rows, such as one of dashes only, are scaled as if they were this high
# Ink above or below a part of the row this high is cut off, such as a slash or a long loop: it would make the letters
# small. In a row of larger letters than the page's it is measured in their heights.
_MOST_HEIGHT = 1.9
_SURE_OF_SLOPE = 8.0  # length of a row whose own slope counts as much as the page's
# Shares:
_BORDER = 0.05  # of the row's ink that may be cut off above, and as much below


@dataclass(frozen=True)
class Strip:
    """A row, scaled to the height that a row network expects.

    Attributes
    ----------
    pixels : (STRIP_HEIGHT, W) uint8, 255 for full ink and 0 for paper
    left : column at which the strip begins in the image that it was cut from
    scale : how many pixels of the strip one pixel of that image becomes
    parts : the strips that `joined_strips` put together, otherwise empty; `left` and `scale` are those of the first
    """

    pixels: NDArray[np.uint8]
    left: int
    scale: float
    parts: tuple[Strip, ...] = ()

    @property
    def width(self) -> int:
        """Length of the strip in pixels."""
        return self.pixels.shape[1]

    @property
    def columns(self) -> int:
        """Length of the strip in columns: how many answers a row network gives for it."""
        return -(-self.width // COLUMN_PX)

    def column(self, x: float) -> int:
        """Return the column of the strip that shows the image at `x`, in pixels from the image's left side."""
        if self.parts:
            return int(np.abs(self.middles(np.arange(self.columns)) - x).argmin())
        return int(np.clip((x - self.left) * self.scale / COLUMN_PX, 0, self.columns - 1))

    def middles(self, columns: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return where the middles of columns (S,) are in the image, in pixels from the image's left side."""
        return self.in_image((columns + 0.5) * COLUMN_PX)

    def in_image(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Convert places (S,) from pixels of the strip to pixels of the image, both counted from the left."""
        if not self.parts:
            return np.asarray(self.left + x / self.scale)
        starts = np.cumsum([0, *(part.width for part in self.parts)])
        number = np.clip(np.searchsorted(starts, x, side="right") - 1, 0, len(self.parts) - 1)
        lefts = np.array([part.left for part in self.parts])
        scales = np.array([part.scale for part in self.parts])
        # The space behind a part may be wider than in the image: no place is farther right than the next part begins.
        return np.minimum(lefts[number] + (x - starts[number]) / scales[number], np.append(lefts[1:], np.inf)[number])


def joined_strips(strips: Sequence[Strip]) -> Strip:
    """Join strips of one line, perhaps written in two sizes, to one strip with a space between any two of them."""
    space = ((0, 0), (0, _SPACE_PX))
    parts = (*(replace(strip, pixels=np.pad(strip.pixels, space)) for strip in strips[:-1]), strips[-1])
    return Strip(np.concatenate([part.pixels for part in parts], axis=1), parts[0].left, parts[0].scale, parts)


def normalise_strip(
    ink: NDArray[np.uint8], least_height: float = 1.0, most_height: float = np.inf, most_columns: float = np.inf
) -> Strip:
    """Scale a row so that its ink is as high as the strip has room for: aspect kept, centred.

    Parameters
    ----------
    ink : (H, W), 255 for full ink and 0 for paper. The row is level, and all other writing is cleared to 0 already
    least_height : ink lower than this many pixels is scaled as if it were this high, so that dashes do not fill the
        strip
    most_height : if the ink is higher than this many pixels, only the part of this height that has most ink is taken. A
        higher part is taken if more than a twentieth of the ink would be cut off above or below
    most_columns : length of the strip at most

    Returns
    -------
    Strip
        If there is no ink, it is empty and one pixel wide.

    Raises
    ------
    InvalidInput : the strip would have more than `most_columns` columns; this is found before it is drawn.
    """
    solid = ink >= _EDGE * 255
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return Strip(np.zeros((STRIP_HEIGHT, 1), np.uint8), 0, 1.0)
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    if bottom - top > most_height:
        top, bottom = _with_most_ink(np.count_nonzero(solid, axis=1), most_height)
    scale = _INK_HEIGHT / max(bottom - top, least_height)
    # The strip shows what is `reach` pixels above and below the middle of the ink; outside the image there is paper.
    reach = STRIP_HEIGHT / scale / 2
    middle = (top + bottom) / 2
    width = max(1, round((right - left) * scale))
    if width > most_columns * COLUMN_PX:  # a row of dots one pixel high would have 2,000 times as many pixels
        longest = most_columns * COLUMN_PX
        raise InvalidInput(f"expected a row at most {longest} pixels long at its normal height, got {width}")
    above, below = max(0, int(np.ceil(reach - middle))), max(0, int(np.ceil(middle + reach - ink.shape[0])))
    if above or below:
        ink = np.pad(ink, ((above, below), (0, 0)))
    box = (left, middle - reach + above, right, middle + reach + above)
    pixels = Image.fromarray(ink).resize((width, STRIP_HEIGHT), Image.Resampling.BILINEAR, box=box)
    return Strip(np.asarray(pixels), left, scale)


def _with_most_ink(inked: NDArray[np.intp], height: float) -> tuple[int, int]:
    """Return the top and the bottom of the part of an image that has most ink.

    It is `height` pixels high, or higher if a twentieth of the ink at the top and one at the bottom are farther apart.

    Parameters
    ----------
    inked : (H,), how many pixels of each row of pixels are ink; H is above `height`
    """
    above = np.append(0, np.cumsum(inked))
    first, last = np.searchsorted(above, [_BORDER * above[-1], (1 - _BORDER) * above[-1]])
    rows = min(max(round(height), int(last - first)), len(inked))
    within = above[rows:] - above[:-rows]
    best = np.flatnonzero(within == within.max())
    top = int(best[len(best) // 2])
    return top, top + rows


def cut_strip(
    row: NDArray[np.intp],
    components: Components,
    ink: NDArray[np.uint8],
    levels: Levels,
    slope: float,
    letter_px: float,
) -> Strip:
    """Cut a row out of a page, without its neighbours' ink, level it, and normalise it.

    Parameters
    ----------
    row : indices of the row's components
    ink : (H, W), how much darker each pixel is than the paper around it
    slope : slope of the page's rows, as a tangent
    letter_px : height of the page's letters. A few higher pieces, up to half of the row's, do not make its letters
        small
    """
    boxes = components.boxes[row]
    top, left, bottom, right = bounds(boxes)
    place = (slice(top, bottom), slice(left, right))
    pixels = levels.stretch.take(ink[place]) * are_of(components.label_image[place], components.labels[row])
    level = _levelled(pixels, _row_slope(boxes, slope, letter_px))
    own = max(letter_px, median((boxes[:, 2] - boxes[:, 0]).tolist()))  # a heading's letters are higher than the page's
    strip = normalise_strip(level, _LEAST_HEIGHT * letter_px, _MOST_HEIGHT * own)
    return Strip(strip.pixels, strip.left + int(left), strip.scale)


def _row_slope(boxes: NDArray[np.int32], slope: float, letter_px: float) -> float:
    """Return the slope of the line through the middles of a row's letters, by ridge regression.

    The shorter the row, the nearer is the result to the page's `slope`.
    """
    letters = boxes[boxes[:, 2] - boxes[:, 0] >= LETTER * letter_px]
    if len(letters) < 3:
        return slope
    x, y = (letters[:, 1] + letters[:, 3]) / 2, (letters[:, 0] + letters[:, 2]) / 2
    x, y = x - x.mean(), y - y.mean() - slope * (x - x.mean())
    own = float(x @ x) / len(x)
    return slope + float(x @ y) / len(x) / (own + (_SURE_OF_SLOPE * letter_px) ** 2 / 12)


def _levelled(pixels: NDArray[np.uint8], slope: float) -> NDArray[np.uint8]:
    """Move each column of pixels up or down by whole pixels, so that a line of this slope becomes level."""
    height, width = pixels.shape
    shift = np.rint(slope * (np.arange(width) - width / 2)).astype(np.intp)
    most = int(np.abs(shift).max(initial=0))
    if not most:
        return pixels
    levelled = np.zeros((height + 2 * most, width), np.uint8)
    edges = [0, *(np.flatnonzero(np.diff(shift)) + 1).tolist(), width]
    for start, stop in pairwise(edges):  # these columns move by the same number of pixels
        top = most - int(shift[start])
        levelled[top : top + height, start:stop] = pixels[:, start:stop]
    return levelled
