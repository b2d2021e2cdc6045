"""`inkrow read`, with a reader whose files are text."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from app.api.reading.schemas import ReadingOut
from app.cli import options
from app.errors import CorruptModel, InvalidInput, NotAnImage, TooManyPixels, TrainingDiverged, UnreadableImage
from app.formats import FORMATS, STAGES
from app.ocr import (
    MOST_ALTERNATIVES,
    Alternative,
    Break,
    Glyph,
    LanguageName,
    Notice,
    Page,
    Reader,
    ReaderName,
    Reading,
    ReadOptions,
    Row,
    Word,
)
from app.store import ModelStore
from app.vision import ALL_PAGES, Box, PageRange, Picture
from tests.conftest import PROJECT


class FakeReader:
    """Stands in for the network: one glyph a character, one page a line."""

    def __init__(self):
        self.calls = []

    def permitted(self, options):
        if options.pattern == "[A-Z":
            raise InvalidInput("pattern: expected ]")

    def read_pages(self, source, options, *, limits):
        self.calls.append((options, limits))
        if not source.isascii():
            raise NotAnImage("expected ASCII")
        for number, line in enumerate(source.decode().splitlines(), 1):
            if number not in options.pages:
                continue
            if line == "torn":
                raise UnreadableImage("expected a whole page")
            yield Reading(self._page(line), Picture(np.zeros((10, 20), np.uint8), 20, 10, number), None)

    def _page(self, line):
        glyphs = tuple(
            Glyph(char, 0.5, Box(1, n, 9, n + 1), Break("none", 0.5, 0.25), (Alternative("?", 0.125),))
            for n, char in enumerate(line)
        )
        row = Row((Word(glyphs),))
        return Page(20, 10, 0.5, (row,), (Notice("joined-writing", "letters run together", row.box),), {"decode": 1.5})


@pytest.fixture
def reader(monkeypatch):
    reader = FakeReader()
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, **others: reader)
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
    for name, content in {
        "a.png": b"AB",
        "b.png": b"B",
        "bad.png": b"\xff",
        "many.tif": b"A\nBA",
        "torn.tif": b"A\ntorn",
    }.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_one_page_prints_its_text_and_nothing_else(inkrow, reader, store, pages):
    result = inkrow("read", "a.png")
    assert (result.exit_code, result.stdout) == (0, "AB\n")
    assert result.stderr == "inkrow: a.png: row 1, AB: letters run together\n"


def test_what_is_told_of_a_row_names_it_and_its_page(inkrow, reader, store, pages):
    (pages / "long.tif").write_bytes(b"A\n" + 40 * b"B")
    assert inkrow("read", "long.tif").stderr == (
        "inkrow: long.tif: row 1, A: letters run together\n"
        f"inkrow: long.tif: page 2, row 1, {30 * 'B'}...: letters run together\n"
    )


def test_what_is_told_of_a_row_does_not_say_its_text_twice(inkrow, reader, store, pages, monkeypatch):
    whole = FakeReader._page

    def misfit(self, line):
        page = whole(self, line)
        return replace(page, warnings=(Notice("pattern-mismatch", "expected A; read AB", page.rows[0].box),))

    monkeypatch.setattr(FakeReader, "_page", misfit)
    assert inkrow("read", "a.png").stderr == "inkrow: a.png: row 1: expected A; read AB\n"


def test_what_is_told_of_no_row_names_none(inkrow, reader, store, pages, monkeypatch):
    about_all = (Notice("too-much-ink", "there is too much ink"), Notice("struck-out", "crossed out", Box(5, 5, 8, 8)))
    page = replace(reader._page("AB"), warnings=about_all)
    monkeypatch.setattr(reader, "_page", lambda line: page)
    assert inkrow("read", "a.png").stderr == "inkrow: a.png: there is too much ink\ninkrow: a.png: crossed out\n"
    assert inkrow("read", "many.tif").stderr.splitlines()[2:] == [
        "inkrow: many.tif: page 2: there is too much ink",
        "inkrow: many.tif: page 2: crossed out",
    ]


def test_several_pages_say_which_is_which(inkrow, reader, store, pages):
    assert inkrow("read", "a.png", "b.png").stdout == "==> a.png <==\nAB\n==> b.png <==\nB\n"


def test_json_is_one_line_a_file_as_the_service_answers(inkrow, reader, store, pages):
    lines = inkrow("read", "--format", "json", "a.png", "many.tif").stdout.splitlines()
    one, many = map(json.loads, lines)
    assert one.pop("file") == "a.png"
    assert ReadingOut.model_validate(one).model_dump(exclude_unset=True) == one
    assert one["model"] == store.load("handprint").reference
    assert many["file"] == "many.tif"
    assert [(page["text"], page["source"]["page"]) for page in many["pages"]] == [("A", 1), ("BA", 2)]


def test_a_bad_file_is_reported_and_the_rest_read(inkrow, reader, store, pages):
    result = inkrow("read", "bad.png", "a.png", "missing.png", "b.png")
    assert result.stdout == "==> a.png <==\nAB\n==> b.png <==\nB\n"
    assert "inkrow: bad.png: expected ASCII\n" in result.stderr
    assert "inkrow: missing.png: there is no such file\n" in result.stderr
    assert result.exit_code == 3


def test_the_setting_of_the_limit_of_pixels_is_named(inkrow, reader, store, pages, monkeypatch):
    def refuse(*_, **__):
        raise TooManyPixels("expected at most 77 pixels, got 9 x 9")

    monkeypatch.setattr(reader, "read_pages", refuse)
    result = inkrow("read", "a.png")
    assert result.exit_code == 3
    assert result.stderr.endswith("expected at most 77 pixels, got 9 x 9; INKROW_MAX_PIXELS sets the limit\n")


@pytest.mark.parametrize(
    "path, code", [("missing.png", 4), ("models", 4), ("*.gif", 4), ("bad.png", 3), (300 * "x", 3)]
)
def test_the_exit_code_says_what_was_wrong(inkrow, reader, store, pages, path, code):
    assert inkrow("read", path).exit_code == code


def test_a_page_comes_from_standard_input(inkrow, reader, store, pages):
    assert inkrow("read", "-", stdin=b"BAB").stdout == "BAB\n"


def test_options_reach_the_reader(inkrow, reader, store, pages, monkeypatch):
    monkeypatch.setenv("INKROW_MAX_PIXELS", "77")
    chosen = [
        "--alternatives",
        "7",
        "--reader",
        "glyphs",
        "--alphabet",
        "AB",
        "--abstain-below",
        "0.5",
        "--pattern",
        "A+",
        "--language",
        "none",
    ]
    inkrow("read", *chosen, "--pages", "1-3", "a.png")
    inkrow("read", "a.png")
    asked = ReadOptions(7, "AB", "glyphs", PageRange.parse("1-3"), 0.5, "A+", "none")
    assert [options for options, _ in reader.calls] == [asked, ReadOptions(pages=ALL_PAGES)]
    assert {limits.max_pixels for _, limits in reader.calls} == {77}


def test_another_version_can_be_asked_for(inkrow, reader, store, pages):
    store.publish("handprint", {"x": np.ones(1)}, {})
    document = json.loads(inkrow("read", "--format", "json", "--model", "2", "a.png").stdout)
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
    def test_for_a_missing_model(self, inkrow, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_MODEL_STORE", str(pages / "nothing"))
        result = inkrow(*command)
        assert _is_one_line(result, "handprint", f"does not exist (store: {pages / 'nothing'})")
        assert result.exit_code == 4

    def test_for_a_missing_alias(self, inkrow, store, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_ALIAS", "candidate")
        assert _is_one_line(inkrow(*command), "candidate", "champion (1)")

    @pytest.mark.parametrize("variable", ["INKROW_MODEL", "INKROW_ROW_MODEL", "INKROW_LANGUAGE_MODEL"])
    def test_for_a_missing_model_that_a_setting_names(
        self, inkrow, reader, store, pages, monkeypatch, command, variable
    ):
        monkeypatch.setattr("app.cli.commands.serve._run", lambda *given: pytest.fail("it serves"))
        monkeypatch.setenv(variable, "nothere")
        result = inkrow(*command)
        assert _is_one_line(result, "no model 'nothere'; the store has handprint", f"(store: {store.root})")
        assert result.exit_code == 4

    def test_for_a_corrupt_model(self, inkrow, store, pages, command):
        (store.root / "handprint" / "1" / "model.safetensors").write_bytes(b"")
        result = inkrow(*command)
        assert _is_one_line(result, "handprint/1/model.safetensors")
        assert result.exit_code == 1

    def test_for_a_wrong_setting(self, inkrow, store, pages, monkeypatch, command):
        monkeypatch.setenv("INKROW_MAX_PIXELS", "many")
        result = inkrow(*command)
        assert _is_one_line(result, "INKROW_MAX_PIXELS: expected a valid integer, got 'many'")
        assert result.exit_code == 3


@pytest.mark.parametrize("error", [TrainingDiverged("loss is nan"), CorruptModel("torn")], ids=lambda error: error.code)
def test_any_of_our_own_failures_ends_in_one_line(inkrow, store, pages, monkeypatch, error):
    def fail(card, arrays, **others):
        raise error

    monkeypatch.setattr(Reader, "from_card", fail)
    result = inkrow("read", "a.png")
    assert (result.exit_code, result.stderr) == (1, f"inkrow: {error.detail}\n")


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], ""),
        (["--format", "docx", "a.png"], "'--format': 'docx' is not one of 'text', 'json', "),
        (["--alternatives", "11", "a.png"], "'--alternatives': expected at most 10, got '11'"),
        (["--abstain-below", "1.5", "a.png"], "'--abstain-below': expected at most 1, got '1.5'"),
        (["--alternatives", "few", "a.png"], "'--alternatives': expected a valid integer, got 'few'"),
        (["--stage", "ink", "a.png"], "only the format png has stages; got 'ink' with text"),
        (
            ["--pages", "2,1", "a.png"],
            "pages: expected ascending numbers from 1 such as 3, 2-5, 7- or 1,3,8-10, got '2,1'",
        ),
        (["--pattern", "[A-Z", "a.png", "b.png"], "pattern: expected ]"),
        (["--server", "here:8000", "a.png"], "begins with http:// or https://, got 'here:8000'"),
        (["--output", "b.png", "a.png"], "expected a folder for the output, got the file b.png"),
        (["--output", "b.png/new", "a.png"], "expected a folder for the output, got the file b.png"),
        (["--output", 300 * "x", "a.png"], "File name too long"),
        (["--resume", "a.png"], "expected --output with --resume, whose folder has the results of the earlier run"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(inkrow, reader, store, pages, arguments, said):
    result = inkrow("read", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("expected ") <= 1
    assert reader.calls == []


def test_pages_of_text_are_told_apart_by_form_feeds(inkrow, reader, store, pages):
    assert inkrow("read", "many.tif").stdout == "A\n\fBA\n"


def test_one_page_of_many_is_read_and_keeps_its_number(inkrow, reader, store, pages):
    assert inkrow("read", "--pages", "2", "many.tif").stdout == "BA\n"
    (pages / "more.tif").write_bytes(b"A\nB\nAB")
    document = json.loads(inkrow("read", "--pages", "2-", "--format", "json", "more.tif").stdout)
    assert [(page["text"], page["source"]["page"]) for page in document["pages"]] == [("B", 2), ("AB", 3)]


def test_a_file_with_a_bad_page_is_a_bad_file(inkrow, reader, store, pages):
    result = inkrow("read", "torn.tif", "a.png")
    assert (result.exit_code, result.stdout) == (3, "==> a.png <==\nAB\n")
    assert "inkrow: torn.tif: expected a whole page\n" in result.stderr


def test_folders_and_patterns_are_searched(inkrow, reader, store, pages):
    (pages / "scans" / "more").mkdir(parents=True)
    (pages / "scans" / "more" / "c.JPG").write_bytes(b"C")
    (pages / "scans" / "notes.txt").write_bytes(b"no image")
    assert inkrow("read", "scans", "[ab].png").stdout == (
        f"==> {Path('scans', 'more', 'c.JPG')} <==\nC\n==> a.png <==\nAB\n==> b.png <==\nB\n"
    )


def test_a_folder_to_which_nothing_was_written_is_not_named(inkrow, reader, store, pages):
    result = inkrow("read", "--format", "png", "--output", "new", "many.tif")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.endswith(
        "many.tif: png holds one page, got more: choose one by pages= or --pages, or ask for another format\n"
    )
    assert not (pages / "new").exists()


def test_results_go_to_one_file_each(inkrow, reader, store, pages):
    result = inkrow("read", "--format", "json", "--output", "new/place", "a.png", "bad.png", "many.tif")
    assert (result.exit_code, result.stdout) == (3, f"2 files written to {Path('new/place')}\n")
    written = {path.name: json.loads(path.read_bytes()) for path in (pages / "new" / "place").iterdir()}
    assert written.keys() == {"a.json", "many.json"}
    assert written["a.json"]["text"] == "AB"
    assert len(written["many.json"]["pages"]) == 2


def test_a_run_that_ended_early_goes_on_with_what_has_no_result_yet(inkrow, reader, store, pages):
    (pages / "new").mkdir()
    (pages / "new" / "a.txt").write_text("of the earlier run")
    (pages / "new" / ".b.txt.4711").write_text("what a kill left of an unfinished file")
    result = inkrow("read", "--output", "new", "--resume", "a.png", "bad.png", "b.png")
    assert (result.exit_code, result.stdout) == (3, "1 file written to new\n")
    assert result.stderr.startswith("1 of 3 results is there already\n")
    assert (pages / "new" / "a.txt").read_text() == "of the earlier run"
    assert (pages / "new" / "b.txt").exists()
    result = inkrow("read", "--output", "new", "--resume", "a.png", "b.png")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "2 of 2 results are there already\n")


def test_a_folder_with_the_name_of_a_result_is_no_result(inkrow, reader, store, pages):
    (pages / "new" / "a.txt").mkdir(parents=True)
    result = inkrow("read", "--output", "new", "--resume", "a.png")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "cannot write new/a.txt: Is a directory" in result.stderr


def test_several_files_do_not_go_into_one_unless_it_is_text(inkrow, reader, store, pages):
    assert inkrow("read", "--format", "alto", "a.png").stdout.startswith("<?xml")
    result = inkrow("read", "--format", "alto", "a.png", "b.png")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--output" in result.stderr


def test_all_that_can_be_asked_of_a_reader_can_be_asked_for():
    assert set(get_args(options.FormatName)) == set(FORMATS)
    assert set(get_args(options.StageName)) == set(STAGES)
    assert options.ReaderName == ReaderName
    assert options.LanguageName == LanguageName
    assert options.MOST_ALTERNATIVES == MOST_ALTERNATIVES


def test_names_that_are_no_text_are_printed_all_the_same(inkrow, reader, store, pages):
    (pages / "a\udcff.png").write_bytes(b"A")
    assert inkrow("read", "a.png", "a\udcff.png").stdout.splitlines()[2] == "==> a\ufffd.png <=="
    assert json.loads(inkrow("read", "--format", "json", "a\udcff.png").stdout)["file"] == "a\ufffd.png"


def _start(script, *arguments, stderr=subprocess.PIPE):
    """Run the command line in a process of its own, with a reader that takes its time."""
    lines = [
        "import sys, time",
        "from app.cli import main",
        "from app.cli.reading.local import LocalReader",
        *script,
        "LocalReader.read = read",
        f"sys.argv = ['inkrow', 'read', {', '.join(map(repr, map(str, arguments)))}]",
        "main()",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=stderr)


def test_a_terminal_shows_how_far_it_is_and_nothing_else_does(pages):
    script = ["def read(self, item): return b'text'"]
    arguments = ["--output", pages / "out", pages / "a.png", pages / "b.png"]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with _start(script, *arguments, stderr=theirs) as process:
        assert process.wait(30) == 0
    shown = os.read(ours, 10_000)
    os.close(ours)
    os.close(theirs)
    assert b"2/2" in shown
    with _start(script, *arguments) as process:
        assert process.communicate(timeout=30) == (f"2 files written to {pages / 'out'}\n".encode(), b"")


def test_a_reader_of_the_output_who_has_enough_ends_it_quietly(pages):
    with _start(["def read(self, item): return b'text\\n' * 20000"], *[pages / "a.png"] * 20) as process:
        assert process.stdout.readline().startswith(b"==>")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141  # as of a program that SIGPIPE ended


def test_an_interrupt_leaves_whole_files_only(pages):
    script = ["def read(self, item):", "    time.sleep(60 * (item.path.name == 'b.png'))", "    return b'whole'"]
    with _start(script, "--output", pages / "out", pages / "a.png", pages / "b.png") as process:
        while not (pages / "out" / "a.txt").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""
    assert {path.name: path.read_bytes() for path in (pages / "out").iterdir()} == {"a.txt": b"whole"}
