from __future__ import annotations

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from app.api.schemas import ReadingOut
from app.cli import app
from app.config import release
from app.errors import CorruptModel, NotAnImage, TrainingDiverged
from app.formats import as_document
from app.ocr.page import Alternative, Break, Glyph, Notice, Page, Row, Word
from app.ocr.reader import Reader, ReadOptions
from app.store import ModelStore
from app.vision import Box


class FakeReader:
    """Stands in for the network: reads a text file, one glyph a character."""

    def __init__(self):
        self.calls = []

    def read(self, source, options, *, limits):
        self.calls.append((options, limits))
        if not source.isascii():
            raise NotAnImage("expected ASCII")
        glyphs = tuple(
            Glyph(char, 0.5, Box(1, n, 9, n + 1), Break("none", 0.5, 0.25), (Alternative("?", 0.125),))
            for n, char in enumerate(source.decode())
        )
        row = Row((Word(glyphs),))
        return Page(20, 10, 0.5, (row,), (Notice("faint", "the ink is faint", row.box),), {"decode": 1.5})


@pytest.fixture
def reader(monkeypatch):
    reader = FakeReader()
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays: reader)
    return reader


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Give a store whose model is the champion, and let the settings point at it."""
    store = ModelStore(tmp_path / "models")
    store.publish("handprint", {"x": np.ones(1)}, {"alphabet": "AB"})
    store.set_alias("handprint", "champion", "1")
    monkeypatch.setenv("INKROW_MODEL_STORE", str(store.root))
    return store


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """Give a folder to work in, with two pages and something else."""
    monkeypatch.chdir(tmp_path)
    for name, content in {"a.png": b"AB", "b.png": b"B", "bad.png": b"\xff"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def run():
    def invoke(*arguments, **options):
        return CliRunner().invoke(app, arguments, **options)

    return invoke


def test_one_page_prints_its_text_and_nothing_else(run, reader, store, pages):
    result = run("read", "a.png")
    assert (result.exit_code, result.stdout) == (0, "AB\n")
    assert result.stderr == "inkrow: a.png: the ink is faint\n"


def test_several_pages_say_which_is_which(run, reader, store, pages):
    assert run("read", "a.png", "b.png").stdout == "==> a.png <==\nAB\n==> b.png <==\nB\n"


def test_json_is_one_line_a_page_as_the_service_answers(run, reader, store, pages):
    lines = run("read", "--format", "json", "a.png", "b.png").stdout.splitlines()
    model = store.load("handprint").reference
    for line, name in zip(lines, ["a.png", "b.png"], strict=True):
        page = reader.read((pages / name).read_bytes(), ReadOptions(), limits=None)
        assert json.loads(line) == {"file": name, **ReadingOut.model_validate(as_document(page, model)).model_dump()}


def test_a_bad_file_is_reported_and_the_rest_read(run, reader, store, pages):
    result = run("read", "bad.png", "a.png", "missing.png", "b.png")
    assert result.stdout == "==> a.png <==\nAB\n==> b.png <==\nB\n"
    assert "inkrow: bad.png: expected ASCII\n" in result.stderr
    assert "inkrow: missing.png: there is no such file\n" in result.stderr
    assert result.exit_code == 3


@pytest.mark.parametrize("path, code", [("missing.png", 4), (".", 3), ("bad.png", 3)])
def test_the_exit_code_says_what_was_wrong(run, reader, store, pages, path, code):
    assert run("read", path).exit_code == code


def test_a_page_comes_from_standard_input(run, reader, store, pages):
    assert run("read", "-", input=b"BAB").stdout == "BAB\n"


def test_options_reach_the_reader(run, reader, store, pages, monkeypatch):
    monkeypatch.setenv("INKROW_MAX_PIXELS", "77")
    run("read", "--alternatives", "7", "a.png")
    run("read", "a.png")
    assert [options for options, _ in reader.calls] == [ReadOptions(alternatives=7), ReadOptions()]
    assert {limits.max_pixels for _, limits in reader.calls} == {77}


def test_another_version_can_be_asked_for(run, reader, store, pages):
    store.publish("handprint", {"x": np.ones(1)}, {})
    document = json.loads(run("read", "--format", "json", "--model", "2", "a.png").stdout)
    assert (document["model"]["version"], document["model"]["alias"]) == ("2", None)


def _is_one_line(result, *parts):
    assert result.stdout == ""
    assert result.stderr.startswith("inkrow: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr
    return True


@pytest.mark.parametrize("command", [["read", "a.png"], ["serve", "--port", "0"]], ids=["read", "serve"])
class TestOneLineAndAnExitCode:
    def test_for_a_missing_model(self, run, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_MODEL_STORE", str(pages / "nothing"))
        result = run(*command)
        assert _is_one_line(result, "handprint", f"does not exist (store: {pages / 'nothing'})")
        assert result.exit_code == 4

    def test_for_a_missing_alias(self, run, store, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_ALIAS", "candidate")
        assert _is_one_line(run(*command), "candidate", "champion (1)")

    def test_for_a_corrupt_model(self, run, store, pages, command):
        (store.root / "handprint" / "1" / "model.safetensors").write_bytes(b"")
        result = run(*command)
        assert _is_one_line(result, "handprint/1/model.safetensors")
        assert result.exit_code == 1

    def test_for_a_wrong_setting(self, run, store, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_MAX_PIXELS", "many")
        result = run(*command)
        assert _is_one_line(result, "INKROW_MAX_PIXELS=many")
        assert result.exit_code == 3


@pytest.mark.parametrize("error", [TrainingDiverged("loss is nan"), CorruptModel("torn")], ids=lambda error: error.code)
def test_any_of_our_own_failures_ends_in_one_line(run, store, pages, monkeypatch, error):
    def fail(card, arrays):
        raise error

    monkeypatch.setattr(Reader, "from_card", fail)
    result = run("read", "a.png")
    assert (result.exit_code, result.stderr) == (1, f"inkrow: {error.detail}\n")


@pytest.mark.parametrize("command", [[], ["serve"], ["read"], ["train"], ["evaluate"], ["sweep"]])
def test_every_help_shows_examples(run, command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert re.search(r"Examples:\n +\S*.*inkrow ", result.stdout)


def test_the_release_can_be_asked_for(run):
    assert run("--version").stdout == f"inkrow {release()}\n"


def test_a_wrong_command_line_is_exit_code_2(run):
    assert run("read").exit_code == 2
    assert run("read", "--format", "pdf", "a.png").exit_code == 2
