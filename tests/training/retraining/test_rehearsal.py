"""What is asked of a network that goes on learning."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets import GlyphLesson, Place, RowBatch
from app.nn import Array, Inference, Sequential, softmax
from app.ocr import Alphabet, build_network
from app.training.epochs.glyph_loss import NameGlyphs
from app.training.epochs.row_loss import SpellRows
from app.training.retraining.rehearsal import RehearseGlyphs, RehearseRows, ToldRows
from app.vision import COLUMN_PX, STRIP_HEIGHT
from tests.conftest import TINY_ROWS

GLYPHS, ROWS = Alphabet("0123"), Alphabet(" ab")


def _glyph_network() -> Sequential:
    return build_network({"name": "dense", "hidden": 5, "classes": 4}, np.random.default_rng(1))


def _row_network() -> Sequential:
    return build_network({**TINY_ROWS, "classes": 4}, np.random.default_rng(1))


@pytest.fixture
def lesson(rng: np.random.Generator) -> GlyphLesson:
    glyphs = rng.random((6, 1, 32, 32)).astype(np.float32)
    return GlyphLesson(glyphs, np.array([*"012301"]), np.array([True, False, False, True, False, False]))


@pytest.fixture
def batch(rng: np.random.Generator) -> RowBatch:
    images = rng.integers(0, 256, (2, STRIP_HEIGHT, 20 * COLUMN_PX), np.uint8)
    places = [Place(0, 1, 8), Place(0, 10, 19), Place(1, 2, 15)]
    return RowBatch(images, places, ["ab", "b a", "ba"], frozenset([1]))


def test_the_truth_is_asked_for_where_a_glyph_was_corrected_and_what_was_said_elsewhere(lesson: GlyphLesson):
    network = _glyph_network()
    objective = RehearseGlyphs(NameGlyphs(GLYPHS), Inference(network))

    [(glyphs, truth)] = objective.parts(lesson, 1)

    said = softmax(network.predict(lesson.glyphs))
    np.testing.assert_array_equal(truth.targets[lesson.taught], np.eye(4)[[0, 3]])
    np.testing.assert_allclose(truth.targets[~lesson.taught], said[~lesson.taught], rtol=1e-4)
    loss, grad = objective.loss(network.forward(glyphs)[0], truth)
    np.testing.assert_allclose(grad[~lesson.taught], 0, atol=1e-6)
    assert loss > 0


def test_doubt_keeps_some_of_what_was_said(lesson: GlyphLesson):
    network = _glyph_network()
    objective = RehearseGlyphs(NameGlyphs(GLYPHS, smoothing=0.1), Inference(network), doubt=0.2)

    [(_, truth)] = objective.parts(lesson, 1)

    said, true = softmax(network.predict(lesson.glyphs)), 0.9 * np.eye(4)[[0, 1, 2, 3, 0, 1]] + 0.1 / 4
    share = np.where(lesson.taught, 0.8, 0)[:, None]
    np.testing.assert_allclose(truth.targets, share * true + (1 - share) * said, rtol=1e-4)


def test_parts_of_a_lesson_are_equal_and_scored_by_their_labels(lesson: GlyphLesson):
    objective = RehearseGlyphs(NameGlyphs(GLYPHS), Inference(_glyph_network()))
    parts = objective.parts(lesson, 3)

    assert [len(glyphs) for glyphs, _ in parts] == [2, 2, 2]
    right = np.eye(4)[GLYPHS.encode(lesson.labels)]
    assert sum(objective.score(right[2 * k : 2 * k + 2], truth)[0] for k, (_, truth) in enumerate(parts)) == 6


def test_a_network_that_says_what_it_said_of_rehearsed_rows_has_the_loss_of_the_taught_ones(batch: RowBatch):
    network = _row_network()
    objective = RehearseRows(SpellRows(ROWS), Inference(network))
    [(images, truth)] = objective.parts(batch, 1)
    logits, _ = network.forward(images)

    loss, grad = objective.loss(logits, truth)

    alone, _ = objective.spelling.loss(logits, truth.rows.select(truth.taught))
    assert loss == pytest.approx(alone / 3, abs=1e-3)
    np.testing.assert_allclose(grad[1], 0, atol=1e-6)
    assert np.abs(grad[0, 10:19]).max() > 1e-3


def test_the_gradient_of_rehearsed_rows_agrees_with_differences(batch: RowBatch, rng: np.random.Generator):
    objective = RehearseRows(SpellRows(ROWS), Inference(_row_network()))
    [(_, truth)] = objective.parts(batch, 1)
    logits = rng.normal(size=truth.said.shape)
    _, grad = objective.loss(logits, truth)

    for place in [(0, 3, 1), (0, 12, 2), (1, 0, 0), (1, 7, 3)]:
        assert grad[place] == pytest.approx(_difference(objective, truth, logits, place), abs=1e-6)


def _difference(objective: RehearseRows, truth: ToldRows, logits: Array, place: tuple[int, ...]) -> float:
    step, ends = 1e-5, []
    for sign in (1, -1):
        moved = logits.copy()
        moved[place] += sign * step
        ends.append(objective.loss(moved, truth)[0])
    return (ends[0] - ends[1]) / (2 * step)


def test_each_part_knows_which_of_its_rows_were_taught(batch: RowBatch):
    parts = RehearseRows(SpellRows(ROWS), Inference(_row_network())).parts(batch, 2)

    assert [truth.taught.tolist() for _, truth in parts] == [[False, True], [False]]
