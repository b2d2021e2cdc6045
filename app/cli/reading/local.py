"""Reading here, with a model of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.cli.reading.inputs import Input
from app.formats import Format, Model, Sheet, writable
from app.ocr import Notice, Reader, Reading, ReadOptions
from app.vision import DecodeLimits

_SHOWN = 30  # characters of a row: enough to find it on a page
_TELL_THE_TEXT = {"pattern-mismatch", "pattern-fewer-glyphs"}  # notices that quote the row themselves


@dataclass(frozen=True)
class LocalReader:
    """Reads each file and writes it in a format; `tell` is given each sentence that there is to know about a page."""

    reader: Reader
    model: Model
    format: Format
    options: ReadOptions
    limits: DecodeLimits
    tell: Callable[[Input, str], None]

    def read(self, item: Input) -> bytes:
        """Return all pages of a file as one document.

        Raises
        ------
        InvalidInput, NotFound : what `Reader.read_pages` raises, or the format cannot hold this many pages.
        """
        return self.format.write(self._sheets(item), self.model)

    def _sheets(self, item: Input) -> Iterator[Sheet]:
        with item.open() as file:
            source = file.read()
        for reading in self.reader.read_pages(source, self.options, limits=self.limits):
            for notice in reading.page.warnings:
                self.tell(item, f"{_place(notice, reading)}{notice.detail}")
            yield Sheet(reading, writable(item.place.name))


def _place(notice: Notice, reading: Reading) -> str:
    """Name the row that a notice is about by its number, from 1, and its text, unless the notice has that itself.

    Of one that is about no single row there is nothing to name.
    """
    for number, row in enumerate(reading.page.rows, 1):
        if row.box == notice.box:
            page = f"page {reading.picture.number}, " if reading.picture.number > 1 else ""
            if notice.code in _TELL_THE_TEXT:
                return f"{page}row {number}: "
            text = row.text if len(row.text) <= _SHOWN else f"{row.text[:_SHOWN].rstrip()}..."
            return f"{page}row {number}, {text}: "
    return ""
