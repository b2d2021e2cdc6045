"""`inkrow read --server`: what is sent, and what is made of the answers."""

from __future__ import annotations

from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path

import httpx2
import pytest

from app.cli.reading.inputs import Input, find_inputs
from app.cli.reading.remote import RemoteReader
from app.errors import InvalidInput, NotFound, ServiceFailed, ServiceUnreachable


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(b"IMAGE")
    return Input(path, Path("page.png"))


@pytest.fixture
def ask(page):
    """Read a page by a service that gives a certain answer; gives what was read and the request."""

    def read(answer, url="http://here:8000", key=None, **params):
        requests = []

        def handle(request):
            request.read()
            requests.append(request)
            if isinstance(answer, Exception):
                raise answer
            return answer

        with RemoteReader(url, params, key, httpx2.MockTransport(handle)) as reader:
            return reader.read(page), requests[0]

    return read


def _problem(status, detail, code="of-a-kind"):
    document = {"type": f"/problems/{code}", "detail": detail}
    return httpx2.Response(status, json=document, headers={"content-type": "application/problem+json"})


@pytest.mark.parametrize("url", ["http://here:8000", "http://here:8000/"])
def test_the_file_is_sent_with_the_options_that_are_given(ask, url):
    content, request = ask(httpx2.Response(200, content=b"READ"), url, format="text", alternatives=0, model=None)
    assert content == b"READ"
    assert str(request.url) == "http://here:8000/ocr?format=text&alternatives=0"
    assert b'name="file"; filename="page.png"' in request.content
    assert b"\r\n\r\nIMAGE\r\n" in request.content


def test_a_key_is_sent_only_if_there_is_one(ask):
    answer = httpx2.Response(200, content=b"READ")
    assert ask(answer, key="inkrow_1_2")[1].headers["authorization"] == "Bearer inkrow_1_2"
    assert "authorization" not in ask(answer)[1].headers


def test_the_warnings_of_a_file_are_told(page):
    answer = httpx2.Response(200, content=b"READ", headers={"Inkrow-Warnings": "no-text;n=1, pattern-mismatch;n=12"})
    told: list[str] = []
    with RemoteReader("http://here", {}, transport=httpx2.MockTransport(lambda _: answer), tell=told.append) as reader:
        assert reader.read(page) == b"READ"
    assert told == [f"inkrow: {page.path}: 1 warning no-text, 12 warnings pattern-mismatch"]


@pytest.mark.parametrize("source", ["file", "standard input"])
@pytest.mark.parametrize("headers, pause_s", [({"retry-after": "7"}, 7), ({"retry-after": "3600"}, 60), ({}, 1)])
def test_a_service_that_is_asked_too_often_is_asked_once_more_later(page, monkeypatch, headers, pause_s, source):
    if source == "standard input":
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"IMAGE")))
        [page] = find_inputs("-")
    pauses, told = [], []
    monkeypatch.setattr("app.cli.reading.remote.sleep", pauses.append)
    answers = [httpx2.Response(429, headers=headers), httpx2.Response(200, content=b"READ")]

    def handle(request):
        assert b"\r\n\r\nIMAGE\r\n" in request.read()
        return answers.pop(0)

    with RemoteReader("http://here:8000", {}, transport=httpx2.MockTransport(handle), tell=told.append) as reader:
        assert reader.read(page) == b"READ"
    assert pauses == [pause_s]
    assert told == [f"inkrow: the service asks to wait {pause_s} s"]


def test_whoever_has_no_key_is_told_where_to_put_it(ask):
    with pytest.raises(InvalidInput, match="got none; INKROW_KEY sets the key that is sent"):
        ask(_problem(401, "expected a key, got none"))


@pytest.mark.parametrize(
    "status, kind",
    [(404, NotFound), (413, InvalidInput), (415, InvalidInput), (422, InvalidInput), (500, ServiceFailed)],
)
def test_a_problem_is_told_in_the_services_words(ask, status, kind):
    with pytest.raises(kind, match="expected this, got that"):
        ask(_problem(status, "expected this, got that"))


@pytest.mark.parametrize("code, is_told", [("not-found", True), ("model-not-found", False)])
def test_the_address_of_a_route_is_told_to_be_more_than_that_of_the_service(ask, code, is_told):
    with pytest.raises(NotFound, match=r"^there is nothing at /ocr/ocr") as refusal:
        ask(_problem(404, "there is nothing at /ocr/ocr", code), "http://here:8000/ocr")
    assert ("; expected the address of the service, without /ocr" in refusal.value.detail) == is_told


def test_another_server_is_not_taken_for_a_service_of_ours(ask):
    with pytest.raises(ServiceFailed, match="from http://here:8000/ocr, got 404 Not Found"):
        ask(httpx2.Response(404, html="<h1>Nothing</h1>"))


def test_no_answer_is_told_with_the_address(ask):
    with pytest.raises(ServiceUnreachable, match="cannot ask http://here:8000/ocr: no route"):
        ask(httpx2.ConnectError("no route"))


def test_without_a_service_no_further_file_is_tried(inkrow, page):
    # The discard port of this machine: nothing listens there.
    result = inkrow("read", "--server", "http://127.0.0.1:9", str(page.path), str(page.path))
    assert result.exit_code == 1
    assert result.stderr.count("cannot ask http://127.0.0.1:9/ocr") == 1
    assert result.stderr.endswith("; does a service run there? inkrow serve starts one\n")


def test_options_of_the_command_line_are_passed_on_and_others_left_to_the_service(inkrow, page, monkeypatch):
    requests = []
    transport = httpx2.MockTransport(lambda request: (requests.append(request), httpx2.Response(200, text="READ"))[1])
    monkeypatch.setattr("app.cli.reading.remote.RemoteReader", partial(RemoteReader, transport=transport))
    address = "http://here"
    assert inkrow("read", "--server", address, "--pages", "2, 4-", "--model", "1", str(page.path)).stdout == "READ"
    assert inkrow("read", "--server", address, "--format", "png", "--stage", "ink", str(page.path)).stdout == "READ"
    assert [dict(request.url.params) for request in requests] == [
        {"format": "text", "model": "1", "pages": "2,4-"},
        {"format": "png", "stage": "ink"},
    ]


def test_a_file_that_is_not_there_is_not_sent(ask, page):
    page.path.unlink()
    with pytest.raises(NotFound):
        ask(httpx2.Response(200))
