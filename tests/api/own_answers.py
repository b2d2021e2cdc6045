"""Asks every operation for what its documentation shows of it alone: its problems in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api.problems import KINDS
from tests.api.real_jobs import RETRAINING, SAMPLE_ID, SWEEP

_PARTS = {
    "alias": "champion",
    "code": "not-an-image",
    "correction_id": "0123456789abcdef0123456789abcdef",
    "glyph": "0",
    "job_id": SAMPLE_ID,
    "name": "seed",
    "page": "0123456789abcdef0123456789abcdef",
    "predicted": "O",
    "row": "0",
    "true": "0",
    "version": "1",
    "word": "0",
}
_QUERIES = {"POST /explain": "row=0&word=0&glyph=0"}  # that an operation cannot do without
SWEEP_CURVES = {
    "trials": [
        {
            "lr": lr,
            "curves": [
                {
                    "epoch": 0,
                    "train_loss": loss,
                    "train_accuracy": 0.3,
                    "valid_loss": loss,
                    "valid_accuracy": 0.4,
                }
            ],
        }
        for lr, loss in ((0.005, 2.5), (0.05, 3.1))
    ]
}
# What is sent beside the address, and what is wrong: an address, or something else that is sent
_SENT: dict[str, dict[str, Any]] = {
    "POST /curves": {"json": SWEEP_CURVES},
    "PUT /admin/aliases/{alias}": {"json": {"version": "1"}, "headers": {"If-Match": "*"}},
    "DELETE /admin/aliases/{alias}": {"headers": {"If-Match": "*"}},
    "POST /admin/retrain": {"json": RETRAINING},
    "POST /admin/sweeps": {"json": SWEEP},
}
_WRONG: dict[str, list[str | dict[str, Any]]] = {
    "POST /ocr": ["/ocr?alternatives=11"],
    "POST /corrections": [
        {"data": {"text": "A5", "level": "page"}},
        {"data": {"text": "A5", "model": "none"}},
        {"files": None, "data": None, "json": {"page": "0", "row": 0, "text": "A5"}},
    ],
    "GET /corrections": ["/corrections?level=page"],
    "GET /review": ["/review?below=2"],
    "GET /review/{page}/image": ["/review/0/image?row=-1"],
    "DELETE /review/{page}/{row}/{word}/{glyph}": ["/review/0/0/0/none"],
    "GET /admin/jobs": ["/admin/jobs?state=done"],
    "GET /admin/jobs/{job_id}": [f"/admin/jobs/{SAMPLE_ID}?wait=3600"],
    "GET /admin/aliases": ["/admin/aliases?name=seed"],
    "PUT /admin/aliases/{alias}": [
        {"json": {"version": "2", "force": True}},
        {"json": {"version": "none"}},
    ],
    "DELETE /admin/aliases/{alias}": ["/admin/aliases/champion?name=seed"],
    "POST /admin/aliases/champion/rollback": [{"json": {"version": "1"}}, {"json": {"model": "none"}}],
    "GET /admin/promotions": ["/admin/promotions?limit=0"],
    "POST /admin/retrain": [{"json": {"epochs": 0}}],
    "POST /admin/sweeps": [{"json": {"lr": []}}],
    "GET /models/{name}": ["/models/none"],
    "GET /models/{name}/{version}": ["/models/seed/none"],
    "GET /confusion": ["/confusion?split=all"],
    "GET /confusion/{true}/{predicted}": [
        "/confusion/0/O?limit=0",
        "/confusion/0/%C3%A9?model=seed/1&split=synthetic",
    ],
    "GET /calibration": ["/calibration?bins=1"],
    "GET /writers": ["/writers?split=all"],
    "GET /curves": ["/curves?format=gif", "/curves?model=likeness"],
    "POST /curves": [{"json": {"trials": []}}],
    "GET /weights": ["/weights?when=later", "/weights?model=seed/1&layer=none"],
    "POST /weights/activations": [
        "/weights/activations?format=gif",
        "/weights/activations?model=seed/1&layer=none",
    ],
    "POST /explain": ["/explain?row=0&word=0&glyph=0&neighbours=100"],
    "GET /problems/{code}": ["/problems/none"],
}


def collect_own(app: FastAPI, client: TestClient, unready: TestClient, images: dict[str, Any]) -> dict[str, Any]:
    """Return the problems of each operation (``GET /models``) by their codes.

    Parameters
    ----------
    client : with an administrator's key
    unready : the same of a service that has not started; it reads and remembers nothing
    images : what is sent to each operation that takes a form
    """
    _, key = KeyStore(app.state.database).create("reads only", [Scope.READ])
    return {
        operation: {
            problem["type"].rpartition("/")[2]: problem
            for problem in (response.json() for response in _ask(operation, described, client, unready, key, images))
        }
        for operation, described in _operations(app.openapi())
    }


def operation_of(document: dict[str, Any], request: Any) -> str | None:
    """Return which operation of the documentation a request asked for."""
    for operation, _ in _operations(document):
        method, path = operation.split()
        if method == request.method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), request.url.path):
            return operation
    return None


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield f"{method.upper()} {path}", described | {"wrong method": _other_than(methods)}


def _other_than(methods: dict[str, Any]) -> str:
    return next(method for method in ("GET", "POST", "PUT") if method.lower() not in methods)


def _ask(
    operation: str,
    described: dict[str, Any],
    client: TestClient,
    unready: TestClient,
    reading_key: str,
    images: dict[str, Any],
) -> Iterator[Any]:
    method, path = operation.split()
    address = re.sub(r"{(\w+)}", lambda found: _PARTS[found[1]], path)
    sent = images.get(operation) or _SENT.get(operation, {})
    query = _QUERIES.get(operation, "")
    # By their titles, as an example goes into the documentation only once there is one of the operation's own.
    titles = {title for response in described["responses"].values() for title in response["description"].split("; ")}
    codes = {code for code, kind in KINDS.items() if kind.title in titles}
    names = {parameter["name"] for parameter in described.get("parameters", [])}

    def ask(address: str, client: TestClient = client, **other: Any) -> Any:
        return client.request(method, address, **sent | other)

    yield client.request(described["wrong method"], address)
    if "not-ready" in codes:
        yield ask(f"{address}?{query}", unready)
    if "not-acceptable" in codes:
        yield ask(f"{address}?{query}", headers={"Accept": "image/gif"})
    if "scope-needed" in codes:
        yield ask(address, headers={"Authorization": f"Bearer {reading_key}"})
    if codes & {"correction-not-found", "job-not-found", "kept-page-not-found"} and "{" in path:
        yield ask(address)
    if operation.startswith("DELETE") and "conflict" in codes:
        yield ask(address)
    for name, wanted in (("model", "none"), ("split", "test"), ("job", "none")):
        if name in names:
            yield ask(f"{address}?{query}&{name}={wanted}")
    for wrong in _WRONG.get(operation, []):
        yield ask(wrong) if isinstance(wrong, str) else ask(address, **wrong)
