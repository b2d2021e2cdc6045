"""Tesseract's table: twelve columns, one line for each page, block, paragraph, row and word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.formats.sheet import Model, Sheet, percent
from app.ocr import Page
from app.vision import Box

_PLACE = ("level", "page_num", "block_num", "par_num", "line_num", "word_num")
_HEADER = (*_PLACE, "left", "top", "width", "height", "conf", "text")
_NOT_A_WORD = -1  # in the column of confidences
# A tab or a line break inside a word would end its cell.
_CELL = str.maketrans("\t\n\r", "   ")


def write_tsv(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write what ``tesseract PAGE OUT tsv`` writes.

    Pages are counted through, whatever file they come from. Each block has one paragraph, whose lines
    are counted from 1.

    References
    ----------
    Tesseract 5, src/api/baseapi.cpp, TessBaseAPI::GetTSVText; its levels 1 to 5 are page, block, paragraph, line, word.
    """
    lines = ["\t".join(_HEADER)]
    for page_number, sheet in enumerate(sheets, 1):
        lines += _page(page_number, sheet.page)
    return "".join(f"{line}\n" for line in lines).encode()


def _page(number: int, page: Page) -> Iterator[str]:
    yield _line(1, (number, 0, 0, 0, 0), Box(0, 0, page.height, page.width))
    for block_number, block in enumerate(page.blocks, 1):
        yield _line(2, (number, block_number, 0, 0, 0), block.box)
        yield _line(3, (number, block_number, 1, 0, 0), block.box)
        for row_number, row in enumerate(block.rows, 1):
            yield _line(4, (number, block_number, 1, row_number, 0), row.box)
            for word_number, word in enumerate(row.words, 1):
                place = (number, block_number, 1, row_number, word_number)
                yield _line(5, place, word.box, percent(word.confidence), word.text.translate(_CELL))


def _line(level: int, place: tuple[int, ...], box: Box, confidence: float = _NOT_A_WORD, text: str = "") -> str:
    cells = (level, *place, box.left, box.top, box.width, box.height, confidence, text)
    return "\t".join(map(str, cells))
