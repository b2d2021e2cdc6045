"""Which network looks at a page, and how well it says that rows can be read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.nn import BLANK
from app.ocr import Alphabet, RowReader, build_network
from app.ocr.networks import Networks
from app.ocr.options import Permitted
from app.ocr.stages import Stages
from app.vision import STRIP_HEIGHT, Strip, segment
from tests.conftest import TINY_ROWS
from tests.vision.conftest import write_page

ALPHABET = Alphabet(" 9gC")
CARD = {
    "alphabet": ALPHABET.chars,
    "architecture": {**TINY_ROWS, "classes": 1 + len(ALPHABET)},
    "calibration": {"temperature": 1.0},
}


def test_which_way_up_does_not_depend_on_telling_look_alikes_apart():
    arrays = build_network(CARD["architecture"], np.random.default_rng(3)).arrays()
    networks = Networks(None, RowReader.from_card(CARD, arrays), scorer=None, both=False)
    ink = np.random.default_rng(1).integers(0, 256, (STRIP_HEIGHT, 400), np.uint8)
    rows = [SimpleNamespace(strip=Strip(ink, 0, 1.0))]
    seen = networks.predict(rows)
    roughly = networks.certainty(rows, seen, roughly=True)
    np.testing.assert_array_equal(networks.legibility(rows, seen).certainty, roughly)
    assert not np.array_equal(networks.certainty(rows, seen), roughly)


def test_full_stops_that_are_seen_but_not_said_are_in_the_lines():
    alphabet = Alphabet(" H.")
    network = build_network({**TINY_ROWS, "classes": 4}, np.random.default_rng(0))
    glyphs = SimpleNamespace(alphabet=Alphabet("H."))
    networks = Networks(glyphs, RowReader(network, alphabet), scorer=None, both=False)
    page = write_page(["H.."], hand=Hand(pen=0.06))  # a thicker one would be laid on larger paper
    found = segment(page.grey)
    [row] = found.rows
    p = np.full((row.strip.columns, 4), 0.01)
    p[:, BLANK] = 0.97
    for box, char, sure in zip(page.boxes[0], "H..", (0.97, 0.97, 0.4), strict=True):
        p[row.strip.column((box.left + box.right) / 2), 1 + alphabet.chars.index(char)] = sure
    seen = [np.log(p / p.sum(axis=1, keepdims=True))]
    [line] = networks.lines(found, seen, Permitted(None, None), Stages(lambda: None))
    np.testing.assert_allclose(line.boxes, page.boxes[0], atol=2)
    assert [glyphs.alphabet.chars[index] for index in line.log_p.argmax(axis=1)] == ["H", ".", "."]
    [without] = networks.lines(found, seen, Permitted(glyphs.alphabet.mask("H"), None), Stages(lambda: None))
    assert len(without.boxes) == 2


@pytest.mark.parametrize("most, asked", [(2, 2), (1, 0)])
def test_glyphs_are_asked_about_doubtful_characters_unless_these_are_too_many(most, asked, monkeypatch):
    monkeypatch.setattr("app.ocr.networks._MOST_ASKED", most)
    alphabet = Alphabet(" HC")
    network = build_network({**TINY_ROWS, "classes": 4}, np.random.default_rng(0))
    named = []

    def classify(rows, hypotheses=()):
        named.extend(each for of_row in hypotheses for each in of_row)
        return [np.full((len(of_row), 2), np.log(0.5)) for of_row in hypotheses]

    glyphs = SimpleNamespace(alphabet=Alphabet("HC"), classify=classify)
    networks = Networks(glyphs, RowReader(network, alphabet), scorer=None, both=True)
    page = write_page(["HH"], hand=Hand(pen=0.06))
    found = segment(page.grey)
    [row] = found.rows
    p = np.full((row.strip.columns, 4), 0.01)
    p[:, BLANK] = 0.97
    for box in page.boxes[0]:
        p[row.strip.column((box.left + box.right) / 2)] = (0.1, 0.01, 0.6, 0.29)
    seen = [np.log(p / p.sum(axis=1, keepdims=True))]
    [line] = networks.lines(found, seen, Permitted(None, None), Stages(lambda: None))
    assert len(line.boxes) == 2
    assert len(named) == asked
