"""Figures: what `/metrics` tells."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from app.access import KeyStore, Scope
from app.api import create_app
from app.database.tables import JOBS
from app.jobs import JobState, JobStore
from app.jobs.rows import add_event, now, set_state
from tests.conftest import PROJECT


@pytest.fixture
def settings(settings, tmp_path):
    """Give settings with a database of its own."""
    return type(settings)(**{**settings.model_dump(exclude={"database_url", "state"}), "state": tmp_path})


@pytest.fixture
def figures(client):
    """Scrape: gives a function that returns the samples of a name as (labels, value)."""

    def scrape():
        response = client.get("/metrics")
        assert response.status_code == 200
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }

    def value(name, /, **labels):
        return scrape().get((name, frozenset(labels.items())))

    value.all = scrape
    return value


def test_requests_are_counted_by_template_and_class_of_status(client, figures):
    for address in ("/models/handprint/3", "/models/handprint/4", "/models/handprint/9", "/a", "/b"):
        client.get(address)
    client.request("BREW", "/a")
    count = "inkrow_http_request_duration_seconds_count"
    template = "/models/{name}/{version}"
    assert figures(count, method="GET", route=template, status="2xx") == 2
    assert figures(count, method="GET", route=template, status="4xx") == 1
    assert figures(count, method="GET", route="none", status="4xx") == 2
    assert figures(count, method="other", route="none", status="4xx") == 1
    assert figures("inkrow_http_requests_in_flight") == 1  # the scrape itself


def test_what_is_read_is_counted(post, figures):
    post(params={"abstain_below": "0.1"})
    post(b"GIF but for the rest")
    assert figures("inkrow_pages_total", outcome="read") == 1
    assert figures("inkrow_pages_total", outcome="unreadable") == 1
    assert figures("inkrow_glyphs_total") == figures("inkrow_glyph_confidence_count") == 3
    assert figures("inkrow_glyphs_abstained_total") == 1
    assert figures("inkrow_glyph_confidence_bucket", le="0.4") == 0
    assert figures("inkrow_glyph_confidence_bucket", le="0.5") == 2
    assert figures("inkrow_stage_seconds_sum", stage="decode") == pytest.approx(1.25e-3)
    assert figures("inkrow_page_warnings_total", code="struck-out") == 1
    assert figures("inkrow_turn_wait_seconds_count", turn="read") == 2


def test_no_label_tells_what_a_page_says_or_how_it_is_called(client, post):
    post()
    text = client.get("/metrics").text
    assert "page.png" not in text
    assert "A1" not in text


def test_the_models_are_those_in_service_at_the_scrape(client, figures):
    models = client.app.state.models
    digest = models.serving.model["digest"]
    labels = {"role": "glyphs", "name": "handprint", "digest": digest}
    assert figures("inkrow_model_info", **labels, version="3") == 1
    swapped = {**models.serving.model, "version": "4"}
    client.app.state.models = SimpleNamespace(serving=SimpleNamespace(model=swapped))
    assert figures("inkrow_model_info", **labels, version="3") is None
    assert figures("inkrow_model_info", **labels, version="4") == 1
    client.app.state.models = None
    assert figures("inkrow_ready") == 0


def test_jobs_are_told_by_state_and_training_by_its_last_epoch(client, figures):
    database = client.app.state.database
    jobs = JobStore(database)
    running, _ = (jobs.create("retrain", {}, requested_by=None) for _ in range(2))
    with database.writing() as connection:
        set_state(connection, running.id, JobState.RUNNING, started_at=now())
        connection.execute(update(JOBS).where(JOBS.c.id == running.id).values(progress={"done": 1, "total": 4}))
        add_event(connection, running.id, "epoch", {"model": "rows", "epoch": 2, "train_loss": 0.5, "note": "x"})
    assert figures("inkrow_database_up") == 1
    assert figures("inkrow_jobs", state="queued") == figures("inkrow_jobs", state="running") == 1
    assert figures("inkrow_jobs", state="failed") == 0
    assert figures("inkrow_job_progress_ratio", job=running.id, kind="retrain") == 0.25
    labels = {"job": running.id, "kind": "retrain", "model": "rows"}
    assert figures("inkrow_training", **labels, figure="train_loss") == 0.5
    assert figures("inkrow_training", **labels, figure="epoch") == 2
    assert figures("inkrow_training", **labels, figure="note") is None


def test_without_a_database_the_rest_is_told(client, figures):
    client.app.state.backlog = type(client.app.state.backlog)(None)
    assert figures("inkrow_database_up") == 0
    assert figures("inkrow_ready") == 1
    assert figures("inkrow_jobs", state="queued") is None


def test_the_process_tells_its_memory_and_start(figures):
    pid = str(os.getpid())
    assert figures("process_resident_memory_bytes", pid=pid) > 2**20
    assert figures("process_start_time_seconds", pid=pid) > 1.7e9


def test_each_application_counts_for_itself(settings, reader):
    with TestClient(create_app(settings)) as one, TestClient(create_app(settings)) as other:
        one.get("/models")
        assert 'route="/models"' in one.get("/metrics").text
        assert 'route="/models"' not in other.get("/metrics").text


def test_open_metrics_is_given_where_it_is_asked_for(client):
    response = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_page_on_operations_lists_all_figures(client):
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(inkrow_\w+)` \|", page, flags=re.MULTILINE)
    assert listed == re.findall(r"^# HELP (inkrow_\w+)", client.get("/metrics").text, flags=re.MULTILINE)


def test_a_setting_closes_it_to_all_without_a_key(settings, reader, problem):
    closed = settings.model_copy(update={"open_metrics": False})
    with TestClient(create_app(closed)) as client:
        problem(client.get("/metrics"), 401, "key-needed")
        _, key = KeyStore(client.app.state.database).create("prometheus", [Scope.READ])
        assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert client.get("/models").status_code == 200
