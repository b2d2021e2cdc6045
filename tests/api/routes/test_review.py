"""Pages that are kept for review, by the shipped models."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.corrections.correcting import to_png
from app.api.paging import to_cursor
from app.config import Settings
from app.corrections import KeptPages
from app.datasets.pens.hand import Hand
from tests.vision.conftest import write_page

SAMPLE = (Path(__file__).resolve().parents[3] / "samples" / "parts_label.png").read_bytes()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def service(state, correcting):
    return correcting(Settings(state=state, keep_days=3))


@pytest.fixture(autouse=True)
def _clean(service):
    """Leave nothing that is kept to the next test."""
    yield
    for page in {item["page"] for item in service.get("/review?limit=200").json()["items"]}:
        service.delete(f"/review/{page}")
    for item in service.get("/corrections?limit=200").json()["items"]:
        service.delete(f"/corrections/{item['id']}")


def _read(client, content=SAMPLE, **params):
    return client.post("/ocr", files={"file": ("page.png", content)}, params=params)


@pytest.fixture
def kept(service):
    """Keep the sample page."""
    return _read(service, keep=True).json()


def _files(state):
    return [path for path in (state / "images").rglob("*") if path.is_file()]


def _image(response):
    assert response.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(response.content))


def test_without_being_asked_nothing_of_a_page_is_kept(service, state):
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file() and path.suffix != ".db-shm"}
    response = _read(service)
    assert "kept" not in response.json()
    assert "inkrow-kept-pages" not in response.headers
    assert service.get("/review").json()["items"] == []
    after = {path: path.read_bytes() for path in state.rglob("*") if path.is_file() and path.suffix != ".db-shm"}
    known = {path: content for path, content in after.items() if path.name != "inkrow.db-wal"}
    assert known.keys() == {path for path in before if path.name != "inkrow.db-wal"}
    assert not any(b"HX-2094" in content for content in after.values())


def test_a_kept_page_tells_its_id_and_when_it_ends(service, kept):
    page = kept["kept"]["page"]
    end = datetime.fromisoformat(kept["kept"]["expires_at"])
    assert abs(end - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=5)
    again = _read(service, keep=True, keep_days=0.5, format="text")
    assert page not in again.headers["inkrow-kept-pages"]
    end = datetime.fromisoformat(again.headers["inkrow-kept-until"])
    assert abs(end - datetime.now(UTC) - timedelta(days=0.5)) < timedelta(minutes=5)
    document = service.get(f"/review/{page}").json()
    assert document["reading"] == {key: value for key, value in kept.items() if key != "kept"}
    assert (document["text"], document["number"]) == (kept["text"], 1)


def test_of_more_pages_than_a_header_has_room_for_only_json_tells_the_ids(service, monkeypatch):
    monkeypatch.setattr("app.api.corrections.keep_upload.MOST_NAMED", 2)
    page = Image.new("L", (60, 60), 255)
    for count in (2, 3):
        page.save(file := io.BytesIO(), "TIFF", save_all=True, append_images=[page] * (count - 1))
        response = _read(service, file.getvalue(), keep=True)
        ids = [each["kept"]["page"] for each in response.json()["pages"]]
        assert len(ids) == count
        assert response.headers.get("inkrow-kept-pages") == (", ".join(ids) if count == 2 else None)
        assert "inkrow-kept-until" in response.headers
        for each in ids:
            service.delete(f"/review/{each}")


def test_it_is_kept_no_longer_than_the_service_allows(service, problem):
    document = problem(_read(service, keep=True, keep_days=3.5), 422, "invalid-input")
    assert document["limit"] == 3


def test_for_how_long_it_is_kept_means_nothing_if_it_is_not(service, problem):
    detail = problem(_read(service, keep=False, keep_days=1), 422, "invalid-input")["detail"]
    assert detail == "keep_days: expected keep=true as well, got none"


def test_a_page_that_cannot_be_read_is_not_kept(service, problem, state):
    problem(_read(service, SAMPLE[:500], keep=True), 422, "unreadable-image")
    assert _files(state) == []


def test_keeping_takes_a_key_that_may_correct(service, problem):
    without = TestClient(service.app)
    problem(_read(without, keep=True), 401, "key-needed")
    _, reading = KeyStore(service.app.state.database).create("reads", [Scope.READ])
    without.headers["Authorization"] = f"Bearer {reading}"
    problem(_read(without, keep=True), 403, "scope-needed")
    assert _read(without, keep=False).status_code == 200
    for response in (without.get("/review"), without.delete("/review/0"), without.get("/review/0/image")):
        problem(response, 403, "scope-needed")


def test_a_review_has_the_least_sure_glyphs_first(service, kept):
    glyphs = [
        (glyph["confidence"], row, word, number)
        for row, its_row in enumerate(kept["rows"])
        for word, its_word in enumerate(its_row["words"])
        for number, glyph in enumerate(its_word["glyphs"])
    ]
    found, address = [], "/review?limit=20"
    while address:
        response = service.get(address)
        found += response.json()["items"]
        address = f"/review{response.links['next']['url']}" if "next" in response.links else None
    assert [(item["confidence"], item["row"], item["word"], item["glyph"]) for item in found] == sorted(glyphs)
    item = found[0]
    glyph = kept["rows"][item["row"]]["words"][item["word"]]["glyphs"][item["glyph"]]
    assert all(item[name] == glyph[name] for name in ("char", "alternatives", "box"))
    assert item["row_text"] == kept["rows"][item["row"]]["text"]
    below = service.get("/review", params={"below": found[3]["confidence"], "page": item["page"]}).json()["items"]
    assert all(each["confidence"] < found[3]["confidence"] for each in below)


def test_glyphs_rows_and_the_page_are_shown(service, kept):
    [item] = service.get("/review?limit=1").json()["items"]
    box = item["box"]
    glyph, row, page = (
        _image(service.get(address)).size
        for address in (item["image"], item["row_image"], f"/review/{item['page']}/image")
    )
    assert box["right"] - box["left"] < glyph[0] < row[0] <= page[0] == kept["page"]["width"]
    assert row[1] < page[1] == kept["page"]["height"]


@pytest.mark.parametrize("query", ["row=9", "row=0&word=9", "row=0&word=0&glyph=99", "word=1", "row=0&glyph=0", "x=1"])
def test_a_part_that_is_not_there_is_not_shown(service, kept, problem, query):
    problem(service.get(f"/review/{kept['kept']['page']}/image?{query}"), 422, "invalid-input")


def test_of_a_kept_page_it_takes_only_the_text_to_correct_a_glyph_a_word_or_a_row(service, kept):
    page, row = kept["kept"]["page"], kept["rows"][0]
    for numbers, text, read_as in (
        ({"row": 0, "word": 0, "glyph": 1}, "4", "A"),
        ({"row": 0, "word": 0}, "PORT", "PART"),
        ({"row": 0}, row["text"], row["text"]),
    ):
        left = len(service.get("/review?limit=200").json()["items"])
        response = service.post("/corrections", json={"page": page, **numbers, "text": text})
        assert response.status_code == 201
        document = response.json()
        assert (document["read_as"], document["level"]) == (read_as, "glyph" if "glyph" in numbers else "row")
        assert all(glyph["taught"] for glyph in document["glyphs"])
        assert len(service.get("/review?limit=200").json()["items"]) < left
        service.delete(response.headers["location"])  # the next says otherwise of the same ink


def test_a_correction_of_a_kept_page_is_that_of_the_same_file(service, kept):
    word = kept["rows"][1]["words"][0]
    by_page = service.post("/corrections", json={"page": kept["kept"]["page"], "row": 1, "word": 0, "text": "QTV"})
    box = ",".join(str(word["box"][side]) for side in ("left", "top", "right", "bottom"))
    by_file = service.post("/corrections", files={"file": SAMPLE}, data={"box": box, "text": "QTV"})
    assert (by_page.status_code, by_file.status_code) == (201, 200)
    assert by_file.json() == by_page.json()


LINES = ["SPHINX OF BLACK", "QUARTZ JUDGE", "MY VOW"]


def _chained():
    """Write rows close together, each letter tied to the one below it."""
    lines = [
        "THE QUICK BROWN FOX",
        "JUMPS OVER THE LAZY",
        "DOG AND SPHINX OF",
        "BLACK QUARTZ JUDGE",
        "MY VOW AT NOON SO",
    ]
    page = write_page(lines, height_px=50, pitch=1.3, hand=Hand(pen=0.14))
    for letter, below in ((letter, below) for above, below in pairwise(page.boxes) for letter in above):
        x = (letter.left + letter.right) // 2
        if under := [other for other in below if other.left < x < other.right]:
            bottom = (letter.top + letter.bottom) // 2, (under[0].top + under[0].bottom) // 2
            page.grey[bottom[0] : bottom[1], x - 1 : x + 2] = 0
    return page.grey


@pytest.mark.parametrize(
    "draw, view",
    [
        (lambda: write_page(LINES, hand=Hand(slant_deg=50)).grey, "slant"),
        (lambda: np.rot90(write_page(LINES).grey), "orientation_deg"),
        (_chained, "rows_apart"),
    ],
    ids=["leaning", "on its side", "rows that touch"],
)
def test_a_correction_of_a_kept_page_sees_the_rows_that_were_read(service, draw, view):
    page = to_png(draw())
    kept = _read(service, page, keep=True).json()
    assert kept["page"][view]
    sent = {"page": kept["kept"]["page"], "row": 1, "text": kept["rows"][1]["text"]}
    by_page = service.post("/corrections", json=sent)
    box = ",".join(str(kept["rows"][1]["box"][side]) for side in ("left", "top", "right", "bottom"))
    by_file = service.post("/corrections", files={"file": page}, data={"box": box, "text": sent["text"]})
    assert (by_page.status_code, by_file.status_code) == (201, 200)
    assert by_file.json() == by_page.json()


def test_a_correction_of_a_kept_page_of_light_writing_sees_it_as_it_was_read(service):
    """Above black lines, which make it look at first as if all writing were dark."""
    row = 150 + (255 - write_page(["SPHINX OF BLACK"], hand=Hand(pen=0.14)).grey) // 3
    sign = np.pad(row, ((0, 120), (0, 0)), constant_values=150)
    for top in range(len(row) + 10, len(sign) - 10, 40):
        sign[top : top + 6] = 0
    kept = _read(service, to_png(sign), keep=True).json()
    assert (kept["text"], kept["page"]["inverted"]) == ("SPHINX OF BLACK", True)
    made = service.post("/corrections", json={"page": kept["kept"]["page"], "row": 0, "text": kept["text"]})
    service.delete(f"/review/{kept['kept']['page']}")  # nothing of it is to be reviewed any more
    assert made.status_code == 201


def test_a_page_that_an_earlier_release_kept_can_be_corrected(service, kept):
    """Such pages do not tell how they were looked at, except for their orientation."""
    pages = KeptPages(service.app.state.database, service.app.state.settings.state)
    page = pages.get(kept["kept"]["page"])
    for name in ("slant", "inverted", "panels", "rows_apart"):
        del page.reading["page"][name]
    pages.keep([replace(page, id="0" * 32)], [SAMPLE])
    made = service.post("/corrections", json={"page": "0" * 32, "row": 1, "text": kept["rows"][1]["text"]})
    assert made.status_code == 201


def test_what_was_dismissed_is_reviewed_no_more(service, kept):
    item, second = service.get("/review?limit=2").json()["items"]
    address = f"/review/{item['page']}/{item['row']}/{item['word']}/{item['glyph']}"
    assert service.delete(address).status_code == 204
    assert service.get("/review?limit=1").json()["items"] == [second]


def test_a_glyph_that_is_not_there_cannot_be_dismissed(service, kept, problem):
    for glyph in (99, -1):
        address = f"/review/{kept['kept']['page']}/0/0/{glyph}"
        assert problem(service.delete(address), 422, "invalid-input")["detail"].startswith(
            "glyph: expected 0 to 3, as "
        )
    problem(service.delete("/review/0/0/0/0"), 404, "kept-page-not-found")


def test_a_page_that_was_deleted_is_gone_and_corrections_of_it_stay(service, kept, problem, state):
    page = kept["kept"]["page"]
    made = service.post("/corrections", json={"page": page, "row": 0, "word": 0, "glyph": 0, "text": "R"})
    assert service.delete(f"/review/{page}").status_code == 204
    assert len(_files(state)) == 1
    assert service.get(made.headers["location"]).status_code == 200
    for response in (
        service.get(f"/review/{page}"),
        service.get(f"/review/{page}/image"),
        service.delete(f"/review/{page}"),
        service.delete(f"/review/{page}/0/0/0"),
        service.post("/corrections", json={"page": page, "row": 0, "text": "R"}),
    ):
        problem(response, 404, "kept-page-not-found")


def test_pages_of_a_file_are_kept_each_by_its_number(service):
    file = io.BytesIO()
    pages = [Image.open(io.BytesIO(SAMPLE)).convert("L").rotate(angle) for angle in (0, 180)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    documents = _read(service, file.getvalue(), keep=True).json()["pages"]
    second = documents[1]["kept"]["page"]
    assert service.get(f"/review/{second}").json()["number"] == 2
    made = service.post("/corrections", json={"page": second, "row": 0, "text": documents[1]["rows"][0]["text"]})
    assert documents[1]["page"]["orientation_deg"] == 180
    assert made.status_code == 201
    assert made.json()["teaches"] == {"glyphs": 14, "rows": 1}


def test_what_has_expired_is_not_seen_and_is_deleted_when_the_service_starts(tmp_path):
    settings = Settings(state=tmp_path)
    app = create_app(settings)
    with TestClient(app) as client:
        _, key = KeyStore(app.state.database).create("corrects", [Scope.CORRECT])
        client.headers["Authorization"] = f"Bearer {key}"
        page = _read(client, keep=True, keep_days=1e-9).json()["kept"]["page"]
        assert client.get("/review").json()["items"] == []
        assert client.get(f"/review/{page}").status_code == 404
        assert len(_files(tmp_path)) == 1
    with TestClient(create_app(settings)) as client:
        client.get("/livez")
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while _files(tmp_path) and datetime.now(UTC) < deadline:
            client.get("/livez")
    assert _files(tmp_path) == []


def test_the_service_says_so_when_it_cannot_delete_what_has_expired(tmp_path, monkeypatch, caplog):
    from app.errors import StateUnwritable

    def fail(self):
        raise StateUnwritable("cannot write to images: read-only")

    monkeypatch.setattr(KeptPages, "delete_expired", fail)
    with TestClient(create_app(Settings(state=tmp_path))) as client:
        assert client.get("/livez").status_code == 200
    assert "could not be deleted: cannot write to images: read-only" in caplog.text


@pytest.mark.parametrize(
    "place", [[0.5], [0.5, "a", "b", 0, 0], [0.5, "a", 2**70, 0, 0], [float("nan"), "a", 0, 0, 0], [True, "a", 0, 0, 0]]
)
def test_a_cursor_of_something_else_is_refused(service, problem, place):
    problem(service.get("/review", params={"cursor": to_cursor(*place)}), 422, "invalid-input")
