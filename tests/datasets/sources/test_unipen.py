from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets import StrokeSet
from app.datasets.sources.unipen import load_unipen
from app.errors import DamagedDataset
from tests.conftest import save_unipen, skip_or_fail


def _refusal(folder: Path) -> str:
    """What loading says; it must name the file, and carry it for programs."""
    with pytest.raises(DamagedDataset) as caught:
        load_unipen(folder, "train")
    path = str(folder / "chars_train.npz")
    assert path in caught.value.detail
    assert caught.value.context == {"path": path}
    return caught.value.detail


def test_what_is_in_the_file_comes_back(tmp_path: Path, pen_samples: StrokeSet) -> None:
    save_unipen(tmp_path, "valid", pen_samples)

    loaded = load_unipen(tmp_path, "valid")

    for name in ("labels", "writers", "doubt", "stroke_ptr", "point_ptr", "points"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(pen_samples, name), strict=True)


def test_a_member_that_is_no_array_is_refused(tmp_path: Path, pen_samples: StrokeSet) -> None:
    path = save_unipen(tmp_path, "whole", pen_samples)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "chars_train.npz", "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, b"not an array" if name == "labels.npy" else whole.read(name))

    assert "'labels'" in _refusal(tmp_path)


@pytest.mark.parametrize("name", ["labels", "writer_group", "agree_rank", "point_ptr"])
def test_a_missing_array_is_named(tmp_path: Path, pen_samples: StrokeSet, name: str) -> None:
    path = save_unipen(tmp_path, "train", pen_samples)
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive if key != name}
    np.savez(path, **arrays)

    assert f"{name} is not a file in the archive" in _refusal(tmp_path)


def _swapped(ptr: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([ptr[:3], ptr[4:2:-1], ptr[5:]])


def _repeated(ptr: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.concatenate([ptr[:5], ptr[6:7], ptr[6:]])


# By what is wrong: which array it takes the place of, and how it comes from the whole samples.
BROKEN: dict[str, tuple[str, Callable[[StrokeSet], NDArray[Any]]]] = {
    "points cut off": ("points", lambda whole: whole.points[:-1]),
    "strokes cut off": ("point_ptr", lambda whole: whole.point_ptr[:-1]),
    "samples cut off": ("stroke_ptr", lambda whole: whole.stroke_ptr[:-1]),
    "labels cut off": ("labels", lambda whole: whole.labels[:-1]),
    "writers cut off": ("writer_group", lambda whole: whole.writers[:-1]),
    "ranks cut off": ("agree_rank", lambda whole: whole.doubt[:-1]),
    "pointers that fall": ("point_ptr", lambda whole: _swapped(whole.point_ptr)),
    "a sample without strokes": ("stroke_ptr", lambda whole: _repeated(whole.stroke_ptr)),
    "a stroke without points": ("point_ptr", lambda whole: _repeated(whole.point_ptr)),
    "a start past the first stroke": ("stroke_ptr", lambda whole: np.concatenate([[1], whole.stroke_ptr[1:]])),
    "no pointers at all": ("point_ptr", lambda whole: whole.point_ptr[:0]),
    "points in space": ("points", lambda whole: np.pad(whole.points, ((0, 0), (0, 1)))),
    "points in a row": ("points", lambda whole: whole.points.ravel()),
    "points between the units": ("points", lambda whole: whole.points.astype(np.float32)),
    "labels as numbers": ("labels", lambda whole: np.arange(len(whole))),
    "labels of two characters": ("labels", lambda whole: np.char.add(whole.labels, "x")),
}


@pytest.mark.parametrize("array, damage", BROKEN.values(), ids=BROKEN)
def test_arrays_that_do_not_fit_together_are_refused(
    tmp_path: Path, pen_samples: StrokeSet, array: str, damage: Callable[[StrokeSet], NDArray[Any]]
) -> None:
    save_unipen(tmp_path, "train", pen_samples, **{array: damage(pen_samples)})

    _refusal(tmp_path)


def _sizes(folder: Path, labels: str, files: list[int], extent_mm: Sequence[float]) -> NDArray[np.float32]:
    count = len(labels)
    dots = StrokeSet(
        labels=np.array(list(labels)),
        writers=np.array(["ann"] * count),
        relative_size=np.ones(count, np.float32),
        doubt=np.zeros(count, np.int16),
        stroke_ptr=np.arange(count + 1, dtype=np.int32),
        point_ptr=np.arange(count + 1, dtype=np.int32),
        points=np.zeros((count, 2), np.int16),
    )
    other = {"source_file": np.array(files, np.int32), "extent_mm": np.array(extent_mm, np.float32)}
    save_unipen(folder, "train", dots, **other)
    return load_unipen(folder, "train").relative_size


def test_size_is_relative_to_the_median_capital_or_digit_of_the_same_file(tmp_path: Path) -> None:
    sizes = _sizes(
        tmp_path,
        "ABC12.x" + "DEF34.",
        files=[0] * 7 + [1] * 6,
        extent_mm=[4, 4, 5, 6, 9, 0.5, 2.5] + [8, 10, 10, 10, 12, 2],
    )

    np.testing.assert_allclose(sizes[:7], [0.8, 0.8, 1.0, 1.2, 1.8, 0.1, 0.5], rtol=1e-6)
    np.testing.assert_allclose(sizes[7:], [0.8, 1.0, 1.0, 1.0, 1.2, 0.2], rtol=1e-6)


def test_files_need_not_lie_together(tmp_path: Path) -> None:
    sizes = _sizes(tmp_path, "AABBCCDDEE", files=[3, 0] * 5, extent_mm=[4, 40] * 4 + [6, 80])

    np.testing.assert_allclose(sizes, [1.0] * 8 + [1.5, 2.0])


def test_without_a_unit_or_enough_capitals_the_size_is_that_of_the_class_elsewhere(tmp_path: Path) -> None:
    sizes = _sizes(
        tmp_path,
        "ABC12.." + "A." + ".",
        files=[0] * 7 + [1] * 2 + [0],
        extent_mm=[5, 5, 5, 5, 5, 0.5, 1.5] + [70, 7] + [0],
    )

    np.testing.assert_allclose(sizes[-3:], [1.0, 0.2, 0.2], rtol=1e-6)  # 0.2: the median of the dots, 0.1 and 0.3


def test_a_class_measured_nowhere_has_the_size_of_a_capital(tmp_path: Path) -> None:
    np.testing.assert_array_equal(_sizes(tmp_path, "A.", files=[0, 0], extent_mm=[0, 0]), [1, 1])


def test_the_real_files_hold_what_their_description_says(shared_dir: Path) -> None:
    folder = shared_dir / "data" / "unipen"
    if not folder.is_dir():
        skip_or_fail(f"there are no UNIPEN characters at {folder}")

    train, valid = load_unipen(folder, "train"), load_unipen(folder, "valid")

    assert (len(train), len(valid)) == (98_176, 12_352)
    assert (len(np.unique(train.writers)), len(np.unique(valid.writers))) == (373, 50)
    assert not set(train.writers) & set(valid.writers)
    assert train.alphabet == valid.alphabet == "".join(map(chr, range(33, 127)))
    assert np.isfinite(train.relative_size).all()
    typical = {char: float(np.median(train.relative_size[train.labels == char])) for char in "Hx.,l"}
    assert 0.8 < typical["H"] < 1.2
    assert typical["."] < typical[","] < typical["x"] < typical["l"]
