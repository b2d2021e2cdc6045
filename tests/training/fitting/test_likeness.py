"""What is writing is learnt from drawn pages, and published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.datasets import Composed
from app.errors import InvalidInput
from app.ocr import EVIDENCE, LIKENESS, Alphabet, Kind, Likeness, RowReader, build_network
from app.store import ModelStore
from app.training.fitting.likeness import Examples, draw_examples, fit_likeness, measure_likeness, publish_likeness
from tests.conftest import TINY_ROWS, save_unipen, write_samples

CHARS = " ABEKRgkq247"
CARD = {
    "architecture": {**TINY_ROWS, "classes": len(CHARS) + 1},
    "alphabet": CHARS,
    "calibration": {"temperature": 1.0},
    "hyper_parameters": {"data": {"max_doubt": 4}},
}
E = len(EVIDENCE)
PAGES = {Kind.WRITING: 20, Kind.NOTHING: 2, Kind.FOREIGN: 3}


WRITER = Composed(write_samples(CHARS[1:], 4), ())


class Knowing(RowReader):
    """Reads an A everywhere."""

    def text(self, spelling):
        return "A"


class Always:
    """Writes one row again and again."""

    def __init__(self, text):
        self._text = text

    def write(self, rng):
        return WRITER.write(rng)._replace(text=self._text)


def _hands(*writing):
    return {Kind.WRITING: writing, Kind.FOREIGN: [Always("")]}


def _reader(of=RowReader):
    return of(build_network(CARD["architecture"]), Alphabet(CHARS))


def _examples(rng, rows=1800):
    """Three rows a page; two numbers of evidence tell the kinds apart, the others nothing."""
    kind = np.repeat(np.arange(rows // 3) % 3, 3)
    evidence = rng.normal(0, 1, (rows, E))
    evidence[:, 0] += 4 * (kind == Kind.WRITING)
    evidence[:, 1] += 4 * (kind == Kind.FOREIGN)
    return Examples(kind, np.arange(rows) // 3, kind == Kind.WRITING, evidence)


def test_kinds_are_told_apart_by_what_differs(rng):
    train, valid = _examples(rng), _examples(rng)
    measured = measure_likeness(fit_likeness(train, valid), valid)
    assert measured["legible_lost"] <= 0.02
    assert measured["nothing_unread"] > 0.9
    assert measured["foreign_unread"] > 0.9
    assert measured["pages_of_writing_flagged"] <= 0.03
    assert measured["foreign_pages_flagged"] > 0.9


def test_where_nothing_differs_no_writing_is_lost(rng):
    train, valid = (replace(_examples(rng), evidence=rng.normal(0, 1, (1800, E))) for _ in range(2))
    measured = measure_likeness(fit_likeness(train, valid), valid)
    assert measured["legible_lost"] <= 0.02
    assert measured["pages_of_writing_flagged"] <= 0.03
    assert measured["nothing_unread"] < 0.2


def test_examples_are_rows_of_pages_of_every_kind():
    pages = {Kind.WRITING: 6, Kind.NOTHING: 2, Kind.FOREIGN: 2}
    one, again = (
        draw_examples(_reader(Knowing), _hands(WRITER, Always("A")), pages, np.random.default_rng(5)) for _ in "12"
    )
    assert set(one.kind.tolist()) == set(Kind)
    assert np.array_equal(one.evidence, again.evidence)
    assert not one.legible[one.kind != Kind.WRITING].any()
    kinds_of_pages = set(zip(one.page.tolist(), one.kind.tolist(), strict=True))
    assert len(kinds_of_pages) == len(set(one.page.tolist())), "a page is of one kind"


def test_some_pages_are_of_single_characters_that_somebody_practises():
    class Heard(Composed):
        def write_text(self, text, *how):
            texts.append(text)
            return super().write_text(text, *how)

    texts: list[str] = []
    hand = Heard(WRITER.samples, ())
    draw_examples(_reader(Knowing), _hands(hand, Always("A")), PAGES, np.random.default_rng(0))
    assert texts
    assert all(len(text) >= 4 and len(set(text)) == 1 for text in texts)


@pytest.mark.parametrize("text, is_legible", [("A", True), ("ABC", False)])
def test_rows_are_legible_of_which_the_network_reads_most(text, is_legible):
    """It reads A, and that is written by one in eight at least; by six others this text."""
    hands = _hands(WRITER, Always("A"), *(Always(text) for _ in range(6)))
    examples = draw_examples(_reader(Knowing), hands, PAGES, np.random.default_rng(0))
    assert (examples.legible[examples.kind == Kind.WRITING].mean() > 0.5) == is_legible


def test_a_network_that_reads_nothing_cannot_be_fitted_to():
    with pytest.raises(InvalidInput, match="legible"):
        draw_examples(_reader(), _hands(WRITER), dict.fromkeys(Kind, 1), np.random.default_rng(0))


def test_a_fit_is_published_with_what_it_was_fitted_to(tmp_path, monkeypatch, rng):
    """The tiny network reads nothing, so that the examples are made up."""
    monkeypatch.setattr("app.training.fitting.likeness.draw_examples", lambda *_: _examples(rng))
    monkeypatch.setattr("app.training.fitting.likeness.load_row_writers", lambda *_: {})
    monkeypatch.setattr("app.training.fitting.likeness.load_foreign", lambda *_: [])
    for name in ("unipen", "scripts"):
        (tmp_path / name).mkdir()
    (tmp_path / "scripts" / "some.ttf").touch()
    for split in ("train", "valid"):
        save_unipen(tmp_path / "unipen", split, write_samples("AB", 2))
    store = ModelStore(tmp_path / "store")
    store.publish("rows", build_network(CARD["architecture"]).arrays(), CARD)
    rows = store.load("rows", "1")
    version = publish_likeness(store, rows, "unipen", tmp_path, dict.fromkeys(Kind, 1), 1)
    stored = store.load(LIKENESS, version.version)
    assert stored.card["rows"]["digest"] == rows.digest
    assert stored.card["metrics"]["valid"]["nothing_unread"] > 0.9
    assert stored.card["data"]["licence"] == "CC BY 4.0"
    likeness = Likeness.from_card(stored.card, stored.arrays)
    assert set(stored.card["limits"]) == {"read", "foreign", "written"}
    assert likeness.judge(np.full((1, E), 8.0) * (np.arange(E) == 0)) == [Kind.WRITING]
