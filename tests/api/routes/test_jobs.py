"""Jobs over HTTP."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.paging import to_cursor
from app.api.routes.jobs import JobsQuery
from app.cli.work import WORK
from app.jobs import Claims, JobStore


@pytest.fixture
def app(settings, reader, tmp_path):
    return create_app(
        settings.model_copy(
            update={
                "database_url": f"sqlite:///{tmp_path / 'inkrow.db'}",
                "queue_url": f"sqlite:///{tmp_path / 'queue.db'}",
            }
        )
    )


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=False) as client:
        _, key = KeyStore(app.state.database).create("operator", [Scope.ADMIN])
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


@pytest.fixture
def jobs(app, client):
    return JobStore(app.state.database)


@pytest.fixture
def claims(app, client):
    return Claims(app.state.database, "worker-1")


@pytest.fixture
def job(jobs):
    return jobs.create("count", {"to": 3}, requested_by="key-1")


@contextmanager
def _meanwhile(work):
    timer = threading.Timer(0.3, work)
    timer.start()
    yield
    timer.join()


def _follow(client, job, **headers):
    """Read the events of a job to their end: (kind, number, data)."""
    response = client.get(f"/admin/jobs/{job.id}/events", headers=headers)
    assert response.status_code == 200
    found = []
    for block in response.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def test_a_job_is_shown(client, job):
    shown = client.get(f"/admin/jobs/{job.id}").json()
    assert shown["created_at"].endswith("Z")
    del shown["created_at"]
    assert shown == {
        "id": job.id,
        "kind": "count",
        "parameters": {"to": 3},
        "state": "queued",
        "is_stopping": False,
        "requested_by": "key-1",
        "started_at": None,
        "finished_at": None,
        "attempts": 0,
        "progress": None,
        "result": None,
        "problem": None,
        "links": {"self": f"/admin/jobs/{job.id}", "events": f"/admin/jobs/{job.id}/events"},
    }


def test_a_job_that_is_not_there_is_a_problem_at_each_address(client, problem):
    for method, address in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        problem(client.request(method, f"/admin/jobs/none{address}"), 404, "job-not-found")


def test_what_is_known_is_not_sent_again(client, job):
    first = client.get(f"/admin/jobs/{job.id}")
    again = client.get(f"/admin/jobs/{job.id}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"].endswith("no-cache")


def test_jobs_are_listed_page_by_page(client, jobs):
    ids = sorted((jobs.create("sweep", {}, requested_by=None).id for _ in range(5)), reverse=True)
    found, address = [], "/admin/jobs?limit=2&kind=sweep"
    while address:
        response = client.get(address)
        found += [job["id"] for job in response.json()["items"]]
        cursor = response.json()["next_cursor"]
        address = str(response.url.join(response.links["next"]["url"])) if cursor else None
        assert (cursor is None) == ("link" not in response.headers)
    assert found == ids


def test_a_list_can_be_of_one_state(client, jobs, job):
    jobs.cancel(job.id)
    assert client.get("/admin/jobs?state=queued").json() == {"items": [], "next_cursor": None}
    assert len(client.get("/admin/jobs?state=cancelled").json()["items"]) == 1


@pytest.mark.parametrize("place", [[], ["a", "b"], [1], [None], ["\ud800"]])
def test_a_cursor_of_something_else_is_refused(client, problem, place):
    problem(client.get("/admin/jobs", params={"cursor": to_cursor(*place)}), 422, "invalid-input")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "state=done", "kind=foo", "cursor=", "cursor=none", "limits=3", "limit=1&limit=2"],
)
def test_a_wrong_question_is_a_problem(client, problem, query):
    problem(client.get(f"/admin/jobs?{query}"), 422, "invalid-input")


def test_a_failed_job_shows_its_problem_as_any_address_does(client, jobs, claims, job):
    claims.take()
    claims.fail(job.id, {"code": "invalid-input", "detail": "expected more", "examples": 3})
    assert client.get(f"/admin/jobs/{job.id}").json()["problem"] == {
        "type": "/problems/invalid-input",
        "title": "Invalid input",
        "status": 422,
        "detail": "expected more",
        "instance": f"/admin/jobs/{job.id}",
        "examples": 3,
    }


def test_what_is_our_own_fault_is_not_told(client, claims, job):
    claims.take()
    claims.fail(job.id, {"code": "shape-mismatch", "detail": "a secret"})
    shown = client.get(f"/admin/jobs/{job.id}")
    assert shown.json()["problem"]["type"] == "/problems/internal-error"
    assert "secret" not in shown.text + json.dumps(_follow(client, job))


def test_who_waits_is_answered_when_the_state_changes(client, claims, job):
    began_s = time.monotonic()
    with _meanwhile(claims.take):
        shown = client.get(f"/admin/jobs/{job.id}?wait=30")
    assert shown.json()["state"] == "running"
    assert 0.2 < time.monotonic() - began_s < 20


def test_who_waits_is_answered_when_there_is_progress(client, claims, job):
    claims.take()
    progress = {"done": 1, "total": 3, "unit": "numbers", "rate_per_s": None, "left_s": None}
    with _meanwhile(lambda: claims.beat(job.id, progress)):
        shown = client.get(f"/admin/jobs/{job.id}?wait=30")
    assert shown.json()["progress"] == progress


def test_who_waits_is_answered_in_time_if_nothing_changes(client, job):
    began_s = time.monotonic()
    etag = client.get(f"/admin/jobs/{job.id}").headers["etag"]
    assert client.get(f"/admin/jobs/{job.id}?wait=0.3").json()["state"] == "queued"
    waited = client.get(f"/admin/jobs/{job.id}?wait=0.3", headers={"If-None-Match": etag})
    assert waited.status_code == 304
    assert time.monotonic() - began_s > 0.5


def test_nobody_waits_for_what_has_changed_or_ended_already(client, jobs, claims, job):
    etag = client.get(f"/admin/jobs/{job.id}").headers["etag"]
    claims.take()
    began_s = time.monotonic()
    assert client.get(f"/admin/jobs/{job.id}?wait=60", headers={"If-None-Match": etag}).json()["state"] == "running"
    claims.succeed(job.id, {})
    assert client.get(f"/admin/jobs/{job.id}?wait=60").json()["state"] == "succeeded"
    assert time.monotonic() - began_s < 30


def test_those_who_wait_hold_no_thread(client, job):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.api.routes.jobs._LOOK_EVERY_S", 1.0)
        waiting = [
            threading.Thread(target=client.get, args=(f"/admin/jobs/{job.id}?wait=2",)) for _ in range(60)
        ]  # more than there are threads for requests
        for thread in waiting:
            thread.start()
        began_s = time.monotonic()
        assert client.get("/admin/jobs").status_code == 200
        took_s = time.monotonic() - began_s
        for thread in waiting:
            thread.join()
    assert took_s < 1.9


@pytest.mark.parametrize("wait", ["-1", "61", "soon", "nan"])
def test_a_wait_has_its_bounds(client, problem, job, wait):
    problem(client.get(f"/admin/jobs/{job.id}?wait={wait}"), 422, "invalid-input")


def test_events_are_told_to_the_last(client, claims, job):
    claims.take()
    claims.beat(job.id, {"done": 1, "total": 3}, [("epoch", {"epoch": 1, "loss": 0.5})])
    with _meanwhile(lambda: claims.succeed(job.id, {"counted": 3})):
        events = _follow(client, job)
    assert [(kind, number) for kind, number, _ in events] == [
        ("state", "1"),
        ("state", "2"),
        ("epoch", "3"),
        ("progress", None),
        ("state", "4"),
    ]
    assert events[2][2].items() > {"epoch": 1, "loss": 0.5}.items()
    assert events[-1][2].items() > {"state": "succeeded", "result": {"counted": 3}}.items()


def test_whoever_lost_the_connection_goes_on_where_it_broke(client, jobs, job):
    jobs.cancel(job.id)
    assert [number for _, number, _ in _follow(client, job)] == ["1", "2"]
    assert [number for _, number, _ in _follow(client, job, **{"Last-Event-ID": "1"})] == ["2"]
    assert _follow(client, job, **{"Last-Event-ID": "2"}) == []


@pytest.mark.parametrize("last", ["-1", "x", "1.5", "9" * 30])
def test_a_last_event_is_a_number(client, problem, job, last):
    response = client.get(f"/admin/jobs/{job.id}/events", headers={"Last-Event-ID": last})
    assert "Last-Event-ID" in problem(response, 422, "invalid-input")["detail"]


def test_events_are_neither_kept_nor_held_back_and_a_word_keeps_the_connection(client, claims, job, monkeypatch):
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.05)
    claims.take()
    with _meanwhile(lambda: claims.succeed(job.id, {})):
        response = client.get(f"/admin/jobs/{job.id}/events")
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"].endswith("no-cache")
    assert response.headers["x-accel-buffering"] == "no"
    assert "\n\n: ping\n\n" in response.text


def test_a_job_is_stopped(client, jobs, claims, job, problem):
    claims.take()
    response = client.delete(f"/admin/jobs/{job.id}")
    assert (response.status_code, response.json()["is_stopping"]) == (202, True)
    claims.cancel(job.id)
    refused = problem(client.delete(f"/admin/jobs/{job.id}"), 409, "job-already-finished")
    assert refused["state"] == "cancelled"


def test_those_who_wait_and_follow_are_let_go_when_the_server_ends(app, client, job):
    with _meanwhile(app.state.ending.set):
        began_s = time.monotonic()
        assert [kind for kind, _, _ in _follow(client, job)] == ["state"]
        assert client.get(f"/admin/jobs/{job.id}?wait=60").json()["state"] == "queued"
    assert time.monotonic() - began_s < 30


def test_jobs_can_be_listed_by_every_kind_that_a_worker_knows():
    kinds, _ = get_args(JobsQuery.model_fields["kind"].annotation)  # and None
    assert set(get_args(kinds)) == set(WORK)
