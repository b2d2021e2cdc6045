"""Several files in one call."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image


@pytest.fixture
def tiff():
    """Draw a file of two pages, 40 and 50 pixels wide."""
    file = BytesIO()
    first, second = (Image.new("L", (width, 30), 255) for width in (40, 50))
    first.save(file, "TIFF", save_all=True, append_images=[second])
    return file.getvalue()


@pytest.fixture
def post_all(client):
    """Send files by name, with whatever else `client.post` takes."""

    def send(files, **arguments):
        return client.post("/ocr", files=[("file", pair) for pair in files.items()], **arguments)

    return send


def test_several_files_are_a_list_in_their_order_each_with_its_source(post_all, post, png):
    pages = post_all({"b.png": png(40, 30), "a.png": png(50, 20)}).json()["pages"]
    assert [page.pop("source") for page in pages] == [{"file": "b.png", "page": 1}, {"file": "a.png", "page": 1}]
    assert [page["page"]["width"] for page in pages] == [40, 50]
    assert pages[0] == post(png(40, 30)).json()


def test_the_options_count_for_all_files(post_all, reader, png):
    post_all({"a.png": png(), "b.png": png()}, data={"alternatives": "1"})
    assert [options.alternatives for options in reader.options] == [1, 1]


def test_a_file_that_cannot_be_read_is_a_problem_in_its_place(post_all, post, png):
    response = post_all({"a.png": png(), "bad.png": b"text", "c.png": png()})
    assert response.status_code == 200
    pages = response.json()["pages"]
    assert pages[1] == {"source": {"file": "bad.png", "page": 1}, "problem": post(b"text").json()}
    assert [page.get("text") for page in pages] == ["A1 B", None, "A1 B"]


def test_the_pages_of_one_file_are_a_list_too(post, tiff):
    pages = post(tiff).json()["pages"]
    assert [page["source"] for page in pages] == [{"file": "page.png", "page": 1}, {"file": "page.png", "page": 2}]
    assert [page["page"]["width"] for page in pages] == [40, 50]


@pytest.mark.parametrize("way", ["params", "data"])
def test_one_page_of_many_can_be_read_alone_in_any_format(post, tiff, way):
    page = post(tiff, **{way: {"pages": "2"}}).json()
    assert page["page"]["width"] == 50
    assert 'imageWidth="50"' in post(tiff, **{way: {"pages": "2", "format": "page"}}).text


def test_a_chosen_page_keeps_its_number(post_all, tiff, png):
    files = {"a.tif": tiff, "b.png": png(), "c.tif": tiff}
    pages = post_all(files, params={"pages": "2-"}).json()["pages"]
    assert [page["source"] for page in pages] == [{"file": name, "page": 2} for name in files]
    assert "expected 1, the only page that the file has, got 2-" in pages[1]["problem"]["detail"]


def test_of_pages_that_a_file_has_not_one_is_told_how_many_there_are(post, problem, tiff):
    document = problem(post(tiff, params={"pages": "3,5-"}), 422, "invalid-input")
    assert document["detail"] == "pages: expected some of the 2 pages that the file has, got 3,5-"
    assert document["count"] == 2


def test_what_is_no_choice_of_pages_is_refused_before_any_file_is_read(post_all, problem, reader, png):
    document = problem(post_all({"a.png": png(), "b.png": b""}, params={"pages": "5-2"}), 422, "invalid-input")
    assert document["detail"].startswith("pages: expected ascending numbers from 1")
    assert reader.options == []


def test_a_page_that_cannot_be_read_does_not_take_those_before_it_away(post, tiff):
    response = post(tiff[:-100])  # where the second has its pixels
    assert response.status_code == 200
    first, second = response.json()["pages"]
    assert first["text"] == "A1 B"
    assert second["source"] == {"file": "page.png", "page": 2}
    assert second["problem"]["type"] == "/problems/unreadable-image"


def test_nothing_readable_at_all_is_an_error_with_every_problem(post_all, problem, png):
    response = post_all({"text.png": b"text", "torn.png": png()[:60]})
    pages = problem(response, 422, "nothing-readable")["pages"]
    assert [page["source"]["file"] for page in pages] == ["text.png", "torn.png"]
    assert [page["problem"]["type"] for page in pages] == ["/problems/not-an-image", "/problems/unreadable-image"]


def test_a_format_without_a_place_for_problems_has_all_files_or_none(post_all, problem, png):
    whole = post_all({"a.png": png(), "b.png": png()}, params={"format": "text"})
    assert whole.text == "A1 B\n\fA1 B\n"
    torn = post_all({"a.png": png(), "bad.png": b"text"}, params={"format": "text"})
    document = problem(torn, 415, "not-an-image")
    assert document["file"] == "bad.png"
    assert document["detail"].startswith("bad.png: expected JPEG")


def test_too_many_files_are_refused_and_none_is_read(post_all, problem, reader, png):
    assert len(post_all({f"{number}.png": png() for number in range(3)}).json()["pages"]) == 3
    reader.options.clear()
    document = problem(post_all({f"{number}.png": png() for number in range(9)}), 422, "too-many-files")
    assert (document["limit"], document["actual"]) == (3, 9)
    assert reader.options == []


def test_far_too_many_files_are_not_even_taken_in(post_all, problem):
    problem(post_all({f"{number}.png": b"" for number in range(104)}), 400, "malformed-request")


@pytest.mark.parametrize("option", [{"alphabet": "Ä"}, {"reader": "rows"}], ids=["alphabet", "reader"])
def test_an_option_that_the_models_cannot_follow_is_one_problem(post_all, problem, png, option):
    problem(post_all({"a.png": png(), "b.png": png()}, params=option), 422, "invalid-input")


def test_a_name_that_is_no_text_does_not_lose_the_answer(client, png):
    """UTF-7 can spell half a surrogate pair, of which UTF-8 knows nothing."""
    content = b'--x\r\nContent-Disposition: form-data; name="file"; filename="+2AA-.png"\r\n\r\n' + png() + b"\r\n--x--"
    headers = {"Content-Type": "multipart/form-data; charset=utf-7; boundary=x"}
    response = client.post("/ocr", content=content, headers=headers, params={"format": "text"})
    assert response.status_code == 200
    assert response.headers["content-disposition"] == "inline; filename*=utf-8''%EF%BF%BD.txt"


@pytest.mark.parametrize(
    "files, name",
    [
        (["scan.png"], "scan.txt"),
        (["a/b\\c d;é.tar.png"], "c%20d%3B%C3%A9.tar.txt"),
        (["..", ".."], "pages.txt"),
        ([".."], "...txt"),
    ],
)
def test_the_answer_has_a_name_to_save_it_under(client, png, files, name):
    sent = [("file", (file, png())) for file in files]
    response = client.post("/ocr", files=sent, params={"format": "text"})
    assert response.headers["content-disposition"] == f"inline; filename*=utf-8''{name}"


def test_the_name_to_save_an_answer_under_is_no_longer_than_a_header_has_room_for(client, png):
    response = client.post("/ocr?format=text", files={"file": ("é" * 600 + ".png", png())})
    assert response.headers["content-disposition"] == f"inline; filename*=utf-8''{'%C3%A9' * 100}.txt"


def test_the_setting_of_the_limit_of_pixels_is_named_for_a_file_among_several(client, png):
    files = [("file", png()), ("file", png(101, 100))]
    [_, second] = client.post("/ocr", files=files).json()["pages"]
    assert second["problem"]["detail"].endswith("; INKROW_MAX_PIXELS sets the limit")
    detail = client.post("/ocr", files=files, params={"format": "text"}).json()["detail"]
    assert detail.count("INKROW_MAX_PIXELS") == 1
