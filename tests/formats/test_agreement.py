"""Whatever the format, the text is the same."""

from __future__ import annotations

import json
from itertools import groupby
from xml.etree import ElementTree

import pypdfium2
import pytest

from app.formats import FORMATS
from tests.formats.conftest import MODEL, ODD_PAGES, make_page, make_sheet

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
PAGE = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"


def _of_json(document: bytes) -> str:
    words = [[word["text"] for word in row["words"]] for row in json.loads(document)["rows"]]
    return "\n".join(map(" ".join, words))


def _of_text(document: bytes) -> str:
    return document.decode().removesuffix("\n")


def _of_tsv(document: bytes) -> str:
    rows = [line.split("\t") for line in document.decode().split("\n")[1:-1]]
    words = [((row[2], row[4]), row[11]) for row in rows if row[0] == "5"]
    return "\n".join(" ".join(text for _, text in row) for _, row in groupby(words, lambda word: word[0]))


def _of_hocr(document: bytes) -> str:
    root = ElementTree.fromstring(document)
    for readings in root.findall(".//*[@class='alternatives']"):
        for unlikely in readings[1:]:
            readings.remove(unlikely)
    return "\n".join("".join(line.itertext()) for line in root.findall(".//*[@class='ocr_line']"))


def _of_alto(document: bytes) -> str:
    lines = ElementTree.fromstring(document).iter(f"{ALTO}TextLine")
    return "\n".join("".join(part.get("CONTENT", " ") for part in line) for line in lines)


def _of_page(document: bytes) -> str:
    regions = ElementTree.fromstring(document).iter(f"{PAGE}TextRegion")
    return "\n".join(region.findtext(f"{PAGE}TextEquiv/{PAGE}Unicode") for region in regions)


def _of_pdf(document: bytes) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        return opened[0].get_textpage().get_text_range().replace("\r\n", "\n")


READ_BY = {
    "json": _of_json,
    "text": _of_text,
    "tsv": _of_tsv,
    "hocr": _of_hocr,
    "alto": _of_alto,
    "page": _of_page,
    "pdf": _of_pdf,
}


def test_every_format_with_text_is_compared():
    assert READ_BY.keys() == FORMATS.keys() - {"png"}


@pytest.mark.parametrize("name", READ_BY)
@pytest.mark.parametrize("page", [*ODD_PAGES, "two rows"])
def test_the_text_is_that_of_the_page(name, page):
    read = ODD_PAGES[page] if page in ODD_PAGES else make_page("TO DO", '<R&D> "1"')
    assert READ_BY[name](FORMATS[name].write([make_sheet(read)], MODEL)) == read.text
