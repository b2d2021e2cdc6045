from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.api.inspection.grids import data_uri, glyph_grid, glyph_png, signed_colours, signed_grid


def _pixels(png):
    return np.asarray(Image.open(BytesIO(png)))


def test_ink_is_black_on_white():
    glyph = np.zeros((4, 3), np.uint8)
    glyph[0, 0] = 255
    pixels = _pixels(glyph_png(glyph, zoom=2))
    assert pixels.shape == (8, 6)
    assert not pixels[:2, :2].any()
    assert (pixels[2:] == 255).all()


def test_no_glyph_is_one_empty_place():
    assert (_pixels(glyph_grid(np.zeros((0, 4, 3), np.uint8), zoom=1)) == 255).all()


def test_the_sign_is_the_colour_and_the_size_its_strength():
    below, nothing, little, full, beyond, none = signed_colours(np.array([[-1.0, 0, 0.5, 1, 9, np.nan]]), 1.0)[0]
    assert below[2] > below[0]
    assert nothing.tolist() == [255] * 3
    assert full[0] > full[2]
    assert full.tolist() == beyond.tolist()
    assert full.sum() < little.sum() < nothing.sum()
    assert len(set(none.tolist())) == 1


@pytest.mark.parametrize("shape", [(1, 1, 1), (64, 32, 32), (3, 50, 175)])
def test_a_sheet_has_a_legend_below(shape, rng):
    pixels = _pixels(signed_grid(rng.normal(size=shape), 8, 2.5))
    assert pixels.ndim == 3
    legend = pixels[-2]
    assert legend[0].astype(int)[2] > legend[0].astype(int)[0], "blue on the left"
    assert legend[-1].astype(int)[0] > legend[-1].astype(int)[2], "orange on the right"


def test_an_address_holds_the_picture():
    assert b64decode(data_uri(b"png").removeprefix("data:image/png;base64,")) == b"png"
