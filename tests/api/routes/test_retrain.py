"""Training that is asked for over HTTP; a worker does it, see tests/cli/work/test_work.py."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api import create_app
from app.config import Settings
from app.jobs import JobState, JobStore
from tests.conftest import PROJECT
from tests.tiny_models import write_little


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch):
    write_little(monkeypatch)


@pytest.fixture
def app(tmp_path):
    settings = Settings(
        model_store=PROJECT / "model_store",
        data=tmp_path / "no data",
        database_url=f"sqlite:///{tmp_path / 'inkrow.db'}",
        queue_url=f"sqlite:///{tmp_path / 'queue.db'}",
        waiting_jobs=2,
    )
    return create_app(settings)


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=False) as client:
        key, secret = KeyStore(app.state.database).create("operator", [Scope.ADMIN])
        client.headers["Authorization"] = f"Bearer {secret}"
        client.key_id = key.id
        yield client


def test_without_a_body_what_serves_is_retrained(app, client):
    response = client.post("/admin/retrain")

    assert response.status_code == 202
    document = response.json()
    assert response.headers["location"] == document["links"]["self"] == f"/admin/jobs/{document['id']}"
    assert int(response.headers["retry-after"]) > 0
    assert (document["kind"], document["state"], document["requested_by"]) == ("retrain", "queued", client.key_id)
    assert document["parameters"]["model"] is None
    assert document["parameters"]["corrections"] is True
    assert client.get(response.headers["location"]).json()["state"] == "queued"


def test_what_was_asked_for_is_what_the_worker_is_told(app, client):
    wanted = {"model": "rows", "recipe": "rows-lessons", "start": "2", "epochs": 1, "lr": 0.001, "promote": "if-better"}
    job = client.post("/admin/retrain", json=wanted).json()

    parameters = JobStore(app.state.database).get(job["id"]).parameters
    assert {name: parameters[name] for name in wanted} == wanted


def test_a_sweep_is_a_job_too(client):
    response = client.post("/admin/sweeps", json={"lr": [0.001, 0.01], "epochs": 2})

    assert response.status_code == 202
    assert response.json()["kind"] == "sweep"
    assert response.json()["parameters"]["lr"] == [0.001, 0.01]


@pytest.mark.parametrize(
    "address, body, name, complaint",
    [
        ("retrain", {"data": ["nowhere"]}, "data", "no data set 'nowhere'"),
        ("retrain", {"data": ["unipen"]}, "data", "data set unipen is not in"),
        ("retrain", {"model": "handprint", "start": "99"}, "start", "no version or alias '99'"),
        ("retrain", {"model": "rows", "recipe": "handprint"}, "recipe", "expected one for rows"),
        ("retrain", {"model": "handprint", "batch_size": 4095}, "batch_size", "a multiple of 2 shards"),
        ("retrain", {"model": "handprint", "batch_size": 4096}, "batch_size", "expected 4096 examples or more"),
        ("retrain", {"epochs": 0}, "epochs", "expected at least 1"),
        ("retrain", {"model": "english"}, "model", "'handprint'"),
        ("sweeps", {"lr": []}, "lr", "at least 1"),
        ("sweeps", {"lr": [0.1, 0.01, 0.1]}, "lr", "each rate once, got 0.1, 0.01, 0.1"),
        ("sweeps", {"lr": [0.1], "recipe": "rows"}, "recipe", "one for rows"),
        ("sweeps", {"lr": [0.1], "recipe": "handprint-lessons"}, "recipe", "starts from nothing"),
        ("sweeps", {"lr": [0.1], "batch_size": 4096}, "batch_size", "expected 4096 examples or more"),
    ],
)
def test_what_cannot_be_done_is_said_member_by_member_and_queues_nothing(app, client, address, body, name, complaint):
    response = client.post(f"/admin/{address}", json=body)

    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert (error["location"], error["name"]) == ("JSON member", name)
    assert complaint in error["detail"]
    assert JobStore(app.state.database).list(limit=10) == []


def test_a_member_that_there_is_not_is_refused(client):
    response = client.post("/admin/retrain", json={"speed": "high"})

    assert response.status_code == 422
    assert response.json()["unknown"] == ["speed"]


@pytest.mark.parametrize("body", [{"content": b"champion"}, {"json": ["champion"]}, {"json": None}])
def test_a_body_that_is_no_object_is_refused(client, body):
    response = client.post("/admin/sweeps", **body)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert "expected an object" in response.json()["detail"]


def test_a_full_queue_takes_no_more(client):
    for _ in range(2):
        assert client.post("/admin/retrain").status_code == 202

    response = client.post("/admin/sweeps", json={"lr": [0.1]})

    assert response.status_code == 503
    assert response.json()["type"].endswith("queue-full")
    assert "retry-after" in response.headers


def test_the_same_request_twice_is_one_job(app, client):
    once, again = (client.post("/admin/retrain", headers={"Idempotency-Key": "a"}) for _ in range(2))
    other = client.post("/admin/retrain", json={"epochs": 1}, headers={"Idempotency-Key": "a"})

    assert (again.status_code, again.json(), again.headers["location"]) == (202, once.json(), once.headers["location"])
    assert other.status_code == 422
    assert [job.state for job in JobStore(app.state.database).list(limit=10)] == [JobState.QUEUED]
