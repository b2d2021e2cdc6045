from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.routing import iter_route_contexts

from app.api.access.guards import guards_of
from app.api.reading.options import Options

_DOCS = Path(__file__).resolve().parents[3] / "docs"
_PARTS_OF_PAGES = {"/web", "/docs/start.js", "/docs/assets"}  # what the page on routes names below its table


def test_the_documentation_needs_no_other_server_and_no_script_within_the_page(client):
    page = client.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 4
    for address in addresses:
        assert "//" not in address
        assert client.get(f"/{address}").status_code == 200
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == ["", ""]


def test_the_start_script_names_the_real_description(client):
    (url,) = re.findall(r'url: "([^"]+)"', client.get("/docs/start.js").text)
    assert client.get(f"/{url}").json()["info"]["title"] == "Inkrow"


@pytest.mark.parametrize("path", ["/docs", "/livez", "/nothing", "/docs/assets/swagger-ui.css", "/docs/assets/none"])
def test_every_answer_carries_the_strict_policy(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_missing_asset_is_a_problem(client, problem):
    problem(client.get("/docs/assets/../../../secret"), 404, "not-found")
    problem(client.get("/docs/assets/none.js"), 404, "not-found")


@pytest.fixture
def description(client):
    return client.get("/openapi.json").json()


def test_every_operation_has_a_stable_short_name_and_documents_its_problems(description):
    for methods in description["paths"].values():
        for operation in methods.values():
            assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
            assert operation["summary"]
            for status, response in operation["responses"].items():
                if not status.startswith(("2", "3")):
                    assert list(response["content"]) == ["application/problem+json"]


def test_every_reference_of_the_description_leads_somewhere(description):
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(description)))
    assert references <= description["components"]["schemas"].keys()
    assert "Problem" in references


def test_the_options_are_documented_once(description):
    operation = description["paths"]["/ocr"]["post"]
    types = {parameter["name"]: parameter["schema"].get("type") for parameter in operation["parameters"]}
    assert list(types) == list(Options.model_fields)
    assert (types["alternatives"], types["alphabet"], types["model"]) == ("integer", "string", "string")
    assert list(description["components"]["schemas"]["Upload"]["properties"]) == ["file"]


def test_a_parameter_is_left_out_and_never_null(description):
    parameters = [
        parameter
        for methods in description["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
    ]
    assert {"Idempotency-Key", "limit"} <= {parameter["name"] for parameter in parameters}
    assert not [parameter for parameter in parameters if "null" in str(parameter["schema"])]


def _key_for(route):
    """What the page on routes says of the key that a route takes."""
    guards = guards_of(route)
    if not guards:
        return "none"
    (guard,) = guards
    return f"`{guard.scope}`" + (f", if `INKROW_{guard.opened_by.upper()}=false`" if guard.opened_by else "")


def test_the_page_on_routes_lists_all_of_them_with_the_key_that_each_takes(client):
    page = (_DOCS / "routes.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([A-Z]+) \| `(\S+)` \| ([^|]+) \| [^|]+ \| \[(\S+)\]\(\4\) \|$", page, flags=re.MULTILINE)
    assert sorted(row[:3] for row in listed) == sorted(
        (method, route.path.replace(":path}", "}"), _key_for(route.original_route))
        for route in iter_route_contexts(client.app.routes)
        if route.path not in _PARTS_OF_PAGES
        for method in route.methods - {"HEAD"}
    )
    assert all((_DOCS / explained).is_file() for *_, explained in listed)


def _code_of_extending(name):
    """The one block of the page on extending in which this is defined."""
    page = (_DOCS / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    (code,) = [code for code in blocks if f"def {name}(" in code]
    return code


def test_the_route_of_the_page_on_extending_passes_its_tests(client, problem, monkeypatch):
    module = ModuleType("app.api.routes.alphabet")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(_code_of_extending("list_characters"), vars(module))
    client.app.include_router(module.router)
    tests = {}
    exec(_code_of_extending("test_without_a_model_there_is_no_alphabet"), tests)
    tests["test_the_alphabet_is_that_of_the_model_in_service"](client)
    tests["test_without_a_model_there_is_no_alphabet"](client, problem)
