"""Figures for those who watch the service over days."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from app.api.access.guards import may_watch
from app.api.observing.metrics import Metrics
from app.api.observing.scraping import BacklogCollector, ProcessesCollector, ServiceCollector
from app.api.openapi import EXAMPLES

router = APIRouter(tags=["health"], dependencies=[Depends(may_watch())])

_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "All figures, in the text format of Prometheus or in OpenMetrics",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": EXAMPLES["other"].get("/metrics")}},
    }
}


@router.get("/metrics", response_class=Response, responses=_FIGURES)
def show_metrics(request: Request) -> Response:
    """Tell all figures: what was counted since the start, and what models, jobs and processes are like now.

    `docs/operations.md` lists them. With several processes the counters are those of all together.
    """
    app = request.app
    metrics: Metrics = app.state.metrics
    content, media_type = metrics.exposition(
        request.headers.get("accept", ""),
        ServiceCollector(app),
        BacklogCollector(app.state.backlog.look()),
        ProcessesCollector(metrics.processes()),
    )
    return Response(content, headers={"Cache-Control": "no-store", "Vary": "Accept"}, media_type=media_type)
