"""Rows of glyphs in one array."""

from __future__ import annotations

import numpy as np

from app.ocr.priors.page_rows import PageRows


def test_what_is_of_each_row_is_found_again_and_added_up(rng: np.random.Generator) -> None:
    rows = [rng.random((length, 2)) for length in (3, 1, 4)]
    page, values = PageRows.of(rows), np.concatenate(rows)
    assert page.row.tolist() == [0, 0, 0, 1, 2, 2, 2, 2]
    for found, total, row in zip(page.split(values), page.sums(values), rows, strict=True):
        np.testing.assert_array_equal(found, row)
        np.testing.assert_allclose(total, row.sum(axis=0))
