"""How a network reads an evaluation set, character by character, with all that is needed to show its mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.datasets import Strip, WrittenRow, draw_plainly
from app.datasets.rows.window import WINDOW_SHAPE, window_at
from app.nn import Array, Inference, softmax
from app.ocr import Alphabet, RowReader
from app.ocr.spelling.spelling import Spelling
from app.training.measuring.edits import pair_up
from app.training.measuring.evaluation import confusion_counts
from app.training.measuring.row_measure import Checkpoint, spell_some

NOTHING = "∅"
"""The true label of a character that was read where none is written; the predicted label of one that was not read."""

_SPACE = " "
_GLYPHS_AT_ONCE, ROWS_AT_ONCE = 512, 16


@dataclass(frozen=True)
class Cases:
    """N characters that are written, or were read, or both.

    Attributes
    ----------
    labels : the L classes: the model's alphabet, and for a row network `NOTHING` as the last
    y_true, y_pred : (N,) indices into `labels`
    p : (N, L) float32, the probability that the network gave each class; all 0 for a character it did not read
    images : (N, H, W) uint8, 255 for full ink: the glyph as the network saw it, or its surroundings in the row
    writers : (N,) who wrote each; empty where that is not known
    """

    labels: str
    y_true: NDArray[np.intp]
    y_pred: NDArray[np.intp]
    p: NDArray[np.float32]
    images: NDArray[np.uint8]
    writers: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.y_true)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N,), True where what was read is what was written."""
        return self.y_true == self.y_pred

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(N,), how sure the network was of what it read."""
        confidence: NDArray[np.float32] = np.take_along_axis(self.p, self.y_pred[:, None], axis=1)[:, 0]
        return confidence

    @property
    def was_read(self) -> NDArray[np.bool_]:
        """(N,), False for a character that a row network did not read."""
        return np.asarray(self.p.any(axis=1))

    def confusion(self) -> NDArray[np.int64]:
        """Return the confusion matrix (L, L) of counts; rows are true."""
        return confusion_counts(self.y_pred, self.y_true, len(self.labels))

    def cell(self, true: str, predicted: str) -> NDArray[np.intp]:
        """Return the indices of what is `true` and was read as `predicted`, the surest first."""
        places = (self.y_true == self.labels.index(true)) & (self.y_pred == self.labels.index(predicted))
        found = np.flatnonzero(places)
        return found[np.argsort(-self.confidence[found], kind="stable")]


def glyph_cases(
    network: Inference,
    alphabet: Alphabet,
    temperature: float,
    glyphs: Array,
    labels: NDArray[np.str_],
    writers: NDArray[np.str_],
    checkpoint: Checkpoint = lambda: None,
) -> Cases:
    """Let a network name glyphs.

    Parameters
    ----------
    glyphs : (N, 1, 32, 32), ink 1 on paper 0
    labels : (N,), characters of the alphabet
    checkpoint : called now and then; whatever it raises ends the work
    """
    p = name_some(network, temperature, glyphs, checkpoint).astype(np.float32)
    images = np.rint(glyphs[:, 0] * 255).astype(np.uint8)
    return Cases(alphabet.chars, alphabet.encode(labels), p.argmax(axis=1), p, images, writers)


def name_some(network: Inference, temperature: float, glyphs: Array, checkpoint: Checkpoint) -> Array:
    """Return the calibrated probabilities (N, K) that a network gives each class of N glyphs, as of `glyph_cases`."""
    parts = []
    for start in range(0, len(glyphs), _GLYPHS_AT_ONCE):
        checkpoint()
        parts.append(softmax(network.predict(glyphs[start : start + _GLYPHS_AT_ONCE]) / temperature))
    return np.concatenate(parts)


def row_cases(
    reader: RowReader, rows: Iterable[tuple[WrittenRow, str]], checkpoint: Checkpoint = lambda: None
) -> Cases:
    """Let a row network spell rows, and pair what it read with what is written.

    Parameters
    ----------
    rows : at least one, each with its writer
    checkpoint : as of `glyph_cases`
    """
    labels = reader.alphabet.chars + NOTHING
    found: list[_RowCases] = []
    drawn = ((each, strip) for each in rows for _, strip in draw_plainly([each[0]]))
    for (row, writer), strip, spelling, read in spell_some(reader, drawn, ROWS_AT_ONCE, checkpoint):
        found.append(_compare(row.text, read, spelling, strip, writer, labels))
    everything = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Cases(labels, *everything)


# y_true, y_pred, p, images, writers, as of `Cases`.
_RowCases = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32], NDArray[np.uint8], NDArray[np.str_]]


def _compare(text: str, read: str, spelling: Spelling, strip: Strip, writer: str, labels: str) -> _RowCases:
    p, columns = _as_text(read, spelling.p, spelling.p_space, spelling.columns, labels)
    pairs = pair_up(text, read)
    y_true = np.array([labels.index(NOTHING if i is None else text[i]) for i, _ in pairs], np.intp)
    y_pred = np.array([labels.index(NOTHING if j is None else read[j]) for _, j in pairs], np.intp)
    seen = np.array([np.zeros(len(labels), np.float32) if j is None else p[j] for _, j in pairs], np.float32)
    middles = _middles(pairs, columns, strip.columns)
    images = np.array([window_at(strip, middle) for middle in middles], np.uint8)
    return (
        y_true,
        y_pred,
        seen.reshape(-1, len(labels)),
        images.reshape(-1, *WINDOW_SHAPE),
        np.full(len(pairs), writer),
    )


def _as_text(
    read: str,
    p: NDArray[np.float64],
    p_space: NDArray[np.float64],
    columns: NDArray[np.intp],
    labels: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return probabilities (len(read), L) and columns (len(read),) of all characters read, spaces included."""
    full, places = np.zeros((len(read), len(labels))), np.zeros(len(read))
    number = -1  # of the last character that is no space
    for j, char in enumerate(read):
        if char == _SPACE:
            full[j, labels.index(_SPACE)] = p_space[number]
            places[j] = (columns[number] + columns[number + 1]) / 2
        else:
            number += 1
            full[j, : p.shape[1]] = p[number]
            places[j] = columns[number]
    full[:, labels.index(NOTHING)] = np.clip(1 - full.sum(axis=1), 0, 1)
    return full, places


def _middles(
    pairs: Sequence[tuple[int | None, int | None]], columns: NDArray[np.float64], width: int
) -> NDArray[np.float64]:
    """Return the column of each pair; characters that were not read stand evenly between their neighbours."""
    known = [number for number, (_, j) in enumerate(pairs) if j is not None]
    at = [-1, *known, len(pairs)]
    return np.interp(np.arange(len(pairs)), at, [-0.5, *columns.tolist(), width - 0.5])
