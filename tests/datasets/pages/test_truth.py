from __future__ import annotations

import numpy as np

from app.datasets.pages.truth import box_of_ink, row_document, row_truth
from app.vision import Box


def _bar(x: float, bottom: float = 20.0) -> np.ndarray:
    return np.array([[x, 10.0], [x, bottom]])


def test_a_box_holds_the_width_of_the_pen():
    assert box_of_ink(np.array([[10.0, 20.0], [30.0, 40.5]]), 4.0) == Box(18, 8, 43, 32)


def test_glyphs_and_words_have_the_boxes_of_their_strokes():
    spans = [(0, 1), (1, 2), (1, 2), (3, 4)]
    row = row_truth("ab c", [_bar(0), _bar(10), _bar(14, 30.0), _bar(40)], spans, 2.0)
    ab, c = row.words
    assert [(glyph.char, glyph.box) for glyph in ab.glyphs] == [("a", Box(9, -1, 21, 1)), ("b", Box(9, 9, 31, 15))]
    assert (ab.text, ab.box) == ("ab", Box(9, -1, 31, 15))
    assert (c.text, c.box) == ("c", Box(9, 39, 21, 41))
    assert row.box == Box(9, -1, 31, 41)


def test_what_was_written_as_a_whole_has_a_box_as_a_whole():
    word = row_truth("ab c", [_bar(0), _bar(40)], [(0, 2), (3, 4)], 2.0).words[0]
    assert (word.box, word.glyphs) == (Box(9, -1, 21, 1), [])
    text = row_truth("ab c", [_bar(0), _bar(40)], [(0, 4), (0, 4)], 2.0)
    assert [(word.text, word.box) for word in text.words] == [("ab", None), ("c", None)]
    assert text.box == Box(9, -1, 21, 41)


def test_a_document_names_things_as_the_service_does():
    row = row_truth("a", [_bar(0)], [(0, 1)], 2.0)
    box = {"left": -1, "top": 9, "right": 1, "bottom": 21}
    assert row_document(row) == {
        "text": "a",
        "box": box,
        "words": [{"text": "a", "box": box, "glyphs": [{"char": "a", "box": box}]}],
    }
