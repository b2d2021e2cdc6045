"""A service of its own for each module, and a browser that has its page open."""

from __future__ import annotations

import pytest

from bench.service import Service
from tests.services.browser import Browser


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def browser(service):
    with Browser() as browser:
        browser.open(f"http://127.0.0.1:{service.port}/")
        yield browser
