"""An allow-list over HTTP, with the models of the project: it masks, shares out anew, and loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.api import create_app
from app.config import Settings
from tests.api.real_answers import draw_page


@pytest.fixture(scope="module")
def service():
    with TestClient(create_app(Settings())) as client:
        yield client


def _glyphs(service, **options):
    answer = service.post("/ocr", files={"file": draw_page("LITTLE 77")}, params={"alternatives": 10, **options})
    assert answer.status_code == 200
    return [glyph for row in answer.json()["rows"] for word in row["words"] for glyph in word["glyphs"]]


@pytest.mark.parametrize("reader", ["glyphs", "rows", "auto"])
@pytest.mark.parametrize("allowed", ["X", "0123456789", "-.,", "TL7", None])
def test_only_what_is_allowed_comes_out_and_no_glyph_is_lost(service, reader, allowed):
    allowed = allowed or "".join(np.random.default_rng(len(reader)).choice(list("ABCdef123#:/"), 5, replace=False))
    free, glyphs = _glyphs(service, reader=reader), _glyphs(service, reader=reader, alphabet=allowed)
    assert len(glyphs) >= len(free)
    for glyph in glyphs:
        readings = [glyph, *glyph["alternatives"]]
        assert {each["char"] for each in readings} <= set(allowed)
        confidences = [each["confidence"] for each in readings]
        assert confidences == sorted(confidences, reverse=True)
        assert 0 < sum(confidences) <= 1 + 1e-9
