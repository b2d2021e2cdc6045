"""Which version reads."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from app.api.serving.models import Models
from app.ensemble import Choice, Reference
from app.errors import ModelNotFound
from app.ocr import Language, Reader, RowReader
from app.store import ModelStore


@pytest.fixture
def loaded(monkeypatch):
    """Load what the tests publish, and note each version that is loaded."""
    loaded = []

    def from_card(card, arrays, **others):
        loaded.append(card["version"])
        return card["version"]

    monkeypatch.setattr(Reader, "from_card", from_card)
    return loaded


@pytest.mark.parametrize(
    "asked, version, alias", [(None, "3", "champion"), ("candidate", "4", "candidate"), ("2", "2", None)]
)
def test_a_request_chooses_its_version(post, asked, version, alias):
    model = post(params={} if asked is None else {"model": asked}).json()["model"]
    assert (model["version"], model["alias"]) == (version, alias)


@pytest.mark.parametrize("reference", ["9", "nobody", "../handprint/1"])
def test_a_version_that_is_not_there_is_404(post, problem, reader, reference):
    document = problem(post(params={"model": reference}), 404, "model-not-found")
    assert document["reference"] == reference
    assert document["versions"] == ["1", "2", "3", "4"]
    assert reader.options == []


def test_a_version_is_loaded_once_and_only_the_last_few_are_kept(store, loaded):
    models = Models(store, Choice(), 1)
    for reference in ("3", "1", "2", "1", "candidate", "2"):
        models.find(reference)
    # 3 serves; 4, the candidate, took the place of 2, which was not asked for longest
    assert loaded == ["3", "1", "2", "4", "2"]


def test_an_alias_is_looked_up_at_every_request(tmp_path, loaded):
    store = ModelStore(tmp_path)
    for number in (1, 2):
        store.publish("handprint", {"x": np.full(1, number, np.float32)}, {})
    store.set_alias("handprint", "champion", "1")
    models = Models(store, Choice(), 1)
    store.set_alias("handprint", "champion", "2")
    assert models.find("champion").reader == "2"
    assert models.find(None).reader == "1"
    with pytest.raises(ModelNotFound):
        models.find("3")


def test_rows_are_spelt_by_one_model_whatever_version_names_the_glyphs(store, loaded, monkeypatch):
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, rows, **others: rows)
    monkeypatch.setattr(RowReader, "from_card", lambda card, arrays, threads: loaded.append(card["version"]) or threads)
    rows = store.load("handprint", "2")  # any model will do
    models = Models(store, Choice(rows=Reference("handprint", "2")), 3)
    for reference in (None, "candidate"):
        serving = models.find(reference)
        assert serving.reader == 3
        assert serving.model["rows"] == rows.reference
    assert loaded == ["2"]


def test_words_are_known_by_one_model_whatever_version_names_the_glyphs(store, monkeypatch):
    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, language, **others: language)
    monkeypatch.setattr(Language, "from_card", lambda card, arrays: f"language {card['version']}")
    language = store.load("handprint", "2")  # any model will do
    models = Models(store, Choice(language=Reference("handprint", "2")), 1)
    for reference in (None, "candidate"):
        serving = models.find(reference)
        assert serving.reader == "language 2"
        assert serving.model["language"] == language.reference


def test_without_a_model_for_rows_or_words_answers_say_so(store, loaded):
    model = Models(store, Choice(), 1).find(None).model
    assert model["rows"] is model["language"] is None


_COUNT_THREADS = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from threadpoolctl import threadpool_info
from app.api import create_app
from app.config import Settings

def count():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

before = count()
for threads in (1, 2):
    with TestClient(create_app(Settings(model_store=Path(sys.argv[1]), blas_threads=threads))):
        assert count() == {threads}, (threads, count())
    assert count() == before, (threads, before, count())
"""


def test_a_matrix_product_has_so_many_threads_while_it_serves(tmp_path):
    # In a process of its own: where another thread has set limits before, its own count as long as it lives.
    command = [sys.executable, "-c", _COUNT_THREADS, str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "INKROW_STATE": str(tmp_path)})
