from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.outputs import plan_outputs, write_whole
from app.cli.reading.inputs import Input
from app.errors import InvalidInput, NoRoomLeft


def _plan(folder, *names, suffix=".txt"):
    inputs = [Input(Path(name), Path(Path(name).name)) for name in names]
    return [path.as_posix() for path in plan_outputs(Path(folder), inputs, suffix)]


def test_results_are_called_after_what_was_read():
    assert _plan("out", "scans/a.png", "b.tar.jpg") == ["out/a.txt", "out/b.tar.txt"]


def test_no_two_results_share_a_name():
    names = ["a.png", "a.jpg", "x/a.png", "y/a.png", "z/A.png"]
    assert _plan("out", *names) == ["out/a.txt", "out/a.jpg.txt", "out/a.png.txt", "out/a-2.txt", "out/A-3.txt"]


def test_places_below_a_folder_are_kept():
    inputs = [Input(Path("scans/x/a.png"), Path("x/a.png")), Input(Path("scans/y/a.png"), Path("y/a.png"))]
    assert plan_outputs(Path("out"), inputs, ".txt") == [Path("out/x/a.txt"), Path("out/y/a.txt")]


def test_no_result_takes_the_place_of_an_input():
    assert _plan(".", "a.png", "a.jpg", suffix=".png") == ["a.png.png", "a.jpg.png"]
    assert _plan("scans", "scans/a.png", "b.png", "scans/b.png", suffix=".png") == [
        "scans/a.png.png",
        "scans/b.png.png",
        "scans/b-2.png",
    ]


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_whole(path, b"old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NoRoomLeft, match=r"cannot write .*a.txt: No space left"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(InvalidInput, match="cannot write"):
        write_whole(tmp_path / "out" / "a.txt", b"")


def test_a_link_is_written_through_and_stays_one(tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_whole(tmp_path / "link.json", b"{}")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == b"{}"
