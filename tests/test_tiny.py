"""The whole project in one page: pen strokes, a network, a model store, a service, and a page that is read."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from fastapi.testclient import TestClient
from PIL import Image

from app.api import create_app
from app.config import Settings
from app.datasets import Augmentation, StrokeSet, plain_glyphs
from app.datasets.pages.sample_page import draw_sample_page
from app.datasets.pens.hand import Hand
from app.datasets.pens.pen_font import load_pen_font
from app.ocr import Alphabet
from app.store import ModelStore
from app.training import Data, GlyphDataset, GlyphRecipe, Phase, publish_run, train_recipe

LINES = ["INKROW READS", "HAND PRINT", "ROW BY ROW"]
HAND = Hand(slant_deg=3.0, jitter=0.015, letter_gap=0.12, word_gap=0.8)
ALPHABET = Alphabet("".join(sorted(set("".join(LINES)) - {" "})))


def pen_strokes(copies: int) -> StrokeSet:
    """Write each character some times, as the pen font has it; no two will be drawn alike."""
    written = [load_pen_font().glyph(char).strokes for char in ALPHABET.chars] * copies
    strokes = [stroke for character in written for stroke in character]
    return StrokeSet(
        labels=np.array(list(ALPHABET.chars) * copies),
        writers=np.array(["font"] * len(written)),
        relative_size=np.ones(len(written), np.float32),
        doubt=np.zeros(len(written), np.int16),
        stroke_ptr=np.cumsum([0, *map(len, written)], dtype=np.int32),
        point_ptr=np.cumsum([0, *map(len, strokes)], dtype=np.int32),
        points=np.rint(np.concatenate(strokes) * 1000).astype(np.int16),
    )


def test_from_pen_strokes_to_text(tmp_path):
    # Two convolutions learn, in seconds, to name characters that are bent, blurred and spoiled anew in every epoch.
    train, valid = pen_strokes(copies=64), pen_strokes(copies=1)
    glyphs = plain_glyphs(valid)
    data = GlyphDataset(train, valid, ALPHABET, train.fingerprint(), glyphs, ALPHABET.encode(valid.labels), {})
    tiny = {"name": "glyph-cnn", "stages": [[8], [16]], "hidden": 32, "dropout": 0.0}
    recipe = GlyphRecipe(
        model="handprint",
        description="Names the characters of our pen font.",
        data=Data(name="pen font"),
        network=tiny,
        phases=(Phase(epochs=4, lr=5e-3, augmentation=Augmentation()),),
        batch_size=32,
    )
    run = train_recipe(data, recipe, workers=0)
    assert run.history[-1].valid_accuracy == 1.0

    # The store keeps the weights, and a card that says how they came about; an alias names the version that serves.
    store = ModelStore(tmp_path)
    version = publish_run(store, run, data)
    store.set_alias(version.name, "champion", version.version)

    # Somebody photographs a page of hand print and posts it.
    photo = BytesIO()
    page = draw_sample_page(LINES, np.random.default_rng(0), size_px=(450, 700), hand=HAND)
    Image.fromarray(page).save(photo, "JPEG")
    with TestClient(create_app(Settings(model_store=tmp_path))) as client:
        answer = client.post("/ocr", files={"file": ("page.jpg", photo.getvalue())}).json()

    # The answer is the text, row by row, with a box around every character that is read.
    assert answer["text"] == "\n".join(LINES)
    assert answer["model"]["digest"] == version.digest
    for row, line in zip(answer["rows"], LINES, strict=True):
        characters = [glyph for word in row["words"] for glyph in word["glyphs"]]
        assert "".join(glyph["char"] for glyph in characters) == line.replace(" ", "")
        for box in (glyph["box"] for glyph in characters):
            assert row["box"]["left"] <= box["left"] < box["right"] <= row["box"]["right"]
            assert row["box"]["top"] <= box["top"] < box["bottom"] <= row["box"]["bottom"]
