from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat

from app.datasets.sources.emnist import VARIANTS, load_emnist, load_mnist
from app.datasets.splits import Split
from app.errors import DamagedDataset, DatasetNotFound

COUNTS = {"train": 30, "test": 6}


def _upright(split: str) -> NDArray[np.uint8]:
    """Give images that tell their number, and that are neither symmetric nor the same when transposed."""
    images = np.zeros((COUNTS[split], 28, 28), np.uint8)
    images[:, 2, 3:20] = 255
    images[:, 27, 0] = np.arange(COUNTS[split])
    return images


def _codes(split: str) -> NDArray[np.uint8]:
    return (np.arange(COUNTS[split]) % 26 + 1).astype(np.uint8)


def _save_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def _save_gz(folder: Path, variant: str = "letters") -> None:
    folder.mkdir(exist_ok=True)
    for split in COUNTS:
        _save_idx(folder / f"emnist-{variant}-{split}-images-idx3-ubyte.gz", _upright(split).transpose(0, 2, 1))
        _save_idx(folder / f"emnist-{variant}-{split}-labels-idx1-ubyte.gz", _codes(split))
    mapping = "".join(f"{code} {64 + code} {96 + code}\n" for code in range(1, 27))
    (folder / f"emnist-{variant}-mapping.txt").write_text(mapping)


def _save_mat(folder: Path, variant: str = "letters", **other: Any) -> Path:
    path = folder / f"emnist-{variant}.mat"
    parts = {
        split: {
            "images": _upright(split).transpose(0, 2, 1).reshape(-1, 784),
            "labels": _codes(split)[:, None],
            "writers": (np.arange(COUNTS[split]) // 2 + 100.0)[:, None],
        }
        for split in COUNTS
    }
    parts["train"].update(other.pop("train", {}))
    mapping = np.stack([np.arange(1, 27), np.arange(65, 91), np.arange(97, 123)], axis=1)
    savemat(path, {"dataset": {**parts, "mapping": mapping, **other}}, do_compression=True)
    return path


def _numbers(glyphs: Any) -> list[int]:
    return glyphs.images[:, 27, 0].tolist()


@pytest.mark.parametrize("place", [".", "gzip"])
def test_idx_images_are_turned_upright(tmp_path: Path, place: str) -> None:
    _save_gz(tmp_path / place)
    glyphs = load_emnist(tmp_path, "test")
    np.testing.assert_array_equal(glyphs.images, _upright("test"), strict=True)
    assert "".join(glyphs.labels) == "ABCDEF"
    assert set(glyphs.writers) == {""}


def test_of_idx_files_the_last_of_train_are_for_validation(tmp_path: Path) -> None:
    _save_gz(tmp_path)
    assert _numbers(load_emnist(tmp_path, "train")) == list(range(24))
    assert _numbers(load_emnist(tmp_path, "valid")) == list(range(24, 30))


@pytest.mark.parametrize("split", ["train", "valid"])
def test_too_few_writers_for_train_and_valid_are_told_with_the_file(tmp_path: Path, split: Split) -> None:
    path = _save_mat(tmp_path, train={"writers": np.full((30, 1), 100.0)})
    expected = f"{path}: expected writers for train and others for valid; of 1, valid gets none"
    with pytest.raises(DamagedDataset) as refusal:
        load_emnist(tmp_path, split)
    assert refusal.value.detail == expected


def test_of_a_mat_file_whole_writers_are_for_validation(tmp_path: Path) -> None:
    _save_mat(tmp_path)
    train, valid, test = (load_emnist(tmp_path, split) for split in ("train", "valid", "test"))
    assert sorted(_numbers(train) + _numbers(valid)) == list(range(30))
    assert not set(train.writers) & set(valid.writers)
    assert 0 < len(valid) < 15
    assert _numbers(load_emnist(tmp_path, "valid")) == _numbers(valid)
    np.testing.assert_array_equal(test.images, _upright("test"), strict=True)
    assert "".join(test.labels) == "ABCDEF"
    assert test.writers.tolist() == ["100.0", "100.0", "101.0", "101.0", "102.0", "102.0"]


def test_mnist_stands_upright_already(tmp_path: Path) -> None:
    for split, name in (("train", "train"), ("test", "t10k")):
        _save_idx(tmp_path / f"{name}-images-idx3-ubyte.gz", _upright(split))
        _save_idx(tmp_path / f"{name}-labels-idx1-ubyte.gz", _codes(split) % 10)
    np.testing.assert_array_equal(load_mnist(tmp_path, "test").images, _upright("test"), strict=True)
    assert "".join(load_mnist(tmp_path, "test").labels) == "123456"
    assert _numbers(load_mnist(tmp_path, "valid")) == list(range(24, 30))


def test_variants_are_told_apart_by_their_files(tmp_path: Path) -> None:
    _save_gz(tmp_path, "letters")
    _save_gz(tmp_path, "balanced")
    assert len(load_emnist(tmp_path, "test", "balanced")) == 6
    with pytest.raises(DatasetNotFound, match="found balanced, letters"):
        load_emnist(tmp_path, "test")
    with pytest.raises(DatasetNotFound, match=r"emnist-digits\.mat"):
        load_emnist(tmp_path, "test", "digits")


def test_variants_have_as_many_classes_as_their_paper_says() -> None:
    sizes = {name: len(set(classes)) for name, classes in VARIANTS.items()}
    assert sizes == {"byclass": 62, "bymerge": 47, "balanced": 47, "letters": 26, "digits": 10, "mnist": 10}


@pytest.mark.parametrize(
    "name, array, says",
    [
        ("train-labels-idx1", _codes("train")[:-1], "expected 30 labels, one for each image, got 29"),
        ("train-labels-idx1", _codes("train") + 5, "got 27"),
        ("train-images-idx3", np.zeros((30, 28, 27), np.uint8), "28 x 28, got 28 x 27"),
        ("test-labels-idx1", np.ones(30, np.uint8), "more training images than the 30"),
    ],
)
def test_idx_files_that_do_not_fit_together_are_refused(
    tmp_path: Path, name: str, array: NDArray[np.uint8], says: str
) -> None:
    _save_gz(tmp_path)
    _save_idx(tmp_path / f"emnist-letters-{name}-ubyte.gz", array)
    with pytest.raises(DamagedDataset, match=says) as caught:
        load_emnist(tmp_path, "train")
    assert "emnist-letters-train" in str(caught.value.context["path"])


def test_a_label_that_nothing_has_may_be_of_any_size(tmp_path: Path) -> None:
    _save_gz(tmp_path)
    with (tmp_path / "emnist-letters-mapping.txt").open("a") as file:
        file.write("9999999999999999999999 65\n")
    assert len(load_emnist(tmp_path, "test")) == COUNTS["test"]


@pytest.mark.parametrize("content", ["1", "1 65\nA 66", "1 -5", "1 99999999999", "1 6\xe9"])
def test_a_mapping_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    _save_gz(tmp_path)
    path = tmp_path / "emnist-letters-mapping.txt"
    path.write_text(content, "utf-8")
    with pytest.raises(DamagedDataset, match=r"mapping\.txt"):
        load_emnist(tmp_path, "train")
    path.unlink()
    with pytest.raises(DatasetNotFound, match=r"mapping\.txt"):
        load_emnist(tmp_path, "train")


_BROKEN: dict[str, dict[str, Any]] = {
    "labels of another number": {"train": {"labels": _codes("train")[:-1, None]}},
    "labels in a row": {"train": {"labels": _codes("train")[None]}},
    "writers of another number": {"train": {"writers": np.ones((29, 1))}},
    "images of another size": {"train": {"images": np.zeros((30, 783), np.uint8)}},
    "images as floats": {"train": {"images": np.zeros((30, 784))}},
    "images as objects": {"train": {"images": np.array([["a"], [1]], object)}},
    "a label without a meaning": {"train": {"labels": np.full((30, 1), 99.0)}},
    "a label that is no number": {"train": {"labels": np.full((30, 1), np.nan)}},
    "no test part": {"test": 5},
    "a mapping of one column": {"mapping": np.ones((26, 1))},
    "a mapping to nowhere": {"mapping": np.array([[1, -7]])},
}


@pytest.mark.parametrize("fields", _BROKEN.values(), ids=_BROKEN)
def test_a_mat_file_that_makes_no_data_set_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    path = _save_mat(tmp_path, **fields)
    with pytest.raises(DamagedDataset) as caught:
        load_emnist(tmp_path, "train")
    assert caught.value.context == {"path": str(path)}


def test_a_matrix_in_place_of_the_struct_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "emnist-digits.mat", {"dataset": np.ones((2, 2))})
    with pytest.raises(DamagedDataset, match="a struct called 'dataset'"):
        load_emnist(tmp_path, "train")
