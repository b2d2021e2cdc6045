"""The loss of a row network: connectionist temporal classification (CTC) of the text of each row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from app.datasets import Place, RowBatch
from app.nn import BLANK, Array, array_namespace, ctc_loss
from app.ocr import Alphabet
from app.training.epochs.step import Part
from app.training.measuring.edits import edit_distance


@dataclass(frozen=True)
class RowTruth:
    """The texts of the R rows in the lanes of a part.

    Attributes
    ----------
    places : where the rows are; lanes are numbered within the part
    targets : (R, S) classes of each text; those beyond its length are blank
    lengths : (R,)
    """

    places: list[Place]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def select(self, keep: NDArray[np.bool_]) -> RowTruth:
        """Return the rows where `keep` (R,) is True; there must be one."""
        return RowTruth([*compress(self.places, keep)], self.targets[keep], self.lengths[keep])


@dataclass(frozen=True)
class SpellRows:
    """The objective of a row network: class `BLANK` stands for no character, class k for character k - 1."""

    alphabet: Alphabet
    at_once: int = 1

    @property
    def classes(self) -> int:
        """Outputs of the network."""
        return len(self.alphabet) + 1

    def parts(self, drawn: RowBatch, shards: int) -> list[Part]:
        """Cut the lanes into `shards` parts of about equal size; into fewer if there are fewer lanes."""
        parts = []
        for lanes in np.array_split(np.arange(len(drawn.images)), min(shards, len(drawn.images))):
            first, after = int(lanes[0]), int(lanes[-1]) + 1
            rows = [
                (place._replace(lane=place.lane - first), self.alphabet.encode(text) + 1)
                for place, text in zip(drawn.places, drawn.texts, strict=True)
                if first <= place.lane < after
            ]
            lengths = np.array([len(classes) for _, classes in rows], np.int64)
            targets = np.full((len(rows), lengths.max(initial=1)), BLANK)
            for target, (_, classes) in zip(targets, rows, strict=True):
                target[: len(classes)] = classes
            images = drawn.images[first:after, None].astype(np.float32)
            images /= 255
            parts.append((images, RowTruth([place for place, _ in rows], targets, lengths)))
        return parts

    def loss(self, logits: Array, truth: RowTruth) -> tuple[float, Array]:
        """Return the mean CTC loss of rows in logits (lanes, columns, classes), and its gradient; 0 without rows."""
        xp = array_namespace(logits)
        grad = xp.zeros_like(logits)
        if not truth.places:
            return 0.0, grad
        columns = np.array([place.stop - place.start for place in truth.places])
        rows = xp.zeros((len(columns), int(columns.max()), logits.shape[2]), dtype=logits.dtype)
        for row, (lane, start, stop) in enumerate(truth.places):
            rows[row, : stop - start, :] = logits[lane, start:stop, :]
        loss, grad_rows = ctc_loss(rows, columns, truth.targets, truth.lengths)
        for row, (lane, start, stop) in enumerate(truth.places):
            grad[lane, start:stop, :] = grad_rows[row, : stop - start, :]
        return loss, grad

    def valid_loss(self, logits: Array, truth: RowTruth) -> float:
        """Return the mean CTC loss, in nats a row."""
        return self.loss(logits, truth)[0]

    def score(self, logits: Array, truth: RowTruth) -> tuple[int, int]:
        """Return the number of characters less the edits between the likeliest path and the text, and that number."""
        guesses = logits.argmax(axis=2)
        edits = 0
        for place, target, length in zip(truth.places, truth.targets, truth.lengths, strict=True):
            said = guesses[place.lane, place.start : place.stop]
            edits += edit_distance(target[:length].tolist(), collapse(said).tolist())
        count = int(truth.lengths.sum())
        return count - edits, count


def collapse(path: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return what a path (T,) of classes spells: repetitions are dropped first, then blanks."""
    return path[(path != BLANK) & np.append(True, path[1:] != path[:-1])]
