"""A service whose database cannot be opened reads nevertheless."""

from __future__ import annotations

import time

from fastapi.testclient import TestClient

from app.api import create_app
from app.api.dependencies import DatabaseDep
from app.config import Settings
from app.errors import DatabaseFailed


def _asked(settings):
    app = create_app(settings)

    @app.get("/database")
    def _show(database: DatabaseDep) -> str:
        return database.shown_url

    with TestClient(app, raise_server_exceptions=False) as client:
        return client.get("/database"), client.get("/readyz")


def test_routes_are_handed_the_database(store, reader, tmp_path):
    answer, ready = _asked(Settings(model_store=store.root, state=tmp_path))
    assert answer.json() == f"sqlite:///{tmp_path}/inkrow.db"
    assert ready.status_code == 200


def test_when_it_fails_the_answer_is_503_and_only_the_log_says_how(settings, reader, problem, caplog):
    app = create_app(settings)

    @app.get("/remember")
    def _fail() -> None:
        raise DatabaseFailed("the database postgresql://secret failed")

    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/remember")
    document = problem(response, 503, "not-ready")
    assert document["reasons"] == ["the database failed; the log says how"]
    assert document["request_id"] == response.headers["x-request-id"]
    assert response.headers["retry-after"] == "10"
    assert "secret" not in response.text
    assert "GET /remember failed: the database postgresql://secret failed" in caplog.text


def test_without_it_what_needs_it_is_503_and_reading_goes_on(store, reader, tmp_path, problem):
    (tmp_path / "file").touch()
    answer, ready = _asked(Settings(model_store=store.root, state=tmp_path / "file"))
    document = problem(answer, 503, "not-ready")
    assert document["reasons"] == ["the database could not be opened (database-failed); the log says why"]
    assert ready.status_code == 200


def test_it_is_opened_as_soon_as_it_can_be(store, reader, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("app.api.serving.database._AGAIN_S", 0.05)
    (tmp_path / "file").touch()
    app = create_app(Settings(model_store=store.root, state=tmp_path / "file"))
    with caplog.at_level("INFO", "app.api.serving.database"), TestClient(app) as client:
        assert client.get("/readyz").json()["database"] == "unavailable"
        time.sleep(0.2)
        (tmp_path / "file").unlink()
        while client.get("/readyz").json()["database"] != "answers":
            time.sleep(0.05)
    cannot, can = (record.getMessage() for record in caplog.records if "database" in record.getMessage())
    assert "cannot make the folder" in cannot  # once, however often it was tried
    assert can == "the database is open now"
