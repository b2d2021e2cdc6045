"""How often somebody may ask, over HTTP: by key or else by address, told in every answer."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.access.admission import UNCOUNTED
from app.config import Settings


@pytest.fixture
def app(store, reader):
    return create_app(Settings(model_store=store.root, rate_limit=3, admin_key="k" * 32))


@pytest.fixture
def from_address(app, client):
    """Make a client at an address: ``from_address("192.0.2.1")``."""
    return lambda address: TestClient(app, client=(address, 1), raise_server_exceptions=False)


@pytest.fixture
def key(app, client):
    return KeyStore(app.state.database).create("a", [Scope.READ])[1]


def _bearing(sent):
    return {"Authorization": f"Bearer {sent}"}


def _usage(response):
    assert response.headers["ratelimit-policy"] == '"requests";q=3;w=60'
    remaining, reset_s = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', response.headers["ratelimit"]).groups()
    assert 0 < int(reset_s) <= 60
    return int(remaining)


def test_every_answer_tells_what_is_left(client, key):
    assert _usage(client.get("/models")) == 2
    assert _usage(client.get("/nothing")) == 1
    assert _usage(client.post("/ocr", headers={"content-length": str(10**9)})) == 0
    assert _usage(client.get("/models", headers=_bearing(key))) == 2


def test_who_asks_too_often_is_told_when_to_come_again(client, problem):
    for _ in range(3):
        assert client.get("/models").status_code == 200
    response = client.get("/models")
    document = problem(response, 429, "too-many-requests")
    assert (document["limit"], document["window_s"]) == (3, 60)
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert _usage(response) == 0
    assert "x-content-type-options" in response.headers


def test_keys_and_addresses_are_counted_apart(client, from_address, key):
    for asking, headers in [
        (client, {}),
        (from_address("192.0.2.1"), {}),
        (client, _bearing(key)),
        (client, _bearing("k" * 32)),
    ]:
        assert [asking.get("/models", headers=headers).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert from_address("192.0.2.1").get("/models", headers=_bearing(key)).status_code == 429


def test_an_ipv6_network_is_one_address(from_address):
    for last in (1, 2, 3):
        assert from_address(f"2001:db8::{last}").get("/models").status_code == 200
    assert from_address("2001:db8::4").get("/models").status_code == 429
    assert from_address("2001:db8:0:1::4").get("/models").status_code == 200


def test_health_and_metrics_are_not_counted(client):
    for path in UNCOUNTED:
        for _ in range(5):
            response = client.get(path)
            assert response.status_code != 429
            assert "ratelimit" not in response.headers


def test_zero_is_any_number(store, reader):
    with TestClient(create_app(Settings(model_store=store.root, rate_limit=0))) as client:
        assert "ratelimit" not in client.get("/models").headers
        assert "429" not in client.get("/openapi.json").json()["paths"]["/models"]["get"]["responses"]


def test_wrong_keys_count_for_the_address_and_then_are_not_even_looked_up(app, client, key, monkeypatch):
    looked_up = []
    verify = KeyStore.verify
    monkeypatch.setattr(KeyStore, "verify", lambda self, sent: looked_up.append(sent) or verify(self, sent))
    assert client.get("/models", headers=_bearing(key)).status_code == 200
    wrong = [client.get("/models", headers=_bearing(f"wrong{n}")) for n in range(5)]
    assert [(answer.status_code, _usage(answer)) for answer in wrong] == [
        (401, 2),
        (401, 1),
        (401, 0),
        (429, 0),
        (429, 0),
    ]
    assert looked_up == [key, "wrong0", "wrong1", "wrong2"]
    assert client.get("/models", headers=_bearing(key)).status_code == 200


def test_a_body_is_not_read_of_who_asks_too_often(app, client):
    for _ in range(3):
        client.get("/models")
    taken_in, statuses = [], []

    async def receive():
        taken_in.append(True)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        statuses.append(message.get("status"))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ocr",
        "query_string": b"",
        "headers": [],
        "client": ("testclient", 1),
        "app": app,
    }
    client.portal.call(app, scope, receive, send)
    assert (statuses[0], taken_in) == (429, [])


def test_counting_touches_no_database(app, client):
    app.state.database.close()
    database, app.state.database = app.state.database, None
    try:
        assert [client.get("/models").status_code for _ in range(4)] == [200, 200, 200, 429]
    finally:
        app.state.database = database


def test_processes_count_together_in_redis(store, reader, redis_url):
    settings = Settings(model_store=store.root, rate_limit=3, rate_limit_url=redis_url)
    clients = [TestClient(create_app(settings)) for _ in range(2)]
    assert [_usage(client.get("/models")) for client in (*clients, clients[0])] == [2, 1, 0]
    assert clients[1].get("/models").status_code == 429
