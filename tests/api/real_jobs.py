"""Asks the service for what its documentation shows of jobs."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.jobs import Claims, JobState, JobStore
from app.jobs.pace import Pace

SAMPLE_ID = "01a2205d0d453b3b8498668a"
_TIME = "2026-11-28T12:00:00Z"
RETRAINING = {"model": "handprint", "promote": "if-better"}
SWEEP = {"lr": [0.0005, 0.005, 0.05], "epochs": 10}


def collect_jobs(app: FastAPI, client: TestClient) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """Return the answers by name, problems, and one of an operation alone; ids and times are always the same."""
    _, key = KeyStore(app.state.database).create("operator", [Scope.ADMIN])
    jobs, claims = JobStore(app.state.database), Claims(app.state.database, "worker")
    job = jobs.create("retrain", {"model": "handprint", "epochs": 4}, requested_by="1a2b3c4d")
    claims.take()
    pace = Pace()
    pace.note(0, 4, "epochs", 0.0)
    claims.beat(job.id, pace.note(1, 4, "epochs", 20.0))

    def ask(method: str, address: str, **headers: str) -> Any:
        response = client.request(method, address, headers={"Authorization": f"Bearer {key}", **headers})
        return _steady(response.json(), job.id)

    address = f"/admin/jobs/{job.id}"
    answers = {
        "/admin/jobs": ask("GET", "/admin/jobs"),
        "/admin/jobs/{job_id}": ask("GET", address),
        "/admin/jobs/{job_id} stopped": ask("DELETE", address),
    }
    claims.cancel(job.id)
    problems = [ask("GET", "/admin/jobs/none"), ask("DELETE", address)]
    own = {"GET /admin/jobs/{job_id}/events": ask("GET", f"{address}/events", **{"Last-Event-ID": "none"})}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a"}

    def begin(address: str, body: dict[str, Any]) -> Any:
        response = client.post(address, json=body, headers=headers)
        answer = response.json()
        return _steady(
            {**answer, "requested_by": "1a2b3c4d"} if response.status_code == 202 else answer, answer.get("id")
        )

    answers["/admin/retrain"] = begin("/admin/retrain", RETRAINING)
    problems.append(begin("/admin/retrain", {"model": "rows"}))
    headers["Idempotency-Key"] = "b"
    answers["/admin/sweeps"] = begin("/admin/sweeps", SWEEP)
    del headers["Idempotency-Key"]
    while (last := begin("/admin/sweeps", {"lr": [0.005]})).get("status") != 503:
        pass
    for waiting in jobs.list(limit=100):
        if waiting.state is JobState.QUEUED:
            jobs.cancel(waiting.id)
    return answers, [*problems, last], own


def _steady(answer: Any, job_id: str | None) -> Any:
    text = json.dumps(answer).replace(job_id or "no job", SAMPLE_ID)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", _TIME, text))
