"""Which pages of a file are wanted, written as for a printer: ``1,3,8-10``."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Self

from app.errors import InvalidInput

_SPAN = re.compile(r"\s*(?P<first>[0-9]{1,9})\s*(?P<more>-\s*(?P<last>[0-9]{1,9})?\s*)?")
_END = sys.maxsize  # the stop of a span that goes to the last page, whatever its number is


@dataclass(frozen=True)
class PageRange:
    """Pages of a file by their numbers, counted from 1.

    Attributes
    ----------
    spans : ascending, apart from each other, none empty
    """

    spans: tuple[range, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take ``3``, ``2-5``, ``7-`` (to the last page), or several of these with commas between them.

        Raises
        ------
        InvalidInput : the text is none of these, or its numbers do not ascend: pages are read in the order of the file.
        """
        matches = [_SPAN.fullmatch(part) for part in text.split(",")]
        spans = tuple(_span(match) for match in matches if match)
        ascending = all(spans) and all(before.stop <= after.start for before, after in pairwise([range(1), *spans]))
        if None in matches or not ascending:
            raise InvalidInput(f"pages: expected ascending numbers from 1 such as 3, 2-5, 7- or 1,3,8-10, got {text!r}")
        return cls(spans)

    def __str__(self) -> str:
        return ",".join(map(_written, self.spans))

    def __contains__(self, number: int) -> bool:
        return any(number in span for span in self.spans)

    def after(self, number: int) -> int | None:
        """Return the next wanted page after page `number`; None if there is none."""
        return next((max(span.start, number + 1) for span in self.spans if span.stop > number + 1), None)

    def of(self, count: int) -> list[int]:
        """Return the wanted pages of a file that has `count` pages.

        Raises
        ------
        InvalidInput : the file has none of the wanted pages.
        """
        wanted = list(chain.from_iterable(range(span.start, min(span.stop, count + 1)) for span in self.spans))
        if not wanted:
            there = "1, the only page" if count == 1 else f"some of the {count} pages"
            raise InvalidInput(f"pages: expected {there} that the file has, got {self}", count=count)
        return wanted


def _span(match: re.Match[str]) -> range:
    first, last = int(match["first"]), match["last"]
    if not match["more"]:
        return range(first, first + 1)
    return range(first, int(last) + 1 if last else _END)


def _written(span: range) -> str:
    if len(span) == 1:
        return f"{span.start}"
    return f"{span.start}-" if span.stop == _END else f"{span.start}-{span[-1]}"


ALL_PAGES = PageRange.parse("1-")
