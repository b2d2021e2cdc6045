"""What the XML formats owe their readers: documents that their published schemas accept, and nothing lost."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from app.formats.alto import write_alto
from app.formats.page_xml import write_page_xml
from tests.formats.conftest import MODEL, READ_AT, in_blocks, make_page, make_sheet, turn

SCHEMAS = Path(__file__).parent / "schemas"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
PAGE = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"


class _Vendored(etree.Resolver):
    """Take what a schema imports from the folder beside this file, wherever the import says it is."""

    def resolve(self, address, public_id, context):
        return self.resolve_filename(str(SCHEMAS / Path(address).name), context)


def _schema(file: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Vendored())
    return etree.XMLSchema(etree.parse(SCHEMAS / file, parser))


@pytest.fixture(scope="module")
def alto_schema():
    return _schema("alto-4-4.xsd")


@pytest.fixture(scope="module")
def page_schema():
    return _schema("page-2019-07-15.xsd")


def test_every_odd_page_is_valid(alto_schema, page_schema, odd_sheet):
    alto_schema.assertValid(etree.fromstring(write_alto([odd_sheet], MODEL)))
    page_schema.assertValid(etree.fromstring(write_page_xml([odd_sheet], MODEL)))


def test_each_block_is_a_region_and_their_order_is_told():
    sheet = make_sheet(in_blocks(make_page("A", "B", "C"), 0, 1, 1))
    alto = ElementTree.fromstring(write_alto([sheet], MODEL))
    lines = [[line.get("ID") for line in block.iter(f"{ALTO}TextLine")] for block in alto.iter(f"{ALTO}TextBlock")]
    assert lines == [["page1_row1"], ["page1_row2", "page1_row3"]]
    page = ElementTree.fromstring(write_page_xml([sheet], MODEL))
    regions = {region.get("id"): region for region in page.iter(f"{PAGE}TextRegion")}
    order = [region.get("regionRef") for region in page.iter(f"{PAGE}RegionRefIndexed")]
    texts = [regions[name].find(f"{PAGE}TextEquiv/{PAGE}Unicode").text for name in order]
    assert texts == ["A", "B\nC"]


def test_the_schemas_would_notice(alto_schema, page_schema, sheet):
    for schema, write in ((alto_schema, write_alto), (page_schema, write_page_xml)):
        document = write([sheet], MODEL).replace(b'"0.9000"', b'"1.9000"')
        assert not schema.validate(etree.fromstring(document))


def test_many_pages_of_many_files_are_one_valid_alto_document(alto_schema, sheet):
    document = write_alto([sheet, make_sheet(make_page()), make_sheet(make_page("B"), "<b>.png")], MODEL)
    alto_schema.assertValid(etree.fromstring(document))
    root = ElementTree.fromstring(document)
    assert [page.get("ID") for page in root.iter(f"{ALTO}Page")] == ["page1", "page2", "page3"]
    assert [name.text for name in root.iter(f"{ALTO}fileIdentifier")] == ["page.jpg", "<b>.png"]


def test_alto_has_words_spaces_glyphs_and_variants(sheet):
    root = ElementTree.fromstring(write_alto([sheet], MODEL))
    assert root.get("SCHEMAVERSION") == "4.4"
    line = root.findall(f".//{ALTO}TextLine")[1]
    assert [part.get("CONTENT", " ") for part in line] == ["<R&D>", " ", '"1"']
    glyph = line[0][1]
    assert glyph.attrib == {
        "ID": "page1_row2_word1_glyph2",
        "CONTENT": "R",
        "GC": "0.9000",
        "HPOS": "50",
        "VPOS": "70",
        "WIDTH": "16",
        "HEIGHT": "20",
    }
    assert [(other.get("CONTENT"), other.get("VC")) for other in glyph] == [("<", "0.0625"), ("&", "0.0000")]


def test_page_has_every_reading_of_a_glyph_by_index(sheet):
    root = ElementTree.fromstring(write_page_xml([sheet], MODEL))
    glyph = root.find(f".//{PAGE}Glyph[@id='row2_word1_glyph2']")
    assert glyph.find(f"{PAGE}Coords").get("points") == "50,70 66,70 66,90 50,90"
    assert [
        (reading.get("index"), reading.get("conf"), reading.findtext(f"{PAGE}Unicode"))
        for reading in glyph.findall(f"{PAGE}TextEquiv")
    ] == [("0", "0.9000", "R"), ("1", "0.0625", "<"), ("2", "0.0000", "&")]


def test_page_tells_when_it_was_read_in_utc(sheet):
    root = ElementTree.fromstring(write_page_xml([sheet], MODEL))
    assert READ_AT.isoformat() == "2026-11-25T09:30:15.123456+01:00"
    assert root.findtext(f".//{PAGE}Created") == "2026-11-25T08:30:15Z"


@pytest.mark.parametrize("quarters, angle", [(0, -0.5), (1, 89.5), (2, 179.5), (3, -90.5)])
def test_both_tell_how_far_the_writing_is_turned(quarters, angle):
    sheet = make_sheet(turn(make_page("UP"), quarters))
    page = ElementTree.fromstring(write_page_xml([sheet], MODEL)).find(f"{PAGE}Page")
    assert float(page.get("orientation")) == angle
    page = ElementTree.fromstring(write_alto([sheet], MODEL)).find(f".//{ALTO}Page")
    assert float(page.get("ROTATION")) == angle
