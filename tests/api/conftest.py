"""A service around a reader that decodes for real and then always reads the same."""

from __future__ import annotations

from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.api import Serving, create_app
from app.config import Settings
from app.ocr.alphabet import Alphabet
from app.ocr.page import Alternative, Break, Glyph, Notice, Page, Row, Word
from app.vision import Box
from app.vision.decode import decode

DIGEST = f"sha256:{'5e' * 32}"


class FakeReader:
    """Stands in for the network: notes how it was called, and reads "A1 B" everywhere."""

    alphabet = Alphabet("ABC123")

    def __init__(self):
        self.options = []
        self.failure = None

    def read(self, source, options, *, limits):
        if options.alphabet is not None:
            self.alphabet.mask(options.alphabet)  # before decoding, as the real one does
        picture = decode(source, limits)
        self.options.append(options)
        if self.failure:
            raise self.failure
        others = (Alternative("B", 0.25), Alternative("C", 0.125), Alternative("2", 0.0625))[: options.alternatives]
        first = Word(
            (
                Glyph("A", 0.5, Box(2, 1, 9, 6), Break("none", 1.5, 0.125), others),
                Glyph("1", 0.5, Box(3, 8, 9, 10), Break("space", 9.0, 0.75)),
            )
        )
        second = Word((Glyph("B", 1.0, Box(2, 19, 10, 25), Break("row", 0.0, 1.0)),))
        return Page(
            width=picture.width,
            height=picture.height,
            angle_deg=-0.5,
            rows=(Row((first, second)),),
            warnings=(Notice("low-contrast", "the ink is faint", Box(0, 0, 10, 10)), Notice("skewed", "turned")),
            timing_ms={"decode": 1.25, "classify": 2.0},
        )


def _png(width=40, height=30):
    file = BytesIO()
    Image.new("L", (width, height), 255).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def png():
    """Draw a white page: ``png(width, height)``."""
    return _png


@pytest.fixture
def settings(tmp_path):
    return Settings(model_store=tmp_path, max_upload_bytes=20_000, max_pixels=10_000)


@pytest.fixture
def reader():
    return FakeReader()


@pytest.fixture
def client(settings, reader):
    serving = Serving(reader, {"name": "handprint", "version": "3", "digest": DIGEST, "alias": "champion"})
    with TestClient(create_app(settings, load=lambda _: serving), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def post(client):
    """Send an image, with whatever else `client.post` takes."""

    def send(content=None, **arguments):
        return client.post("/ocr", files={"file": ("page.png", _png() if content is None else content)}, **arguments)

    return send


@pytest.fixture
def problem():
    """Check that an answer is a proper problem of a kind, and return its members."""

    def check(response, status, code):
        assert response.headers["content-type"] == "application/problem+json"
        document = response.json()
        assert document["type"] == f"/problems/{code}"
        assert document["status"] == response.status_code == status
        assert document["title"]
        assert document["detail"]
        assert document["instance"] == response.request.url.path
        return document

    return check
