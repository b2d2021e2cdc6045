"""What a training job has told of its runs so far: curves, and pictures of the first layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import NotFound
from app.jobs import JobStore
from app.training import unpack_layer
from app.training.epochs.history import Epoch, best_epoch


def job_runs(jobs: JobStore, job_id: str) -> list[dict[str, Any]]:
    """Return the runs of a job, each with its ``title`` and ``epochs``, as far as they are.

    Raises
    ------
    JobNotFound : there is no such job.
    NotFound : it has told of no epoch, or trains nothing.
    """
    runs: dict[tuple[str | None, float | None], list[Mapping[str, Any]]] = {}
    for event in jobs.events(jobs.get(job_id).id, kind="epoch"):
        runs.setdefault((event.data.get("model"), event.data.get("trial_lr")), []).append(event.data)
    if not runs:
        raise NotFound(f"job {job_id} has not told of any epoch", job=job_id)
    return [_run(model, lr, by_epoch(told)) for (model, lr), told in runs.items()]


def by_epoch(told: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return epochs in order; of one that an interruption made to be told twice, the later word."""
    last = {int(data["epoch"]): data for data in told}
    return [{name: last[epoch][name] for name in Epoch.__dataclass_fields__} for epoch in sorted(last)]


def _run(model: str | None, lr: float | None, epochs: list[dict[str, Any]]) -> dict[str, Any]:
    best = best_epoch([Epoch(**epoch) for epoch in epochs])
    title = model if lr is None else f"learning rate {lr:g}"
    return {"title": title, "model": None, "lr": lr, "best_epoch": epochs[best]["epoch"], "epochs": epochs}


def job_weights(jobs: JobStore, job_id: str, epoch: int | None, model: str | None) -> dict[str, Any]:
    """Return the first layer of a job's network after an epoch, the last one if not given.

    Returns
    -------
    dict
        ``model``, ``epoch`` and ``layer``; ``epochs`` of which there is a picture; ``weight``; and ``scale``, that of
        the last picture there is, so that all are drawn alike.

    Raises
    ------
    JobNotFound : there is no such job.
    NotFound : it has told of no such weights.
    """
    told = [event.data for event in jobs.events(jobs.get(job_id).id, kind="weights")]
    told = [data for data in told if model is None or data["model"] == model]
    if not told:
        raise NotFound(f"job {job_id} has not told of any weights", job=job_id)
    of_model = {int(data["epoch"]): data for data in told if data["model"] == told[-1]["model"]}
    epochs = sorted(of_model)
    if epoch is not None and epoch not in of_model:
        kept = ", ".join(map(str, epochs))
        raise NotFound(f"job {job_id} has pictures after the epochs {kept}, not {epoch}", epochs=epochs)
    chosen = of_model[epochs[-1] if epoch is None else epoch]
    return {
        "model": chosen["model"],
        "epoch": chosen["epoch"],
        "epochs": epochs,
        "layer": chosen["layer"],
        "scale": float(of_model[epochs[-1]]["scale"]),
        "weight": unpack_layer(chosen),
    }
