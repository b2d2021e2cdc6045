from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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


def test_more_than_the_limit_is_not_unpacked(path: Path) -> None:
    assert path.stat().st_size < 2_000
    with pytest.raises(DamagedDataset, match="expected at most 100000 bytes, it announces 100"):
        read_npz(path, ["y"], max_bytes=100_000)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"none\.npz"):
        read_npz(tmp_path / "none.npz", ["x"])
