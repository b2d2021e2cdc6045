"""The readers that are compared: ours, its rivals, and the floor below all of them.

Each module imports its library inside, for each reader runs in a process, and perhaps an environment, of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Reading:
    """A page as a reader has it: its text, and the milliseconds of each stage where the reader tells."""

    text: str
    stages_ms: dict[str, float] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one page at a time, with a model that was loaded before.

    Attributes
    ----------
    title : name and version, for tables
    shareable : whether threads may read with it at the same time
    """

    title: str
    shareable: bool

    def read(self, source: bytes) -> Reading:
        """Read a page from the bytes of an image file."""
        ...


def _inkrow() -> Reader:
    from bench.readers.inkrow import Inkrow

    return Inkrow()


def _rapidocr() -> Reader:
    from bench.readers.rapidocr import Rapid

    return Rapid()


def _tesseract() -> Reader:
    from bench.readers.tesseract import Tesseract

    return Tesseract()


def _decoding() -> Reader:
    from bench.readers.decoding import Decoding

    return Decoding()


READERS: dict[str, Callable[[], Reader]] = {
    "inkrow": _inkrow,
    "rapidocr": _rapidocr,
    "tesseract": _tesseract,
    "decoding": _decoding,
}
OURS, FLOOR = "inkrow", "decoding"
