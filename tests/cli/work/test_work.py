"""What a worker does for a job, done here without one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.work import WORK
from app.cli.work.retraining import Retraining, gather_corrections
from app.config import read_settings
from app.jobs import Stopped
from app.ocr.teaching.taught import TaughtGlyph
from app.store import ModelStore
from app.training import Corrections, read_request

pytestmark = pytest.mark.service

QUICK = {"model": "handprint", "epochs": 2, "batch_size": 24}


@dataclass
class Task:
    """Notes what it is told; stops after so many looks."""

    parameters: Mapping[str, Any]
    folder: Path
    job_id: str = "1"
    looks: int = 10**9
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    steps: list[tuple[int, int, str]] = field(default_factory=list)

    def progress(self, done: int, total: int, unit: str) -> None:
        self.steps.append((done, total, unit))

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        self.told.append((kind, data))

    def checkpoint(self) -> None:
        self.looks -= 1
        if self.looks < 0:
            raise Stopped

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [data for told, data in self.told if told == kind]


@pytest.fixture(autouse=True)
def store(tiny_models: ModelStore) -> ModelStore:
    return tiny_models


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


def test_a_retraining_publishes_a_candidate_and_tells_how_it_goes(store: ModelStore, folder: Path):
    task = Task(QUICK, folder)

    result = WORK["retrain"](task)

    [version] = result["versions"]
    assert (version["model"], version["version"], version["start"]) == ("handprint", "2", "handprint/1")
    assert store.aliases("handprint") == {"candidate": "2", "champion": "1"}
    assert [data["epoch"] for data in task.of("epoch")] == [0, 1]
    assert [data["epoch"] for data in task.of("weights")] == [0, 1]
    assert all(data["model"] == "handprint" for data in task.of("metric"))
    done, total, unit = task.steps[-1]
    assert (done, unit) == (total, "batches of handprint")


def test_rows_are_left_alone_where_none_was_corrected(store: ModelStore, folder: Path):
    result = WORK["retrain"](Task({"epochs": 1}, folder))

    assert [version["model"] for version in result["versions"]] == ["handprint"]
    assert "candidate" not in store.aliases("rows")


def test_a_stopped_retraining_leaves_a_checkpoint_and_goes_on_to_the_same_weights(store: ModelStore, folder: Path):
    with pytest.raises(Stopped):
        WORK["retrain"](Task(QUICK, folder, looks=4))
    assert (folder / "handprint.checkpoint").exists()
    assert store.versions("handprint") == ["1"]

    resumed = WORK["retrain"](Task(QUICK, folder))
    shutil.rmtree(folder)
    folder.mkdir()
    whole = WORK["retrain"](Task(QUICK, folder))

    assert resumed["versions"][0]["digest"] == whole["versions"][0]["digest"]


def test_what_was_published_before_an_interruption_is_not_published_again(store: ModelStore, folder: Path):
    once, again = (WORK["retrain"](Task(QUICK, folder)) for _ in range(2))

    assert once == again
    assert store.versions("handprint") == ["1", "2"]


def test_the_verdict_that_a_version_was_promoted_on_survives_an_interruption(store: ModelStore, folder: Path):
    request = {**QUICK, "lr": 1e-6, "promote": "if-better"}
    once, again = (WORK["retrain"](Task(request, folder)) for _ in range(2))

    assert once == again
    assert [check["code"] for check in again["versions"][0]["verdict"]["checks"]] != ["serves"]


def test_what_was_rolled_back_during_an_interruption_is_not_called_champion(store: ModelStore, folder: Path):
    request = {**QUICK, "lr": 1e-6, "promote": "if-better"}
    WORK["retrain"](Task(request, folder))
    store.rollback("handprint")

    [version] = WORK["retrain"](Task(request, folder))["versions"]

    assert version["verdict"]["passed"]
    assert version["alias"] != "champion"
    assert store.aliases("handprint")[version["alias"]] == version["version"]


def test_promotion_is_for_the_gate_to_allow(store: ModelStore, folder: Path):
    task = Task({**QUICK, "lr": 1e-6, "promote": "if-better"}, folder)

    [version] = WORK["retrain"](task)["versions"]

    assert version["verdict"]["passed"]
    assert version["alias"] == "champion"
    assert store.aliases("handprint")["champion"] == "2"
    [move] = [move for move in store.moves("handprint") if move.kind == "promote" and move.to_version == "2"]
    assert move.by == "job 1"


def test_corrections_teach(folder: Path, monkeypatch: pytest.MonkeyPatch):
    image = np.zeros((32, 32), np.float32)
    image[4:28, 14:18] = 1
    taught = Corrections([TaughtGlyph(image, "7", "c0", False), TaughtGlyph(image, "7", "c1", True)])
    monkeypatch.setattr("app.cli.work.retraining.gather_corrections", lambda *_: taught)

    [version] = Retraining(read_request(QUICK), read_settings(), folder, "me").carry_out(Task({}, folder))["versions"]

    assert version["corrections"] == 1


def test_nothing_was_corrected_where_there_is_no_database(store: ModelStore):
    assert len(gather_corrections(read_settings(), store)) == 0


def test_a_sweep_tells_the_best_rate_and_diverging_is_a_result(folder: Path):
    request = {"lr": [1e-3, 1e38], "epochs": 2, "batch_size": 24}
    task = Task(request, folder)

    result = WORK["sweep"](task)

    assert result["best_lr"] == 1e-3
    assert [trial["lr"] for trial in result["trials"]] == [1e-3, 1e38]
    assert len(result["trials"][0]["curves"]) == 2
    assert result["trials"][1]["diverged"]
    assert {data["trial_lr"] for data in task.of("epoch")} >= {1e-3}


def test_a_sweep_goes_on_with_the_rate_that_it_was_at(folder: Path):
    request = {"lr": [1e-3, 1e-2], "epochs": 1, "batch_size": 24}
    whole = WORK["sweep"](Task(request, folder))
    (folder / "trial-1.json").unlink()
    task = Task(request, folder)

    again = WORK["sweep"](task)

    assert {data["trial_lr"] for data in task.of("epoch")} == {1e-2}
    assert again["trials"][0] == whole["trials"][0]
