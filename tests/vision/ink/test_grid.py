"""Cells of a page, and back to pixels."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.grid import enlarged, weights_between


@pytest.mark.parametrize("cells, pixels", [(5, 33), (1, 4), (6, 50), (4, 4)])
def test_weights_between_cells_interpolate_as_enlarging_does(cells, pixels, rng):
    values = rng.random((cells, 3)).astype(np.float32)
    np.testing.assert_allclose(weights_between(cells, pixels) @ values, enlarged(values, (pixels, 3)), rtol=1e-5)
