"""What a service has acknowledged, and whether all of it is still there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.jobs.claims import MOST_ATTEMPTS
from app.store import CHAMPION, ModelStore
from bench.service import Service


@dataclass
class Ledger:
    """Every answer of success that was received. Threads may add to it at the same time.

    Attributes
    ----------
    corrections, jobs, keys : ids
    promotions : the reasons that were given, each another
    asked_for : jobs, acknowledged or not
    """

    model: str
    corrections: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    promotions: set[str] = field(default_factory=set)
    asked_for: int = 0

    def __len__(self) -> int:
        return len(self.corrections) + len(self.jobs) + len(self.keys) + len(self.promotions)

    def check(self, service: Service) -> Iterator[str]:
        """Say of everything that is missing, twice there or damaged, what it is."""
        yield from self._check_store(service)
        there = {one["id"] for one in service.list("/corrections")}
        yield from (f"the correction {one} is lost" for one in sorted(self.corrections - there))
        jobs = list(service.list("/admin/jobs"))
        yield from (f"the job {one} is lost" for one in sorted(self.jobs - {job["id"] for job in jobs}))
        if len(jobs) > self.asked_for:
            yield f"{self.asked_for} jobs were asked for, and there are {len(jobs)}"
        yield from self._check_promotions(service)

    def check_keys(self, service: Service) -> Iterator[str]:
        """Say which keys are missing."""
        told = service.run("keys", "list")
        yield from (f"the key {one} is lost" for one in sorted(self.keys) if one not in told)

    def check_jobs(self, service: Service) -> Iterator[str]:
        """Wait for all jobs to end, and say which have not succeeded; those begun too often do not count."""
        for one in sorted(self.jobs):
            job = service.wait_for(one)
            problem = job.get("problem") or {}
            was_given_up = f"begun {MOST_ATTEMPTS} times" in problem.get("detail", "")
            if job["state"] != "succeeded" and not was_given_up:
                yield f"the job {one} has {job['state']}: {problem}"

    def _check_store(self, service: Service) -> Iterator[str]:
        for finding in ModelStore(service.store).verify():
            if not finding.harmless:
                yield f"the store is damaged: {finding}"

    def _check_promotions(self, service: Service) -> Iterator[str]:
        log = list(service.list("/admin/promotions", model=self.model))
        reasons = [entry["reason"] for entry in log]
        yield from (f"the promotion {one!r} is lost" for one in sorted(self.promotions - set(reasons)))
        yield from (f"the promotion {one!r} is logged twice" for one in self.promotions if reasons.count(one) > 1)
        yield from _check_alias(service, self.model, log)


def _check_alias(service: Service, model: str, log: list[dict[str, Any]]) -> Iterator[str]:
    champion = ModelStore(service.store).aliases(model)[CHAMPION]
    logged = next((entry["to_version"] for entry in log if entry["alias"] == CHAMPION), champion)
    if logged != champion:
        yield f"the log ends with version {logged}, and the champion is {champion}"
