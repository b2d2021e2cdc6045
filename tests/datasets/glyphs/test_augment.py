from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from app.datasets import PLAIN, Augmentation

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "augmentation.md").read_text(encoding="utf-8")


def test_every_setting_of_plain_is_off_or_a_single_value() -> None:
    for name, value in asdict(PLAIN).items():
        assert value == 0.0 or (isinstance(value, tuple) and value[0] == value[1]), name


@pytest.mark.parametrize("name", [field.name for field in fields(Augmentation)])
def test_every_setting_is_explained_in_the_code_and_on_its_page(name: str) -> None:
    assert f" {name} " in (Augmentation.__doc__ or "").replace(",", " ").replace("    ", " ")
    assert name in PAGE
