"""The glyph network in use: pieces of ink in, the likeliest glyphs of a row out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel
from app.nn import Array, Inference, Sequential, log_softmax
from app.ocr.alphabet import Alphabet, look_alike_groups, shape_groups
from app.ocr.line import Line
from app.ocr.priors.context import Context
from app.ocr.priors.substitution import substitution_matrix
from app.ocr.recognisers.architectures import build_from_card
from app.ocr.spelling.path import best_path
from app.vision import Hypothesis, RowOfInk, gap_widths

# Pieces may look like one glyph because they look like a character that is not allowed: that counts half as much as
# looking like one that is allowed.
_FOREIGN = 0.5


class GlyphReader:
    """A glyph classifier with its alphabet. Threads may share one, since reading changes nothing in it.

    Parameters
    ----------
    network : maps glyphs (N, 1, 32, 32) to logits (N, K); kept as an `Inference`
    alphabet : the K classes
    context : what is known of each class apart from its shape
    temperature : logits are divided by it, which makes the probabilities honest
    substitutions : (K, K), see `substitution_matrix`; None if no character is ever taken for another
    """

    def __init__(
        self,
        network: Sequential,
        alphabet: Alphabet,
        context: Context,
        temperature: float = 1.0,
        substitutions: NDArray[np.float64] | None = None,
    ) -> None:
        self.alphabet = alphabet
        self.network = Inference(network)
        self.context = context
        self.substitutions = np.eye(len(alphabet)) if substitutions is None else substitutions
        self._temperature = temperature
        self._shapes = shape_groups(alphabet)
        self._look_alikes = look_alike_groups(alphabet)

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the reader of a stored model, with the errors of `build_from_card`."""
        network, alphabet, temperature = build_from_card(card, arrays)
        try:
            context = Context(alphabet, card["char_extents"])
        except (KeyError, TypeError, ValueError) as exc:
            raise CorruptModel(f"the card cannot be used: {type(exc).__name__} {exc}") from exc
        return cls(network, alphabet, context, temperature, substitution_matrix(card, len(alphabet)))

    def classify(
        self, rows: Sequence[RowOfInk], hypotheses: Sequence[Sequence[Hypothesis]] | None = None
    ) -> list[Array]:
        """Return for each row the log-probabilities (N, K) of its hypotheses. All go through the network in one batch.

        Parameters
        ----------
        hypotheses : those of each row that are asked about; None for all of them
        """
        chosen = [row.hypotheses for row in rows] if hypotheses is None else hypotheses
        counts = [len(each) for each in chosen]
        if not sum(counts):
            return [np.zeros((0, len(self.alphabet)), np.float32)] * len(rows)
        glyphs = np.concatenate([row.cut(each) for row, each in zip(rows, chosen, strict=True)])
        logits = self.network.predict(glyphs) / self._temperature
        return np.split(log_softmax(logits), np.cumsum(counts)[:-1])

    def certainty(self, row: RowOfInk, log_p: Array, *, roughly: bool = False) -> NDArray[np.float64]:
        """Divide a row into its likeliest glyphs and return how sure each is, (S,): the log-probability of its shape.

        Parameters
        ----------
        log_p : (N, K), as `classify` returns it
        roughly : whether look-alikes such as 9 and g count as one shape
        """
        p = np.exp(self.line(row, log_p, None).log_p, dtype=np.float64)
        return np.asarray(np.log((p @ (self._look_alikes if roughly else self._shapes)).max(axis=1)))

    def line(self, row: RowOfInk, log_p: Array, allowed: NDArray[np.bool_] | None) -> Line:
        """Divide a row into its likeliest glyphs; in the line, characters that are not allowed (K,) are impossible."""
        p = np.exp(log_p)
        # Classes of one shape, such as 0 and O, count together: it is a glyph even if it is unclear which of them.
        fit = (p @ self._shapes).max(axis=1)
        if allowed is not None:
            fit = _FOREIGN * fit + (1 - _FOREIGN) * ((p * allowed) @ self._shapes).max(axis=1)
            log_p = np.where(allowed, log_p, -np.inf)
        gaps = gap_widths([piece.box for piece in row.pieces]) / row.height
        path = best_path(row.hypotheses, np.log(fit + 1e-12), gaps)
        boxes = [row.hypotheses[index].box for index in path]
        return Line(boxes, log_p[path], row.height, block=row.block, number=row.line, cells=row.cells)
