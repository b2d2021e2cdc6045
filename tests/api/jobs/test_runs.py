"""What jobs tell of their training, in pictures and figures."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from app.api import create_app
from app.jobs import Claims, JobStore


def _epoch(number, **more):
    figures = {"lr": 0.1, "train_loss": 1.0, "train_accuracy": 0.5, "seconds": 1.0}
    rest = {"valid_loss": 1.0 - 0.1 * number, "valid_accuracy": 0.5, "last_loss": None, "last_accuracy": None}
    return "epoch", {"epoch": number, "of": 2, **figures, **rest, **more}


def _weights(epoch, scale):
    levels = np.full((2, 1, 3, 3), 127, np.int8)
    values = base64.b64encode(levels.tobytes()).decode()
    shown = {"layer": "conv1", "shape": [2, 1, 3, 3], "scale": scale, "values": values}
    return "weights", {"model": "handprint", "epoch": epoch, **shown}


@pytest.fixture
def app(settings, reader, tmp_path):
    places = {
        "database_url": f"sqlite:///{tmp_path / 'inkrow.db'}",
        "queue_url": f"sqlite:///{tmp_path / 'queue.db'}",
    }
    return create_app(settings.model_copy(update=places))


@pytest.fixture
def job_id(client):
    """Give a function that makes a job that has told of something."""

    def make(kind, *events):
        database = client.app.state.database
        job = JobStore(database).create(kind, {}, requested_by=None)
        claims = Claims(database, "worker")
        claims.take()
        claims.beat(job.id, None, list(events))
        return job.id

    return make


def test_the_curves_of_a_retraining_are_shown_while_it_runs(client, job_id):
    job = job_id("retrain", _epoch(0, model="handprint"), _epoch(1, model="handprint"), _epoch(0, model="rows"))

    runs = client.get(f"/curves?job={job}").json()["runs"]

    assert [(run["title"], run["model"], len(run["epochs"])) for run in runs] == [
        ("handprint", None, 2),
        ("rows", None, 1),
    ]
    assert runs[0]["best_epoch"] == 1
    assert client.get(f"/curves?job={job}&format=png").content.startswith(b"\x89PNG")


def test_the_rates_of_a_sweep_are_compared_in_one_picture(client, job_id):
    job = job_id("sweep", _epoch(0, trial_lr=0.005), _epoch(0, trial_lr=0.05))

    runs = client.get(f"/curves?job={job}").json()["runs"]

    assert [run["lr"] for run in runs] == [0.005, 0.05]
    assert "learning rate 0.05" in client.get(f"/curves?job={job}&format=svg").text


def test_an_epoch_that_was_told_twice_is_shown_once(client, job_id):
    job = job_id("retrain", _epoch(0, model="rows"), _epoch(0, model="rows", train_loss=2.0))

    [run] = client.get(f"/curves?job={job}").json()["runs"]

    assert [epoch["train_loss"] for epoch in run["epochs"]] == [2.0]


def test_the_first_layer_of_a_job_is_shown_by_epoch_at_one_scale(client, job_id):
    job = job_id("retrain", _weights(0, 0.25), _weights(1, 0.5))

    picture = client.get(f"/weights?job={job}&epoch=0&format=png")
    figures = client.get(f"/weights?job={job}").json()

    assert picture.content.startswith(b"\x89PNG")
    assert (picture.headers["inkrow-scale"], picture.headers["inkrow-layer"]) == ("0.5", "conv1")
    assert (figures["when"], figures["epochs"]) == ("epoch 1 of handprint", [0, 1])
    assert figures["layers"][0]["weight"]["largest"] == pytest.approx(0.5)


@pytest.mark.parametrize("address", ["/curves?job={}", "/weights?job={}", "/weights?job={}&epoch=7"])
def test_what_a_job_has_not_told_is_not_there(client, job_id, address):
    job = job_id("retrain", *([_weights(0, 1.0)] if "epoch" in address else []))

    assert client.get(address.format(job)).status_code == 404
    assert client.get(address.format("none")).json()["type"].endswith("job-not-found")


def test_a_job_and_a_model_are_not_compared(client, job_id):
    assert client.get(f"/curves?job={job_id('retrain')}&model=seed").status_code == 422
