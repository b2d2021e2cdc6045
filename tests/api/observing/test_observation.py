"""What is noted of a request: in its answer and in the log."""

from __future__ import annotations

import hashlib
import json
import logging
import re

import pytest
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api import create_app
from app.logs import JsonLines

_TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines(caplog):
    """Give what was logged so far, as JSON: the line of the last request comes last."""
    formatted = []

    class Keep(logging.Handler):
        def emit(self, record):
            formatted.append(json.loads(JsonLines().format(record)))

    handler = Keep()
    caplog.set_level(logging.DEBUG, "app")
    logging.getLogger("app").addHandler(handler)
    yield formatted
    logging.getLogger("app").removeHandler(handler)


def test_a_sane_request_id_is_kept_and_repeated(client, lines):
    response = client.get("/models", headers={"X-Request-ID": "a-1_b.c:d/e=f+g@h"})
    assert response.headers["x-request-id"] == lines[-1]["request_id"] == "a-1_b.c:d/e=f+g@h"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, 'a"b', "é", "a\x1b[0m", "a;b"])
def test_any_other_is_replaced(client, lines, sent):
    response = client.get("/models", headers={"X-Request-ID": sent.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])
    assert lines[-1]["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("address", ["/nothing", "/ocr", "/docs/assets/none", "/models/none", "/weights?layer="])
def test_problems_repeat_it_too(client, address):
    response = client.get(address, headers={"X-Request-ID": "mine"})
    assert response.status_code >= 400
    assert response.headers["x-request-id"] == "mine"
    assert "request_id" not in response.json()


def test_what_is_our_own_fault_has_it_in_the_problem_and_beside_the_trace(settings, reader, lines, problem):
    app = create_app(settings)
    app.add_api_route("/failing/{name}", lambda name: 1 / 0)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/failing/secret", headers={"X-Request-ID": "mine"})
    assert problem(response, 500, "internal-error")["request_id"] == response.headers["x-request-id"] == "mine"
    error, request = lines[-2:]
    assert (error["level"], error["request_id"]) == ("error", "mine")
    assert "ZeroDivisionError" in error["exception"]
    assert (request["level"], request["status"], request["route"]) == ("warning", 500, "/failing/{name}")


def test_one_line_tells_of_a_reading_without_its_text_or_name(post, png, lines):
    response = post(headers={"traceparent": f"00-{_TRACE}-b7ad6b7169203331-01"})
    line = lines[-1]
    assert response.json()["text"] == "A1 B"
    assert (line["method"], line["route"], line["status"], line["logger"]) == (
        "POST",
        "/ocr",
        200,
        "app.api.observing.observation",
    )
    assert (line["pages"], line["glyphs"]) == (1, 3)
    assert line["images"] == [hashlib.sha256(png()).hexdigest()]
    assert line["bytes"] > len(png())
    assert line["ms"] >= line["wait_ms"] >= 0
    assert line["trace_id"] == _TRACE
    assert "A1" not in json.dumps(lines)
    assert "page.png" not in json.dumps(lines)


def test_the_line_names_the_key_by_its_id_alone(client, lines):
    key, sent = KeyStore(client.app.state.database).create("scanner", [Scope.READ])
    client.get("/models", headers={"Authorization": f"Bearer {sent}"})
    assert lines[-1]["key_id"] == key.id
    assert sent.rpartition("_")[2] not in json.dumps(lines)


@pytest.mark.parametrize("sent", ["nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01", "00-\n"])
def test_no_trace_is_no_trace(client, lines, sent):
    client.get("/models", headers={"traceparent": sent.encode()})
    assert "trace_id" not in lines[-1]


def test_the_place_is_a_template_where_there_is_one(client, lines):
    for method, address in (("GET", "/models/handprint/3"), ("HEAD", "/models/handprint/3"), ("GET", "/no%0Ane?a=b")):
        client.request(method, address)
    whole, head, nowhere = lines[-3:]
    assert whole["route"] == head["route"] == "/models/{name}/{version}"
    assert head["method"] == "HEAD"
    assert "route" not in nowhere
    assert nowhere["path"] == "/no%0Ane"


def test_probes_are_only_told_at_the_level_debug(client, lines):
    client.get("/livez")
    assert (lines[-1]["route"], lines[-1]["level"]) == ("/livez", "debug")


def test_answers_tell_how_long_they_took(client, post):
    stages = post().headers["server-timing"]
    assert re.fullmatch(r"decode;dur=1\.2, classify;dur=2\.0, wait;dur=\d+\.\d, total;dur=\d+\.\d", stages)
    assert re.fullmatch(r"total;dur=\d+\.\d", client.get("/models").headers["server-timing"])


def test_browsers_are_told_to_keep_their_devices_to_themselves(client):
    assert "camera=()" in client.get("/docs").headers["permissions-policy"]
    assert "camera=()" in client.get("/nothing").headers["permissions-policy"]
