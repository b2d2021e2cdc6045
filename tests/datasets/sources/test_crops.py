from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.datasets import GlyphSet, load_samples
from app.datasets.sources.crops import load_crops
from app.errors import DamagedDataset, InvalidInput

CROPS = {
    "x": np.stack([np.full((6, 4), 255, np.uint8), np.eye(6, 4, dtype=np.uint8) * 200]),
    "y": np.array(["A", "7"]),
    "source": np.array(["one.jpg", "two.jpg"]),
}


def _save(folder: Path, **changes: Any) -> Path:
    arrays = {name: array for name, array in {**CROPS, **changes}.items() if array is not None}
    np.savez(folder / "crops.npz", **arrays)
    return folder / "crops.npz"


def test_ink_becomes_bright_and_sources_become_writers(tmp_path: Path) -> None:
    crops = load_crops(_save(tmp_path))

    np.testing.assert_array_equal(crops.images, 255 - CROPS["x"])
    assert crops.labels.tolist() == ["A", "7"]
    assert crops.writers.tolist() == ["one.jpg", "two.jpg"]


def test_sources_may_be_missing(tmp_path: Path) -> None:
    assert load_crops(_save(tmp_path, source=None)).writers.tolist() == ["", ""]


def test_the_catalogue_takes_such_a_file_by_its_path(tmp_path: Path) -> None:
    path = _save(tmp_path)

    samples = load_samples(str(path), "test", tmp_path)

    assert isinstance(samples, GlyphSet)
    with pytest.raises(InvalidInput, match="test"):
        load_samples(str(path), "valid", tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"x": None},
        {"y": None},
        {"x": CROPS["x"].astype(np.float32)},
        {"x": CROPS["x"][0]},
        {"x": CROPS["x"][:0], "y": CROPS["y"][:0]},
        {"y": np.array(["A", "BC"])},
        {"y": np.array([1, 2])},
        {"y": np.array(["A"])},
        {"source": np.array(["one.jpg"])},
        {"y": np.array(["A", None], object)},
    ],
    ids=lambda changes: str({key: getattr(value, "shape", None) for key, value in changes.items()}),
)
def test_a_file_that_is_not_of_this_form_is_refused_by_name(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DamagedDataset, match=r"crops\.npz"):
        load_crops(_save(tmp_path, **changes))
