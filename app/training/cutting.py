"""Characters out of words: whoever wrote a word has written its letters, too; one just has to find them.

In print hand the pen is lifted between letters, so a letter is one stroke, or a few that lie side by side. Of all ways
to divide a word's strokes among the letters of its label, a trained network tells the likeliest. Where it is sure of
the word, each group of strokes is a new sample of its letter, also one that the network would have misread by itself:
the letters around it hold it in its place. Training on the result is training on writers who gave words only, and on
letters as they are in words.

References
----------
Forced alignment as in speech: Rabiner (1989), A tutorial on hidden Markov models, section III B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets import PLAIN, StrokeRows, StrokeSet, load_unipen_rows, render_glyphs
from app.datasets.unipen import read_unipen_arrays, write_unipen_arrays
from app.nn import Array, log_softmax
from app.ocr import Alphabet
from app.training.evaluation import ONE_SHAPE, group_numbers

# Strokes of one character: E has four.
_MOST_STROKES = 4
# Words whose strokes are fewer than their letters are joined writing; many more strokes than letters, corrections.
_STROKES_A_CHAR = 3
_LONGEST = 60
# What counts as a shape that the network takes for possible at all, and as one that it is sure of: log-probabilities.
_FLOOR, _SURE = -4.0, -1.0
# Mean over the characters of a word; below, the division is not to be trusted.
_WORD = -0.8
_AT_ONCE = 100


@dataclass(frozen=True)
class CutCharacter:
    """A character found in row `row`, with the strokes that are its own, each (points, 2)."""

    char: str
    row: int
    strokes: list[NDArray[np.int16]]


def cut_characters(
    rows: StrokeRows,
    indices: NDArray[np.integer],
    predict: Callable[[Array], Array],
    alphabet: Alphabet,
    on_rows: Callable[[int], None] = lambda done: None,
) -> Iterator[CutCharacter]:
    """Find the characters of rows that are printed and labelled within the alphabet; other rows give none.

    Parameters
    ----------
    indices : which rows to look at
    predict : maps glyphs (N, 1, 32, 32) to logits (N, K)
    on_rows : told how many of `indices` are done
    """
    same_shape = _same_shape(alphabet)
    fitting = [index for index in indices.tolist() if _is_printed(rows, index, alphabet)]
    for start in range(0, len(fitting), _AT_ONCE):
        words = [_Word.of(rows, index) for index in fitting[start : start + _AT_ONCE]]
        spans = [span for word in words for span in word.spans]
        samples = _as_samples([group for word in words for group in word.groups()], words)
        logits = predict(render_glyphs(samples, np.arange(len(spans)), PLAIN, np.random.default_rng(0)))
        fit = np.log(np.exp(log_softmax(logits)) @ same_shape + np.exp(_FLOOR) / 10)
        for word in words:
            own, fit = fit[: len(word.spans)], fit[len(word.spans) :]
            yield from word.cut(own[:, alphabet.encode(list(word.chars))])
        on_rows(start + len(words))


def cut_unipen(
    source: Path,
    target: Path,
    predict: Callable[[Array], Array],
    alphabet: Alphabet,
    on_rows: Callable[[str, int, int], None] = lambda file, done, rows: None,
) -> int:
    """Write UNIPEN's characters once more, those found in its words and texts behind them; return how many were found.

    Parameters
    ----------
    source : folder with chars_train.npz, chars_valid.npz, words_train.npz and texts_train.npz
    target : folder for chars_train.npz and chars_valid.npz; the latter is that of `source`
    on_rows : told which file is read, how many of its rows are done, and how many there are

    Raises
    ------
    DatasetNotFound, DamagedDataset : a file is not there, or not what it should be; nothing is written
    """
    parts = [read_unipen_arrays(source, "train")]
    valid = read_unipen_arrays(source, "valid")
    for kind in ("words", "texts"):
        rows, good = load_unipen_rows(source / f"{kind}_train.npz")
        indices = np.flatnonzero(good)

        def on_done(done: int, kind: str = kind, count: int = len(indices)) -> None:
            on_rows(kind, done, count)

        found = list(cut_characters(rows, indices, predict, alphabet, on_done))
        parts.append(as_unipen(rows, found, int(parts[-1]["source_file"].max()) + 1))
    write_unipen_arrays(target, "train", parts)
    write_unipen_arrays(target, "valid", [valid])
    return sum(len(part["labels"]) for part in parts[1:])


def as_unipen(rows: StrokeRows, found: Sequence[CutCharacter], first_file: int) -> dict[str, NDArray[Any]]:
    """Lay characters out as the arrays of a file of UNIPEN characters, see `app.datasets.unipen`.

    Parameters
    ----------
    first_file : number of the rows' first file; the characters' own files have smaller ones
    """
    places = np.array([char.row for char in found], np.intp)
    strokes = [stroke for char in found for stroke in char.strokes]
    extents = np.array([_extent(char.strokes) for char in found])
    whole = {row: _extent(rows.strokes(row)) for row in set(places.tolist())}
    mm_a_unit = rows.extent_mm[places] / np.array([whole[row] for row in places.tolist()])
    return {
        "labels": np.array([char.char for char in found]),
        "writer_group": rows.writers[places],
        "source_file": (rows.files[places] + first_file).astype(np.int32),
        "extent_mm": (extents * mm_a_unit).astype(np.float32),
        "agree_rank": np.zeros(len(found), np.int16),
        "stroke_ptr": _ends([len(char.strokes) for char in found]),
        "point_ptr": _ends([len(stroke) for stroke in strokes]),
        "points": np.concatenate(strokes),
    }


def _extent(strokes: Sequence[NDArray[np.int16]]) -> int:
    """Larger side of the box around strokes, at least 1."""
    return max(1, int(np.ptp(np.concatenate(strokes).astype(np.int32), axis=0).max()))


def _ends(lengths: Sequence[int]) -> NDArray[np.int32]:
    return np.cumsum([0, *lengths]).astype(np.int32)


@dataclass(frozen=True)
class _Word:
    """A row's characters without spaces, its strokes from left to right, and the groups that may be one character."""

    row: int
    chars: str
    strokes: list[NDArray[np.int16]]
    spans: list[tuple[int, int]]

    @classmethod
    def of(cls, rows: StrokeRows, index: int) -> _Word:
        # By their middles: a dot or a bar that was added at the end of the word comes to lie beside its stem.
        strokes = sorted(rows.strokes(index), key=lambda stroke: float(stroke[:, 0].min()) + float(stroke[:, 0].max()))
        count = len(strokes)
        spans = [(a, b) for a in range(count) for b in range(a + 1, min(count, a + _MOST_STROKES) + 1)]
        return cls(index, rows.labels[index].replace(" ", ""), strokes, spans)

    def groups(self) -> list[list[NDArray[np.int16]]]:
        return [self.strokes[a:b] for a, b in self.spans]

    def cut(self, fit: Array) -> list[CutCharacter]:
        """Divide the strokes, given the log-probability (spans, characters) of each span being each character."""
        number = {span: position for position, span in enumerate(self.spans)}
        division = _divide(fit, number, len(self.strokes), len(self.chars))
        scores = np.array([fit[number[span], position] for position, span in enumerate(division)])
        if not len(scores) or scores.mean() < _WORD:
            return []
        beside = np.minimum(np.append(scores[1:], 0), np.insert(scores[:-1], 0, 0))
        kept = (scores >= _SURE) | ((scores >= _FLOOR) & (beside >= _SURE))
        return [
            CutCharacter(char, self.row, self.strokes[a:b])
            for char, (a, b), keep in zip(self.chars, division, kept, strict=True)
            if keep
        ]


def _divide(fit: Array, number: dict[tuple[int, int], int], strokes: int, chars: int) -> list[tuple[int, int]]:
    """Return the likeliest division into spans, one for each character; empty if there is none (Viterbi)."""
    best = np.full((chars + 1, strokes + 1), -np.inf)
    came_from = np.zeros((chars + 1, strokes + 1), int)
    best[0, 0] = 0
    for char in range(1, chars + 1):
        for stop in range(char, strokes + 1):
            for start in range(max(char - 1, stop - _MOST_STROKES), stop):
                score = best[char - 1, start] + fit[number[start, stop], char - 1]
                if score > best[char, stop]:
                    best[char, stop], came_from[char, stop] = score, start
    if best[chars, strokes] == -np.inf:
        return []
    ends = [strokes]
    for char in range(chars, 0, -1):
        ends.append(int(came_from[char, ends[-1]]))
    return list(pairwise(reversed(ends)))


def _is_printed(rows: StrokeRows, index: int, alphabet: Alphabet) -> bool:
    chars = rows.labels[index].replace(" ", "")
    strokes = int(rows.stroke_ptr[index + 1] - rows.stroke_ptr[index])
    return (
        2 <= len(chars) <= _LONGEST
        and len(chars) <= strokes <= _STROKES_A_CHAR * len(chars) + 2
        and set(chars) <= set(alphabet.chars)
    )


def _same_shape(alphabet: Alphabet) -> NDArray[np.float32]:
    """Return (K, K), 1 where two classes have one shape: what size would tell apart is not asked of the network."""
    shape = group_numbers(ONE_SHAPE, alphabet)
    return (shape[:, None] == shape).astype(np.float32)


def _as_samples(groups: Sequence[list[NDArray[np.int16]]], words: Sequence[_Word]) -> StrokeSet:
    """Lay groups of strokes out as samples, for drawing; labels and writers are of no account there."""
    strokes = [stroke for group in groups for stroke in group]
    heights = np.repeat([_capital_units(word.chars) for word in words], [len(word.spans) for word in words])
    extents = np.array([_extent(group) for group in groups])
    count = len(groups)
    return StrokeSet(
        labels=np.full(count, "-"),
        writers=np.full(count, ""),
        relative_size=(extents / heights).astype(np.float32),
        doubt=np.zeros(count, np.int16),
        stroke_ptr=_ends([len(group) for group in groups]),
        point_ptr=_ends([len(stroke) for stroke in strokes]),
        points=np.concatenate(strokes).astype(np.int16),
    )


def _capital_units(chars: str) -> float:
    """Estimate the height of a capital in a row that is 500 units high, from what reaches above and below."""
    above = any(char in "bdfhklt" or char.isupper() or char.isdigit() for char in chars)
    below = any(char in "gjpqy" for char in chars)
    return 500 / (1.35 if above and below else 1.0 if above or below else 0.65)
