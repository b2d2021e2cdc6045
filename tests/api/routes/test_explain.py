from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.api import create_app
from app.config import Settings
from tests.conftest import PROJECT

PAGE = {"file": ("page.png", (PROJECT / "samples" / "parts_label.png").read_bytes())}
PLACE = "/explain?row=1&word=1&glyph=0"  # the 3 of "QTY 36"


def _image(uri):
    return np.asarray(Image.open(BytesIO(b64decode(uri.removeprefix("data:image/png;base64,")))))


@pytest.fixture(scope="module")
def answer(inspected):
    return inspected.post(PLACE, files=PAGE).json()


def test_a_glyph_is_found_by_the_numbers_that_reading_gives_it(inspected, answer):
    page = inspected.post("/ocr?alternatives=5", files=PAGE).json()
    glyph = page["rows"][1]["words"][1]["glyphs"][0]
    assert answer["box"] == glyph["box"]
    assert answer["read"] == {key: glyph[key] for key in ("char", "confidence", "alternatives")}


def test_it_tells_what_the_network_saw_and_named(answer):
    seen = _image(answer["input"])
    assert seen.shape == (128, 128)
    assert seen[0].min() == 255, "a margin of paper"
    assert seen.min() == 0
    assert answer["named"]["char"] == "3"
    confidences = [other["confidence"] for other in answer["named"]["alternatives"]]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == 5


def test_it_tells_which_ink_speaks_for_it_and_against_the_second_choice(answer):
    saliency = answer["saliency"]
    assert saliency["of"] == answer["named"]["char"]
    assert saliency["against"] == answer["named"]["alternatives"][0]["char"]
    assert saliency["scale"] > 0
    assert _image(saliency["image"]).shape == (128, 128, 3)


def test_it_shows_the_known_glyphs_that_are_most_alike(answer):
    neighbours = answer["neighbours"]
    assert len(neighbours) == 8
    similarities = [neighbour["similarity"] for neighbour in neighbours]
    assert similarities == sorted(similarities, reverse=True)
    assert sum(neighbour["char"] == "3" for neighbour in neighbours) > 4
    assert _image(neighbours[0]["image"]).shape == (64, 64)


def test_a_box_finds_the_same_glyph_for_any_version(inspected, answer):
    box = ",".join(str(answer["box"][side]) for side in ("left", "top", "right", "bottom"))
    by_box = inspected.post(f"/explain?box={box}", files=PAGE).json()
    assert by_box["read"] is None
    assert by_box["input"] == answer["input"]
    assert by_box["named"] == answer["named"]
    seed = inspected.post(f"/explain?box={box}&model=seed/1&neighbours=0", files=PAGE).json()
    assert (seed["model"]["name"], seed["neighbours"]) == ("seed", [])


def test_a_picture_shows_all_of_it_side_by_side(inspected):
    answer = inspected.post(f"{PLACE}&neighbours=2", files=PAGE, headers={"Accept": "image/png"})
    picture = Image.open(BytesIO(answer.content))
    assert picture.size == (4 * (4 * 33 - 1), 4 * 32)


@pytest.mark.parametrize(
    "query, words",
    [
        ("row=1&word=1", "either"),
        ("", "either"),
        ("row=1&word=1&glyph=0&box=1,2,3,4", "either"),
        ("row=1&box=1,2,3,4", "or a box, got row, box"),
        ("", "or a box, got none"),
        ("row=4&word=0&glyph=0", "4 rows"),
        ("row=0&word=2&glyph=0", "2 words"),
        ("row=0&word=0&glyph=4", "4 glyphs"),
        ("row=-1&word=0&glyph=0", "row"),
        ("box=1,2,3", "left,top,right,bottom"),
        ("box=1,2,3,x", "left,top,right,bottom"),
        ("box=9,2,3,4", "1000 x 640"),
        ("box=0,0,1001,4", "1000 x 640"),
        ("box=0,0,5,5", "writing"),
        ("row=0&word=0&glyph=0&model=rows", "spells rows"),
        ("row=0&word=0&glyph=0&page=2", "page"),
        ("row=0&word=0&glyph=0&neighbours=21", "neighbours"),
    ],
)
def test_what_cannot_be_explained_is_told(inspected, problem, query, words):
    assert words in problem(inspected.post(f"/explain?{query}", files=PAGE), 422, "invalid-input")["detail"]


def test_what_is_no_page_is_refused_as_in_reading(inspected, problem, png):
    def send(content):
        return inspected.post(PLACE, files={"file": ("a.png", content)})

    problem(send(b"no image"), 415, "not-an-image")
    problem(send(PAGE["file"][1][:1000]), 422, "unreadable-image")
    assert "the page has no rows" in problem(send(png(200, 200)), 422, "invalid-input")["detail"]


def test_without_a_model_in_service_nothing_is_explained(tmp_path, problem):
    from fastapi.testclient import TestClient

    with TestClient(create_app(Settings(model_store=tmp_path)), raise_server_exceptions=False) as client:
        answer = client.post(PLACE, files=PAGE)
    assert answer.status_code in (404, 503)
    assert answer.headers["content-type"] == "application/problem+json"
