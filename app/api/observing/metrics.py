"""What is counted and measured while the service runs, for Prometheus."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.context_managers import InprogressTracker
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app.api.problems import CLIENT_GONE
from app.ocr import Page

# Several processes that serve together keep their figures in files of this folder; prometheus_client itself reads the
# variable when it is imported, so that it has to be set before.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# Without this, each series has a line more with the time of its creation; the start of the process is known anyway.
disable_created_metrics()

# Edges of the bins, in seconds: a page takes some tenths of one, all else a few milliseconds.
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STAGE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Metrics:
    """The figures of one application; where `SHARED_FOLDER` is set, they are summed with those of other processes.

    Counters of a process that has ended stay, so that sums never fall; its requests in flight are forgotten.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._shared = os.environ.get(SHARED_FOLDER)
        counter, histogram = partial(Counter, registry=registry), partial(Histogram, registry=registry)
        gauge = partial(Gauge, registry=registry, multiprocess_mode="livesum")
        self._requests = histogram(
            "inkrow_http_request_duration_seconds",
            "Time from a request's head to the end of its answer, by the template of its address and class of status.",
            ("method", "route", "status"),
            buckets=_REQUEST_S,
        )
        self._in_flight = gauge("inkrow_http_requests_in_flight", "Requests that are being answered.")
        self._waiting = gauge(
            "inkrow_turns_waiting", "Requests that wait for their turn to read, or to inspect.", ("turn",)
        )
        self._waited = histogram(
            "inkrow_turn_wait_seconds", "Time that requests waited for their turn.", ("turn",), buckets=_REQUEST_S
        )
        self._refused = counter(
            "inkrow_turns_refused", "Requests that got no turn: too many waited, or too long.", ("why",)
        )
        self._stages = histogram("inkrow_stage_seconds", "Time of each stage, by page.", ("stage",), buckets=_STAGE_S)
        self._pages = counter("inkrow_pages", "Pages, by whether they could be read.", ("outcome",))
        self._glyphs = counter("inkrow_glyphs", "Characters that were read.")
        self._abstained = counter("inkrow_glyphs_abstained", "Characters less sure than abstain_below asked for.")
        self._confidence = histogram(
            "inkrow_glyph_confidence", "How sure the characters are that were read.", buckets=_CONFIDENCES
        )
        self._warnings = counter("inkrow_page_warnings", "Warnings about pages.", ("code",))

    def request_in_flight(self) -> InprogressTracker:
        """Count a request as in flight while the block runs."""
        return self._in_flight.track_inprogress()

    def request_answered(self, method: str, route: str | None, status: int, duration_s: float) -> None:
        """Count a request by the template of its route; all requests for unknown addresses count as one route."""
        # A client that hung up is counted apart from those that sent something wrong, the other 4xx.
        status_class = str(status) if status == CLIENT_GONE else f"{status // 100}xx"
        self._requests.labels(method, route or "none", status_class).observe(duration_s)

    def request_waiting(self, turn: str) -> InprogressTracker:
        """Count a request as waiting for a turn while the block runs."""
        return self._waiting.labels(turn).track_inprogress()

    def turn_taken(self, turn: str, waited_s: float) -> None:
        """Note how long a request waited before its turn came."""
        self._waited.labels(turn).observe(waited_s)

    def turn_refused(self, why: str) -> None:
        """Count a request that got no turn."""
        self._refused.labels(why).inc()

    def page_read(self, page: Page) -> int:
        """Count the characters of a page, their confidences and the time it took; return the number of characters."""
        self._pages.labels("read").inc()
        for stage, ms in page.timing_ms.items():
            self._stages.labels(stage).observe(ms / 1e3)
        for notice in page.warnings:
            self._warnings.labels(notice.code).inc()
        confidences = [glyph.confidence for row in page.rows for word in row.words for glyph in word.glyphs]
        for confidence in confidences:
            self._confidence.observe(confidence)
        self._glyphs.inc(len(confidences))
        self._abstained.inc(len(page.review))
        return len(confidences)

    def page_unreadable(self) -> None:
        """Count a page that could not be read."""
        self._pages.labels("unreadable").inc()

    def exposition(self, accept: str, *further: Collector) -> tuple[bytes, str]:
        """Write all figures in the format that the Accept header asks for; return them and their media type.

        Parameters
        ----------
        further : collectors of what is not counted here, but looked up for each scrape
        """
        registry = CollectorRegistry()
        if self._shared:
            MultiProcessCollector(registry, self._shared)
        else:
            registry.register(self._registry)
        for collector in further:
            registry.register(collector)
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type

    def processes(self) -> list[int]:
        """List the living processes that serve together; forget what dead ones had in flight."""
        if not self._shared:
            return [os.getpid()]
        living = []
        for file in Path(self._shared).glob("gauge_livesum_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if _lives(pid):
                living.append(pid)
            else:
                mark_process_dead(pid, self._shared)
        return sorted(living)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # a process of another user has taken the number
        return False
    return True
