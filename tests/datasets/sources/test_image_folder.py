from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.datasets.sources.image_folder import load_image_folder
from app.errors import DamagedDataset, DatasetNotFound, InvalidInput
from app.vision import GLYPH_SIZE


def _save(path: Path, *, paper: int = 255, ink: int = 0, size: tuple[int, int] = (40, 30), mode: str = "L") -> None:
    """Draw an L, the stem at the left and the foot at the bottom."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full(size, paper, np.uint8)
    pixels[4:-4, 6:9] = pixels[-8:-4, 6:20] = ink
    Image.fromarray(pixels).convert(mode).save(path)


def _only(folder: Path) -> np.ndarray:
    for split in ("train", "valid", "test"):
        try:
            return load_image_folder(folder, split).images[0]
        except DatasetNotFound:
            continue
    raise AssertionError("no image in any split")


def test_a_folder_is_a_class_and_its_name_the_character(tmp_path: Path) -> None:
    for number, name in enumerate(("A", "U+0061", "U+002F", "é", "7")):
        _save(tmp_path / "train" / name / f"{number}.png")
    (tmp_path / "train" / "notes.txt").write_text("not a class")
    (tmp_path / "train" / "A" / "notes.txt").write_text("not an image")
    (tmp_path / "train" / ".cache").mkdir()
    glyphs = load_image_folder(tmp_path, "train")
    assert "".join(glyphs.labels) == "7A/aé"
    assert glyphs.images.shape == (5, GLYPH_SIZE, GLYPH_SIZE)
    assert set(glyphs.writers) == {""}


@pytest.mark.parametrize("paper, ink", [(255, 0), (0, 255), (200, 30), (60, 250), (128, 0)])
def test_whatever_was_dark_comes_out_as_ink_on_paper(tmp_path: Path, paper: int, ink: int) -> None:
    _save(tmp_path / "expected/L/a.png")
    _save(tmp_path / "got/L/a.png", paper=paper, ink=ink)
    expected, got = _only(tmp_path / "expected"), _only(tmp_path / "got")
    assert (got[0] == 0).all()
    assert (expected.max(), got.max()) == (255, 255)
    np.testing.assert_allclose(got.astype(int), expected, atol=2)


@pytest.mark.parametrize(
    "mode, suffix", [("RGB", ".png"), ("RGBA", ".png"), ("1", ".png"), ("P", ".png"), ("L", ".JPG")]
)
def test_kinds_of_images_are_all_read(tmp_path: Path, mode: str, suffix: str) -> None:
    _save(tmp_path / "L" / f"a{suffix}", mode=mode)
    image = _only(tmp_path)
    assert image.max() == 255
    assert image[:, : GLYPH_SIZE // 2].sum() > 2 * image[:, GLYPH_SIZE // 2 :].sum()  # an L still


def test_images_of_different_sizes_lie_together(tmp_path: Path) -> None:
    _save(tmp_path / "train/L/a.png")
    _save(tmp_path / "train/L/b.png", size=(400, 31))
    assert load_image_folder(tmp_path, "train").images.shape == (2, GLYPH_SIZE, GLYPH_SIZE)


def test_without_folders_of_splits_the_name_decides(tmp_path: Path) -> None:
    for number in range(60):
        _save(tmp_path / "ABC"[number % 3] / f"{number}.png", size=(20, 24))
    sizes = {split: len(load_image_folder(tmp_path, split)) for split in ("train", "valid", "test")}
    assert sum(sizes.values()) == 60
    assert sizes["train"] > 40
    assert min(sizes.values()) > 0
    before = load_image_folder(tmp_path, "valid").fingerprint()
    _save(tmp_path / "D/new.png")  # what is added moves nothing
    valid = load_image_folder(tmp_path, "valid")
    assert valid.select(valid.labels != "D").fingerprint() == before


def test_folders_of_splits_are_taken_as_they_are(tmp_path: Path) -> None:
    for number in range(5):
        _save(tmp_path / "train" / "A" / f"{number}.png")
    _save(tmp_path / "valid" / "A" / "0.png")
    assert [len(load_image_folder(tmp_path, split)) for split in ("train", "valid")] == [5, 1]
    with pytest.raises(InvalidInput, match=r"\(train, valid\), got 'test'"):
        load_image_folder(tmp_path, "test")


@pytest.mark.parametrize("name", ["ABC", "U+41", "u+0041", "U+110000", "0x41"])
def test_a_folder_whose_name_is_no_character_is_named(tmp_path: Path, name: str) -> None:
    _save(tmp_path / "train" / name / "a.png")
    with pytest.raises(DamagedDataset, match="one character, or by its code as U"):
        load_image_folder(tmp_path, "train")


def _cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


@pytest.mark.parametrize("spoil", [_cut, lambda whole: b"", lambda whole: b"text"], ids=["cut", "empty", "text"])
def test_an_image_that_cannot_be_read_is_named(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "train/A/a.png"
    _save(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DamagedDataset, match=r"A/a\.png") as caught:
        load_image_folder(tmp_path, "train")
    assert caught.value.context == {"path": str(path)}


def test_an_image_without_ink_is_empty_and_a_folder_without_images_is_told(tmp_path: Path) -> None:
    _save(tmp_path / "train/A/a.png", ink=255)
    assert not load_image_folder(tmp_path, "train").images.any()
    (tmp_path / "valid/A").mkdir(parents=True)
    with pytest.raises(DatasetNotFound, match="images of valid"):
        load_image_folder(tmp_path, "valid")
