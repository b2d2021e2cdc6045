"""Corrections on the command line, and the way from one machine to another."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import is_zipfile

import pytest

from app.corrections import CorrectionStore, Level, write_archive
from app.database import Database
from app.ocr import Lesson, TaughtChar
from app.vision import Box
from tests.corrections.conftest import a_correction

PICTURE = b"a picture"


def _taught(text):
    return Lesson(text, "", tuple(TaughtChar(char, None, None) for char in text), None, Box(0, 0, 1, 1)).pack()


def _correction(text, number=0, **changes):
    return a_correction(PICTURE, text, box=(0, 0, 1, number), seen=_taught(text), **changes)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Go to a machine of a name, and give its corrections."""
    opened = []

    def go(name):
        monkeypatch.setenv("INKROW_STATE", str(tmp_path / name))
        database = Database(f"sqlite:///{tmp_path / name / 'inkrow.db'}")
        opened.append(database)
        return CorrectionStore(database, tmp_path / name)

    yield go
    for database in opened:
        database.close()


def test_a_list_shows_the_newest_first_and_nothing_that_a_terminal_obeys(machine, inkrow):
    store = machine("here")
    store.add(_correction("7", read_as="\x1b[31m1"), PICTURE)
    store.add(_correction("X" * 60, 1, level=Level.ROW), PICTURE)
    result = inkrow("corrections", "list")
    assert result.exit_code == 0
    heading, *lines = result.stdout.splitlines()
    assert heading.split() == ["ID", "LEVEL", "TEXT", "READ", "AS", "CREATED"]
    assert len(lines) == 2
    assert "\x1b" not in result.stdout
    assert "X" * 39 + "…" in result.stdout
    found = json.loads(inkrow("corrections", "list", "--text", "7", "--format", "json").stdout)
    assert [each["read_as"] for each in found] == ["\x1b[31m1"]
    assert len(inkrow("corrections", "list", "--level", "row").stdout.splitlines()) == 2


def test_a_collection_moves_from_one_machine_to_another(machine, inkrow, tmp_path):
    here = machine("here")
    sent = [_correction("7"), _correction("4", 1)]
    for each in sent:
        here.add(each, PICTURE)
    archive = str(tmp_path / "mine.zip")
    assert inkrow("corrections", "export", archive).stdout == f"corrections in {archive}: 2\n"
    there = machine("there")
    there.add(sent[1], PICTURE)
    result = inkrow("corrections", "import", archive)
    assert (result.exit_code, result.stdout) == (0, "added: 1, here already: 1\n")
    assert sorted(there.list(), key=lambda each: each.id) == sorted(sent, key=lambda each: each.id)
    assert there.picture(sent[0].image) == PICTURE


def test_what_says_otherwise_is_left_out_and_told(machine, inkrow, tmp_path):
    machine("here").add(_correction("7"), PICTURE)
    archive = str(tmp_path / "mine.zip")
    inkrow("corrections", "export", archive)
    there = machine("there")
    there.add(_correction("1"), PICTURE)
    result = inkrow("corrections", "import", archive)
    assert result.exit_code == 5
    assert "expected '1', to which this was corrected before" in result.stderr
    assert "what is here says otherwise: 1" in result.stderr
    assert [each.text for each in there.list()] == ["1"]


def test_what_teaches_another_text_is_refused(machine, inkrow, tmp_path):
    with (tmp_path / "wrong.zip").open("wb") as file:
        write_archive(file, [a_correction(PICTURE, "7", seen=_taught("1"))], lambda _: PICTURE)
    store = machine("here")
    result = inkrow("corrections", "import", str(tmp_path / "wrong.zip"))
    assert result.exit_code == 3
    assert "expected the text '1', which it teaches, got '7'" in result.stderr
    assert store.list() == []


@pytest.mark.parametrize("name, code", [("none.zip", 4), ("text.zip", 3), (".", 3)])
def test_a_file_that_is_no_collection_is_refused(machine, inkrow, tmp_path, name, code):
    machine("here")
    (tmp_path / "text.zip").write_text("text")
    assert inkrow("corrections", "import", str(tmp_path / name)).exit_code == code


def test_an_export_that_cannot_be_written_leaves_the_old_one(machine, inkrow, tmp_path):
    machine("here")
    result = inkrow("corrections", "export", str(tmp_path / "nowhere" / "mine.zip"))
    assert result.exit_code == 3
    assert "there is no folder" in result.stderr
    (tmp_path / "folder.zip").mkdir()
    assert inkrow("corrections", "export", str(tmp_path / "folder.zip")).exit_code == 3
    assert [path.name for path in Path(tmp_path).iterdir() if path.name.startswith(".")] == []


def test_an_export_goes_through_a_link_and_leaves_it(machine, inkrow, tmp_path):
    """So do devices, which root could otherwise replace by a zip, /dev/null for one."""
    machine("here")
    (tmp_path / "link.zip").symlink_to(tmp_path / "real.zip")
    assert inkrow("corrections", "export", str(tmp_path / "link.zip")).exit_code == 0
    assert (tmp_path / "link.zip").is_symlink()
    assert is_zipfile(tmp_path / "real.zip")


def test_deletes_by_the_first_digits(machine, inkrow):
    store = machine("here")
    kept = [_correction("7", number) for number in range(3)]
    for each in kept:
        store.add(each, PICTURE)
    assert inkrow("corrections", "delete", kept[0].id[:12], kept[1].id).exit_code == 0
    assert store.list() == [kept[2]]
    store.add(kept[0], PICTURE)
    result = inkrow("corrections", "delete", "")
    assert (result.exit_code, "got ''; several corrections begin so" in result.stderr) == (4, True)
    result = inkrow("corrections", "delete", "%")
    assert (result.exit_code, "got '%'; no correction begins so" in result.stderr) == (4, True)
