"""The documentation shows what the service really answers."""

from __future__ import annotations

import re
from unittest import mock

import pytest

from app.api.openapi import EXAMPLES, WORDED_BY_EACH
from app.api.problems import KINDS, MEDIA_TYPE
from tests.api.real_answers import collect, differences

# Of what asks for jobs: two requests at once
_OF_JOBS = {"request-under-way"}


@pytest.fixture(scope="module")
def answers():
    with mock.patch.dict(EXAMPLES, own={}):  # so that they can be made for an operation that has none yet
        return collect()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_examples_are_the_answers(answers, kind):
    assert answers.keys() == EXAMPLES.keys()
    assert differences(answers[kind], EXAMPLES[kind], kind) == [], "make examples brings them up to date"


@pytest.fixture
def operations(client):
    """Give each operation as the documentation has it, by its method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method, operation in methods.items()
    }


def _problems(operation):
    for response in operation["responses"].values():
        for code, example in response.get("content", {}).get(MEDIA_TYPE, {"examples": {}})["examples"].items():
            yield code, example["value"]


def test_every_body_that_is_sent_is_shown_as_a_whole_with_all_that_it_must_have(client, operations):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    sent = {name: operation["requestBody"] for name, operation in operations.items() if "requestBody" in operation}
    assert sent.keys() == EXAMPLES["body"].keys()
    for name, bodies in sent.items():
        for media_type, body in bodies["content"].items():
            schema = body["schema"].get("anyOf", [body["schema"]])[0]
            schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            required, shown = set(schema.get("required", [])), body["example"].keys()
            assert required <= shown <= schema["properties"].keys(), (name, media_type)


def test_every_operation_shows_problems_of_its_own_address_and_method(operations):
    for name, operation in operations.items():
        method, path = name.split()
        address = re.sub(r"{\w+}", "[^/{}]+", path)
        problems = dict(_problems(operation))
        for code, problem in problems.items():
            assert re.fullmatch(address, problem["instance"]), (name, code, problem["instance"])
        wrong = problems["method-not-allowed"]["detail"]
        assert re.fullmatch(rf"expected .*\b{method}\b.* at {address}, got .*", wrong), (name, wrong)


def test_every_operation_words_its_problems_as_it_does_itself(operations):
    without = set()
    for name, operation in operations.items():
        own, shown = EXAMPLES["own"][name], dict(_problems(operation))
        assert own.keys() <= shown.keys(), name
        kinds = {kind for response in operation["responses"].values() for kind in response["description"].split("; ")}
        without |= {(name, code) for code in WORDED_BY_EACH - shown.keys() if KINDS[code].title in kinds}
        parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
        for error in own.get("invalid-input", {}).get("errors", []):
            assert error["location"] in {"form field", "JSON member"} or error["name"] in parameters, (name, error)
    assert without == {("GET /writers", "not-found")}  # which takes a data set that tells no writers


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
