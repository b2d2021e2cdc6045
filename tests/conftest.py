"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parent.parent


def skip_or_fail(reason: str) -> NoReturn:
    """Skip for want of something outside the project; fail instead where INKROW_REQUIRE_SERVICES=1 promises it."""
    if os.environ.get("INKROW_REQUIRE_SERVICES") == "1":
        pytest.fail(f"INKROW_REQUIRE_SERVICES=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261123)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Give the folder with the measurement pages, which is not part of the project."""
    folder = Path(os.environ.get("INKROW_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        skip_or_fail(f"there are no measurement pages at {folder} (INKROW_SHARED names another folder)")
    return folder
