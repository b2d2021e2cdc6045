"""Metrics that are not counted but looked up for each scrape: models, jobs and processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from fastapi import FastAPI
from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from app.api.serving.models import Models
from app.config import release
from app.jobs import Backlog

_MOST_FIGURES = 20  # of one epoch, so that no job can flood a scrape


class ServiceCollector(Collector):
    """The release, and which models are in service at this moment."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Look up the models that a request would be read with now."""
        yield InfoMetricFamily("inkrow_build", "The release, in a label.", {"release": release()})
        models: Models | None = self._app.state.models
        yield GaugeMetricFamily("inkrow_ready", "1 if pages can be read.", value=models is not None)
        labels = ("role", "name", "version", "digest")
        family = GaugeMetricFamily("inkrow_model_info", "The models in service, in labels.", labels=labels)
        for role, reference in _references(models).items():
            family.add_metric([role, *(str(reference[label]) for label in labels[1:])], 1)
        yield family


class BacklogCollector(Collector):
    """The number of jobs in each state, and how far the running ones are."""

    def __init__(self, backlog: Backlog | None) -> None:
        self._backlog = backlog

    def collect(self) -> Iterator[Metric]:
        """Report the jobs; if the database does not answer, only that."""
        backlog = self._backlog
        yield GaugeMetricFamily("inkrow_database_up", "1 if the database answers.", value=backlog is not None)
        if backlog is None:
            return
        jobs = GaugeMetricFamily("inkrow_jobs", "Jobs that are kept, by state.", labels=["state"])
        oldest = GaugeMetricFamily(
            "inkrow_jobs_oldest_seconds", "For how long the oldest job has waited or run.", labels=["state"]
        )
        progress = GaugeMetricFamily(
            "inkrow_job_progress_ratio", "Share of a job that is done.", labels=["job", "kind"]
        )
        training = GaugeMetricFamily(
            "inkrow_training",
            "What the last epoch of a job that runs told of itself: its number, losses, accuracies.",
            labels=["job", "kind", "model", "figure"],
        )
        for state, count in backlog.counts.items():
            jobs.add_metric([state], count)
        for state, age_s in backlog.oldest_s.items():
            oldest.add_metric([state], age_s)
        for job in backlog.running:
            progress.add_metric([job.id, job.kind], job.share_done)
            for figure, value in _figures(job.epoch):
                training.add_metric([job.id, job.kind, str(job.epoch.get("model", "")), figure], value)
        yield from (jobs, oldest, progress, training)


class ProcessesCollector(Collector):
    """Memory, processor time, start and open files of every process that serves, each with its pid."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids

    def collect(self) -> Iterable[Metric]:
        """Look at the processes; systems that do not show them give no metrics."""
        families: dict[str, Metric] = {}
        for pid in self._pids:
            for metric in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
                family = families.setdefault(metric.name, _emptied(metric))
                for sample in metric.samples:
                    family.add_sample(sample.name, {**sample.labels, "pid": str(pid)}, sample.value)
        return families.values()


def _emptied(metric: Metric) -> Metric:
    kind = CounterMetricFamily if metric.type == "counter" else GaugeMetricFamily
    return kind(metric.name, metric.documentation, labels=["pid"])


def _references(models: Models | None) -> dict[str, Mapping[str, Any]]:
    if models is None:
        return {}
    glyphs = models.serving.model
    found = {"glyphs": glyphs, "rows": glyphs["rows"], "words": glyphs["language"]}
    return {role: reference for role, reference in found.items() if reference is not None}


def _figures(epoch: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    numbers = [(name, value) for name, value in epoch.items() if isinstance(value, int | float)]
    for name, value in numbers[:_MOST_FIGURES]:
        if isfinite(value):
            yield name, float(value)
