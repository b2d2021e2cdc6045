"""The pages keep their word: their code runs, and what they point to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.formats import FORMATS, STAGES

DOCS = Path(__file__).resolve().parent.parent / "docs"
README = DOCS.parent / "README.md"


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


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_pictures_of_a_page_are_there(page):
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert not [picture for picture in pictures if not (page.parent / picture).is_file()]


def test_the_readme_lists_every_setting_and_no_other():
    table = README.read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    listed = re.findall(r"`(INKROW_[A-Z_]+)`", table)
    assert sorted(listed) == sorted(f"INKROW_{field.upper()}" for field in Settings.model_fields)


def test_the_page_on_the_service_lists_every_format_with_its_media_type():
    page = (DOCS / "service.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| `([^`]+/[^`]+)` \|", page, flags=re.MULTILINE))
    assert listed == {name: format_.media_type for name, format_ in FORMATS.items()}
    assert all(f"`{stage}`" in page or f"stage={stage}`" in page for stage in STAGES)
