"""The pages keep their word: their code runs, and what they point to is there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest

from app.cli.shell import load_reader
from app.config import Settings
from app.formats import FORMATS, STAGES, Model, Sheet
from app.nn import activations, gradient_check
from app.ocr import ReadOptions

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture(scope="module")
def sample_sheet() -> tuple[Sheet, Model]:
    """Read a sample page with the shipped model, as the page on formats does."""
    loaded = load_reader(Settings(), "champion")
    file = DOCS.parent / "samples" / "parts_label.png"
    reading = next(loaded.reader.read_pages(file.read_bytes(), ReadOptions(alternatives=2)))
    return Sheet(reading, file.name), loaded.glyphs.reference


def _python_blocks(page: Path) -> Iterator[tuple[int, str]]:
    """Every block of Python in a page, with the number of lines above it."""
    text = page.read_text(encoding="utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, block.start(1)), block.group(1)


def test_the_code_of_the_page_on_theory_runs_from_top_to_bottom():
    page = DOCS / "theory.md"
    blocks = list(_python_blocks(page))
    assert len(blocks) == page.read_text(encoding="utf-8").count("```python")
    together: dict[str, object] = {}
    for lines_above, code in blocks:
        exec(compile("\n" * lines_above + code, page, "exec"), together)  # a failure points to the page's line


def _anchors(page: Path) -> set[str]:
    """What the headings of a page are called in addresses, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


_PAGES = [*DOCS.parent.glob("*.md"), *DOCS.rglob("*.md"), DOCS.parent / "bench" / "README.md"]


@pytest.mark.parametrize("page", sorted(_PAGES), ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_links_and_pictures_of_a_page_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link.partition("#") for link in re.findall(r"\[[^]]*\]\(([^()\s]+)\)", text) if "://" not in link]
    there = {link: (page.parent / link[0] if link[0] else page) for link in links}
    assert not [link for link, file in there.items() if not file.exists()]
    assert not [(*link,) for link, file in there.items() if link[2] and link[2] not in _anchors(file)]


@pytest.mark.parametrize("page", sorted(_PAGES), ids=lambda page: str(page.relative_to(DOCS.parent)))
def test_every_row_of_a_table_is_one_line(page):
    lines = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL).splitlines()
    assert not [line for line in lines if line.startswith("|") and not line.endswith("|")]


def test_the_index_lists_every_page():
    index = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition("## Documents")[2]
    listed = {Path(link).name for link in re.findall(r"\]\(([^)]+)\)", index)}
    assert {page.name for page in DOCS.glob("*.md")} <= listed
    notebook = (DOCS / "README.md").read_text(encoding="utf-8")
    assert all(f"](notebook/{page.name})" in notebook for page in (DOCS / "notebook").glob("*.md"))


def test_the_page_on_settings_lists_all_of_them_and_no_other():
    table = (DOCS / "settings.md").read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    listed = re.findall(r"`(INKROW_[A-Z_]+)`", table)
    assert sorted(listed) == sorted(f"INKROW_{field.upper()}" for field in Settings.model_fields)


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _is_like(written: str, shown: str) -> bool:
    """Whether lines are the same but for what differs a little from one machine to the next: the last digits."""
    if _NUMBER.sub("#", written.strip()) != _NUMBER.sub("#", shown.strip()):
        return False
    pairs = zip(_NUMBER.findall(written), _NUMBER.findall(shown), strict=True)
    return all(float(there) == pytest.approx(float(here), rel=0.02, abs=0.001) for there, here in pairs)


def _tags_apart(text: str) -> list[str]:
    return re.sub(r">\s*<", ">\n<", text).splitlines()


@pytest.mark.parametrize("name", ["tsv", "hocr", "alto", "page"])
def test_the_excerpts_of_the_page_on_formats_are_what_is_written(name, sample_sheet):
    sheet, model = sample_sheet
    lines = _tags_apart(FORMATS[name].write([sheet], model).decode())
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    excerpt = re.search(rf"^```{name}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert excerpt is not None
    for line in _tags_apart(excerpt[1]):
        found = next((number for number, there in enumerate(lines) if _is_like(there, line)), None)
        assert found is not None, line
        lines = lines[found + 1 :]  # in the order of the file


def test_the_example_of_the_readme_is_what_is_read(sample_sheet):
    sheet, model = sample_sheet
    section = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition("## Try it")[2]
    as_text, as_json, *_ = [block.splitlines() for block in re.findall(r"(?:^    .+\n)+", section, flags=re.MULTILINE)]
    assert [line.strip() for line in as_text[1:]] == FORMATS["text"].write([sheet], model).decode().splitlines()
    glyph = json.loads(FORMATS["json"].write([sheet], model))["rows"][1]["words"][1]["glyphs"][0]
    assert _is_like(json.dumps(json.loads("".join(as_json[2:]))), json.dumps(glyph))  # two lines of command


def test_the_page_on_formats_lists_all_of_them():
    table = (DOCS / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \| (many|one) \|", table, flags=re.MULTILINE)
    assert rows == [
        (format_.name, format_.media_type, format_.suffix, "many" if format_.many_pages else "one")
        for format_ in FORMATS.values()
    ]
    assert all(f"`{stage}`" in table for stage in STAGES)


def test_the_code_of_the_page_on_formats_makes_a_table_of_forms(sample_sheet, monkeypatch, capsys):
    ((lines_above, code),) = _python_blocks(DOCS / "formats.md")
    page = json.loads(FORMATS["json"].write([sample_sheet[0]], sample_sheet[1]))
    others = [page | {"rows": rows, "source": {"page": number}} for number, rows in ((2, []), (3, page["rows"][2:]))]
    pages = [page | {"source": {"page": 1}}, *others]
    lines = [json.dumps({"file": "label.png"} | page) + "\n", json.dumps({"file": "many.pdf", "pages": pages}) + "\n"]
    monkeypatch.setattr("sys.stdin", StringIO("".join(lines)))
    exec(compile("\n" * lines_above + code, DOCS / "formats.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "file,page,unsure,PART,QTY,DATE,TEL",
        "label.png,1,PART HX-2094-B7; ,HX-2094-B7,36 BIN C5,14/08/2026,0131 496 0758",
        "many.pdf,1,PART HX-2094-B7; ,HX-2094-B7,36 BIN C5,14/08/2026,0131 496 0758",
        "many.pdf,3,,,,14/08/2026,0131 496 0758",
    ]


def test_the_code_of_the_page_on_pages_runs():
    ((lines_above, code),) = _python_blocks(DOCS / "pages.md")
    exec(compile("\n" * lines_above + code, DOCS / "pages.md", "exec"), {})


def _code_of_extending(name: str) -> str:
    """The one block of the page on extending in which this is defined."""
    (code,) = [code for _, code in _python_blocks(DOCS / "extending.md") if re.search(rf"(class|def) {name}\b", code)]
    return code


def test_the_layer_of_the_page_on_extending_has_the_right_gradient(rng):
    within = dict(vars(activations))  # the page has it pasted into that file
    exec(_code_of_extending("Softplus"), within)
    assert gradient_check(within["Softplus"](), rng.normal(size=(3, 7)))["input"] < 1e-6


def test_the_stage_of_the_page_on_extending_passes_its_test(monkeypatch):
    module = ModuleType("app.vision.ink.edge")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(_code_of_extending("without_edge"), vars(module))
    name = "test_a_side_that_is_dark_from_end_to_end_is_cleared_and_the_rest_stays"
    test = dict[str, object]()
    exec(_code_of_extending(name), test)
    test[name]()


def test_the_call_of_that_stage_changes_a_line_that_is_there():
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    after = re.search(r"^ +(ink = without_texture\(.*without_edge.*\))$", page, flags=re.MULTILINE)
    assert after is not None
    before = re.sub(r"without_edge\((.*)\), photographed", r"\1, photographed", after[1])
    lines = (DOCS.parent / "app" / "vision" / "ink" / "noise.py").read_text(encoding="utf-8").splitlines()
    assert {f"    {before}", f"    {after[1]}"} & {*lines}


def test_the_page_on_reading_shows_every_stage_and_names_files_that_are_there():
    page = (DOCS / "reading.md").read_text(encoding="utf-8")
    assert all(f"--stage {stage} " in page for stage in STAGES)
    named = re.findall(r"`((?:vision|ocr|nn|datasets)/[\w*]+\.py)`", page)
    assert named
    assert not [file for file in named if not list((DOCS.parent / "app").glob(file))]
