"""Reading here, with a model of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.cli.reading.inputs import Input
from app.formats import Format, Model, Sheet, writable
from app.ocr import Notice, Reader, ReadOptions
from app.vision import DecodeLimits


@dataclass(frozen=True)
class LocalReader:
    """Reads each file and writes it in a format; `tell` is given what there is to know about a page."""

    reader: Reader
    model: Model
    format: Format
    options: ReadOptions
    limits: DecodeLimits
    tell: Callable[[Input, Notice], None]

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
                self.tell(item, notice)
            yield Sheet(reading, writable(item.place.name))
