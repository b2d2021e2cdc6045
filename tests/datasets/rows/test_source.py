"""Who writes the rows of a data set."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.datasets import AsWritten, Composed, load_row_writers
from app.errors import DamagedDataset, DatasetNotFound, InvalidInput
from tests.conftest import save_unipen, save_writing, write_samples

CHARS = "AEHLMNOT12"
WORDS, TEXTS = ["HELM", "TALE"], ["OTTO MET HAL", "TEN MEN"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Characters of training, of which every M is doubtful."""
    samples = write_samples(CHARS, 2)
    doubt = np.where(samples.labels == "M", 5, 3).astype(np.int16)
    (tmp_path / "unipen").mkdir()
    save_unipen(tmp_path / "unipen", "train", dataclasses.replace(samples, doubt=doubt))
    return tmp_path / "unipen"


def _texts(writer: Composed | AsWritten, count: int = 60) -> set[str]:
    return {writer.write(np.random.default_rng(seed)).text for seed in range(count)}


def test_a_data_set_of_characters_alone_gives_composed_rows_alone(folder: Path) -> None:
    writers = load_row_writers("unipen", "train", folder.parent, 6)
    assert list(writers) == ["chars"]
    assert isinstance(writers["chars"], Composed)
    assert set("".join(_texts(writers["chars"]))) == {*CHARS, " "}


def test_words_and_rows_are_written_where_the_data_set_has_them(folder: Path) -> None:
    save_writing(folder, "words", "train", [*WORDS, "BOGUS"], quality=np.array(["OK", "OK", "BAD"]))
    save_writing(folder, "texts", "train", TEXTS)
    writers = load_row_writers("unipen", "train", folder.parent, 6)

    assert list(writers) == ["chars", "words", "texts"]
    assert _texts(writers["texts"]) == set(TEXTS)
    words = _texts(writers["words"])
    assert {word for text in words for word in text.split()} == set(WORDS)
    assert max(text.count(" ") for text in words) == 3
    composed = _texts(writers["chars"], 150)
    for word in (*WORDS, "OTTO", "MET"):
        assert any(word in text for text in composed), word
    assert not any("BOG" in text for text in composed)


@pytest.mark.parametrize("what, split", [("words", "train"), ("texts", "train"), ("words", "valid")])
def test_words_without_rows_and_those_of_another_split_are_not_read(folder: Path, what: str, split: str) -> None:
    save_writing(folder, what, split, WORDS)  # type: ignore[arg-type]
    assert list(load_row_writers("unipen", "train", folder.parent, 6)) == ["chars"]


def test_doubtful_characters_are_left_out(folder: Path) -> None:
    writers = load_row_writers("unipen", "train", folder.parent, 5)
    assert set("".join(_texts(writers["chars"]))) == {*CHARS, " "} - {"M"}
    with pytest.raises(InvalidInput, match="different characters"):
        load_row_writers("unipen", "train", folder.parent, 3)


def test_a_data_set_may_be_named_by_its_folder(folder: Path) -> None:
    assert list(load_row_writers(str(folder), "train", Path("elsewhere"), 6)) == ["chars"]


def test_images_are_refused(tmp_path: Path) -> None:
    pixels = np.full((20, 20), 255, np.uint8)
    pixels[4:16, 8:11] = 0
    (tmp_path / "train" / "I").mkdir(parents=True)
    Image.fromarray(pixels).save(tmp_path / "train" / "I" / "1.png")

    with pytest.raises(InvalidInput, match="expected a data set of pen strokes"):
        load_row_writers(str(tmp_path), "train", tmp_path, 4)


def test_what_is_missing_or_damaged_is_named(folder: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"chars_valid\.npz"):
        load_row_writers("unipen", "valid", folder.parent, 4)
    save_writing(folder, "words", "train", WORDS)
    (folder / "texts_train.npz").write_bytes(b"no archive")
    with pytest.raises(DamagedDataset, match=r"texts_train\.npz"):
        load_row_writers("unipen", "train", folder.parent, 6)
