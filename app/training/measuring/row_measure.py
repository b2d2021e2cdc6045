"""Measures a row network: error rates by kind of row and style of writing, and its calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import numpy as np

from app.datasets import AsWritten, Composed, Strip, WrittenRow, draw_plainly
from app.ocr import RowReader
from app.ocr.spelling.spelling import Spelling
from app.training.measuring.calibration import calibration_gap
from app.training.measuring.edits import alignment, edit_distance

_SEED = 7  # of the rows; any other measures on others
_COMPOSED_ROWS = 2000  # a compromise with time
_AT_ONCE = 64  # rows that are drawn and read together

Checkpoint: TypeAlias = Callable[[], None]
"""Called now and then; whatever it raises ends the work."""

_Known = TypeVar("_Known")


@dataclass
class ErrorCount:
    """Rows, their characters, spaces included, and the edits that turn what was read into them."""

    rows: int = 0
    chars: int = 0
    edits: int = 0

    def add(self, truth: str, read: str) -> None:
        """Count a row."""
        self.rows += 1
        self.chars += len(truth)
        self.edits += edit_distance(truth, read)

    @property
    def error_rate(self) -> float:
        """Edits over characters."""
        return self.edits / max(self.chars, 1)


@dataclass
class RowMeasurement:
    """A row network on one split.

    Attributes
    ----------
    counts : by kind of row, and there by style; ``all`` for all of them
    confidence, right : of every character read
    """

    counts: dict[str, dict[str, ErrorCount]] = field(default_factory=dict)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    @property
    def styles(self) -> list[str]:
        """All styles there are, ``all`` first."""
        return ["all", *sorted({style for counts in self.counts.values() for style in counts} - {"all"})]

    @property
    def calibration_error(self) -> float:
        """See `calibration_gap`."""
        return calibration_gap(np.array(self.confidence), np.array(self.right))

    def document(self) -> dict[str, Any]:
        """Return the figures in JSON's types."""
        figures = {
            kind: {
                style: {"rows": count.rows, "chars": count.chars, "error_rate": count.error_rate}
                for style, count in styles.items()
            }
            for kind, styles in self.counts.items()
        }
        return {"error_rates": figures, "ece": self.calibration_error}


def measure_rows(
    reader: RowReader, writers: Mapping[str, Composed | AsWritten], most: int | None = None
) -> RowMeasurement:
    """Let a row network spell rows of every kind, plainly drawn: composed ones, and all words and texts as written.

    Composed rows whose characters are chance are a kind of their own: nobody writes so, and they are hard to read.

    Parameters
    ----------
    most : rows of each kind, at most
    """
    measured = RowMeasurement()
    for kind, writer in writers.items():
        drawn = ((row, strip) for row in islice(sample_rows(writer), most) for _, strip in draw_plainly([row]))
        for row, _, spelling, read in spell_some(reader, drawn, _AT_ONCE):
            counts = measured.counts.setdefault(f"{kind}_at_random" if row.at_random else kind, {})
            for style in ("all", row.style or "unknown"):
                counts.setdefault(style, ErrorCount()).add(row.text, read)
            confidence, right = judge_chars(spelling, row.text, read)
            measured.confidence += confidence
            measured.right += right
    return measured


def spell_some(
    reader: RowReader, rows: Iterable[tuple[_Known, Strip]], at_once: int, checkpoint: Checkpoint = lambda: None
) -> Iterator[tuple[_Known, Strip, Spelling, str]]:
    """Let a row network spell rows, so many at once: what is known of each, its strip, its spelling, its text."""
    rows = iter(rows)
    while some := list(islice(rows, at_once)):
        checkpoint()
        for (known, strip), log_p in zip(some, reader.predict([strip for _, strip in some]), strict=True):
            spelling = reader.spell(log_p)
            yield known, strip, spelling, reader.text(spelling)


def judge_chars(spelling: Spelling, text: str, read: str) -> tuple[list[float], list[bool]]:
    """Return of each character that was read, spaces left out, how sure the network was, and whether it is right."""
    right = [place is not None for place, char in zip(alignment(text, read), read, strict=True) if char != " "]
    return spelling.p.max(axis=1, initial=0.0).tolist(), right


def sample_rows(writer: Composed | AsWritten) -> Iterator[WrittenRow]:
    """Rows that are always the same: composed ones, or the samples as they were written, one a row, shuffled."""
    rng = np.random.default_rng(_SEED)
    if isinstance(writer, Composed):
        for _ in range(_COMPOSED_ROWS):
            yield writer.write(rng)
    else:
        for index in rng.permutation(writer.sound).tolist():
            yield writer.row([index], rng)
