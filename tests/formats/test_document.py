from __future__ import annotations

import json

from app.api.reading.schemas import ReadingOut
from app.formats import as_document
from app.formats.document import write_json
from tests.formats.conftest import MODEL, make_page, make_sheet


def test_one_page_is_the_object_that_the_service_promises(odd_sheet):
    written = json.loads(write_json([odd_sheet], MODEL))
    assert written == as_document(odd_sheet.page, MODEL)
    assert ReadingOut.model_validate(written).model_dump(exclude_unset=True) == written


def test_several_pages_tell_where_each_comes_from():
    first, second = make_sheet(make_page("A"), "a.tif", 2), make_sheet(make_page("B"), "b.png")
    assert json.loads(write_json([first, second], MODEL)) == {
        "pages": [
            {**as_document(first.page, MODEL), "source": {"file": "a.tif", "page": 2}},
            {**as_document(second.page, MODEL), "source": {"file": "b.png", "page": 1}},
        ]
    }


def test_characters_are_written_as_they_are():
    assert '"text":"Ж字"' in write_json([make_sheet(make_page("Ж字"))], MODEL).decode()


def test_a_file_name_that_is_no_text_is_told_as_far_as_it_is():
    sheets = [make_sheet(make_page("A"), "caf\udce9\x00.png")] * 2
    assert json.loads(write_json(sheets, MODEL))["pages"][0]["source"]["file"] == "caf\ufffd\ufffd.png"
