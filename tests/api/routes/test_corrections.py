"""Corrections over HTTP: by the shipped models, on a sample page that they read rightly."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.access import KeyStore, Scope
from app.api.paging import to_cursor
from app.config import Settings
from app.corrections import read_archive
from app.ocr import Lesson

SAMPLE = (Path(__file__).resolve().parents[3] / "samples" / "parts_label.png").read_bytes()
FIRST_ROW = "PART HX-2094-B7"
FIRST_BOX = "70,60,860,170"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def service(state, correcting):
    return correcting(Settings(state=state))


@pytest.fixture(autouse=True)
def _clean(service):
    """Leave no correction to the next test."""
    yield
    for item in service.get("/corrections?limit=200").json()["items"]:
        service.delete(f"/corrections/{item['id']}")


@pytest.fixture
def correct(service):
    """Correct the sample page, or another file."""

    def send(text, file=SAMPLE, **fields):
        return service.post("/corrections", files={"file": ("page.png", file)}, data={"text": text, **fields})

    return send


def _files(state):
    return [path for path in (state / "images").rglob("*") if path.is_file()]


def _pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return image.copy()


def test_a_row_is_kept_with_its_glyphs_aligned(service, correct):
    response = correct(FIRST_ROW, box=FIRST_BOX)
    assert response.status_code == 201
    document = response.json()
    assert response.headers["location"] == f"/corrections/{document['id']}"
    assert (document["level"], document["text"], document["read_as"]) == ("row", FIRST_ROW, FIRST_ROW)
    assert [glyph["char"] for glyph in document["glyphs"]] == list(FIRST_ROW.replace(" ", ""))
    assert document["teaches"] == {"glyphs": 14, "rows": 1}
    assert document["models"].keys() == {"handprint", "rows"}
    assert service.get(response.headers["location"]).json() == document


def test_only_a_part_of_the_page_is_kept_and_boxes_are_in_its_pixels(service, correct):
    document = correct(FIRST_ROW, box=FIRST_BOX).json()
    image, page = _pixels(service.get(document["image"]).content), _pixels(SAMPLE).convert("L")
    region, box = document["region"], document["glyphs"][0]["box"]
    assert image.size == (region["right"] - region["left"], region["bottom"] - region["top"])
    assert image.height < page.height / 2
    assert image.tobytes() == page.crop((region["left"], region["top"], region["right"], region["bottom"])).tobytes()
    first = service.post("/ocr", files={"file": SAMPLE}).json()["rows"][0]["words"][0]["glyphs"][0]
    assert {side: box[side] + region["left" if side in ("left", "right") else "top"] for side in box} == first["box"]


def test_the_same_twice_is_one_also_with_a_wider_box_and_other_white(correct, service, state):
    first = correct(FIRST_ROW, box=FIRST_BOX)
    again = correct(f"  {FIRST_ROW.replace(' ', '   ')} ", box='{"left": 60, "top": 55, "right": 870, "bottom": 172}')
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(service.get("/corrections").json()["items"]) == len(_files(state)) == 1


def test_another_text_for_the_same_place_is_refused(correct, problem):
    first = correct(FIRST_ROW, box=FIRST_BOX).json()
    document = problem(correct("PORT HX-2094-B7", box=FIRST_BOX), 409, "corrected-otherwise")
    assert (document["id"], document["text"]) == (first["id"], FIRST_ROW)


@pytest.mark.parametrize(
    "first, second",
    [
        ((FIRST_ROW, FIRST_BOX, "row"), ("HX-2094-B8", "340,60,860,160", "row")),
        (("36", "309,210,412,291", "row"), ("G", "361,210,412,291", "glyph")),
        (("36", "309,210,412,291", "row"), ("QTY 96 BIN C5", "60,190,880,305", "row")),
    ],
)
def test_another_truth_about_the_same_ink_is_refused_whatever_the_box(correct, problem, service, first, second):
    kept, refused = (dict(zip(("text", "box", "level"), each, strict=True)) for each in (first, second))
    id_ = correct(**kept).json()["id"]

    document = problem(correct(**refused), 409, "corrected-otherwise")

    assert (document["id"], document["text"]) == (id_, kept["text"])
    assert len(service.get("/corrections").json()["items"]) == 1
    service.delete(f"/corrections/{id_}")
    assert correct(**refused).status_code == 201


def test_the_same_truth_about_a_part_of_it_is_taken(correct):
    assert correct(FIRST_ROW, box=FIRST_BOX).status_code == 201
    assert correct("HX-2094-B7", box="340,60,860,160").status_code == 201


def test_a_text_of_something_else_is_refused_with_what_was_read(correct, problem, service):
    document = problem(correct("QWERTY UIOP WJKLMN", box=FIRST_BOX), 422, "invalid-input")
    assert document["read"] == FIRST_ROW
    assert service.get("/corrections").json()["items"] == []


@pytest.mark.parametrize(
    "fields, read",
    [
        ({"text": "X", "box": FIRST_BOX}, FIRST_ROW),
        ({"text": "X", "box": "0,0,1000,320"}, f"{FIRST_ROW} QTY 36 BIN C5"),
        ({"text": "X", "box": FIRST_BOX, "level": "row"}, FIRST_ROW),
        ({"text": "PART HX", "box": FIRST_BOX}, FIRST_ROW),  # the beginning can be aligned
    ],
)
def test_a_text_much_shorter_than_what_is_in_the_box_is_refused_with_what_was_read(
    correct, problem, service, fields, read
):
    document = problem(correct(**fields), 422, "invalid-input")
    assert f"expected what is written in the box, which reads {read!r}, got {fields['text']!r}" in document["detail"]
    assert (document["read"], document["text"]) == (read, fields["text"])
    assert service.get("/corrections").json()["items"] == []


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"text": "PART ж", "box": FIRST_BOX}, "got ж as well"),
        ({"text": " ", "box": FIRST_BOX}, "expected 1 to 1000 characters"),
        ({"text": "A"}, "image with 52 pieces of ink"),
        ({"text": "AB"}, "one row of writing, got one around 4"),
        ({"text": "AB", "box": FIRST_BOX, "level": "glyph"}, "one character for one glyph, got 'AB'"),
        ({"text": "A", "box": "0,0,9"}, "left,top,right,bottom in whole pixels, got '0,0,9'"),
        ({"text": "A", "box": '{"left": 1}'}, "left,top,right,bottom in whole pixels"),
        ({"text": "A", "box": "0,0,99999,5"}, "on a page of"),
        ({"text": "A", "box": "0,0,4,4"}, "with writing in it"),
        ({"text": "A", "level": "page"}, "'glyph' or 'row'"),
        ({"text": "A", "txt": "B"}, "expected only the fields"),
        ({"text": "A", "page": "2"}, "page"),
    ],
)
def test_what_makes_no_sense_is_refused(correct, problem, fields, words):
    response = correct(**fields)
    assert words in problem(response, 422, "invalid-input")["detail"]


def test_a_body_that_is_neither_a_form_nor_json_is_refused(service, problem):
    assert "got neither" in problem(service.post("/corrections"), 422, "invalid-input")["detail"]
    for no_json in (b"{", b"[" * 100_000):
        response = service.post("/corrections", content=no_json, headers={"Content-Type": "application/json"})
        assert "what is no JSON" in problem(response, 422, "invalid-input")["detail"]
    response = service.post("/corrections", json=["A"])
    assert "got a list" in problem(response, 422, "invalid-input")["detail"]
    response = service.post("/corrections", files={"other": b""}, data={"text": "A"})
    assert "got none" in problem(response, 422, "invalid-input")["detail"]
    response = service.post("/corrections", files={"file": SAMPLE})
    assert "'text': expected a value, got none" in problem(response, 422, "invalid-input")["detail"]
    response = service.post("/corrections", files={"file": b"no image"}, data={"text": "A"})
    problem(response, 415, "not-an-image")


def test_an_image_of_one_glyph_needs_no_box(correct, service):
    glyph = Image.new("L", (60, 80), 240)
    glyph.paste(30, (28, 10, 34, 70))
    file = io.BytesIO()
    glyph.save(file, "PNG")
    document = correct("l", file.getvalue(), read_as="1").json()
    assert (document["level"], document["read_as"], document["box"], document["region"]) == ("glyph", "1", None, None)
    assert document["teaches"] == {"glyphs": 1, "rows": 0}
    assert _pixels(service.get(document["image"]).content).tobytes() == glyph.tobytes()


def test_a_glyph_of_a_page_by_its_box(correct):
    document = correct("Y", box="76,95,123,168").json()
    assert (document["level"], document["read_as"]) == ("glyph", "P")
    assert document["glyphs"] == [{"char": "Y", "box": document["box"], "taught": True}]


def test_the_image_never_changes_and_is_for_the_client_alone(correct, service):
    document = correct(FIRST_ROW, box=FIRST_BOX).json()
    image = service.get(document["image"])
    assert image.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = service.get(document["image"], headers={"If-None-Match": image.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_goes_on_where_it_ended_and_can_be_filtered(correct, service):
    sent = [correct(FIRST_ROW, box=FIRST_BOX), correct("P", box="76,95,123,168"), correct("A", box="132,93,189,165")]
    ids = [response.json()["id"] for response in sent][::-1]
    first = service.get("/corrections?limit=2")
    second = service.get(f"/corrections{first.links['next']['url']}")
    assert [item["id"] for item in first.json()["items"]] + [item["id"] for item in second.json()["items"]] == ids
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers
    assert [item["id"] for item in service.get("/corrections?level=row").json()["items"]] == [ids[2]]
    assert [item["id"] for item in service.get("/corrections", params={"text": "P"}).json()["items"]] == [ids[1]]


# Of the first hour of the year 1 east of Greenwich, which is in no year in UTC.
_YEAR_0 = f"cursor={to_cursor('0001-01-01T00:00:00+01:00', 'a')}"
_HALF = f"cursor={to_cursor('2026-01-01T00:00:00+00:00', chr(0xD800))}"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "cursor=nonsense", "cursor=WzFd", _YEAR_0, _HALF, "level=page", "txt=A"]
)
def test_a_list_that_cannot_be_had_is_refused(service, problem, query):
    problem(service.get(f"/corrections?{query}"), 422, "invalid-input")


def test_what_was_deleted_is_gone_with_its_image(correct, service, problem, state):
    address = correct(FIRST_ROW, box=FIRST_BOX).headers["location"]
    deleted = service.delete(address)
    assert (deleted.status_code, deleted.content, deleted.headers.get("content-type")) == (204, b"", None)
    assert _files(state) == []
    for response in (service.get(address), service.get(f"{address}/image"), service.delete(address)):
        problem(response, 404, "correction-not-found")


def test_an_export_holds_all_that_the_networks_learn_from(correct, service):
    correct(FIRST_ROW, box=FIRST_BOX)
    correct("P", box="76,95,123,168")
    response = service.get("/corrections/export")
    assert response.headers["content-type"] == "application/zip"
    found = list(read_archive(io.BytesIO(response.content)))
    assert [Lesson.unpack(correction.seen).text for correction, _ in found] == [FIRST_ROW, "P"]
    lines = zipfile.ZipFile(io.BytesIO(response.content)).read("corrections.jsonl").decode().splitlines()
    assert [json.loads(line)["text"] for line in lines] == [FIRST_ROW, "P"]


def test_a_correction_that_cannot_be_read_is_shown_without_what_it_teaches(correct, service, state):
    sound, damaged = (correct("P", box=box).json()["id"] for box in ("76,95,123,168", "76,95,124,169"))
    with closing(sqlite3.connect(state / "inkrow.db")) as database, database:
        database.execute("UPDATE corrections SET seen = ? WHERE id = ?", (b"nonsense", damaged))
    shown = {item["id"]: item for item in service.get("/corrections").json()["items"]}
    assert shown[damaged]["teaches"] == {"glyphs": 0, "rows": 0}
    assert shown[damaged]["text"] == "P"
    assert shown[sound]["teaches"]["glyphs"] == 1


@pytest.mark.parametrize(
    "method, address", [("POST", ""), ("GET", ""), ("GET", "/0"), ("DELETE", "/0"), ("GET", "/export")]
)
def test_it_takes_a_key_that_may_correct(service, problem, method, address):
    without = TestClient(service.app)
    response = without.request(method, f"/corrections{address}")
    problem(response, 401, "key-needed")
    _, reading = KeyStore(service.app.state.database).create("reads", [Scope.READ])
    response = without.request(method, f"/corrections{address}", headers={"Authorization": f"Bearer {reading}"})
    problem(response, 403, "scope-needed")


def test_what_the_disk_refuses_is_503_and_no_correction(service, correct, state, problem):
    (state / "images").mkdir(exist_ok=True)
    (state / "images").rename(state / "elsewhere")
    (state / "images").write_bytes(b"in the way")
    document = problem(correct(FIRST_ROW, box=FIRST_BOX), 503, "not-ready")
    (state / "images").unlink()
    (state / "elsewhere").rename(state / "images")
    assert document["reasons"] == ["the disk failed; the log says how"]
    assert service.get("/corrections").json()["items"] == []
