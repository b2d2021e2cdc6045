from __future__ import annotations

import errno
import os
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from app.cli.reading.inputs import SUFFIXES, Input, find_inputs
from app.errors import InvalidInput, NotFound
from app.vision import FORMATS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with images at every depth, and things that are none."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.jpg", "in/c.TIF", "in/deep/d.webp", ".hidden.png", ".git/e.png", "notes.txt", "x[1].png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def _places(argument):
    return [item.place.as_posix() for item in find_inputs(argument)]


def test_a_folder_stands_for_all_images_below_it_and_they_keep_their_places(folder):
    assert _places(str(folder)) == ["a.jpg", "b.png", "x[1].png", "in/c.TIF", "in/deep/d.webp"]
    assert [item.path for item in find_inputs("in")] == [Path("in/c.TIF"), Path("in/deep/d.webp")]


def test_a_folder_that_leads_back_to_itself_has_an_end(folder):
    (folder / "in" / "loop").symlink_to(folder)
    assert _places("in") == ["c.TIF", "deep/d.webp"]


@pytest.mark.parametrize(
    "pattern, places",
    [
        ("*.png", ["b.png", "x[1].png"]),
        ("[an]*", ["a.jpg"]),
        ("in/**/*.webp", ["d.webp"]),
        ("[ab].*", ["a.jpg", "b.png"]),
        ("in/d??p", ["d.webp"]),
    ],
)
def test_a_pattern_that_no_shell_has_expanded_is_expanded(folder, pattern, places):
    assert _places(pattern) == places
    assert _places(str(folder / pattern)) == places


def test_a_file_may_be_called_anything(folder):
    assert _places("notes.txt") == ["notes.txt"]
    assert _places("x[1].png") == ["x[1].png"]
    assert _places("missing.png") == ["missing.png"]  # opening it says so


def test_a_folder_that_may_not_be_read_is_told_after_what_can_be_found(folder, monkeypatch):
    real = os.scandir

    def refusing(path):
        if str(path).endswith("deep"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find_inputs("in")
    assert next(found).place.as_posix() == "c.TIF"
    with pytest.raises(InvalidInput, match="the folder in/deep cannot be read: Permission denied"):
        next(found)
    with pytest.raises(InvalidInput, match="cannot be read: Permission denied"):
        list(find_inputs("in/deep"))


def test_a_pattern_that_matches_an_empty_folder_as_well_finds_what_is_in_the_others(folder):
    (folder / "a_first").mkdir()
    assert _places("*") == ["a.jpg", "b.png", "c.TIF", "deep/d.webp", "x[1].png"]


def test_nothing_found_is_told(folder):
    with pytest.raises(NotFound, match="no image matches"):
        list(find_inputs("*.gif"))
    (folder / "empty").mkdir()
    with pytest.raises(NotFound, match=r"no image in this folder \(.*\.png"):
        list(find_inputs("empty"))


def test_a_device_or_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in ("/dev/zero", str(tmp_path / "pipe.png"), str(tmp_path)):
        with pytest.raises(InvalidInput, match="expected a regular file, or - for standard input"):
            Input(Path(path), Path("page")).read()


@pytest.mark.parametrize("source", ["file", "standard input"])
def test_no_more_is_read_than_a_file_may_have(tmp_path, monkeypatch, source):
    (tmp_path / "page.png").write_bytes(b"IMAGE")
    monkeypatch.setattr("app.cli.reading.inputs._CHUNK_BYTES", 2)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"IMAGE")))
    [page] = find_inputs("-" if source == "standard input" else str(tmp_path / "page.png"))
    assert page.read() == b"IMAGE"
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"IMAGE")))
    monkeypatch.setattr("app.cli.reading.inputs._MOST_BYTES", 4)
    with pytest.raises(InvalidInput, match="expected at most 4 bytes, got more"):
        page.read()


def test_folders_are_searched_for_every_kind_of_image_that_is_read():
    usual = {
        "JPEG": ".jpg",
        "PNG": ".png",
        "WebP": ".webp",
        "TIFF": ".tif",
        "BMP": ".bmp",
        "GIF": ".gif",
        "HEIC": ".heic",
        "PDF": ".pdf",
    }
    assert {usual[name] for name in FORMATS} <= set(SUFFIXES)
