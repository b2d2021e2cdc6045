from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.api import create_app


@pytest.fixture
def unready(settings, tmp_path):
    """Give a client of a service whose store is empty."""
    with TestClient(create_app(settings.model_copy(update={"model_store": tmp_path / "nothing"}))) as client:
        yield client


def test_a_loaded_model_makes_it_ready(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["model"]["version"] == "3"
    assert response.json()["database"] == "answers"
    assert response.json()["waiting"].keys() == {"readings", "jobs", "running_jobs"}


def test_a_database_that_cannot_be_opened_is_told_and_keeps_nobody_from_reading(settings, reader):
    with TestClient(create_app(settings.model_copy(update={"database_url": "sqlite:////proc/nowhere/x.db"}))) as client:
        response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["database"] == "unavailable"
    assert response.json()["waiting"] == {"readings": 0, "jobs": None, "running_jobs": None}


def test_without_a_model_it_is_alive_and_not_ready_and_says_why(unready, problem):
    assert unready.get("/livez").json() == {"status": "alive"}
    response = unready.get("/readyz")
    (reason,) = problem(response, 503, "not-ready")["reasons"]
    assert "model-not-found" in reason
    assert response.headers["retry-after"]


def test_without_a_model_pages_are_not_read(unready, problem, png):
    problem(unready.post("/ocr", files={"file": png()}), 503, "not-ready")


def test_why_the_model_is_missing_stands_in_the_log_only(settings, caplog, tmp_path):
    with TestClient(create_app(settings.model_copy(update={"model_store": tmp_path / "secret"}))) as client:
        assert "secret" not in client.get("/readyz").text
    assert "secret" in caplog.text


def test_before_it_has_started_it_is_not_ready(settings, problem):
    problem(TestClient(create_app(settings)).get("/readyz"), 503, "not-ready")
