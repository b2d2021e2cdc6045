"""Fonts of other scripts than Latin."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources.fonts import published_fonts
from app.datasets.sources.script_fonts import ScriptFont, load_script_fonts, load_script_letters
from app.errors import DamagedDataset, DatasetNotFound
from tests.datasets.sources.test_fonts import FONT, MEASURES, TRAINS

HEBREW = "\u05d0\u05d1\u05d2"


@pytest.fixture(scope="module")
def font() -> ScriptFont:
    return ScriptFont(FONT)


def test_its_letters_are_those_of_other_scripts_that_it_draws(font: ScriptFont) -> None:
    assert set(HEBREW) <= set(font.letters)
    assert not {"a", "é", "\u0e01", "\u4e2d"} & set(font.letters)
    assert "\u05b0" in font.marks


def test_text_is_ink_side_by_side(font: ScriptFont) -> None:
    one, three = (font.ink(text) for text in (HEBREW[0], HEBREW))
    assert one.dtype == bool
    assert one.any()
    assert three.shape[1] > 2 * one.shape[1]
    assert 0.4 * font.height < one.shape[0] < 2 * font.height


def test_letters_are_joined_where_their_script_joins_them(font: ScriptFont) -> None:
    apart, joined = ("\u0628" + between + "\u0628" for between in ("\u200c", ""))
    assert font.ink(joined).shape != font.ink(apart).shape


def test_splits_share_no_font(tmp_path: Path) -> None:
    for name in (TRAINS, MEASURES):
        shutil.copy(FONT, tmp_path / f"{name}.ttf")
    assert [font.name for font in load_script_fonts(tmp_path, "train")] == [TRAINS]
    assert [font.name for font in load_script_fonts(tmp_path, "valid")] == [MEASURES]


def test_letters_are_pen_strokes_as_large_as_in_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.datasets.sources.script_fonts._candidates", lambda: list(HEBREW))
    shutil.copy(FONT, tmp_path / f"{TRAINS}.ttf")
    letters = load_script_letters(tmp_path, "train")
    assert letters.alphabet == HEBREW
    assert set(letters.writers) == {TRAINS}
    assert ((letters.relative_size > 0.5) & (letters.relative_size < 1.5)).all()
    assert all(len(np.concatenate(letters.strokes(index))) > 5 for index in range(len(letters)))


def test_a_folder_without_fonts_of_the_split_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="fonts of the split valid"):
        load_script_fonts(tmp_path, "valid")


def test_a_font_that_is_cut_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.ttf").write_bytes(FONT.read_bytes()[:1000])
    with pytest.raises(DamagedDataset, match=r"cut\.ttf: expected a font"):
        ScriptFont(tmp_path / "cut.ttf")


def test_a_latin_font_has_none_of_these_letters() -> None:
    with pytest.raises(DamagedDataset, match="another script"):
        ScriptFont(FONT.with_name("cmr10.ttf"))


def test_every_published_font_has_an_address_and_a_check_sum() -> None:
    files = published_fonts("scripts.tsv")
    assert len({file.name for file in files}) == len(files)
    assert all(file.url.startswith("https://") and "-latin-" not in file.url for file in files)
    assert all(file.checksum is not None and len(file.checksum) == len("sha256:") + 64 for file in files)
