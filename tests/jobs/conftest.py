"""A database of its own for each test."""

from __future__ import annotations

import pytest

from app.database import Database
from app.jobs import Claims, JobStore


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'inkrow.db'}")
    yield database
    database.close()


@pytest.fixture
def jobs(database):
    return JobStore(database)


@pytest.fixture
def claims(database):
    return Claims(database, "worker-1")
