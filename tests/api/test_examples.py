"""The documentation shows what the service really answers."""

from __future__ import annotations

import pytest

from app.api.examples import EXAMPLES
from app.api.problems import KINDS
from tests.api.real_answers import collect

# The numbers of a reading differ a little from one machine to the next.
_CLOSE_PX = 2
_CLOSE = 0.02
_NEVER_THE_SAME = {"timing_ms"}


@pytest.fixture(scope="module")
def answers():
    return collect()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_examples_are_the_answers(answers, kind):
    assert answers.keys() == EXAMPLES.keys()
    assert _differences(answers[kind], EXAMPLES[kind], kind) == [], "make examples brings them up to date"


def _differences(real, shown, place):
    if isinstance(real, dict) and isinstance(shown, dict):
        if real.keys() != shown.keys():
            return [f"{place}: {sorted(real)} instead of {sorted(shown)}"]
        parts = [(real[key], shown[key], f"{place}.{key}") for key in real if key not in _NEVER_THE_SAME]
    elif isinstance(real, list) and isinstance(shown, list) and len(real) == len(shown):
        parts = [(*pair, f"{place}[{number}]") for number, pair in enumerate(zip(real, shown, strict=True))]
    elif isinstance(real, int | float) and isinstance(shown, int | float):
        is_close = abs(real - shown) <= (_CLOSE_PX if isinstance(real, int) else _CLOSE)
        return [] if is_close else [f"{place}: {real} instead of {shown}"]
    else:
        is_same = place.startswith("format") or real == shown  # their words are those of the reading beside them
        return [] if is_same else [f"{place}: {real!r} instead of {shown!r}"]
    return [difference for part in parts for difference in _differences(*part)]


def test_every_body_and_every_problem_is_documented_with_an_example(client):
    description = client.get("/openapi.json").json()
    shown = set()
    for path, methods in description["paths"].items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for media_type, content in response["content"].items():
                    binary = media_type.startswith(("image/", "application/pdf"))
                    assert binary or content.get("example") or content.get("examples"), (path, status, media_type)
                    shown |= content.get("examples", {}).keys()
    # Problems of commands, which no address of the service has
    elsewhere = {"conflict", "damaged-dataset", "dataset-not-found", "unknown-architecture", "version-exists"}
    assert shown & KINDS.keys() == KINDS.keys() - elsewhere
