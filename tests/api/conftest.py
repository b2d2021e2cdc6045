"""A service around a reader that decodes for real and then always reads the same; over a socket, too."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from io import BytesIO

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.serving.protocol import ProblemProtocol
from app.config import Settings
from app.ocr import (
    Alphabet,
    Alternative,
    Break,
    Doubt,
    Glyph,
    Notice,
    Page,
    Reader,
    Reading,
    Row,
    Word,
    build_network,
)
from app.store import ModelStore
from app.vision import Box, decode_pages
from tests.conftest import TINY_ROWS


class FakeReader:
    """Stands in for the network: notes how it was called, and reads "A1 B" everywhere."""

    alphabet = Alphabet("ABC123")
    rows = None
    permitted = Reader.permitted

    def __init__(self):
        self.options = []
        self.failure = None

    def read_pages(self, source, options, *, limits, checkpoint):
        checkpoint()
        for picture in decode_pages(source, limits, options.pages):
            self.options.append(options)
            if self.failure:
                raise self.failure
            yield Reading(self._page(picture, options), picture, None)

    def _page(self, picture, options):
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
            warnings=(Notice("struck-out", "crossed out", Box(0, 0, 10, 10)), Notice("no-text", "nothing else")),
            timing_ms={"decode": 1.25, "classify": 2.0},
            review=(Doubt(0, 1, 0, "B", 1.0, Box(2, 19, 10, 25)),),
        )


def _png(width=40, height=30):
    file = BytesIO()
    Image.new("L", (width, height), 255).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def png():
    """Draw a white page: ``png(width, height)``."""
    return _png


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Give a store with four versions of a model, the third of which is the champion."""
    store = ModelStore(tmp_path_factory.mktemp("models"))
    for number in range(1, 5):
        store.publish("handprint", {"x": np.full(1, number, np.float32)}, {})
    store.set_alias("handprint", "champion", "3")
    store.set_alias("handprint", "candidate", "4")
    return store


@pytest.fixture
def settings(store):
    return Settings(model_store=store.root, max_upload_bytes=20_000, max_pixels=10_000, max_files=3)


@pytest.fixture
def reader(monkeypatch):
    """Let every model be this reader."""
    reader = FakeReader()
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, **others: reader)
    return reader


@pytest.fixture
def app(settings, reader):
    return create_app(settings)


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def serve():
    """Serve an application over a socket of this machine: ``serve(app)`` gives host and port."""
    servers = []

    def start(app):
        server = uvicorn.Server(uvicorn.Config(app, http=ProblemProtocol, port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        return server.servers[0].sockets[0].getsockname()

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(30)


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
        assert document["instance"] == response.request.url.raw_path.partition(b"?")[0].decode()
        return document

    return check


# Not for longer than a module: while one service runs, its thread alone may say how many threads BLAS has.
@pytest.fixture(scope="module")
def inspected(tmp_path_factory):
    """Give a service around the shipped models, with no data set at hand."""
    nowhere = tmp_path_factory.mktemp("no-data")
    with TestClient(create_app(Settings(data=nowhere)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def rows_inspected(tmp_path_factory):
    """Give a service around a row network that has learnt nothing, and knows few characters; it reads a few rows."""
    architecture = {**TINY_ROWS, "classes": 22}
    card = {"architecture": architecture, "alphabet": " abcdefghij0123456789", "calibration": {"temperature": 1.0}}
    store = ModelStore(tmp_path_factory.mktemp("rows"))
    network = build_network(architecture, np.random.default_rng(0))
    store.publish("rows", network.arrays(), card)
    store.set_alias("rows", "champion", "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.training.measuring.evaluation_sets._ROWS_A_WRITER", 3)
        with TestClient(create_app(Settings(model_store=store.root)), raise_server_exceptions=False) as client:
            yield client


@pytest.fixture(scope="module")
def correcting():
    """Serve the shipped models to somebody whose key may correct: ``correcting(settings)`` gives the client."""
    with ExitStack() as services:

        def start(settings):
            app = create_app(settings)
            client = services.enter_context(TestClient(app, raise_server_exceptions=False))
            _, key = KeyStore(app.state.database).create("corrects", [Scope.CORRECT])
            client.headers["Authorization"] = f"Bearer {key}"
            return client

        yield start
