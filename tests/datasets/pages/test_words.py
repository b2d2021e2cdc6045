from __future__ import annotations

import re

import numpy as np
import pytest

from app.datasets.pages import words as page_words
from app.datasets.pages.words import HEADINGS, SENTENCES, TASKS, fill_in, imagine


def _many(template: str, count: int = 40) -> list[str]:
    return [fill_in(template, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("templates", [SENTENCES, TASKS, HEADINGS, [*page_words._FIELDS.values()]])
def test_no_slot_stays_empty(templates):
    texts = [imagine(templates, np.random.default_rng(seed)) for seed in range(200)]
    assert not any("{" in text for text in texts)
    assert len(set(texts)) > 20


def test_every_template_can_be_filled_in():
    fields = page_words._FIELDS.values()
    for template in (*SENTENCES, *TASKS, *HEADINGS, *fields):
        assert _many(template, 1)[0].isascii()


@pytest.mark.parametrize(
    "template, form",
    [
        ("{date}", r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d\d"),
        ("{time}", r"\d{1,2}:\d\d"),
        ("{phone}", r"[\d ()/+-]{7,}"),
        ("{mail}", r"[a-z]+\.[a-z]+@[a-z]+\.org"),
        ("{amount}", r"\$?\d+\.\d\d|EUR \d+|\d+%"),
        ("{code}", r"[A-Z\d ./-]{6,}"),
        ("{count}", r"[1-9]\d*"),
        ("{noun!c}", r"[A-Z][a-z]+"),
    ],
)
def test_each_slot_has_its_form(template, form):
    made = _many(template)
    assert all(re.fullmatch(form, text) for text in made)
    assert len(set(made)) > 5
