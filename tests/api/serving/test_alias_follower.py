"""What serves follows the aliases, and no answer is of two models."""

from __future__ import annotations

import gc
import http.client
import json
import logging
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.api import create_app
from app.api.serving.models import Models
from app.config import Settings
from app.datasets import char_extents
from app.ensemble import Choice
from app.ocr import RowReader, build_network
from app.store import ModelStore
from tests.api.real_answers import draw_page
from tests.conftest import TINY_ROWS

CHARS = "0123456789ABCDEFGHIJ"
CLIENTS, SWAPS = 64, 20


def _publish(store, name, seed):
    if name == "rows":
        architecture, alphabet = {**TINY_ROWS, "classes": len(CHARS) + 2}, " " + CHARS
    else:
        architecture, alphabet = {"name": "dense", "hidden": 4, "classes": len(CHARS)}, CHARS
    network = build_network(architecture, np.random.default_rng(seed))
    card = {
        "architecture": architecture,
        "alphabet": alphabet,
        "calibration": {"temperature": 0.01},  # untrained, and yet sure of itself: otherwise nothing would be read
        "char_extents": char_extents(CHARS),
    }
    return store.publish(name, network.arrays(), card).version


@pytest.fixture
def tiny(tmp_path):
    """Give a store with two versions each of a tiny network for glyphs and one for rows, the first being champions."""
    store = ModelStore(tmp_path / "models")
    for name, seeds in {"handprint": (1, 2), "rows": (2, 7)}.items():  # who happen to disagree about the page
        for seed in seeds:
            _publish(store, name, seed)
        store.promote(name, "1")
    return store


@pytest.fixture
def tiny_settings(tiny, tmp_path):
    return Settings(model_store=tiny.root, state=tmp_path / "state", rate_limit=0, waiting_readings=1000)


@pytest.fixture
def tiny_client(tiny_settings):
    with TestClient(create_app(tiny_settings)) as client:
        yield client


PAGE = draw_page("A5 B7 C2")


def _read(client):
    return _without_times(client.post("/ocr", files={"file": ("page.png", PAGE)}).json())


def _without_times(answer):
    return {key: value for key, value in answer.items() if key != "timing_ms"}


def _wait_for(condition, within_s=2.0):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < within_s
        time.sleep(0.01)


def test_a_new_champion_serves_within_two_seconds_and_a_rollback_gives_the_same_bytes(tiny, tiny_client):
    before = _read(tiny_client)
    tiny.promote("handprint", "2")
    _wait_for(lambda: _read(tiny_client)["model"]["version"] == "2")
    assert _read(tiny_client)["rows"] != before["rows"]
    tiny.rollback("handprint")
    _wait_for(lambda: _read(tiny_client)["model"]["version"] == "1")
    assert _read(tiny_client) == before


def test_the_models_beside_it_are_followed_too(tiny, tiny_client):
    before = _read(tiny_client)
    assert before["row_model"]["version"] == "1"
    tiny.promote("rows", "2")
    _wait_for(lambda: _read(tiny_client)["row_model"]["version"] == "2")
    assert _read(tiny_client)["rows"] != before["rows"]


def test_pages_are_shared_by_as_many_threads_as_the_settings_say_also_by_what_comes_later(
    tiny, tiny_settings, monkeypatch
):
    given, from_card = [], RowReader.from_card
    monkeypatch.setattr(RowReader, "from_card", lambda *args: given.append(args[2]) or from_card(*args))
    app = create_app(tiny_settings.model_copy(update={"page_threads": 3}))
    with TestClient(app):
        tiny.promote("rows", "2")
        app.state.follower.look()
    assert given == [3, 3]


def test_what_has_not_changed_is_not_loaded_again(tiny):
    models = Models(tiny, Choice(), 1)
    rows = models.serving.reader.rows
    tiny.promote("handprint", "2")
    assert models.catch_up()
    assert models.serving.reader.rows is rows
    tiny.promote("rows", "2")
    assert models.catch_up()
    assert models.serving.reader.rows is not rows


def test_what_is_named_by_its_number_stays(tiny, tiny_settings):
    pinned = tiny_settings.model_copy(update={"alias": "1"})
    with TestClient(create_app(pinned)) as client:
        tiny.promote("rows", "2")
        tiny.promote("handprint", "2")
        _wait_for(lambda: _read(client)["row_model"]["version"] == "2")
        assert _read(client)["model"] == {**_read(client)["model"], "version": "1", "alias": None}


def test_what_cannot_be_loaded_leaves_the_old_version_serving(tiny, tiny_client, caplog):
    before = _read(tiny_client)
    model = tiny.load("handprint", "2")
    card = {"architecture": {"name": "of another release"}, "alphabet": CHARS, "calibration": {"temperature": 1.0}}
    tiny.publish("handprint", model.arrays, card)
    with caplog.at_level(logging.ERROR):
        tiny.promote("handprint", "3")
        _wait_for(lambda: tiny_client.get("/readyz").json()["notes"])
    ready = tiny_client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["model"]["version"] == "1"
    assert "unknown-architecture" in ready.json()["notes"][0]
    assert "of another release" in caplog.text
    assert _read(tiny_client) == before
    tiny.rollback("handprint")
    _wait_for(lambda: not tiny_client.get("/readyz").json()["notes"])


def test_a_service_without_a_model_begins_to_read_when_there_is_one(tmp_path, tiny_settings):
    empty = tiny_settings.model_copy(update={"model_store": tmp_path / "empty"})
    with TestClient(create_app(empty)) as client:
        assert client.get("/readyz").status_code == 503
        store = ModelStore(empty.model_store)
        store.promote("handprint", _publish(store, "handprint", 1))
        _wait_for(lambda: client.get("/readyz").status_code == 200)


def test_the_start_does_what_a_killed_writer_began(tiny, tiny_settings):
    aliases = tiny.root / "handprint" / "aliases.json"
    before = aliases.read_bytes()
    tiny.promote("handprint", "2")
    aliases.write_bytes(before)
    with TestClient(create_app(tiny_settings)) as client:
        assert _read(client)["model"]["version"] == "2"


def test_what_no_longer_serves_is_freed(tiny, tiny_client):
    """Even what was there at the start, which garbage collection does not look at."""
    assert gc.get_freeze_count()
    old = weakref.ref(tiny_client.app.state.models.serving.reader)
    tiny.promote("handprint", "2")
    _wait_for(lambda: old() is None)


def test_what_served_is_garbage_like_any_other_once_the_service_has_ended(tiny_settings):
    with TestClient(create_app(tiny_settings)):
        pass
    assert not gc.get_freeze_count()


def test_many_clients_get_whole_answers_while_models_are_swapped(tiny, tiny_settings, serve):
    """Sixty-four clients, twenty swaps: each answer is one that some pair of versions gives by itself."""
    expected = {}
    for glyphs in "12":
        for rows in "12":
            pinned = tiny_settings.model_copy(update={"alias": glyphs, "row_alias": rows})
            with TestClient(create_app(pinned)) as client:
                expected[glyphs, rows] = _read(client)
    assert len({json.dumps(answer["rows"]) for answer in expected.values()}) == len(expected)
    address = serve(create_app(tiny_settings))
    body, content_type = _form(PAGE)
    stopped, seen, failures = threading.Event(), [], []

    def keep_asking(_):
        with closing(http.client.HTTPConnection(*address[:2], timeout=60)) as connection:
            while not stopped.is_set():
                connection.request("POST", "/ocr", body, {"Content-Type": content_type})
                response = connection.getresponse()
                content = response.read()
                if response.status != 200:
                    failures.append(content)
                    continue
                answer = json.loads(content)
                versions = answer["model"]["version"], answer["row_model"]["version"]
                seen.append(versions)
                if any(answer[part] != expected[versions][part] for part in ("text", "rows", "warnings")):
                    failures.append((versions, answer["text"]))

    with ThreadPoolExecutor(CLIENTS) as pool:
        asking = [pool.submit(keep_asking, number) for number in range(CLIENTS)]
        try:
            for swap in range(SWAPS):
                name = ("handprint", "rows")[swap % 2]
                wanted = tiny.promote(name, "2" if tiny.aliases(name)["champion"] == "1" else "1")
                role = swap % 2
                start = len(seen)
                _wait_for(lambda: any(each[role] == wanted for each in seen[start:]), 10)  # noqa: B023
        finally:
            stopped.set()
        for each in asking:
            each.result()
    assert failures == []
    assert set(seen) == set(expected)


def _form(page):
    boundary = "one-page"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="page.png"\r\n\r\n'
    return head.encode() + page + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_a_model_of_an_impossible_name_is_told_and_the_service_starts_all_the_same(tmp_path, caplog):
    settings = Settings(model="HandPrint", model_store=tmp_path / "models", state=tmp_path / "state")
    with TestClient(create_app(settings)) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
    assert "HandPrint" in caplog.text
