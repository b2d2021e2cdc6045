"""Lines of the log, as text and as JSON."""

from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from app.logs import JsonLines, TextLines, inherited_format, log_config, log_context


def _record(message, *arguments, fields=None, exc_info=None):
    record = logging.LogRecord("app.place", logging.WARNING, "place.py", 1, message, arguments, exc_info)
    if fields is not None:
        record.fields = fields
    return record


def test_json_lines_have_the_message_its_fields_and_what_they_belong_to():
    with log_context(request_id="r1", trace_id="t1"):
        line = JsonLines().format(_record("read %d", 3, fields={"pages": 3}))
    members = json.loads(line)
    assert members.pop("time").endswith("Z")
    assert members == {
        "level": "warning",
        "logger": "app.place",
        "message": "read 3",
        "request_id": "r1",
        "trace_id": "t1",
        "pages": 3,
    }


def test_text_lines_name_the_request():
    with log_context(request_id="r1"):
        line = TextLines().format(_record("read %d", 3))
    assert line.partition(" ")[2] == "WARNING: app.place: read 3 [r1]"
    assert TextLines().format(_record("alone")).endswith("app.place: alone")


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
@pytest.mark.parametrize("char", ["\n", "\r", "\x1b", "\u2028", "\x85", "\x00"])
def test_what_is_logged_cannot_begin_a_line_or_move_the_cursor(formatter, char):
    line = formatter.format(_record("%s", f"a{char}b"))
    assert char not in line
    assert len(line.splitlines()) == 1


def test_the_lines_of_a_trace_cannot_pass_for_lines_of_ours():
    try:
        raise ValueError("a\n12:00:00 INFO: app.place: forged\x1b[0m")
    except ValueError:
        record = _record("failed", exc_info=sys.exc_info())
    first, *trace = TextLines().format(record).split("\n")
    assert first.endswith("failed")
    assert all(line.startswith("  ") and "\x1b" not in line for line in trace)
    assert "forged" in json.loads(JsonLines().format(record))["exception"]


def test_the_context_ends_with_its_block_and_reaches_its_threads():
    with ThreadPoolExecutor(1) as threads, log_context(request_id="r1"):
        inside = threads.submit(copy_context().run, TextLines().format, _record("x")).result()
    assert inside.endswith("[r1]")
    assert "r1" not in TextLines().format(_record("x"))


def test_a_process_logs_as_the_one_that_started_it(monkeypatch):
    monkeypatch.delenv("INKROW_LOG_FORMAT", raising=False)
    assert inherited_format() == "text"
    monkeypatch.setenv("INKROW_LOG_FORMAT", "json")
    assert inherited_format() == "json"


def test_the_configuration_sends_everything_through_one_formatter():
    config = log_config("debug", "json")
    assert config["root"] == {"handlers": ["stderr"], "level": "DEBUG"}
    assert config["formatters"]["ours"]["()"] is JsonLines
