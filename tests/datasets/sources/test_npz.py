from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.datasets.sources import npz
from app.datasets.sources.npz import read_npz
from app.errors import DamagedDataset, DatasetNotFound


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file of a few bytes that announces a hundred kilobytes."""
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(100_000, np.uint8), y=np.arange(3), z=np.arange(2))
    return tmp_path / "a.npz"


def test_only_what_is_asked_for_is_read(path: Path) -> None:
    assert read_npz(path, ["y"], ["z", "w"]).keys() == {"y", "z"}


def test_a_missing_array_is_told_with_those_that_there_should_be(path: Path) -> None:
    with pytest.raises(DamagedDataset, match=r"a\.npz: expected the arrays y, w; w is not a file"):
        read_npz(path, ["y", "w"])


def test_more_than_the_limit_is_not_unpacked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert path.stat().st_size < 2_000
    monkeypatch.setattr(npz, "MAX_BYTES", 100_000)
    with pytest.raises(DamagedDataset, match="expected at most 100000 bytes, it announces 100"):
        read_npz(path, ["y"])


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"none\.npz"):
        read_npz(tmp_path / "none.npz", ["x"])


def _refusal(path: Path, name: str = "y") -> str:
    with pytest.raises(DamagedDataset) as caught:
        read_npz(path, [name])
    assert caught.value.context == {"path": str(path)}
    return caught.value.detail


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    _refusal(path)


@pytest.mark.parametrize("place", [0.0, 0.5])
def test_a_damaged_byte_in_a_compressed_array_is_refused(path: Path, place: float) -> None:
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("x.npy")
    content = bytearray(path.read_bytes())
    name_length, extra_length = struct.unpack_from("<HH", content, member.header_offset + 26)
    start = member.header_offset + 30 + name_length + extra_length
    # At the start: a kind of block that does not exist, so it cannot be unpacked. Later: the check sum is wrong.
    content[start + int(place * member.compress_size)] ^= 0xFF if place else 0x02
    path.write_bytes(content)
    _refusal(path, "x")


def test_a_pickle_is_refused_without_being_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    np.savez(tmp_path / "a.npz", y=np.array([Trap()], object))
    assert "pickle" in _refusal(tmp_path / "a.npz")
    assert not (tmp_path / "sprung").exists()


def test_a_single_array_under_that_name_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.arange(3))
    _refusal(tmp_path / "a.npz")
