"""EMNIST and MNIST: 28 x 28 images of digits and letters, white on black.

Both have a train and a test part. The valid part is taken out of train, always the same: if the files name the writers,
it is everything by some of them, about as many images as test has; otherwise it is the last images of train, as many as
test has, as by the authors of EMNIST.

References
----------
Cohen, Afshar, Tapson, van Schaik (2017), EMNIST: extending MNIST to handwritten letters, section II D.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged, no_such_file
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.sources.idx import read_idx
from app.datasets.sources.matfile import Value, matrix, read_mat
from app.datasets.splits import Split, place
from app.errors import DatasetNotFound

SIDE_PX = 28
_DIGITS = "0123456789"
_MERGED = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"  # c, i, j ... look like their capitals
VARIANTS = {
    "byclass": _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "bymerge": _MERGED,
    "balanced": _MERGED,
    "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": _DIGITS,
    "mnist": _DIGITS,
}
# The folders that the archives make, below that of the data set.
_PLACES = (".", "gzip", "matlab")


def load_emnist(folder: Path, split: Split, variant: str | None = None) -> GlyphSet:
    """Read one split of EMNIST from its gzipped idx files, or from its .mat file, which knows the writers.

    Parameters
    ----------
    folder : it holds ``emnist-VARIANT.mat`` or ``emnist-VARIANT-train-images-idx3-ubyte.gz`` and so on, or a folder
        ``matlab`` or ``gzip`` that does
    variant : one of `VARIANTS`; None for the only one that is there

    Raises
    ------
    DatasetNotFound : the files of the variant are not there, or those of several variants are and none was named
    DamagedDataset : a file is damaged; the message names it
    """
    variant = variant or _only_variant(folder)
    if (path := _found(folder, f"emnist-{variant}.mat")) is not None:
        return _from_mat(path, split)
    images = _found(folder, f"emnist-{variant}-train-images-idx3-ubyte.gz")
    if images is None:
        raise DatasetNotFound(
            f"expected emnist-{variant}.mat or emnist-{variant}-train-images-idx3-ubyte.gz in {folder}",
            path=str(folder),
        )
    mapping = _mapping(images.parent / f"emnist-{variant}-mapping.txt")
    return _from_idx(images.parent, f"emnist-{variant}-train", f"emnist-{variant}-test", split, mapping, turned=True)


def load_mnist(folder: Path, split: Split) -> GlyphSet:
    """Read one split of MNIST from its four idx files; errors as in `load_emnist`."""
    return _from_idx(folder, "train", "t10k", split, {code: str(code) for code in range(10)}, turned=False)


def _found(folder: Path, name: str) -> Path | None:
    return next((folder / place / name for place in _PLACES if (folder / place / name).is_file()), None)


def _only_variant(folder: Path) -> str:
    there = [
        name
        for name in VARIANTS
        if _found(folder, f"emnist-{name}.mat") or _found(folder, f"emnist-{name}-train-images-idx3-ubyte.gz")
    ]
    if len(there) != 1:
        detail = f"expected the files of one variant of EMNIST in {folder}, found {', '.join(there) or 'none'}"
        raise DatasetNotFound(f"{detail}; emnist-balanced and so on name one", path=str(folder))
    return there[0]


def _from_idx(folder: Path, train: str, test: str, split: Split, mapping: dict[int, str], *, turned: bool) -> GlyphSet:
    part = test if split == "test" else train
    images_path, labels_path = (folder / f"{part}-{end}-ubyte.gz" for end in ("images-idx3", "labels-idx1"))
    images, codes = read_idx(images_path, 3), read_idx(labels_path, 1)
    if images.shape[1:] != (SIDE_PX, SIDE_PX):
        raise damaged(
            images_path, f"expected images of {SIDE_PX} x {SIDE_PX}, got {images.shape[1]} x {images.shape[2]}"
        )
    if len(images) != len(codes):
        raise damaged(labels_path, f"expected {len(images)} labels, one for each image, got {len(codes)}")
    if split != "test":
        held_out = len(read_idx(folder / f"{test}-labels-idx1-ubyte.gz", 1))
        if held_out >= len(codes):
            raise damaged(
                labels_path, f"expected more training images than the {held_out} of the test, got {len(codes)}"
            )
        kept = slice(-held_out, None) if split == "valid" else slice(-held_out)
        images, codes = images[kept], codes[kept]
    return GlyphSet(
        np.ascontiguousarray(images.transpose(0, 2, 1)) if turned else images,
        _labels(labels_path, codes, mapping),
        np.full(len(codes), "", "U1"),
    )


def _from_mat(path: Path, split: Split) -> GlyphSet:
    dataset = read_mat(path).get("dataset")
    if not isinstance(dataset, dict):
        raise damaged(path, "expected a struct called 'dataset', found none")
    meaning = matrix(path, dataset, "mapping")
    if meaning.shape[1] < 2 or not ((meaning >= 0) & (meaning < 128)).all():
        raise damaged(path, f"expected a mapping of labels to ASCII (K, 2), got {meaning.dtype} {meaning.shape}")
    mapping = {int(row[0]): chr(int(row[1])) for row in meaning}
    images, codes, writers = _arrays(path, dataset.get("test" if split == "test" else "train", {}))
    if split != "test":
        share = len(_arrays(path, dataset.get("test", {}))[1]) / max(len(codes), 1)
        people, who = np.unique(writers, return_inverse=True)
        in_valid = np.array([place(str(person)) < share for person in people], bool)[who]
        if in_valid.all() or not in_valid.any():
            left = "train" if in_valid.all() else "valid"
            raise damaged(path, f"expected writers for train and others for valid; of {len(people)}, {left} gets none")
        kept = in_valid if split == "valid" else ~in_valid
        images, codes, writers = images[kept], codes[kept], writers[kept]
    # MATLAB stores an image column by column.
    upright = np.ascontiguousarray(images.reshape(-1, SIDE_PX, SIDE_PX).transpose(0, 2, 1))
    return GlyphSet(upright, _labels(path, codes, mapping), writers.astype(np.str_))


def _arrays(path: Path, part: Value) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any]]:
    """Return images (N, 784), label codes (N,) and writers (N,) of the train or test part of a .mat file."""
    images, codes, writers = (matrix(path, part, name) for name in ("images", "labels", "writers"))
    count = len(images)
    if images.dtype != np.uint8 or images.shape[1] != SIDE_PX**2:
        raise damaged(path, f"expected images of uint8 (N, {SIDE_PX**2}), got {images.dtype} {images.shape}")
    if codes.shape != (count, 1) or writers.shape != (count, 1):
        raise damaged(
            path, f"expected a label and a writer ({count}, 1) for each image, got {codes.shape}, {writers.shape}"
        )
    return images, codes[:, 0], writers[:, 0]


def _mapping(path: Path) -> dict[int, str]:
    """Read ``code character`` lines, the character by its number; of a merged class, the first is the capital."""
    try:
        rows = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        return {int(row[0]): chr(int(row[1])) for row in rows}
    except FileNotFoundError as exc:
        raise no_such_file(path, "the meaning of labels") from exc
    except (OSError, ValueError, OverflowError, IndexError) as exc:
        raise damaged(path, f"expected lines of two numbers, a label and its character: {exc}") from exc


def _labels(path: Path, codes: NDArray[Any], mapping: dict[int, str]) -> NDArray[np.str_]:
    different, which = np.unique(codes, return_inverse=True)
    if unknown := sorted(set(different.tolist()) - mapping.keys()):
        raise damaged(path, f"expected labels among {', '.join(map(str, mapping))}, got {unknown[0]}")
    return np.array([mapping[code] for code in different.tolist()], "U1")[which]
