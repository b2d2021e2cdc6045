from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import coo_array

from app.datasets.sources.matfile import MAX_BYTES, matrix, read_mat
from app.errors import DamagedDataset, DatasetNotFound

MATRICES: dict[str, Any] = {
    "double": np.array([[1.5, -2.0, np.inf], [0.0, 1e300, 3.0]]),
    "single": np.array([[1.5, 2.5]], np.float32),
    "whole": np.arange(6.0).reshape(2, 3),
    **{np.dtype(kind).name: np.array([[1, 2], [3, 100], [5, 6]], kind) for kind in "bBhHiIqQ"},
    "empty": np.empty((0, 4)),
}


@pytest.fixture(params=[False, True], ids=["plain", "packed"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    def write(**variables: Any) -> Path:
        savemat(tmp_path / "a.mat", variables, do_compression=request.param)
        return tmp_path / "a.mat"

    return write


def _refusal(path: Path) -> str:
    with pytest.raises(DamagedDataset) as caught:
        read_mat(path)
    assert caught.value.context == {"path": str(path)}
    return caught.value.detail


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_of_any_number_comes_back(save: Any, name: str) -> None:
    path = save(**{name: MATRICES[name]})
    np.testing.assert_array_equal(matrix(path, read_mat(path), name), MATRICES[name], strict=True)


def test_structs_come_back_by_their_fields(save: Any) -> None:
    path = save(outer={"inner": {"x": [[1.0]]}, "a_long_name_of_a_field": [[2.0, 3.0]]}, beside=[[4.0]])
    variables = read_mat(path)
    outer: Any = variables["outer"]
    assert outer["inner"]["x"].tolist() == [[1]]
    assert outer["a_long_name_of_a_field"].tolist() == [[2, 3]]
    assert matrix(path, variables, "beside").tolist() == [[4]]


@pytest.mark.parametrize(
    "value, what",
    [
        ("text", "text"),
        (np.array([[1, "a"]], object), "a cell array"),
        (np.array([[1 + 2j]]), "a complex matrix"),
        (coo_array(np.eye(3)), "a sparse matrix"),
        ({"x": 1.0}, "a struct"),
        (np.array([(1,), (2,)], [("x", "f8")]), "an array of structs"),
        (np.ones((2, 2, 2)), "(2, 2, 2)"),
    ],
)
def test_what_is_no_matrix_is_told_in_words(save: Any, value: Any, what: str) -> None:
    path = save(x=value)
    with pytest.raises(DamagedDataset) as caught:
        matrix(path, read_mat(path), "x")
    assert caught.value.detail == f"{path}: expected 'x' to be a matrix of numbers, found {what}"


def test_a_name_that_is_not_there_is_told(save: Any) -> None:
    path = save(x=[[1.0]])
    with pytest.raises(DamagedDataset, match="expected 'y' to be a matrix of numbers, found nothing"):
        matrix(path, read_mat(path), "y")


def test_a_file_that_is_cut_off_is_refused_or_ends_before_a_variable(save: Any) -> None:
    path = save(x=np.arange(30.0)[None], y=[[2.0]])
    whole = path.read_bytes()
    counts = set()
    for keep in range(len(whole)):
        path.write_bytes(whole[:keep])
        try:
            counts.add(len(read_mat(path)))
        except DamagedDataset:
            counts.add(None)
    assert counts == {None, 0, 1}


def test_a_missing_file_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"none\.mat"):
        read_mat(tmp_path / "none.mat")


@pytest.mark.parametrize("place", range(128, 260, 6))
def test_a_damaged_byte_of_a_packed_variable_never_passes_unnoticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"x": np.arange(300.0)[None]}, do_compression=True)
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    _refusal(path)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\x02IM", "7.3"),
        (b"\x89HDF\r\n\x1a\n" + bytes(200), "7.3"),
        (bytes(500), "does not begin like one"),
        (b"PK\x03\x04" + bytes(500), "does not begin like one"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.mat").write_bytes(content)
    assert says in _refusal(tmp_path / "a.mat")


def test_damaged_bytes_never_do_more_than_be_refused(save: Any, rng: np.random.Generator) -> None:
    path = save(x=np.arange(6.0)[None], s={"a": [[1.0]], "b": "text"})
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    refused = 0
    for _ in range(400):
        spoiled = whole.copy()
        spoiled[rng.integers(128, len(whole), rng.integers(1, 5))] = rng.integers(256)
        path.write_bytes(spoiled.tobytes())
        try:
            read_mat(path)
        except DamagedDataset:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_announces_too_much_is_not_unpacked(tmp_path: Path, packed: bool) -> None:
    element = struct.pack("<II", 14, MAX_BYTES + 1)
    if packed:
        content = zlib.compress(element + bytes(100))
        element = struct.pack("<II", 15, len(content)) + content
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 5.0".ljust(124) + b"\0\1IM" + element)
    assert ("expected at most" if packed else "it is cut off") in _refusal(path)


def test_structs_without_end_are_refused(tmp_path: Path) -> None:
    deep: Any = 1.0
    for _ in range(12):
        deep = {"x": deep}
    savemat(tmp_path / "a.mat", {"x": deep})
    assert "at most 8 structs" in _refusal(tmp_path / "a.mat")


def test_both_byte_orders_are_read(tmp_path: Path) -> None:
    parts = struct.pack(">IIII", 6, 8, 6, 0) + struct.pack(">IIii", 5, 8, 1, 2) + struct.pack(">HH4s", 1, 1, b"x")
    parts += struct.pack(">IIdd", 9, 16, 1.5, 2.5)
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 5.0".ljust(124) + b"\1\0MI" + struct.pack(">II", 14, len(parts)) + parts)
    assert matrix(path, read_mat(path), "x").tolist() == [[1.5, 2.5]]
