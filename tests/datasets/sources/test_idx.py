from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources.idx import MAX_ARRAY_BYTES, read_idx
from app.errors import DamagedDataset, DatasetNotFound

CONTENT = bytes(range(24))


def _header(*shape: int, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "images-idx3-ubyte.gz"
    place.write_bytes(gzip.compress(_header(2, 3, 4) + CONTENT))
    return place


def _refusal(path: Path, ndim: int = 3) -> str:
    with pytest.raises(DamagedDataset) as caught:
        read_idx(path, ndim)
    assert str(path) in caught.value.detail
    assert caught.value.context == {"path": str(path)}
    return caught.value.detail


def test_an_array_comes_back_in_its_shape(path: Path) -> None:
    expected = np.frombuffer(CONTENT, np.uint8).reshape(2, 3, 4)
    np.testing.assert_array_equal(read_idx(path, 3), expected, strict=True)


def test_a_missing_file_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"none\.gz"):
        read_idx(tmp_path / "none.gz", 1)


@pytest.mark.parametrize("keep", range(0, 52, 3))
def test_a_file_that_is_cut_off_is_refused(path: Path, keep: int) -> None:
    whole = path.read_bytes()
    assert keep < len(whole)
    path.write_bytes(whole[:keep])
    _refusal(path)


@pytest.mark.parametrize(
    "spoil, says",
    [
        (lambda whole: whole[:-8] + bytes(8), "CRC"),
        (lambda whole: b"PK" + whole[2:], "gzipped"),
        (lambda whole: gzip.compress(_header(2, 3, 4) + CONTENT[:-1]), "24 bytes of 2 x 3 x 4, got 23"),
        (lambda whole: gzip.compress(_header(2, 3, 4) + CONTENT + b"x"), "got more"),
        (lambda whole: gzip.compress(_header(2, 3, 4, kind=13) + CONTENT * 4), "got 00 00 0d 03"),
        (lambda whole: gzip.compress(_header(24) + CONTENT), "and 3 sizes"),
        (lambda whole: gzip.compress(b"\1" + _header(2, 3, 4)[1:] + CONTENT), "got 01 00"),
        (lambda whole: gzip.compress(_header(2, 3, 4)[:9]), "and 3 sizes"),
    ],
)
def test_what_is_wrong_is_said(path: Path, spoil: Callable[[bytes], bytes], says: str) -> None:
    path.write_bytes(spoil(path.read_bytes()))
    assert says in _refusal(path)


def test_a_file_that_announces_too_much_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(_header(2**16, 2**12, 2**12)))
    assert f"at most {MAX_ARRAY_BYTES} bytes, the file announces 65536 x 4096 x 4096" in _refusal(path)


def test_no_more_is_read_than_announced(tmp_path: Path) -> None:
    path = tmp_path / "long.gz"
    packed = gzip.compress(_header(1, 1, 4) + bytes(2**20), mtime=0)
    path.write_bytes(packed[: len(packed) // 2])  # whoever reads on meets the end
    assert "got more" in _refusal(path)
