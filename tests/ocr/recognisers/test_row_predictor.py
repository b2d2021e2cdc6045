"""What a row network says of strips, whichever others are read with them; the network is made up."""

from __future__ import annotations

from threading import get_ident

import numpy as np
import pytest

from app.ocr import build_network
from app.ocr.recognisers.row_predictor import RowPredictor
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip
from tests.conftest import TINY_ROWS


@pytest.fixture(scope="module")
def network():
    return build_network({**TINY_ROWS, "classes": 5}, np.random.default_rng(0))


@pytest.fixture(scope="module")
def predictor(network):
    return RowPredictor(network)


def test_no_rows_are_no_work(predictor):
    assert predictor.predict([]) == []


def test_paper_at_its_ends_changes_nothing_about_a_row(predictor):
    ink = np.random.default_rng(1).integers(0, 256, (STRIP_HEIGHT, 9 * COLUMN_PX)).astype(np.uint8)
    tight, wide = Strip(ink, 0, 1.0), Strip(np.pad(ink, ((0, 0), (5 * COLUMN_PX, 7 * COLUMN_PX))), 0, 1.0)
    said, said_within = predictor.predict([tight, wide])
    np.testing.assert_allclose(said, said_within[5:14], atol=1e-5)


def test_rows_are_seen_alike_alone_and_together(predictor):
    rng = np.random.default_rng(1)
    widths = [1, 300, 41, 650, 660, 45, 2000, 640, 46]
    strips = [Strip(rng.integers(0, 256, (STRIP_HEIGHT, width)).astype(np.uint8), 0, 1.0) for width in widths]
    for together, strip in zip(predictor.predict(strips), strips, strict=True):
        [alone] = predictor.predict([strip])
        assert len(together) == strip.columns
        np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("count, is_shared", [(3, False), (12, True)])
def test_rows_of_a_page_that_has_many_are_shared_by_threads_and_read_as_by_one(network, rng, count, is_shared):
    def strip(columns):
        return Strip(rng.integers(0, 256, (STRIP_HEIGHT, columns * COLUMN_PX), np.uint8), 0, 1.0)

    strips = [strip(30 * number) for number in range(1, 1 + count)]  # each too long for a batch with the one before
    alone, shared = (RowPredictor(network, threads=threads) for threads in (1, 3))
    callers, predict = [], shared.network.predict
    shared.network.predict = lambda images: callers.append(get_ident()) or predict(images)
    for one, other in zip(alone.predict(strips), shared.predict(strips), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(callers) == count
    assert (get_ident() not in callers) == is_shared
