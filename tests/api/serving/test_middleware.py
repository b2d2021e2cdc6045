"""What holds for every address."""

from __future__ import annotations

from http.client import HTTPConnection

import pytest

from app.api import create_app

ADDRESSES = ["/livez", "/readyz", "/docs", "/docs/start.js", "/docs/assets/swagger-ui.css", "/openapi.json"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/", "/problems/not-an-image", "/problems/none", "/nothing"])
def test_whatever_can_be_got_answers_for_its_head_alone(client, address):
    head = client.head(address, follow_redirects=False)
    whole = client.get(address, follow_redirects=False)
    for answer in (head, whole):
        del answer.headers["x-request-id"], answer.headers["server-timing"]  # each answer's own
        answer.headers.pop("ratelimit", None)  # the second has one request less left
    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
    assert head.content == b""


def test_no_body_follows_a_head_over_a_real_connection(settings, reader, serve):
    connection = HTTPConnection(*serve(create_app(settings)), timeout=30)
    for method, empty in (("HEAD", True), ("GET", False), ("HEAD", True), ("GET", False)):
        connection.request(method, "/docs")
        answer = connection.getresponse()
        assert (answer.status, answer.read() == b"") == (200, empty)  # what is left over begins the next answer
    connection.close()


def test_what_cannot_be_got_has_no_head_either(client):
    response = client.head("/ocr")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("address", [*ADDRESSES, "/problems/not-an-image"])
def test_a_wrong_method_is_told_of_the_head_too(client, problem, address):
    response = client.put(address)
    assert "expected GET, HEAD at" in problem(response, 405, "method-not-allowed")["detail"]
    assert response.headers["allow"] == "GET, HEAD"


def test_heads_are_not_documented_beside_what_they_are_heads_of(client):
    description = client.get("/openapi.json").json()
    assert "head" not in {method for methods in description["paths"].values() for method in methods}
