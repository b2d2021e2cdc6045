from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources.unipen_file import read_unipen_file
from app.errors import DamagedDataset

INK = """.COMMENT made up; a line of prose
.WRITER_ID Ann  B
.COORD X Y T
.PEN_DOWN
1 10 0
2 20 1
.PEN_UP
.PEN_DOWN
3 30 2
4 40 3
5 50 4
.PEN_UP
6 60 5
.PEN_DOWN
7 70 6
8 80 7
"""


def _file(folder: Path, *lines: str, ink: str = INK) -> Path:
    (folder / "include").mkdir()
    (folder / "include" / "ink.dat").write_text(ink)
    path = folder / "a.dat"
    path.write_text("\n".join([".VERSION 1.0", ".INCLUDE ink.dat", *lines, ""]))
    return path


def _strokes(folder: Path, delineation: str) -> list[list[float]]:
    """Return the x of each stroke of a segment."""
    content = read_unipen_file(_file(folder, f'.SEGMENT CHARACTER {delineation} OK "A"'), folder / "include")
    strokes, writer = content.strokes(content.segments[0])
    assert writer == "Ann B"
    return [stroke[:, 0].tolist() for stroke in strokes]


@pytest.mark.parametrize(
    "delineation, expected",
    [
        ("0", [[1, 2]]),
        ("0-0", [[1, 2]]),
        ("0-1", [[1, 2], [3, 4, 5]]),
        ("1-3", [[3, 4, 5], [7, 8]]),  # 2 is movement with the pen up
        ("0,3", [[1, 2], [7, 8]]),
        ("1:1", [[4, 5]]),
        ("0:1-1:0", [[2], [3]]),
        ("1:1-1:1", [[4]]),
        ("1:2-3:0,0", [[5], [7], [1, 2]]),
        ("2", []),
    ],
)
def test_a_segment_is_made_of_components_and_parts_of_them(
    tmp_path: Path, delineation: str, expected: list[list[float]]
) -> None:
    assert _strokes(tmp_path, delineation) == expected


def test_components_without_a_point_do_not_count(tmp_path: Path) -> None:
    ink = ".WRITER_ID Ann B\n.PEN_UP\n.PEN_DOWN\n1 1\n.PEN_UP\n.PEN_DOWN\n.PEN_DOWN\n2 2\n"
    content = read_unipen_file(_file(tmp_path, ink=ink), tmp_path / "include")
    assert [component.points.tolist() for component in content.components] == [[[1, 1]], [[2, 2]]]


@pytest.mark.parametrize(
    "line, quality, label",
    [
        ('.SEGMENT CHARACTER 0 GOOD "A"', "GOOD", "A"),
        (r'.SEGMENT CHARACTER 0 ? "\""', "?", '"'),
        (r'.SEGMENT CHARACTER 0 OK "\\"', "OK", "\\"),
        ('.SEGMENT  CHARACTER\n 0-1\tOK\n"A B"', "OK", "A B"),
        ('.SEGMENT CHARACTER 0 "A"', "?", "A"),
        (".SEGMENT CHARACTER 0", "?", None),
    ],
)
def test_a_segment_has_quality_and_label(tmp_path: Path, line: str, quality: str, label: str | None) -> None:
    (segment,) = read_unipen_file(_file(tmp_path, line), tmp_path / "include").segments
    assert (segment.level, segment.quality, segment.label, segment.line) == ("CHARACTER", quality, label, 3)


def test_columns_may_come_in_any_order_and_units_are_made_equal(tmp_path: Path) -> None:
    ink = ".COORD T Y X\n.X_POINTS_PER_INCH 100\n.Y_POINTS_PER_INCH 50\n.PEN_DOWN\n0 7 8\n1 9 10\n"
    content = read_unipen_file(_file(tmp_path, ink=ink), tmp_path / "include")
    np.testing.assert_array_equal(content.components[0].points, [[8, 14], [10, 18]])


@pytest.mark.parametrize(
    "ink, says",
    [
        (".PEN_DOWN\n1 2\n3\n", "line 1: .PEN_DOWN: expected 2 numbers a point, got 3"),
        ("\n\n.PEN_DOWN\n1 a\n", "line 3: .PEN_DOWN: could not convert"),
        (".PEN_DOWN\n1 nan\n", "line 1: .PEN_DOWN: expected finite numbers"),
        (".VERSION 1\n.COORD T P\n", "line 2: .COORD: expected X and Y among the coordinates, got T P"),
        (".X_POINTS_PER_INCH many\n", "line 1: .X_POINTS_PER_INCH"),
        (".SEGMENT CHARACTER\n", "line 1: .SEGMENT: expected level, components"),
        ('.SEGMENT CHARACTER 0 OK "A\n', "line 1: .SEGMENT"),
        (".INCLUDE ink.dat\n", "at most 8 files within files"),
    ],
)
def test_a_line_that_is_not_in_the_format_is_named(tmp_path: Path, ink: str, says: str) -> None:
    with pytest.raises(DamagedDataset) as caught:
        read_unipen_file(_file(tmp_path, ink=ink), tmp_path / "include")
    assert f"{tmp_path / 'include' / 'ink.dat'}" in caught.value.detail
    assert says in caught.value.detail


@pytest.mark.parametrize(
    "delineation, says",
    [
        ("4", "expected components up to 3, got 4-4"),
        ("3-4", "expected components up to 3, got 3-4"),
        ("2-1", "got 2-1"),
        ("0:5", "component 0 has no points 5 to 1"),
        ("0-1:9", "component 1 has no points 0 to 9"),
        ("1:2-1:1", "component 1 has no points 2 to 1"),
        ("9" * 5000, "expected components as 3-5"),
        ("1--2", "expected components as 3-5 or 3:2-5:10, got '1--2'"),
    ],
)
def test_a_segment_of_what_is_not_there_is_named(tmp_path: Path, delineation: str, says: str) -> None:
    path = _file(tmp_path, ".INCLUDE gone.doc", f'.SEGMENT CHARACTER {delineation} OK "A"')
    content = read_unipen_file(path, tmp_path / "include")
    with pytest.raises(DamagedDataset) as caught:
        content.strokes(content.segments[0])
    assert caught.value.detail.startswith(f"{path}, line 4: {says}"[:40])
    assert says in caught.value.detail


def test_a_missing_description_matters_only_when_something_lacks(tmp_path: Path) -> None:
    path = _file(tmp_path, ".INCLUDE gone.doc", '.SEGMENT CHARACTER 0 OK "A"', '.SEGMENT CHARACTER 9 OK "B"')
    content = read_unipen_file(path, tmp_path / "include")
    assert len(content.strokes(content.segments[0])[0]) == 1
    with pytest.raises(DamagedDataset, match=r"\(gone\.doc was not found\)"):
        content.strokes(content.segments[1])


def test_nothing_outside_of_the_folder_is_included(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(".PEN_DOWN\n1 1\n")
    path = _file(tmp_path, ".INCLUDE ../secret", f".INCLUDE {tmp_path / 'secret'}", ink="")
    content = read_unipen_file(path, tmp_path / "include")
    assert content.components == []
    assert len(content.missing) == 2
