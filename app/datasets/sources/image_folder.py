"""A folder of images for each character: ``A/anna_1.png``, ``U+0061/anna_2.png``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.splits import Split, split_of
from app.errors import DatasetNotFound, InvalidInput
from app.vision import GLYPH_SIZE, DecodeLimits, decode, normalise_glyph

# What a folder of this kind has in it.
PATTERNS = tuple(f"{above}{name}" for above in ("", "train/", "valid/", "test/") for name in ("?", "U+*"))
SUFFIXES = {".png", ".jpg", ".jpeg"}
# For characters that cannot name a folder, or not beside another: "/" anywhere, "a" beside "A" on many systems.
_CODE = re.compile(r"U\+([0-9A-F]{4,6})")
# An image of one character; a photo of a page among them is a mistake.
_LIMITS = DecodeLimits(max_pixels=4_000_000)


def load_image_folder(folder: Path, split: Split) -> GlyphSet:
    """Read one split of a folder of images.

    Either `folder` has sub-folders train, valid and test, each with a folder for each character; or it has the latter
    itself, and a hash of character and file name decides: eight tenths are train, one valid, one test. Each image is
    brought to ink 255 on paper 0, paper being what its border mostly is, and to the size and place of classifier
    inputs, so that images of different sizes may lie together.

    Raises
    ------
    DatasetNotFound : there is no image
    InvalidInput : there are sub-folders of splits, but not of this one
    DamagedDataset : an image cannot be read, or a folder's name is no character; the message names it
    """
    parts = [name for name in get_args(Split) if (folder / name).is_dir()]
    if parts and split not in parts:
        raise InvalidInput(f"expected a split of {folder} ({', '.join(parts)}), got {split!r}")
    found = [
        (char, path)
        for char, path in _images(folder / split if parts else folder)
        if parts or split_of(f"{char}/{path.name}") == split
    ]
    if not found:
        raise DatasetNotFound(f"expected images of {split} in {folder}, one sub-folder a character", path=str(folder))
    images = np.empty((len(found), GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    for image, (_, path) in zip(images, found, strict=True):
        image[...] = np.rint(255 * normalise_glyph(ink_of(_grey(path))))
    return GlyphSet(images, np.array([char for char, _ in found]), np.full(len(found), "", "U1"))


def ink_of(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn a grey image (H, W) of one character into ink 255 on paper 0, whichever of the two was dark.

    The median of the border is paper; what is on the other side of it is not ink.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    contrast = paper - grey.astype(np.float32) if paper >= 128 else grey.astype(np.float32) - paper
    return np.rint(np.clip(contrast, 0, None) * (255 / max(paper, 255 - paper))).astype(np.uint8)


def _images(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each character and image in an order that does not depend on the file system."""
    for place in sorted(path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path)):
        char = _char(place.name)
        if char is None:
            raise damaged(place, "expected a folder named by one character, or by its code as U+0041")
        for path in sorted(place.iterdir()):
            if path.suffix.lower() in SUFFIXES and not _is_hidden(path):
                yield char, path


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") and len(path.name) > 1


def _char(name: str) -> str | None:
    if code := _CODE.fullmatch(name):
        number = int(code[1], 16)
        return chr(number) if number < 0x110000 else None
    return name if len(name) == 1 else None


def _grey(path: Path) -> NDArray[np.uint8]:
    try:
        return decode(path.read_bytes(), _LIMITS).grey
    except InvalidInput as exc:
        raise damaged(path, exc.detail) from exc
    except OSError as exc:
        raise damaged(path, f"the image cannot be read: {exc.strerror}") from exc
