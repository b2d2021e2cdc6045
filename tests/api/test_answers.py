from __future__ import annotations

import hashlib

import pytest
from starlette.requests import Request

from app.api.answers import cacheable, choose_form, to_csv
from app.api.problems import HttpProblem


def _request(**headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


def test_the_tag_is_the_digest_of_the_body_unless_there_is_a_better_one():
    answer = cacheable(_request(), b"body", "png")
    assert answer.headers["etag"] == f'"{hashlib.sha256(b"body").hexdigest()}"'
    assert cacheable(_request(), b"body", "png", etag="sha256:1").headers["etag"] == '"sha256:1"'


@pytest.mark.parametrize("known", ['"tag"', 'W/"tag"', '"other", "tag"', "*"])
def test_who_has_it_already_is_told_so_without_the_body(known):
    answer = cacheable(_request(if_none_match=known), b"body", "json", immutable=True, etag="tag")
    assert (answer.status_code, answer.body) == (304, b"")
    assert answer.headers["etag"] == '"tag"'
    assert "immutable" in answer.headers["cache-control"]


def test_who_has_something_else_gets_the_body():
    answer = cacheable(_request(if_none_match='"other"'), b"body", "csv", etag="tag")
    assert (answer.status_code, answer.body) == (200, b"body")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_only_an_svg_may_style_itself():
    assert "unsafe-inline" in cacheable(_request(), b"", "svg").headers["content-security-policy"]
    assert "content-security-policy" not in cacheable(_request(), b"", "png").headers


def test_the_form_is_chosen_by_name_then_by_the_header_then_by_the_order():
    assert choose_form(_request(accept="application/json"), "png", ["json", "png"]) == "png"
    assert choose_form(_request(accept="image/*"), None, ["json", "png"]) == "png"
    assert choose_form(_request(), None, ["json", "png"]) == "json"
    with pytest.raises(HttpProblem) as refusal:
        choose_form(_request(accept="text/html"), None, ["json", "png"])
    assert refusal.value.status_code == 406


def test_a_table_survives_commas_and_quotes():
    assert to_csv([["true", ",", '"'], ["a", 1, 0.5]]).decode() == 'true,",",""""\r\na,1,0.5\r\n'
