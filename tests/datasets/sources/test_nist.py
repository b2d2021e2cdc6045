from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat

from app.datasets.sources.nist import load_nist
from app.errors import DamagedDataset


def _upright() -> NDArray[np.float64]:
    """Give three pages of dark ink on white, 1 being white: a bar on top, one at the left, one grey pixel."""
    pages = np.ones((3, 32, 32))
    pages[0, 0, :] = pages[1, :, 0] = 0.0
    pages[2, 5, 9] = 0.2
    return pages


def _save(folder: Path, split: str = "train", classes: int = 36, **other: Any) -> Path:
    """Write a file as MATLAB does, images column by column; `other` takes the place of single variables."""
    path = folder / f"nist{classes}_{split}.mat"
    stored = _upright().transpose(0, 2, 1).reshape(3, -1)
    one_hot = np.eye(classes)[[0, classes - 1, 25]]
    savemat(path, {f"{split}_data": stored, f"{split}_labels": one_hot, **other}, do_compression=True)
    return path


def _refusal(folder: Path) -> str:
    with pytest.raises(DamagedDataset) as caught:
        load_nist(folder, "train")
    path = str(folder / "nist36_train.mat")
    assert path in caught.value.detail
    assert caught.value.context == {"path": path}
    return caught.value.detail


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_images_stand_upright_as_ink_on_paper(tmp_path: Path, split: Any) -> None:
    _save(tmp_path, split)
    glyphs = load_nist(tmp_path, split)
    np.testing.assert_array_equal(glyphs.images, np.rint(255 * (1 - _upright())).astype(np.uint8), strict=True)
    assert glyphs.labels.tolist() == ["A", "9", "Z"]
    assert glyphs.writers.tolist() == ["", "", ""]


def test_nist26_is_the_same_with_capitals_only(tmp_path: Path) -> None:
    _save(tmp_path, classes=26)
    assert load_nist(tmp_path, "train", 26).labels.tolist() == ["A", "Z", "Z"]


@pytest.mark.parametrize("dtype, white", [(np.uint8, 255), (np.uint8, 1), (np.float32, 1), (np.bool_, True)])
def test_every_way_to_write_white_is_paper(tmp_path: Path, dtype: Any, white: Any) -> None:
    pages = np.full((3, 1024), white, dtype)
    pages[:, 40] = 0
    _save(tmp_path, train_data=pages)
    images = load_nist(tmp_path, "train").images
    assert images[0].sum() == 255
    assert images[0, 40 % 32, 40 // 32] == 255  # column by column


_BROKEN: dict[str, dict[str, Any]] = {
    "objects in place of images": {"train_data": np.array([[1], ["a"], ["b"]], object)},
    "text in place of labels": {"train_labels": "AAA"},
    "images of another size": {"train_data": np.ones((3, 784))},
    "images in space": {"train_data": np.ones((3, 32, 32))},
    "more images than labels": {"train_data": np.ones((4, 1024))},
    "labels of another alphabet": {"train_labels": np.eye(26)[:3]},
    "a row without a label": {"train_labels": np.diag([1.0, 1, 0]) @ np.eye(36)[:3]},
    "a row with two labels": {"train_labels": np.eye(36)[:3] + np.eye(36)[1]},
    "half a label": {"train_labels": np.eye(36)[:3] / 2},
    "labels that are no numbers": {"train_labels": np.eye(36)[:3] * np.nan},
    "values above white": {"train_data": np.full((3, 1024), 1.5)},
    "values below black": {"train_data": np.full((3, 1024), -0.1)},
    "values that are no numbers": {"train_data": np.full((3, 1024), np.nan)},
    "numbers of 16 bit": {"train_data": np.full((3, 1024), 60_000, np.uint16)},
}


@pytest.mark.parametrize("variables", _BROKEN.values(), ids=_BROKEN)
def test_variables_that_make_no_data_set_are_refused(tmp_path: Path, variables: dict[str, Any]) -> None:
    _save(tmp_path, **variables)
    _refusal(tmp_path)


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    savemat(tmp_path / "nist36_train.mat", {"valid_data": np.ones((3, 1024))})
    assert "'train_data'" in _refusal(tmp_path)
