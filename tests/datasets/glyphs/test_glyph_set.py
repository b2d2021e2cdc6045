from __future__ import annotations

import numpy as np
import pytest

from app.datasets import GlyphSet, plain_glyphs
from app.vision import GLYPH_SIZE, normalise_glyph


@pytest.fixture
def glyphs() -> GlyphSet:
    images = np.zeros((3, 9, 7), np.uint8)
    images[0, 2:5, 1:3] = images[1, :, 3] = images[2, 4, :] = 255
    return GlyphSet(images, np.array(["b", "a", "b"]), np.array(["", "ann", "bob"]))


def test_the_alphabet_is_every_label_once_in_order(glyphs: GlyphSet) -> None:
    assert (len(glyphs), glyphs.alphabet) == (3, "ab")


def test_selecting_keeps_images_labels_and_writers_together(glyphs: GlyphSet) -> None:
    chosen = glyphs.select(glyphs.labels == "b")
    np.testing.assert_array_equal(chosen.images, glyphs.images[[0, 2]], strict=True)
    assert (chosen.labels.tolist(), chosen.writers.tolist()) == (["b", "b"], ["", "bob"])


def test_the_fingerprint_tells_every_array_apart(glyphs: GlyphSet) -> None:
    others = [
        GlyphSet(255 - glyphs.images, glyphs.labels, glyphs.writers),
        GlyphSet(glyphs.images, glyphs.labels[::-1][[0, 1, 1]], glyphs.writers),
        GlyphSet(glyphs.images, glyphs.labels, np.array(["", "ann", "eve"])),
    ]
    fingerprints = {each.fingerprint() for each in (glyphs, *others)}
    assert len(fingerprints) == 4
    assert glyphs.select(np.ones(3, bool)).fingerprint() == glyphs.fingerprint()
    assert all(fingerprint.startswith("sha256:") for fingerprint in fingerprints)


def test_normalised_glyphs_fill_the_classifiers_input(glyphs: GlyphSet) -> None:
    inputs = plain_glyphs(glyphs)
    assert (inputs.shape, inputs.dtype) == ((3, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    np.testing.assert_array_equal(inputs.max(axis=(1, 2, 3)), 1)
    np.testing.assert_array_equal(inputs[:, 0], [normalise_glyph(image) for image in glyphs.images])
    assert inputs[1].any(axis=1).sum() < inputs[1].any(axis=2).sum()  # an upright line stays one


def test_a_set_without_samples_has_no_glyphs(glyphs: GlyphSet) -> None:
    assert plain_glyphs(glyphs.select(np.zeros(3, bool))).shape == (0, 1, GLYPH_SIZE, GLYPH_SIZE)
