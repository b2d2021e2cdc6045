"""Read files in this process, with models of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.cli.reading.inputs import Input
from app.formats import Format, Model, Sheet, writable
from app.ocr import Notice, Reader, Reading, ReadOptions
from app.vision import DecodeLimits

_SHOWN = 30  # characters of a row: enough to find it on a page
_TELL_THE_TEXT = {"pattern-mismatch", "pattern-fewer-glyphs"}  # notices whose sentences quote the row


@dataclass(frozen=True)
class LocalReader:
    """Reads files and writes them in a format; `tell` is called with each notice about a page."""

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
        InvalidInput, NotFound : as of `Reader.read_pages`, or the format cannot hold so many pages.
        """
        return self.format.write(self._sheets(item), self.model)

    def _sheets(self, item: Input) -> Iterator[Sheet]:
        for reading in self.reader.read_pages(item.read(), self.options, limits=self.limits):
            for notice in reading.page.warnings:
                self.tell(item, f"{_place(notice, reading)}{notice.detail}")
            yield Sheet(reading, writable(item.place.name))


def _place(notice: Notice, reading: Reading) -> str:
    """Say where a notice belongs: on which page but the first, in which row, counted from 1, and what that says.

    The text is left out if the notice quotes it, and the row if the notice is about no single one.
    """
    page = f"page {reading.picture.number}" if reading.picture.number > 1 else ""
    row = ""
    for number, each in enumerate(reading.page.rows, 1):
        if each.box == notice.box:
            row = f"row {number}"
            if notice.code not in _TELL_THE_TEXT:
                row += f", {each.text if len(each.text) <= _SHOWN else f'{each.text[:_SHOWN].rstrip()}...'}"
            break
    place = ", ".join(filter(None, (page, row)))
    return f"{place}: " if place else ""
