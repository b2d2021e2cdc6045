"""What speaks for a row being writing: how sure the row network is of it, and how its strokes run.

A handful of numbers, each of them cheap beside the network itself. None of them needs the text that is chosen in the
end: what a reader may write, or which language it expects, does not change what is on the paper.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from app.nn import BLANK, Array
from app.ocr.alphabet import Alphabet, shape_groups
from app.vision import STRIP_HEIGHT, Strip

_OF_NETWORK = (
    "sure",
    "least-sure",
    "median-sure",
    "blank",
    "entropy",
    "characters",
    "capitals",
    "digits",
    "signs",
    "changes",
    "spaces",
)
_OF_STROKES = (
    "length",
    "ink",
    "pen",
    "strokes-down",
    "strokes-across",
    "run-across",
    "spread-across",
    "spread-down",
    "height",
    "level",
    "slanted",
)
EVIDENCE = _OF_NETWORK + _OF_STROKES
"""Names of what `RowEvidence.of` gathers, as a model's card holds them."""

_KINDS = (ascii_lowercase, ascii_uppercase, digits)
_SIGN, _SPACE = 3, 4  # all other characters
_LEAST_P = 1e-3  # less is none: logarithms stay within reason
_SOLID = 128  # of 255: from here on a pixel is ink


class RowEvidence:
    """Gathers evidence, given the characters that a row network knows.

    Parameters
    ----------
    alphabet : the K characters
    """

    def __init__(self, alphabet: Alphabet) -> None:
        kinds = [next((kind for kind, of in enumerate(_KINDS) if char in of), _SIGN) for char in alphabet.chars]
        self._kinds = np.where([char == " " for char in alphabet.chars], _SPACE, kinds)
        self._shapes = shape_groups(alphabet).astype(np.float64)

    def of(self, strip: Strip, log_p: Array) -> NDArray[np.float64]:
        """Return (E,), the numbers that `EVIDENCE` names.

        Parameters
        ----------
        strip : the row
        log_p : (T, K + 1), log-probabilities of the classes of its columns
        """
        return np.array([*self._of_network(log_p), *_of_strokes(strip.pixels)])

    def _of_network(self, log_p: Array) -> list[float]:
        """How sure the network is of what it sees, and what kind of text that is, columns taken one by one."""
        p = np.exp(log_p, dtype=np.float64)
        best = log_p.argmax(axis=1)
        starts = np.flatnonzero((best != BLANK) & (best != np.append(BLANK, best[:-1])))
        kinds = self._kinds[best[starts] - 1]
        is_char = kinds != _SPACE
        # Of each character the surest column; capitals and small letters of one shape count together.
        surest = (p[:, 1:] @ self._shapes).max(axis=1)
        tops = np.maximum.reduceat(surest, starts)[is_char] if is_char.any() else np.zeros(1)
        sure = np.log(np.maximum(tops, _LEAST_P))
        written = 1 - p[:, BLANK]
        entropy = -(p * log_p).sum(axis=1)
        chars = kinds[is_char]
        beside = is_char[1:] & is_char[:-1]
        changes = beside & (kinds[1:] != kinds[:-1])
        return [
            float(sure.mean()),
            float(np.quantile(sure, 0.1)),
            float(np.median(sure)),
            float(p[:, BLANK].mean()),
            float(entropy @ written / max(float(written.sum()), _LEAST_P)),
            float(np.log1p(len(chars))),
            *(float((chars == kind).sum()) / max(len(chars), 1) for kind in (1, 2, _SIGN)),
            float(changes.sum()) / max(int(beside.sum()), 1),
            float(1 - is_char.mean()) if len(starts) else 0.0,
        ]


def _of_strokes(pixels: NDArray[np.uint8]) -> list[float]:
    """How long, thick, dense and directed the strokes of a strip (STRIP_HEIGHT, W) are, in heights of it."""
    solid = pixels >= _SOLID
    length = pixels.shape[1] / STRIP_HEIGHT
    area = max(int(np.count_nonzero(solid)), 1)
    down, across = _runs(solid.T), _runs(solid)
    outline = 2 * (len(down) + len(across))
    inked_columns = max(int(np.count_nonzero(solid.any(axis=0))), 1)
    inked_rows = max(int(np.count_nonzero(solid.any(axis=1))), 1)
    profile = np.count_nonzero(solid, axis=1) / area
    y = np.arange(STRIP_HEIGHT) / STRIP_HEIGHT
    level, slanted = _directions(pixels)
    return [
        float(np.log(length)),
        float(np.log(area / solid.size)),
        # Twice the area over the length of the outline (Crofton's formula, as in app.vision.ink.components).
        float(np.log(2 * area / max(np.pi / 4 * outline, 1.0))),
        float(np.log(max(len(down), 1) / inked_columns)),
        float(np.log(max(len(across), 1) / inked_rows / length)),
        float(across.mean()),
        float(across.std()),
        float(down.std()),
        float(np.sqrt(max(profile @ y**2 - (profile @ y) ** 2, 0.0))),
        level,
        slanted,
    ]


def _runs(solid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the logarithms of the lengths of all runs of ink along the rows of an image; one of 1 if there is none."""
    height, width = solid.shape
    flat = np.zeros(1 + height * (width + 1), bool)  # paper before the first row and after each
    flat[1:].reshape(height, width + 1)[:, :width] = solid
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = edges[1::2] - edges[::2]
    return np.asarray(np.log(lengths)) if len(lengths) else np.zeros(1)


def _directions(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Tell how much more the edges run up and down than across (1 to -1), and across or down than aslant.

    The mean of cos 2a and of cos 4a over the gradient's directions a, weighted by its strength.
    """
    grey = pixels.astype(np.float32)
    dx, dy = grey[:-1, 1:] - grey[:-1, :-1], grey[1:, :-1] - grey[:-1, :-1]
    strength = dx**2 + dy**2
    cos2 = np.divide(dx**2 - dy**2, strength, out=np.zeros_like(strength), where=strength > 0)
    weight = np.sqrt(strength)
    total = max(float(weight.sum()), 1.0)
    return float((weight * cos2).sum()) / total, float((weight * (2 * cos2**2 - 1)).sum()) / total
