"""Decide what the glyphs of a page are, in view of each other: first the spaces between words, then the characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line
from app.ocr.priors.context import Context, RowGlyphs
from app.ocr.priors.practice.practice_spacing import set_apart
from app.ocr.priors.prior import Decoded, Prior, word_numbers
from app.ocr.priors.spacing import space_probabilities
from app.vision import Box


def decode(
    lines: Sequence[Line],
    slope: float,
    context: Context,
    priors: Sequence[Prior] = (),
    *,
    may_be_practice: bool = True,
) -> list[Decoded]:
    """Decide on the words and characters of all rows of a page; see `app.ocr.priors` for the steps.

    Parameters
    ----------
    slope : of the page's rows, in pixels down for each pixel to the right
    context : what is known of the characters of the alphabet, and weighs them by each other
    priors : what is known of words and dates, applied one after the other
    may_be_practice : whether the characters of an alphabet, or of a row that repeats one, may be set apart by spaces
    """
    spaces = space_probabilities(lines, context.is_mark_between)
    glyphs = [
        RowGlyphs(line.log_p, _places(line.boxes, slope), word_numbers(p_space))
        for line, p_space in zip(lines, spaces, strict=True)
    ]
    weighed = context.weigh(glyphs, places_seen=any(line.p_space is not None for line in lines))
    p = weighed.p
    for prior in priors:
        p = prior.weigh([*map(Decoded, p, spaces)])
    if may_be_practice:
        spaces = set_apart(lines, spaces, weighed)
    return [*map(Decoded, p, spaces)]


def _places(boxes: Sequence[Box], slope: float) -> NDArray[np.float64]:
    """Return (N, 3): the middle of each box from the left, its top and its bottom, as if the rows were level."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)
