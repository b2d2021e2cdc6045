"""Every format of app.formats can be had from the service."""

from __future__ import annotations

from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.api import create_app
from app.config import Settings
from app.formats import FORMATS, STAGES
from tests.api.real_answers import draw_page


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_had_by_name_and_by_media_type(post, name):
    wanted = FORMATS[name]
    by_name, by_type = post(params={"format": name}), post(headers={"Accept": wanted.media_type})
    for answer in (by_name, by_type):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == wanted.content_type
        assert answer.headers["content-disposition"] == f"inline; filename*=utf-8''page{wanted.suffix}"


@pytest.mark.parametrize("name", [name for name, format_ in FORMATS.items() if not format_.many_pages])
def test_a_format_of_one_page_refuses_a_second(client, png, problem, name):
    files = [("file", ("a.png", png())), ("file", ("b.png", png()))]
    assert (
        "one page" in problem(client.post("/ocr", files=files, params={"format": name}), 422, "invalid-input")["detail"]
    )


def _tiff():
    file = BytesIO()
    Image.new("L", (40, 30), 255).save(file, "TIFF", save_all=True, append_images=[Image.new("L", (40, 30))])
    return file.getvalue()


def test_two_files_of_one_page_are_told_from_one_of_two(client, png, problem):
    files = [("file", ("a.png", png())), ("file", ("b.png", png()))]
    several = problem(client.post("/ocr", files=files, params={"format": "png"}), 422, "invalid-input")
    assert several["detail"] == "png holds one page, got several files: send one, or ask for another format"
    one = problem(client.post("/ocr", files={"file": _tiff()}, params={"format": "png"}), 422, "invalid-input")
    assert one["detail"] == "png holds one page, got more: choose one by pages= or --pages, or ask for another format"


def test_the_picture_shows_the_stage_that_is_asked_for():
    with TestClient(create_app(Settings())) as client:

        def draw(**options):
            answer = client.post("/ocr", files={"file": draw_page("A5")}, params={"format": "png", **options})
            assert answer.headers["content-type"] == "image/png"
            return Image.open(BytesIO(answer.content)).convert("RGB").tobytes()

        shown = {stage: draw(stage=stage) for stage in STAGES}
        assert len(set(shown.values())) == len(STAGES)
        assert draw() == shown["glyphs"]


@pytest.mark.parametrize("name", FORMATS)
def test_warnings_are_counted_in_a_header_whatever_the_format(post, name):
    assert post(params={"format": name}).headers["inkrow-warnings"] == "no-text;n=1, struck-out;n=1"


def test_without_a_warning_there_is_no_such_header():
    with TestClient(create_app(Settings())) as client:
        answer = client.post("/ocr", files={"file": draw_page("A5")}, params={"format": "text"})
    assert (answer.text, answer.headers.get("inkrow-warnings")) == ("A5\n", None)


def test_a_stage_is_for_pictures_only(post, problem):
    assert "stage" in problem(post(params={"stage": "ink"}), 422, "invalid-input")["detail"]
    (error,) = problem(post(params={"format": "png", "stage": "dream"}), 422, "invalid-input")["errors"]
    assert error["name"] == "stage"
