"""What a stranger gets: the model in the repository, on the sample pages and on real ones."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.cli.shell import load_reader
from app.config import Settings
from app.datasets import PageVariation, draw_page, load_page_writers
from app.datasets.negatives.textless import draw_textless
from app.datasets.pens.hand import Hand
from app.ocr import Language, Likeness, Reader, ReadOptions, RowReader
from app.store import ModelStore, StoredModel
from app.training import find_pages, score_page, summarise
from tests.conftest import skip_or_fail
from tests.vision.conftest import write_page

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MOST_BYTES = {
    "confidence": 10_000,
    "english": 4_000_000,
    "handprint": 6_000_000,
    "likeness": 20_000,
    "rows": 8_000_000,
    "seed": 6_000_000,
}


FOREIGN = {
    "Arabic": "\u0635\u0628\u0627\u062d \u0627\u0644\u062e\u064a\u0631 \u0645\u0637\u0639\u0645",
    "Georgian": "\u10d9\u10d4\u10d7\u10d8\u10da\u10d8 \u10d8\u10e7\u10dd\u10e1",
    "Hebrew": "\u05d1\u05e8\u05d5\u05db\u05d9\u05dd \u05d4\u05d1\u05d0\u05d9\u05dd \u05e8\u05d7\u05d5\u05d1",
}
"""Greetings, and names of places."""

STORE = ModelStore(Settings.model_fields["model_store"].default)
VERSIONS = [(name, version) for name in STORE.names() for version in STORE.versions(name)]


@pytest.fixture(scope="module")
def shipped() -> StoredModel:
    return STORE.load("handprint")


@pytest.fixture(scope="module")
def reader(shipped):
    rows, english, likeness = STORE.load("rows"), STORE.load("english"), STORE.load("likeness")
    return Reader.from_card(
        shipped.card,
        shipped.arrays,
        rows=RowReader.from_card(rows.card, rows.arrays),
        language=Language.from_card(english.card, english.arrays),
        likeness=Likeness.from_card(likeness.card, likeness.arrays),
    )


@pytest.fixture(scope="module")
def read_photo(reader):
    """Read the bytes of a photo; once, however many tests look at what was read."""
    return cache(reader.read)


def test_every_version_is_as_it_was_published():
    assert [finding for finding in STORE.verify() if not finding.harmless] == []


@pytest.mark.parametrize("name, version", VERSIONS)
def test_every_version_is_small(name, version):
    assert sum(file["size_bytes"] for file in STORE.card(name, version)["files"].values()) <= MOST_BYTES[name]


@pytest.mark.parametrize("name, version", VERSIONS)
def test_every_card_names_data_licence_and_attribution(name, version):
    data = STORE.card(name, version)["data"]
    source, licence, author = {
        "english": ("symspellpy 6.10.1", "CC BY 3.0", "Kevin Atkinson"),
    }.get(name, ("10.5281/zenodo.1195803", "CC BY 4.0", "Guyon"))
    assert source in data["source"]
    assert licence in data["licence"]
    assert author in data["attribution"]


def test_the_network_of_the_original_experiment_comes_with_its_first_weights():
    seed = STORE.load("seed")
    assert {name: array.shape for name, array in seed.arrays.items() if array.ndim == 2} == {
        "hidden.weight": (1024, 64),
        "output.weight": (64, 36),
    }
    assert seed.card["metrics"]["valid"]["accuracy"] >= 0.75
    assert STORE.load_initial("seed")["hidden.weight"].std() < seed.arrays["hidden.weight"].std()


@pytest.mark.parametrize("name", ["handprint", "rows"])
def test_a_champion_is_sure_of_itself_by_as_much_as_it_is_right(name):
    assert STORE.load(name).card["calibration"]["ece_after"] <= 0.02


def test_what_is_fitted_to_networks_is_fitted_to_those_in_service():
    assert load_reader(Settings(), "champion").reader.confidence is not None
    assert STORE.load("likeness").card["rows"]["digest"] == STORE.load("rows").digest


def test_rows_of_unseen_writers_are_spelt_in_any_style():
    rates = STORE.load("rows").card["metrics"]["valid"]
    assert rates["error_rate_words"] <= 0.17
    assert rates["error_rate_texts"] <= 0.14


def test_it_knows_digits_letters_of_both_cases_and_punctuation(reader):
    assert set(reader.alphabet.chars) == {chr(code) for code in range(33, 127)}


@pytest.mark.parametrize("which", ["auto", "glyphs"])
@pytest.mark.parametrize("image", sorted(SAMPLES.glob("*.[jp][pn]g")), ids=lambda path: path.stem)
def test_a_sample_page_is_read_to_the_letter(reader, image, which):
    assert (
        reader.read(image.read_bytes(), ReadOptions(reader=which)).text
        == image.with_suffix(".txt").read_text(encoding="utf-8").rstrip()
    )


@pytest.mark.parametrize("kind", ["capitals", "codes", "list", "note"])
def test_drawn_pages_of_every_kind_are_read_with_few_errors(reader, kind, tmp_path):
    writers, variation = load_page_writers("synthetic", "test", tmp_path), PageVariation(kinds=(kind,))
    for number in range(2):
        page = draw_page(writers, variation, 1, number)
        (tmp_path / f"{number}.jpg").write_bytes(page.encoded("jpg"))
        (tmp_path / f"{number}.txt").write_text(page.text)
    summary = summarise([score_page(image, reader.read) for image in find_pages([tmp_path])])
    assert summary.error_rate["folded"] <= 0.1


@pytest.mark.parametrize("quarters", [0, 1, 2])
def test_letters_that_lean_far_are_read_whichever_way_up_they_lie(reader, quarters):
    grey = write_page(["HITTHETILE", "FITNINELIDS", "OPENEVERYDOOR"], hand=Hand(slant_deg=45)).grey
    page = reader.read(_png(np.rot90(grey, quarters)))
    assert page.text.splitlines() == ["HITTHETILE", "FITNINELIDS", "OPENEVERYDOOR"]
    assert page.view.orientation_deg == 90 * quarters


def test_the_four_photos_of_the_original_experiment_are_read_with_few_errors(read_photo, shared_dir):
    if not (shared_dir / "pages").is_dir():
        skip_or_fail(f"there are no measurement pages in {shared_dir}")
    photos = find_pages(sorted((shared_dir / "pages").glob("0[1-4]_*.jpg")))
    summary = summarise([score_page(photo, read_photo) for photo in photos])
    assert summary.error_rate["folded"] <= 0.04
    assert summary.error_rate["strict"] <= 0.05  # word spaces count here


def _in_another_script(text: str) -> bytes:
    """Print a text three times, line by line."""
    page = Image.new("L", (900, 330), 235)
    font = ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"), 48)
    for top in (30, 120, 210):
        ImageDraw.Draw(page).text((40, top), text, fill=40, font=font)
    return _png(np.asarray(page))


def _png(grey: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_pages_in_another_script_are_said_to_be(reader, text):
    page = reader.read(_in_another_script(text))
    assert "unsupported-script" in {notice.code for notice in page.warnings}


def test_pictures_without_text_give_hardly_a_glyph(reader):
    pages = [reader.read(_png(draw_textless(np.random.default_rng(900 + seed)))) for seed in range(6)]
    assert sum(len(row.text) for page in pages for row in page.rows) <= len(pages)
    assert sum([notice.code for notice in page.warnings] == ["no-text"] for page in pages) >= 5


def test_no_measurement_page_is_said_to_be_in_another_script(read_photo, shared_dir):
    if not (shared_dir / "pages").is_dir():
        skip_or_fail(f"there are no measurement pages in {shared_dir}")
    for page in find_pages([shared_dir / "pages"]):
        codes = {notice.code for notice in read_photo(page.read_bytes()).warnings}
        assert not codes & {"unsupported-script", "no-text"}, page.name


def test_pages_that_hold_no_readable_text_do_no_harm(reader, shared_dir):
    if not (shared_dir / "hard_images").is_dir():
        skip_or_fail(f"there are no hard images in {shared_dir}")
    images = [path for path in sorted((shared_dir / "hard_images").iterdir()) if path.suffix in (".jpg", ".png")]
    smallest = sorted(images, key=lambda path: path.stat().st_size)[:12]
    for path in smallest:
        page = reader.read(path.read_bytes())
        assert all(0 <= word.confidence <= 1 for row in page.rows for word in row.words), path.name
