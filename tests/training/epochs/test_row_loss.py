"""What training of a row network makes small."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets import Place, RowBatch
from app.errors import InvalidInput
from app.nn import BLANK, Array, ctc_loss
from app.ocr import Alphabet
from app.training.epochs.row_loss import RowTruth, SpellRows, collapse
from app.vision import COLUMN_PX, STRIP_HEIGHT

OBJECTIVE = SpellRows(Alphabet(" abc"))
TEXTS = ["ab", "cc", "a b c", "b"]
PLACES = [Place(1, 2, 6), Place(0, 1, 5), Place(0, 7, 14), Place(3, 0, 3)]


@pytest.fixture
def batch(rng: np.random.Generator) -> RowBatch:
    """Rows in three of four lanes, in no order."""
    return RowBatch(rng.integers(0, 256, (4, STRIP_HEIGHT, 15 * COLUMN_PX), np.uint8), PLACES, TEXTS)


@pytest.fixture
def truth(batch: RowBatch) -> RowTruth:
    [(_, truth)] = OBJECTIVE.parts(batch, 1)
    return truth


@pytest.fixture
def logits(rng: np.random.Generator) -> Array:
    return rng.normal(size=(4, 15, 5))


def _spelt(truth: RowTruth) -> list[str]:
    chars = dict(enumerate("_" + OBJECTIVE.alphabet.chars))
    return [
        "".join(chars[cls] for cls in target[:length])
        for target, length in zip(truth.targets, truth.lengths, strict=True)
    ]


@pytest.mark.parametrize(
    "path, spelt",
    [
        ([0, 1, 1, 0, 1, 2, 2, 0], [1, 1, 2]),
        ([3, 3, 3], [3]),
        ([2, 0, 2], [2, 2]),
        ([0, 0], []),
        ([1, 2, 1], [1, 2, 1]),
    ],
)
def test_a_path_spells_what_is_left_without_repetitions_and_blanks(path: list[int], spelt: list[int]) -> None:
    assert collapse(np.array(path)).tolist() == spelt


def test_the_network_has_an_output_for_each_character_and_the_blank() -> None:
    assert OBJECTIVE.classes == 5


def test_parts_hold_every_row_once_with_its_place_among_the_lanes_of_the_part(batch: RowBatch) -> None:
    (first, of_first), (second, of_second) = OBJECTIVE.parts(batch, 2)
    assert first.shape == second.shape == (2, 1, STRIP_HEIGHT, 15 * COLUMN_PX)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(np.rint(np.concatenate([first, second])[:, 0] * 255), batch.images)
    assert of_first.places == [Place(1, 2, 6), Place(0, 1, 5), Place(0, 7, 14)]
    assert _spelt(of_first) == ["ab", "cc", "a b c"]
    assert of_second.places == [Place(1, 0, 3)]
    assert _spelt(of_second) == ["b"]


def test_there_are_no_more_parts_than_lanes(batch: RowBatch) -> None:
    assert [len(images) for images, _ in OBJECTIVE.parts(batch, 3)] == [2, 1, 1]
    assert [len(images) for images, _ in OBJECTIVE.parts(batch, 6)] == [1, 1, 1, 1]


def test_a_character_that_is_not_in_the_alphabet_is_refused(batch: RowBatch) -> None:
    with pytest.raises(InvalidInput, match="got 'x'"):
        OBJECTIVE.parts(batch._replace(texts=["ab", "cx", "a", "b"]), 1)


def _alone(logits: Array, truth: RowTruth) -> list[tuple[float, Array]]:
    """CTC loss and gradient of each row by itself."""
    losses = []
    for (lane, start, stop), target, length in zip(truth.places, truth.targets, truth.lengths, strict=True):
        own = logits[None, lane, start:stop]
        losses.append(ctc_loss(own, np.array([stop - start]), target[None, :length], np.array([length])))
    return losses


def test_the_loss_is_the_mean_over_the_rows_each_by_itself(logits: Array, truth: RowTruth) -> None:
    loss, _ = OBJECTIVE.loss(logits, truth)
    assert loss == pytest.approx(np.mean([value for value, _ in _alone(logits, truth)]), rel=1e-12)
    assert OBJECTIVE.valid_loss(logits, truth) == loss


def test_the_gradient_is_that_of_each_row_by_itself_and_nothing_between_them(logits: Array, truth: RowTruth) -> None:
    _, grad = OBJECTIVE.loss(logits, truth)
    expected = np.zeros_like(logits)
    for (lane, start, stop), (_, own) in zip(truth.places, _alone(logits, truth), strict=True):
        expected[lane, start:stop] = own[0] / len(TEXTS)
    np.testing.assert_allclose(grad, expected, atol=1e-14)
    np.testing.assert_array_equal(grad[expected == 0], 0)
    assert np.count_nonzero(grad.any(axis=2)) == sum(stop - start for _, start, stop in PLACES)


def test_the_gradient_is_of_the_type_of_the_logits(logits: Array, truth: RowTruth) -> None:
    _, grad = OBJECTIVE.loss(logits.astype(np.float32), truth)
    assert (grad.dtype, grad.shape) == (np.float32, logits.shape)


def test_what_stands_between_rows_makes_no_difference(logits: Array, truth: RowTruth) -> None:
    other = np.full_like(logits, 9.0)
    for lane, start, stop in PLACES:
        other[lane, start:stop] = logits[lane, start:stop]
    assert OBJECTIVE.loss(other, truth)[0] == OBJECTIVE.loss(logits, truth)[0]
    assert OBJECTIVE.score(other, truth) == OBJECTIVE.score(logits, truth)


def test_a_part_without_rows_costs_nothing_and_moves_nothing(batch: RowBatch, logits: Array) -> None:
    *_, (_, empty), (_, last) = OBJECTIVE.parts(batch, 4)
    assert (empty.places, len(last.places)) == ([], 1)
    loss, grad = OBJECTIVE.loss(logits[:1], empty)
    assert loss == 0
    np.testing.assert_array_equal(grad, np.zeros_like(logits[:1]))
    assert OBJECTIVE.score(logits[:1], empty) == (0, 0)


def _sure_of(paths: list[str]) -> Array:
    """Logits (4, 15, 5) whose best path at each place is the one given, "_" being the blank."""
    logits = np.zeros((4, 15, 5))
    for (lane, start, stop), path in zip(PLACES, paths, strict=True):
        assert len(path) == stop - start
        logits[lane, np.arange(start, stop), [("_" + OBJECTIVE.alphabet.chars).index(char) for char in path]] = 5
    return logits


RIGHT = ["aa_b", "c_c_", "a_ b_ c", "_b_"]


@pytest.mark.parametrize(
    "number, path, wrong",
    [
        (0, "aa_b", 0),
        (0, "aa_c", 1),  # another character
        (0, "aab_", 0),
        (0, "aaa_", 1),  # one is missing
        (0, "a_ab", 1),  # one too many
        (1, "cccc", 1),
        (1, "____", 2),
        (2, "a_b__ c", 1),  # no space
        (3, "abc", 2),
        (3, "aca", 3),  # more wrong than there is
    ],
)
def test_the_score_is_the_characters_less_the_edits(truth: RowTruth, number: int, path: str, wrong: int) -> None:
    paths = [path if row == number else right for row, right in enumerate(RIGHT)]
    assert OBJECTIVE.score(_sure_of(paths), truth) == (10 - wrong, 10)


def test_targets_are_blank_beyond_their_length(truth: RowTruth) -> None:
    assert truth.lengths.tolist() == [2, 2, 5, 1]
    beyond = np.arange(truth.targets.shape[1]) >= truth.lengths[:, None]
    assert (truth.targets[beyond] == BLANK).all()
    assert (truth.targets[~beyond] != BLANK).all()
