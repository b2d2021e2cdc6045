"""What programs that make clients find in the OpenAPI document."""

from __future__ import annotations

import pytest


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def _resolved(schema, document):
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def test_every_file_that_is_sent_is_marked_as_one_for_programs_of_either_version_of_openapi(document):
    marked = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
            if form is not None:
                file = _resolved(form["schema"], document)["properties"]["file"]
                marked[path] = file.get("items", file)["format"]
    assert marked == dict.fromkeys(["/ocr", "/corrections", "/explain", "/weights/activations"], "binary")


def test_what_answers_with_304_says_so_and_names_the_header_that_leads_there(client, document):
    documented = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            headers = [each["name"] for each in operation.get("parameters", []) if each["in"] == "header"]
            assert ("304" in operation["responses"]) == ("If-None-Match" in headers), (method, path)
            if "304" in operation["responses"]:
                documented.add((method, path))
    of_inspection = {"/models", "/models/{name}", "/curves"}
    others = {"/admin/jobs/{job_id}", "/admin/aliases", "/corrections/{correction_id}/image"}
    assert {path for _, path in documented} >= of_inspection | others
    tag = client.get("/models").headers["etag"]
    assert client.get("/models", headers={"If-None-Match": tag}).status_code == 304
    assert {method for method, _ in documented} == {"get"}
