"""Whatever goes wrong, the answer is a problem document."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from fastapi.responses import FileResponse, PlainTextResponse, StreamingResponse

from app.api.problems import KINDS, problem_document
from app.errors import (
    AppError,
    Conflict,
    CorruptModel,
    ModelNotFound,
    NotAnImage,
    ShapeMismatch,
    StoreUnwritable,
    TrainingDiverged,
    VersionExists,
)

BOUNDARY = {"content-type": "multipart/form-data; boundary=x"}


def test_a_missing_file_is_422(client, problem):
    (error,) = problem(client.post("/ocr"), 422, "invalid-input")["errors"]
    assert (error["location"], error["name"]) == ("form field", "file")


def test_a_file_field_without_a_file_is_422(client, problem):
    problem(client.post("/ocr", data={"file": "page.png"}), 422, "invalid-input")


def test_an_image_that_is_not_in_a_form_is_422(client, problem, png):
    response = client.post("/ocr", content=png(), headers={"content-type": "image/png"})
    assert "file" in problem(response, 422, "invalid-input")["detail"]


def test_an_empty_file_is_415(post, problem):
    assert "empty" in problem(post(b""), 415, "not-an-image")["detail"]


def test_what_is_not_an_image_is_415_whatever_it_calls_itself(client, problem):
    response = client.post("/ocr", files={"file": ("page.png", b"%!PS-Adobe-3.0 ...", "image/png")})
    problem(response, 415, "not-an-image")


def test_a_truncated_image_is_422(post, problem, png):
    problem(post(png()[:60]), 422, "unreadable-image")


def test_too_many_pixels_are_422(post, problem, png):
    document = problem(post(png(101, 100)), 422, "too-many-pixels")
    assert document["detail"] == "expected at most 10000 pixels, got 101 x 100; INKROW_MAX_PIXELS sets the limit"
    assert (document["limit"], document["actual"]) == (10_000, 10_100)


@pytest.mark.parametrize(
    "content, headers",
    [
        (b"--x\r\n", {"content-type": "multipart/form-data"}),
        (b"no boundary", BOUNDARY),
        (b'--x\r\nContent-Disposition: form-data; nam="file"\r\n\r\n1\r\n--x--\r\n', BOUNDARY),
    ],
    ids=["no boundary announced", "no boundary", "no name"],
)
def test_a_malformed_form_is_400(client, problem, content, headers):
    document = problem(client.post("/ocr", content=content, headers=headers), 400, "malformed-request")
    assert document["detail"].startswith("expected a form (curl: -F name=value) that can be read: ")


def test_a_form_of_too_many_fields_is_told_as_such(client, problem):
    fields = {f"field{number}": "1" for number in range(21)}
    document = problem(client.post("/ocr", files={"file": b""}, data=fields), 400, "malformed-request")
    assert document["detail"].endswith(" that can be read: Too many fields. Maximum number of fields is 20.")


def test_half_a_surrogate_pair_is_told_as_it_came():
    written = problem_document(422, "expected no \ud800", root="", instance="/")
    assert json.loads(written)["detail"] == "expected no \ud800"


def test_a_long_body_is_413_before_any_of_it_is_read(client, problem):
    def never():
        raise AssertionError("read")
        yield b""

    headers = {**BOUNDARY, "content-length": "20001"}
    document = problem(client.post("/ocr", content=never(), headers=headers), 413, "too-many-bytes")
    assert (document["limit"], document["actual"]) == (20_000, 20_001)


def test_a_long_body_of_unknown_length_is_413_while_it_arrives(client):
    """Below the test client, which would swallow the whole body first."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    asked, answer = [], []

    async def receive():
        asked.append(1)
        return {"type": "http.request", "body": head if len(asked) == 1 else bytes(1000), "more_body": True}

    async def send(message):
        answer.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/ocr",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in BOUNDARY.items()],
    }
    asyncio.run(client.app(scope, receive, send))
    assert len(asked) == 21  # 20 full chunks and the head are more than 20 000 bytes
    assert answer[0]["status"] == 413
    assert json.loads(answer[1]["body"])["type"] == "/problems/too-many-bytes"


def test_an_unknown_address_is_404(client, problem):
    assert problem(client.get("/nothing/here"), 404, "not-found")["detail"] == "there is nothing at /nothing/here"


def test_a_wrong_method_is_405_and_names_the_right_one(client, problem):
    response = client.get("/ocr")
    assert "POST" in problem(response, 405, "method-not-allowed")["detail"]
    assert response.headers["allow"] == "POST"


def test_a_wrong_method_names_those_of_all_routes_of_the_address(client):
    assert client.put("/corrections").headers["allow"] == "GET, HEAD, POST"
    assert client.put("/corrections/0").headers["allow"] == "DELETE, GET, HEAD"


@pytest.mark.parametrize(
    "error, status, code",
    [
        (NotAnImage("x"), 415, "not-an-image"),
        (ModelNotFound("x"), 404, "model-not-found"),
        (Conflict("x"), 409, "conflict"),
        (VersionExists("x"), 409, "version-exists"),
        (AppError("secret"), 500, "internal-error"),
        (ShapeMismatch("secret"), 500, "internal-error"),
        (CorruptModel("secret", path="secret"), 500, "damaged-model"),
        (StoreUnwritable("secret", folder="secret"), 500, "internal-error"),
        (TrainingDiverged("x"), 422, "training-diverged"),
        (RuntimeError("secret"), 500, "internal-error"),
        (ExceptionGroup("secret", [ValueError("secret")]), 500, "internal-error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_each_error_has_its_status_and_ours_are_logged_but_not_told(post, reader, problem, caplog, error, status, code):
    reader.failure = error
    response = post()
    problem(response, status, code)
    assert "secret" not in response.text
    assert ("secret" in caplog.text) == (status == 500)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR and status < 500]


def test_context_travels_but_overrides_nothing(post, reader, problem):
    reader.failure = Conflict("taken", holder="me", status="fine", paths={"a"})
    document = problem(post(), 409, "conflict")
    assert document["holder"] == "me"
    assert document["paths"] == "{'a'}"


def test_a_foreign_error_answer_is_turned_into_a_problem(client, problem, tmp_path):
    (tmp_path / "page.txt").write_text("abc")
    client.app.add_api_route("/plain", lambda: PlainTextResponse("oops", 418, {"X-Kept": "yes"}))
    client.app.add_api_route("/range", lambda: FileResponse(tmp_path / "page.txt"))
    teapot = client.get("/plain")
    assert teapot.json()["type"] == "about:blank"
    assert teapot.headers["x-kept"] == "yes"
    assert "oops" not in teapot.text
    problem(client.get("/range", headers={"Range": "lines=1-2"}), 400, "malformed-request")


def test_an_answer_that_breaks_off_is_not_followed_by_another(client):
    def broken():
        yield b"half"
        raise RuntimeError("gone")

    client.app.add_api_route("/broken", lambda: StreamingResponse(broken()))
    assert client.get("/broken").text == "half"


def test_addresses_keep_the_path_that_the_service_is_mounted_below(client):
    client.app.root_path = "/inkrow"
    assert client.get("/nothing").json()["type"] == "/inkrow/problems/not-found"


def test_each_type_leads_to_its_explanation(client, problem):
    for response in (client.get("/nothing"), client.get("/ocr"), client.post("/ocr")):
        document = response.json()
        kind = client.get(document["type"]).json()
        assert kind["code"] == document["type"].rpartition("/")[2]
        assert (kind["title"], kind["status"]) == (document["title"], document["status"])
        assert kind["meaning"]
    assert "not-found" in problem(client.get("/problems/none"), 404, "not-found")["codes"]


def test_all_kinds_are_listed(client):
    kinds = client.get("/problems").json()["problems"]
    assert [kind["code"] for kind in kinds] == sorted(KINDS)
    assert all(client.get(f"/problems/{kind['code']}").json() == kind for kind in kinds)


@pytest.mark.parametrize(
    "request_", [{"data": {"file": "text"}}, {"content": b"raw", "headers": {"content-type": "image/png"}}, {}]
)
def test_whoever_forgets_the_file_is_told_how_to_send_it(client, problem, request_):
    document = problem(client.post("/ocr", **request_), 422, "invalid-input")
    assert "multipart/form-data (curl: -F file=@page.jpg)" in document["detail"]


def test_whoever_sends_json_is_told_so(client, problem):
    document = problem(client.post("/ocr", json={"file": "page.png"}), 422, "invalid-input")
    assert document["detail"].startswith(
        "form field 'file': expected an image in a form of the type multipart/form-data"
    )
    assert document["detail"].endswith("got application/json")


def test_whoever_sends_an_image_without_a_form_is_told_so(client, problem, png):
    document = problem(client.post("/ocr", content=png(), headers={"Content-Type": "image/png"}), 422, "invalid-input")
    assert document["detail"].endswith("(curl: -F file=@page.jpg), got image/png")


def test_a_field_that_holds_text_instead_of_a_file_is_named_as_the_sender_did(client, problem):
    document = problem(client.post("/ocr", data={"file": "hello"}), 422, "invalid-input")
    assert "form field 'file': expected an image" in document["detail"]
    assert document["detail"].endswith("got text")


@pytest.mark.parametrize("content", [b"&".join(b"%d=x" % number for number in range(50)), b"\x89PNG & more"])
def test_a_file_that_curl_sent_as_a_list_of_fields_is_told_about_forms(client, problem, content):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = client.post("/ocr", content=content, headers=headers)
    assert "curl: -F file=@page.jpg" in problem(response, 400, "malformed-request")["detail"]


def test_a_bad_value_is_named(post, png, problem):
    detail = problem(post(png(), params={"alternatives": "99"}), 422, "invalid-input")["detail"]
    assert "expected at most 10, got '99'" in detail


def test_a_stage_without_a_picture_is_named_as_it_was_asked_for(post, png, problem):
    detail = problem(post(png(), params={"format": "text", "stage": "ink"}), 422, "invalid-input")["detail"]
    assert "got 'ink' with text" in detail


def test_an_address_with_a_slash_too_many_is_not_redirected(client, problem):
    problem(client.get("/livez/", follow_redirects=False), 404, "not-found")
