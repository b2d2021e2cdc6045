"""Rows of every kind, measured apart."""

from __future__ import annotations

import numpy as np

from app.datasets import Composed, synthesise
from app.ocr import Alphabet, RowReader, build_network
from app.training.measuring import row_measure
from tests.conftest import TINY_ROWS


def test_rows_of_characters_at_random_are_a_kind_of_their_own(monkeypatch):
    monkeypatch.setattr(row_measure, "_COMPOSED_ROWS", 30)
    alphabet = Alphabet(" abcdefghijklmnopqrstuvwxyz0123456789")
    network = build_network({**TINY_ROWS, "classes": 1 + len(alphabet)}, np.random.default_rng(0))
    writer = Composed(synthesise(alphabet.chars[1:], writers=1, per_class=2, seed=1), ["bag"])
    measured = row_measure.measure_rows(RowReader(network, alphabet), {"chars": writer})
    by_chance = sum(row.at_random for row in row_measure.sample_rows(writer))
    assert 0 < measured.counts["chars_at_random"]["all"].rows == by_chance < 15
    assert measured.counts["chars"]["all"].rows == 30 - by_chance
