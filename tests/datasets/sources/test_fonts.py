"""Fonts as writers."""

from __future__ import annotations

import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from app.datasets import StrokeSet, load_samples
from app.datasets.pens.strokes import SIDE_UNITS
from app.datasets.sources.fonts import load_fonts, published_fonts
from app.errors import DamagedDataset, DatasetNotFound

FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")
TRAINS, MEASURES = "anna", "emil"  # names whose hash says so


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for name in (TRAINS, MEASURES):
        shutil.copy(FONT, folder / f"{name}.ttf")
    return folder


@pytest.fixture(scope="module")
def samples(folder: Path) -> StrokeSet:
    return load_fonts(folder, "train")


def test_a_font_is_a_writer_of_every_printable_character(samples: StrokeSet) -> None:
    assert "".join(samples.labels) == "".join(map(chr, range(33, 127)))
    assert set(samples.writers) == {TRAINS}


def test_characters_are_as_large_beside_capitals_as_in_the_font(samples: StrokeSet) -> None:
    size = dict(zip(samples.labels.tolist(), samples.relative_size.tolist(), strict=True))
    assert 0.9 < size["E"] < 1.1
    assert 0.6 < size["o"] < 0.85
    assert size["."] < 0.2


def test_shapes_are_the_fonts(samples: StrokeSet) -> None:
    strokes = {char: samples.strokes(index) for index, char in enumerate(samples.labels.tolist())}
    (stem,) = strokes["l"]
    assert np.ptp(stem[:, 0]) < 0.05 * np.ptp(stem[:, 1])
    (ring,) = strokes["O"]
    np.testing.assert_array_equal(ring[0], ring[-1])
    assert np.concatenate(strokes["E"]).max() == SIDE_UNITS


def test_splits_share_no_font(folder: Path, samples: StrokeSet) -> None:
    assert set(load_fonts(folder, "valid").writers) == {MEASURES}


def test_a_folder_of_fonts_is_a_data_set(folder: Path, samples: StrokeSet) -> None:
    found = load_samples(str(folder), "train", folder.parent)
    assert isinstance(found, StrokeSet)
    assert found.fingerprint() == samples.fingerprint()


def test_characters_that_a_font_lacks_are_left_out(tmp_path: Path) -> None:
    shutil.copy(FONT.with_name("STIXSizOneSymBol.ttf"), tmp_path / f"{TRAINS}.ttf")
    assert set(load_fonts(tmp_path, "train").labels.tolist()) == set("()/[]{}\\")


def test_what_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{TRAINS}.woff").write_bytes(b"wOFF and no more")
    with pytest.raises(DamagedDataset, match=f"{TRAINS}.woff: expected a font"):
        load_fonts(tmp_path, "train")


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_font_that_is_cut_off_is_named(tmp_path: Path, share: float) -> None:
    whole = FONT.read_bytes()
    (tmp_path / f"{TRAINS}.ttf").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DamagedDataset, match=f"{TRAINS}.ttf: expected a font"):
        load_fonts(tmp_path, "train")


def test_a_folder_without_fonts_of_the_split_says_so(tmp_path: Path) -> None:
    shutil.copy(FONT, tmp_path / f"{TRAINS}.ttf")
    with pytest.raises(DatasetNotFound, match="fonts of the split valid"):
        load_fonts(tmp_path, "valid")


def test_a_font_of_other_scripts_only_is_none(tmp_path: Path) -> None:
    shutil.copy(FONT.with_name("DejaVuSansDisplay.ttf"), tmp_path / f"{TRAINS}.ttf")
    with pytest.raises(DatasetNotFound, match="with printable ASCII"):
        load_fonts(tmp_path, "train")


def test_every_published_font_has_an_address_a_check_sum_and_a_licence() -> None:
    files = published_fonts()
    assert len({file.name for file in files}) == len(files) > 100
    for file in files:
        assert file.url.startswith("https://")
        assert file.url.endswith(f"/{file.name[:-5]}-latin-400-normal.woff")
        assert file.checksum is not None
        assert len(file.checksum) == len("sha256:") + 64
