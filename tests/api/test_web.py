from __future__ import annotations

import re
from importlib.resources import files

import pytest

_STATIC = files("app.web") / "static"
_KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def _text(name):
    return (_STATIC / name).read_text(encoding="utf-8")


def _scripts():
    return sorted(path.name for path in _STATIC.iterdir() if path.name.endswith(".js"))


def test_the_bare_address_is_a_page_of_files_that_are_there_and_of_the_right_kind(client):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    addresses = set(re.findall(r'(?:src|href)="([^"]+)"', page.text)) - {"docs"}
    assert addresses == {"web/icon.svg", "web/inkrow.css", "web/inkrow.js"}
    for address in addresses:
        answer = client.get(f"/{address}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            200,
            _KINDS[address.rpartition(".")[2]],
        )


def test_nothing_stands_within_the_page_that_the_policy_of_the_service_forbids(client):
    page = client.get("/").text
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == [""]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize("script", _scripts())
def test_a_script_imports_only_scripts_beside_it(script):
    assert set(re.findall(r'from "\./([^"]+)"', _text(script))) <= set(_scripts())
    assert "://" not in re.sub(r'"http://www.w3.org/2000/svg"', "", _text(script))


@pytest.mark.parametrize("script", _scripts())
def test_every_element_that_a_script_asks_for_is_on_the_page(client, script):
    there = set(re.findall(r'\sid="([^"]+)"', client.get("/").text))
    assert set(re.findall(r'\$\("([^"]+)"\)', _text(script))) <= there


def test_the_page_sends_what_the_service_knows(client):
    paths = client.get("/openapi.json").json()["paths"]
    known = {parameter["name"]: parameter["schema"] for parameter in paths["/ocr"]["post"]["parameters"]}
    page = client.get("/").text
    fields = page[page.index('id="request"') : page.index('id="problem"')]
    assert set(re.findall(r'name="([^"]+)"', fields)) <= known.keys()
    assert set(re.findall(r'post\("([^"]+)"', _text("http.js"))) == {"ocr", "corrections"}
    formats = page[page.index('id="save"') : page.index('id="rows"')]
    assert set(re.findall(r'value="(\w+)"', formats)) == set(_names(client, "FormatName"))


def _names(client, schema):
    return client.get("/openapi.json").json()["components"]["schemas"][schema]["enum"]


def test_what_is_missing_is_a_problem(client, problem):
    problem(client.get("/web/none.js"), 404, "not-found")
    problem(client.get("/web/../__init__.py"), 404, "not-found")
