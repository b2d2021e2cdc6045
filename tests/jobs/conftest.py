"""Jobs as those see them who ask for them, and as a worker does."""

from __future__ import annotations

import pytest

from app.jobs import Claims, JobStore


@pytest.fixture
def jobs(database):
    return JobStore(database)


@pytest.fixture
def claims(database):
    return Claims(database, "worker-1")
