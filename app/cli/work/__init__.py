"""The work of workers, by the kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.cli.work.retraining import Retraining
from app.cli.work.sweep import sweep
from app.config import read_settings
from app.jobs import Task, Work
from app.training import read_request, read_sweep


def _retrain(task: Task) -> Mapping[str, Any]:
    request, settings = read_request(task.parameters), read_settings()
    return Retraining(request, settings, task.folder, by=f"job {task.job_id}").carry_out(task)


def _sweep(task: Task) -> Mapping[str, Any]:
    return sweep(read_sweep(task.parameters), read_settings(), task.folder, task)


WORK: dict[str, Work] = {"retrain": _retrain, "sweep": _sweep}
