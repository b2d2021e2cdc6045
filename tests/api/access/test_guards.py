"""Keys over HTTP: what is open, what is not, and what somebody without the right key is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Semaphore

import pytest
from fastapi import Depends, File

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.access.guards import CallerDep, may
from app.errors import DatabaseFailed

_SENTENCE = "expected a key as Authorization: Bearer inkrow_..., got none, or one that is unknown, expired or revoked"
_ADMIN_KEY = "an admin key that nobody can guess"


@pytest.fixture
def app(settings, reader):
    """Give a service with one route of each scope, and an admin key in its settings."""
    app = create_app(settings.model_copy(update={"admin_key": type(settings)(admin_key=_ADMIN_KEY).admin_key}))

    def tell(caller: CallerDep):
        return {"key": caller.key_id, "address": caller.address}

    for scope in Scope:
        app.add_api_route(f"/only/{scope}", tell, name=scope, dependencies=[Depends(may(scope.value))])

    @app.post("/only/admin/files", dependencies=[Depends(may("admin"))])
    def take(file: bytes = File()):
        return len(file)

    return app


@pytest.fixture
def keys(client, app):
    return KeyStore(app.state.database)


def _bearing(sent):
    return {"Authorization": f"Bearer {sent}"}


def test_a_key_opens_what_its_scope_includes(client, keys):
    for scope in Scope:
        key, sent = keys.create(scope, [scope])
        for asked in Scope:
            response = client.get(f"/only/{asked}", headers=_bearing(sent))
            is_open = asked in scope.included or asked == "read"
            assert response.status_code == (200 if is_open else 403)
            if is_open:
                assert response.json() == {"key": key.id, "address": "testclient"}


def test_reading_and_inspection_are_open(client, post):
    assert post().status_code == 200
    assert client.get("/models").status_code == 200
    assert client.get("/only/read").json()["key"] is None


@pytest.mark.parametrize("closed, still_open", [("open_reading", "/models"), ("open_inspection", "/only/read")])
def test_a_setting_closes_reading_and_another_one_inspection(app, client, keys, problem, closed, still_open):
    app.state.settings = app.state.settings.model_copy(update={closed: False})
    (asked,) = {"/models", "/only/read"} - {still_open}
    problem(client.get(asked), 401, "key-needed")
    assert client.get(still_open).status_code == 200
    _, sent = keys.create("a", [Scope.READ])
    assert client.get(asked, headers=_bearing(sent)).status_code == 200


def test_no_cache_keeps_for_others_what_took_a_key(app, client, keys):
    _, sent = keys.create("a", [Scope.READ])
    address = "/models/handprint/1"
    assert client.get(address, headers=_bearing(sent)).headers["cache-control"].startswith("public, ")
    app.state.settings = app.state.settings.model_copy(update={"open_inspection": False})
    assert client.get(address, headers=_bearing(sent)).headers["cache-control"].startswith("private, ")


def test_a_key_is_looked_up_though_all_routes_are_at_work(app, client, keys):
    _, sent = keys.create("a", [Scope.READ])
    at_work, go_on = Semaphore(0), Event()

    @app.get("/slow")
    def work():
        at_work.release()
        go_on.wait(30)

    @app.get("/quick", dependencies=[Depends(may("admin"))])
    async def answer():
        return "quick"

    with ThreadPoolExecutor(40) as pool:  # as many as there are threads for routes
        slow = [pool.submit(client.get, "/slow") for _ in range(40)]
        for _ in slow:
            at_work.acquire(timeout=30)
        assert client.get("/quick", headers=_bearing(sent)).status_code == 403
        go_on.set()
        assert all(response.result().status_code == 200 for response in slow)


def test_what_describes_the_service_stays_open(app, client):
    app.state.settings = app.state.settings.model_copy(update={"open_reading": False, "open_inspection": False})
    for path in ("/livez", "/readyz", "/docs", "/openapi.json", "/problems/key-needed"):
        assert client.get(path).status_code == 200


def test_missing_wrong_expired_and_revoked_keys_are_told_the_same(app, client, keys, problem):
    revoked, was_good = keys.create("a", [Scope.ADMIN])
    keys.revoke(revoked.id)
    past = KeyStore(app.state.database, lambda: datetime.now(UTC) - timedelta(days=2))
    _, expired = past.create("a", [Scope.ADMIN], expires_at=datetime.now(UTC) - timedelta(days=1))
    tried = [None, "nonsense", was_good[:-1] + "x", was_good, expired, "", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
    documents = []
    for sent in tried:
        headers = {} if sent is None else {b"Authorization": f"Bearer {sent}".encode("latin-1")}
        response = client.get("/only/admin", headers=headers)
        documents.append(problem(response, 401, "key-needed"))
        assert response.headers["www-authenticate"].startswith('Bearer realm="Inkrow", ')
    assert all(document == documents[0] for document in documents)
    assert documents[0]["detail"] == _SENTENCE


def test_who_is_not_permitted_is_told_which_scope_it_takes(client, keys, problem):
    _, sent = keys.create("a", [Scope.READ])
    response = client.get("/only/admin", headers=_bearing(sent))
    document = problem(response, 403, "scope-needed")
    assert document["scope"] == "admin"
    assert document["detail"] == "expected a key with the scope admin, got one without"
    assert response.headers["www-authenticate"] == 'Bearer realm="Inkrow", error="insufficient_scope", scope="admin"'


def test_a_wrong_key_is_not_passed_over_where_none_is_needed(client, problem):
    problem(client.get("/models", headers=_bearing("inkrow_mistyped")), 401, "key-needed")


def test_credentials_for_a_proxy_are_not_ours(client):
    assert client.get("/models", headers={"Authorization": "Basic dTpw"}).status_code == 200


def test_revocation_counts_at_once(client, keys):
    key, sent = keys.create("a", [Scope.ADMIN])
    assert client.get("/only/admin", headers=_bearing(sent)).status_code == 200
    keys.revoke(key.id)
    assert client.get("/only/admin", headers=_bearing(sent)).status_code == 401


def test_a_key_that_was_used_says_when(client, keys):
    _, sent = keys.create("a", [Scope.READ])
    assert keys.list()[-1].last_used_at is None
    client.get("/models", headers=_bearing(sent))
    assert datetime.now(UTC) - keys.list()[-1].last_used_at < timedelta(minutes=1)


def test_the_key_of_the_environment_opens_everything(client):
    response = client.get("/only/admin", headers=_bearing(_ADMIN_KEY))
    assert response.json()["key"] == "INKROW_ADMIN_KEY"


def test_without_a_database_only_what_takes_a_key_waits_for_it(app, client, keys, problem):
    _, sent = keys.create("a", [Scope.ADMIN])
    database, app.state.database = app.state.database, None
    try:
        problem(client.get("/only/admin", headers=_bearing(sent)), 503, "not-ready")
        assert client.get("/models", headers=_bearing(sent)).status_code == 200
        assert client.get("/only/admin", headers=_bearing(_ADMIN_KEY)).status_code == 200
        problem(client.get("/only/admin"), 401, "key-needed")
    finally:
        app.state.database = database


def test_a_database_that_fails_is_told_likewise_and_logged(app, client, problem, monkeypatch, caplog):
    def fail(self, sent):
        raise DatabaseFailed("the server has gone away")

    monkeypatch.setattr(KeyStore, "verify", fail)
    problem(client.get("/only/admin", headers=_bearing("inkrow_x_y")), 503, "not-ready")
    assert client.get("/models", headers=_bearing("inkrow_x_y")).status_code == 200
    assert "a key could not be looked up: the server has gone away" in caplog.text


def test_an_answer_does_not_fail_for_want_of_a_note_of_the_use(client, keys, monkeypatch, caplog):
    def fail(self, key):
        raise DatabaseFailed("the disk is full")

    monkeypatch.setattr(KeyStore, "note_use", fail)
    _, sent = keys.create("a", [Scope.READ])
    assert client.get("/models", headers=_bearing(sent)).status_code == 200
    assert "could not be noted: the disk is full" in caplog.text


async def _post_unread(app, headers):
    """Post a file by ASGI; gives the status, and whether anything was taken in of the body."""
    taken_in, statuses = [], []

    async def receive():
        taken_in.append(True)
        return {"type": "http.request", "body": b"--x", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/only/admin/files",
        "raw_path": b"/only/admin/files",
        "query_string": b"",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x"), *headers],
        "client": ("192.0.2.1", 1),
        "state": {},
        "app": app,
    }
    await app(scope, receive, send)
    return statuses, bool(taken_in)


def test_a_body_is_not_read_of_somebody_who_may_not_send_it(app, client, keys):
    _, sent = keys.create("a", [Scope.READ])
    for headers, status in [
        ([], 401),
        ([(b"authorization", b"Bearer x")], 401),
        ([(b"authorization", f"Bearer {sent}".encode())], 403),
    ]:
        assert client.portal.call(_post_unread, app, headers) == ([status], False)
    permitted = [(b"authorization", f"Bearer {_ADMIN_KEY}".encode())]
    assert client.portal.call(_post_unread, app, permitted) == ([422], True)


def test_the_documentation_tells_which_scope_a_route_takes(client):
    document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    guarded, inspection = document["paths"]["/only/admin"]["get"], document["paths"]["/confusion"]["get"]
    assert guarded["security"] == [{"key": ["admin"]}]
    assert inspection["security"] == [{}, {"key": ["read"]}]
    assert "403" in guarded["responses"]
    assert "403" not in inspection["responses"], "every key has the scope read"
    cell = document["paths"]["/confusion/{true}/{predicted}"]["get"]
    for operation in (guarded, inspection, cell):
        assert "401" in operation["responses"]
        assert operation["responses"]["429"]["headers"].keys() == {"Retry-After", "RateLimit", "RateLimit-Policy"}
    health = document["paths"]["/livez"]["get"]
    assert "security" not in health
    assert "429" not in health["responses"]
