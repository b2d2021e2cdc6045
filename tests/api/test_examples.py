"""The documentation shows what the service really answers."""

from __future__ import annotations

import pytest

from app.api.openapi import EXAMPLES
from app.api.problems import KINDS
from tests.api.real_answers import collect, differences

# Of what asks for jobs: two requests at once
_OF_JOBS = {"request-under-way"}


@pytest.fixture(scope="module")
def answers():
    return collect()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_examples_are_the_answers(answers, kind):
    assert answers.keys() == EXAMPLES.keys()
    assert differences(answers[kind], EXAMPLES[kind], kind) == [], "make examples brings them up to date"


def test_every_body_and_every_problem_is_documented_with_an_example(client):
    description = client.get("/openapi.json").json()
    shown = set()
    for path, methods in description["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for media_type, content in response.get("content", {}).items():
                    binary = media_type.startswith(("image/", "application/pdf", "application/zip"))
                    assert binary or content.get("example") or content.get("examples"), (path, status, media_type)
                    shown |= content.get("examples", {}).keys()
    # Problems of commands and jobs, with which no address answers
    elsewhere = {"damaged-dataset", "training-diverged", "unknown-architecture", "version-exists"} | _OF_JOBS
    assert shown & KINDS.keys() == KINDS.keys() - elsewhere
