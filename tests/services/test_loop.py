"""The whole loop by HTTP, as people have it: a hand that is misread is corrected, taught, promoted and taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.datasets.pages.odd_page import LESSON, TEST, draw_odd_page
from app.datasets.pages.sample_page import draw_sample_page
from bench.service import Service

pytestmark = pytest.mark.service

_OTHERS = 3  # people whose writing is read as before
_SIZE_PX = (130 * len(TEST), 900)


@pytest.fixture
def pages(tmp_path):
    """Draw the lesson, the test, and the text of the test by other people."""
    drawn = {"lesson": draw_odd_page(LESSON, 0), "test": draw_odd_page(TEST, 1)}
    for seed in range(_OTHERS):
        drawn[f"other {seed}"] = draw_sample_page(TEST, np.random.default_rng(seed), size_px=_SIZE_PX)
    for name, page in drawn.items():
        Image.fromarray(page).save(tmp_path / f"{name}.png")
    return {name: tmp_path / f"{name}.png" for name in drawn}


def _read(service: Service, pages: dict[str, Path]):
    answers = {}
    for name, page in pages.items():
        document = service.ask("POST", "/ocr", files={"file": (page.name, page.read_bytes())}).json()
        del document["timing_ms"]
        answers[name] = document
    return answers


def _glyphs(answer):
    return [glyph for row in answer["rows"] for word in row["words"] for glyph in word["glyphs"]]


def _misread(answer, lines):
    """Glyphs that were taken for something else, each with what is written."""
    written = "".join(lines).replace(" ", "")
    return [(glyph, char) for glyph, char in zip(_glyphs(answer), written, strict=True) if glyph["char"] != char]


def test_a_hand_is_taught_and_unlearnt_over_http(tmp_path, pages):
    with Service(tmp_path / "service") as service:
        before = _read(service, pages)
        assert {char for _, char in _misread(before["test"], TEST)} == set("47E")

        # A row at a time: what is said of a row is aligned to its glyphs.
        assert len(_misread(before["lesson"], LESSON)) == 12
        for row, text in zip(before["lesson"]["rows"], LESSON, strict=True):
            assert service.correct(pages["lesson"], text, row["box"])["read_as"] == row["text"]

        # The network that spells most of a page alone, in half of the time that it takes by itself.
        job = service.retrain(model="rows", promote="if-better", epochs=2)
        kinds = {kind for kind, _ in service.events(job["id"])}
        assert {"state", "epoch"} <= kinds
        job = service.wait_for(job["id"])
        assert job["state"] == "succeeded", job["problem"]

        after = _read(service, pages)
        assert after["test"]["row_model"]["version"] == job["result"]["versions"][0]["version"]
        assert not _misread(after["test"], TEST)
        for name in pages.keys() - {"lesson", "test"}:
            assert len(_misread(after[name], TEST)) <= len(_misread(before[name], TEST))

        service.ask("POST", "/admin/aliases/champion/rollback", json={"model": "rows"})
        assert _read(service, pages) == before
