from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.api import create_app
from app.config import Settings
from app.formats import FORMATS
from app.ocr import Reader, ReadOptions
from app.vision import DecodeLimits


def test_the_answer_is_the_contract_field_for_field(post, store):
    response = post()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    others = [
        {"char": "B", "confidence": 0.25},
        {"char": "C", "confidence": 0.125},
        {"char": "2", "confidence": 0.0625},
    ]
    row = response.json()["rows"][0]
    assert row["words"][0] == {
        "text": "A1",
        "confidence": 0.5,
        "box": {"left": 1, "top": 2, "right": 10, "bottom": 9},
        "glyphs": [
            {
                "char": "A",
                "confidence": 0.5,
                "box": {"left": 1, "top": 2, "right": 6, "bottom": 9},
                "alternatives": others,
                "break_after": {"kind": "none", "gap_px": 1.5, "p_space": 0.125},
            },
            {
                "char": "1",
                "confidence": 0.5,
                "box": {"left": 8, "top": 3, "right": 10, "bottom": 9},
                "alternatives": [],
                "break_after": {"kind": "space", "gap_px": 9.0, "p_space": 0.75},
            },
        ],
    }
    assert row["text"] == "A1 B"
    assert row["confidence"] == pytest.approx(0.25 ** (1 / 3))
    assert row["box"] == {"left": 1, "top": 2, "right": 25, "bottom": 10}
    assert {name: value for name, value in response.json().items() if name != "rows"} == {
        "text": "A1 B",
        "model": store.load("handprint", "champion").reference,
        "row_model": None,
        "language_model": None,
        "page": {
            "width": 40,
            "height": 30,
            "angle_deg": -0.5,
            "orientation_deg": 0,
            "slant": 0.0,
            "inverted": False,
            "panels": False,
            "rows_apart": 0,
        },
        "warnings": [
            {
                "code": "struck-out",
                "detail": "crossed out",
                "box": {"left": 0, "top": 0, "right": 10, "bottom": 10},
            },
            {"code": "no-text", "detail": "nothing else", "box": None},
        ],
        "review": [
            {
                "row": 0,
                "word": 1,
                "glyph": 0,
                "char": "B",
                "confidence": 1.0,
                "box": {"left": 19, "top": 2, "right": 25, "bottom": 10},
            }
        ],
        "timing_ms": {"decode": 1.25, "classify": 2.0},
    }


def test_the_browser_sees_the_timing(post):
    assert post().headers["server-timing"].startswith("decode;dur=1.2, classify;dur=2.0, wait;dur=")


@pytest.mark.parametrize("way", ["params", "data"])
def test_options_come_as_query_or_form(post, reader, way):
    asked = {
        "alternatives": "1",
        "alphabet": "AB1",
        "reader": "glyphs",
        "abstain_below": "0.5",
        "pattern": "A\\d+",
        "language": "none",
        "format": "json",
    }
    answer = post(**{way: asked})
    assert answer.status_code == 200
    assert reader.options == [
        ReadOptions(
            alternatives=1, alphabet="AB1", reader="glyphs", abstain_below=0.5, pattern="A\\d+", language="none"
        )
    ]


def test_the_query_counts_where_the_form_says_otherwise(post, reader):
    answer = post(params={"alternatives": "1"}, data={"alternatives": "2", "alphabet": "AB"})
    assert answer.status_code == 200
    assert reader.options == [ReadOptions(alternatives=1, alphabet="AB")]


def test_without_options_the_readers_defaults_apply(post, reader):
    post()
    assert reader.options == [ReadOptions()]


@pytest.mark.parametrize(
    "accept, expected",
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/*", "text/plain; charset=utf-8"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/html; charset=utf-8"),
        ("text/css, */*;q=0.8", "application/json"),
        ("application/json;q=0.5, text/plain", "text/plain; charset=utf-8"),
        ("application/json;q=0, */*", "text/plain; charset=utf-8"),
        ("Application/JSON; q=1.0", "application/json"),
        ("application/json; q=high, text/plain; q=0.1", "text/plain; charset=utf-8"),
    ],
)
def test_the_accept_header_chooses_the_format(post, accept, expected):
    response = post(headers={} if accept is None else {"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == expected
    assert response.headers["vary"] == "Accept"


def test_text_is_the_rows_and_nothing_else(post):
    assert post(params={"format": "text"}).text == "A1 B\n"


def test_the_format_option_goes_before_the_accept_header(post):
    response = post(params={"format": "text"}, headers={"Accept": "image/gif"})
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_format_that_cannot_be_given_is_406(post, problem):
    response = post(headers={"Accept": "image/gif, application/json;q=0"})
    available = problem(response, 406, "not-acceptable")["available"]
    assert available == [format_.media_type for format_ in FORMATS.values()]
    assert response.headers["vary"] == "Accept"


def test_an_image_in_a_field_of_another_name_is_told_where_it_belongs(client, problem):
    document = problem(client.post("/ocr", files={"image": ("page.png", b"")}), 422, "invalid-input")
    assert document["unknown"] == ["image"]
    assert document["detail"].endswith(", file, got image; the image belongs into file")


@pytest.mark.parametrize("way", ["params", "data"])
def test_an_unknown_option_is_refused_with_the_known_ones(post, problem, way):
    document = problem(post(**{way: {"alternativs": "3"}}), 422, "invalid-input")
    assert document["unknown"] == ["alternativs"]
    assert {"alternatives", "alphabet", "format"} <= set(document["known"])
    assert document["detail"].endswith("got alternativs")


@pytest.mark.parametrize("way", ["params", "data"])
def test_an_option_that_is_given_twice_is_refused_by_name(post, problem, reader, way):
    document = problem(post(**{way: {"alternatives": ["1", "2"], "alphabet": ["A"]}}), 422, "invalid-input")
    assert document["repeated"] == ["alternatives"]
    assert document["detail"] == "expected each option once, got alternatives several times"
    assert reader.options == []


def test_what_is_neither_true_nor_false_is_told(post, problem):
    detail = problem(post(params={"keep": "maybe"}), 422, "invalid-input")["detail"]
    assert detail.endswith("expected true or false, got 'maybe'")


@pytest.mark.parametrize("sent", [{"data": {"pattern": ""}}, {"params": {"pattern": ""}}])
def test_an_empty_option_is_refused_wherever_it_is(post, problem, reader, sent):
    assert "pattern" in problem(post(**sent), 422, "invalid-input")["detail"]
    assert reader.options == []


@pytest.mark.parametrize(
    "options, name",
    [
        ({"alternatives": "11"}, "alternatives"),
        ({"alternatives": "-1"}, "alternatives"),
        ({"alternatives": "many"}, "alternatives"),
        ({"alphabet": ""}, "alphabet"),
        ({"format": "docx"}, "format"),
        ({"abstain_below": "1.01"}, "abstain_below"),
        ({"abstain_below": "nan"}, "abstain_below"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "A" * 201}, "pattern"),
        ({"pages": "1" + ",2" * 100}, "pages"),
    ],
)
def test_a_bad_option_is_refused_by_name(post, problem, reader, options, name):
    (error,) = problem(post(params=options), 422, "invalid-input")["errors"]
    assert (error["location"], error["name"]) == ("query parameter", name)
    assert reader.options == []


def test_an_alphabet_that_the_model_does_not_know_is_refused_before_decoding(post, problem):
    document = problem(post(b"not even an image", params={"alphabet": "AÄ"}), 422, "invalid-input")
    assert "'Ä'" in document["detail"]
    assert "ABC123" in document["detail"]


@pytest.mark.parametrize("pattern, position", [("A(1", 4), ("A{1000000}", 3), ("AZ", 2), ("(A{99}){99}", 2)])
def test_a_pattern_that_is_none_is_refused_with_the_place_before_decoding(post, problem, pattern, position):
    document = problem(post(b"not even an image", params={"pattern": pattern}), 422, "invalid-input")
    assert document["position"] == position
    assert document["detail"].startswith("pattern: expected ")
    assert f"position {position} of {pattern}" in document["detail"]


@pytest.mark.parametrize("limit", ["max_pixels", "max_pages"])
def test_a_limit_of_decoding_is_the_decoders_own(limit):
    assert Settings.model_fields[limit].default == getattr(DecodeLimits(), limit)


def test_the_model_is_loaded_once_and_not_before_the_start(settings, monkeypatch):
    loaded = []
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, **others: loaded.append(card["version"]))
    app = create_app(settings)
    assert loaded == []
    with TestClient(app) as client:
        client.get("/livez")
        client.get("/livez")
    assert loaded == ["3"]
