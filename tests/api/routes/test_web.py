from __future__ import annotations

import re
from importlib.resources import files

import pytest

_STATIC = files("app.web") / "static"
_KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


_PAGES = {"/": "inkrow.js", "/inside": "inside.js"}  # and the script that each starts


def _text(name):
    return (_STATIC / name).read_text(encoding="utf-8")


def _scripts():
    return sorted(path.name for path in _STATIC.iterdir() if path.name.endswith(".js"))


@pytest.mark.parametrize("path, script", _PAGES.items())
def test_a_page_is_made_of_files_that_are_there_and_of_the_right_kind(client, path, script):
    page = client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    addresses = set(re.findall(r'(?:src|href)="([^"]+)"', page.text)) - {"docs", "inside", "."}
    assert addresses == {"web/icon.svg", "web/inkrow.css", f"web/{script}"}
    for address in addresses:
        answer = client.get(f"/{address}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            200,
            _KINDS[address.rpartition(".")[2]],
        )


@pytest.mark.parametrize("path", _PAGES)
def test_nothing_stands_within_a_page_that_the_policy_of_the_service_forbids(client, path):
    page = client.get(path).text
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == [""]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize("script", _scripts())
def test_a_script_imports_only_scripts_beside_it(script):
    assert set(re.findall(r'from "\./([^"]+)"', _text(script))) <= set(_scripts())
    assert "://" not in re.sub(r'"http://www.w3.org/2000/svg"', "", _text(script))


@pytest.mark.parametrize("script, path", [("inkrow.js", "/"), ("reading.js", "/"), ("inside.js", "/inside")])
def test_every_element_that_a_script_asks_for_is_on_its_page(client, script, path):
    there = set(re.findall(r'\sid="([^"]+)"', client.get(path).text))
    assert set(re.findall(r'\$\("([^"]+)"\)', _text(script))) <= there


def test_the_page_sends_what_the_service_knows(client):
    paths = client.get("/openapi.json").json()["paths"]
    known = {parameter["name"]: parameter["schema"] for parameter in paths["/ocr"]["post"]["parameters"]}
    page = client.get("/").text
    fields = page[page.index('id="request"') : page.index('id="problem"')]
    assert set(re.findall(r'name="([^"]+)"', fields)) <= known.keys()
    assert set(re.findall(r'post\("([^"]+)"', _text("http.js"))) == {"ocr", "corrections", "explain"}
    formats = page[page.index('id="format"') : page.index('id="save"')]
    assert set(re.findall(r'value="(\w+)"', formats)) == set(_names(client, "FormatName"))


def test_problems_that_the_page_treats_apart_are_problems_of_the_service(client):
    of_a_file, *others = re.findall(r"OF_THE_FILE = \[(.+)\]|isOf\(problem, \"([\w-]+)\"\)", _text("http.js"))
    codes = {*re.findall(r'"([\w-]+)"', of_a_file[0]), *(code for _, code in others)}
    assert {"key-needed", "corrected-otherwise", "not-an-image"} <= codes
    assert codes <= {kind["code"] for kind in client.get("/problems").json()["problems"]}


def test_what_is_looked_into_are_addresses_of_the_service(client):
    asked = set(re.findall(r'(?:show\("\w+", |json\()["`](\w+)', _text("inside.js")))
    assert asked == {"models", "weights", "confusion", "curves", "calibration"}
    assert {f"/{address}" for address in asked} <= client.get("/openapi.json").json()["paths"].keys()


def _names(client, schema):
    return client.get("/openapi.json").json()["components"]["schemas"][schema]["enum"]


def test_what_is_missing_is_a_problem(client, problem):
    problem(client.get("/web/none.js"), 404, "not-found")
    problem(client.get("/web/../__init__.py"), 404, "not-found")
