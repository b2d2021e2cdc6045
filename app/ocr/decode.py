"""From what the glyphs of a page look like to what they are: words first, then characters in view of each other."""

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
    """Decide on the words and characters of all rows of a page.

    Parameters
    ----------
    slope : of the page's rows, downwards in pixels for each one to the right
    priors : that help, one after the other
    may_be_practice : whether characters of alphabets, and of rows of one of them, may stand alone
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
    """Return (N, 3): middle from the left, top and bottom of each box, the page's slope taken out."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)
