"""What a stranger gets: the model in the repository, on the sample pages and on real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings
from app.ocr import Reader
from app.store import ModelStore, StoredModel
from app.training import find_pages, score_page, summarise
from tests.conftest import skip_or_fail

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MOST_BYTES = 6_000_000


@pytest.fixture(scope="module")
def shipped() -> StoredModel:
    return ModelStore(Settings.model_fields["model_store"].default).load("handprint")


@pytest.fixture(scope="module")
def reader(shipped):
    return Reader.from_card(shipped.card, shipped.arrays)


def test_the_champion_is_small(shipped):
    assert sum(file["size_bytes"] for file in shipped.card["files"].values()) <= MOST_BYTES


def test_its_card_names_data_licence_and_attribution(shipped):
    data = shipped.card["data"]
    assert "UNIPEN" in data["source"]
    assert data["licence"] == "CC BY 4.0"
    assert "Guyon" in data["attribution"]


def test_it_knows_digits_letters_of_both_cases_and_punctuation(reader):
    assert set(reader.alphabet.chars) == {chr(code) for code in range(33, 127)}


@pytest.mark.parametrize("image", sorted(SAMPLES.glob("*.[jp][pn]g")), ids=lambda path: path.stem)
def test_a_sample_page_is_read_to_the_letter(reader, image):
    assert reader.read(image.read_bytes()).text == image.with_suffix(".txt").read_text(encoding="utf-8").rstrip()


def test_the_four_photos_of_the_original_experiment_are_read_with_few_errors(reader, shared_dir):
    if not (shared_dir / "pages").is_dir():
        skip_or_fail(f"there are no measurement pages in {shared_dir}")
    photos = find_pages(sorted((shared_dir / "pages").glob("0[1-4]_*.jpg")))
    summary = summarise([score_page(photo, reader.read) for photo in photos])
    assert summary.error_rate["folded"] <= 0.04
    assert summary.error_rate["strict"] <= 0.05  # word spaces count here


def test_pages_that_hold_no_readable_text_do_no_harm(reader, shared_dir):
    if not (shared_dir / "hard_images").is_dir():
        skip_or_fail(f"there are no hard images in {shared_dir}")
    images = [path for path in sorted((shared_dir / "hard_images").iterdir()) if path.suffix in (".jpg", ".png")]
    smallest = sorted(images, key=lambda path: path.stat().st_size)[:12]
    for path in smallest:
        page = reader.read(path.read_bytes())
        assert all(0 <= word.confidence <= 1 for row in page.rows for word in row.words), path.name
