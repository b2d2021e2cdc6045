from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import BLANK, log_softmax
from app.ocr.spelling.alignment import align
from tests.ocr.all_paths import all_paths, spelt

# columns and text: with columns to spare and without, a letter twice, no text
ROWS = [(6, (1, 2)), (5, (1, 1)), (3, (2, 2)), (7, (1, 1, 2)), (3, (1, 2, 1)), (4, (2,)), (1, (1,)), (3, ())]


def _path(alignment, classes, columns):
    path = np.full(columns, BLANK)
    for label, start, stop in zip(classes, alignment.starts, alignment.stops, strict=True):
        path[start:stop] = label
    return tuple(path.tolist())


@pytest.mark.parametrize("columns, text", ROWS)
@pytest.mark.parametrize("sharpness", [1, 6])
def test_the_path_is_the_best_of_all_that_spell_the_text(columns, text, sharpness, rng):
    for _ in range(10):
        log_p = log_softmax(sharpness * rng.normal(size=(columns, 3)))
        paths = {path: total for path, total in all_paths(np.exp(log_p)) if spelt(path) == text}
        assert _path(align(log_p, text), text, columns) == max(paths, key=paths.__getitem__)


def test_characters_stand_where_the_network_saw_them():
    log_p = np.full((9, 4), -9.0)
    log_p[:, BLANK] = -0.1
    log_p[[1, 2, 4, 6, 7], BLANK] = -8.0
    log_p[[1, 2, 4, 6, 7], [3, 3, 3, 1, 1]] = [-0.2, -0.1, -0.3, -0.1, -0.4]
    alignment = align(log_p, (3, 3, 1))
    assert alignment.starts.tolist() == [1, 4, 6]
    assert alignment.stops.tolist() == [3, 5, 8]
    assert alignment.peaks.tolist() == [2, 4, 6]


def test_any_text_that_fits_is_placed_in_order(rng):
    """Even one that the network holds for impossible."""
    for _ in range(20):
        log_p = log_softmax(8 * rng.normal(size=(60, 12))).astype(np.float32)
        log_p[:, 5] = -np.inf
        text = tuple(rng.integers(1, 12, 25).tolist())
        alignment = align(log_p, text)
        assert spelt(_path(alignment, text, 60)) == text
        assert (alignment.starts < alignment.stops).all()
        assert (alignment.stops[:-1] <= alignment.starts[1:]).all()
        assert ((alignment.starts <= alignment.peaks) & (alignment.peaks < alignment.stops)).all()


@pytest.mark.parametrize("text, needed", [((1, 2, 1), 3), ((1, 1), 3), ((2, 1, 1), 4)])
def test_a_text_that_needs_more_columns_than_there_are_is_refused(text, needed):
    align(np.zeros((needed, 3)), text)
    with pytest.raises(ShapeMismatch, match=f"expects {needed} columns or more for these {len(text)} characters, got"):
        align(np.zeros((needed - 1, 3)), text)
