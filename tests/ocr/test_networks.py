"""Which network looks at a page, and how well it says that rows can be read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from app.ocr import Alphabet, RowReader, build_network
from app.ocr.networks import Networks
from app.vision import STRIP_HEIGHT, Strip
from tests.conftest import TINY_ROWS

ALPHABET = Alphabet(" 9gC")
CARD = {
    "alphabet": ALPHABET.chars,
    "architecture": {**TINY_ROWS, "classes": 1 + len(ALPHABET)},
    "calibration": {"temperature": 1.0},
}


def test_which_way_up_does_not_depend_on_telling_look_alikes_apart():
    arrays = build_network(CARD["architecture"], np.random.default_rng(3)).arrays()
    networks = Networks(None, RowReader.from_card(CARD, arrays), fluency=None, both=False)
    ink = np.random.default_rng(1).integers(0, 256, (STRIP_HEIGHT, 400), np.uint8)
    rows = [SimpleNamespace(strip=Strip(ink, 0, 1.0))]
    seen = networks.look(rows)
    roughly = networks.certainty(rows, seen, roughly=True)
    np.testing.assert_array_equal(networks.legibility(rows, None).certainty, roughly)
    assert not np.array_equal(networks.certainty(rows, seen), roughly)
