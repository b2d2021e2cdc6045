from __future__ import annotations

import numpy as np
import pytest

from app.datasets import Composed
from app.datasets.rows.shapes import Spacing
from app.nn import Inference
from app.ocr import Alphabet, build_network
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.spelling.spelling import Spelling
from app.training.measuring.cases import NOTHING, Cases, glyph_cases, row_cases
from app.vision import COLUMN_PX, STRIP_HEIGHT
from tests.conftest import write_samples


def _cases(true, predicted, confidence):
    labels = "AB"
    p = np.zeros((len(true), 2), np.float32)
    y_true, y_pred = (np.array([labels.index(char) for char in chars]) for chars in (true, predicted))
    p[np.arange(len(true)), y_pred] = confidence
    images = np.zeros((len(true), 2, 2), np.uint8)
    return Cases(labels, y_true, y_pred, p, images, np.full(len(true), "someone"))


def test_a_cell_has_what_was_misread_the_surest_first():
    cases = _cases("AABA", "BBBA", [0.6, 0.9, 0.8, 0.7])
    assert cases.cell("A", "B").tolist() == [1, 0]
    assert cases.cell("B", "A").tolist() == []
    assert cases.confusion().tolist() == [[1, 2], [0, 1]]
    assert cases.right.tolist() == [False, False, True, True]
    assert cases.confidence == pytest.approx([0.6, 0.9, 0.8, 0.7])


def test_glyphs_are_named_as_the_network_names_them(rng):
    network = build_network({"name": "dense", "classes": 3, "hidden": 4}, rng)
    glyphs = rng.random((5, 1, 32, 32), np.float32)
    asked = []
    cases = glyph_cases(
        Inference(network), Alphabet("abc"), 2.0, glyphs, np.array([*"abcab"]), np.full(5, "x"), lambda: asked.append(1)
    )
    logits = network.predict(glyphs)
    assert cases.y_pred.tolist() == logits.argmax(axis=1).tolist()
    assert cases.y_true.tolist() == [0, 1, 2, 0, 1]
    expected = np.exp(logits / 2)
    np.testing.assert_allclose(cases.p, expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_array_equal(cases.images, np.rint(glyphs[:, 0] * 255).astype(np.uint8))
    assert asked == [1]


class _Says(RowReader):
    """Reads the same text on every row, one character each `step` columns, half sure of each."""

    def __init__(self, text, step=4):
        self.alphabet = Alphabet(" abc")
        self.says, self.step = text, step

    def predict(self, strips):
        self.widths = [strip.width for strip in strips]
        return [np.zeros((strip.columns, 5)) for strip in strips]

    def spell(self, log_p, allowed=None):
        chars = self.says.replace(" ", "")
        p = np.zeros((len(chars), 4))
        p[np.arange(len(chars)), [self.alphabet.chars.index(char) for char in chars]] = 0.5
        ends = [len(word) for word in self.says.split(" ")]
        p_space = np.zeros(max(len(chars) - 1, 0))
        p_space[np.cumsum(ends)[:-1] - 1] = 0.75
        return Spelling(p, np.arange(len(chars)) * self.step, p_space)


@pytest.fixture(scope="module")
def row():
    people = Composed(write_samples("abcde", writers=1), ())
    (writer,) = people.known
    return people.write_text("ab c", writer, Spacing(0.1, 0.5, 0.0), np.random.default_rng(0)), writer


def test_a_row_that_is_read_rightly_has_a_case_for_each_character_spaces_included(row):
    cases = row_cases(_Says("ab c"), [row])
    assert cases.labels == " abc" + NOTHING
    assert "".join(cases.labels[k] for k in cases.y_true) == "ab c"
    assert cases.right.all()
    assert cases.confidence == pytest.approx([0.5, 0.5, 0.75, 0.5])
    assert cases.p.sum(axis=1) == pytest.approx(np.ones(4))
    assert set(cases.writers) == {row[1]}
    assert cases.images.shape[:2] == (4, STRIP_HEIGHT)


def test_what_is_passed_over_and_what_is_made_up_is_paired_with_nothing(row):
    passed_over = row_cases(_Says("ab"), [row])
    assert [passed_over.labels[k] for k in passed_over.y_pred] == ["a", "b", NOTHING, NOTHING]
    assert passed_over.was_read.tolist() == [True, True, False, False]
    made_up = row_cases(_Says("aab c"), [row])
    assert [made_up.labels[k] for k in made_up.y_true].count(NOTHING) == 1
    assert made_up.confusion()[-1, made_up.labels.index("a")] == 1


def test_a_case_shows_the_ink_about_its_column(row):
    reader = _Says("ab c", step=6)
    cases = row_cases(reader, [row])
    left, width = COLUMN_PX // 2 - cases.images.shape[2] // 2, reader.widths[0]
    assert left < 0
    assert not cases.images[0, :, :-left].any(), "before the strip there is paper"
    assert cases.images[0].any()
    assert width > cases.images.shape[2], "or nothing was cut"


def test_an_unread_row_is_passed_over_from_end_to_end(row):
    cases = row_cases(_Says(""), [row])
    assert [cases.labels[k] for k in cases.y_pred] == [NOTHING] * 4
    assert cases.images.any(axis=(1, 2)).sum() >= 3, "evenly along the row, and not all in one place"
