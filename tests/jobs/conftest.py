"""A database of its own for each test."""

from __future__ import annotations

import pytest

from app.database import Database
from app.jobs import Claims, JobStore


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'inkrow.db'}"


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def jobs(database):
    return JobStore(database)


@pytest.fixture
def claims(database):
    return Claims(database, "worker-1")
