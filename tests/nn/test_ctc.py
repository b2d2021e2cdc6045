from __future__ import annotations

from itertools import groupby, product

import array_api_strict as strict
import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import BLANK, columns_needed, ctc_loss, numerical_gradient, softmax

# columns and text of each row: longer and shorter, a letter twice, no text, no column to spare
ROWS = [(5, [1, 2]), (4, [1, 1]), (3, [2]), (5, []), (3, [2, 2]), (1, [1]), (4, [1, 2, 1])]


def _batch(rows, rng, classes=3, dtype=np.float64):
    columns, texts = zip(*rows, strict=True)
    targets = np.full((len(rows), max(map(len, texts))), 2)  # what lies beyond a text is a class like any other
    for row, text in zip(targets, texts, strict=True):
        row[: len(text)] = text
    logits = rng.normal(size=(len(rows), max(columns), classes)).astype(dtype)
    return logits, np.array(columns), targets, np.array([len(text) for text in texts])


def _spelt(path):
    return [label for label, _ in groupby(path) if label != BLANK]


def _by_all_paths(p, text):
    """Sum, over all paths (T,) through probabilities (T, K) that spell the text, of their products."""
    columns, classes = p.shape
    paths = product(range(classes), repeat=columns)
    return sum(np.prod(p[np.arange(columns), path]) for path in paths if _spelt(path) == text)


@pytest.mark.parametrize("columns, text", ROWS)
def test_the_loss_is_the_sum_over_all_paths(columns, text, rng):
    batch = _batch([(columns, text)], rng)
    loss, _ = ctc_loss(*batch)
    assert loss == pytest.approx(-np.log(_by_all_paths(softmax(batch[0][0]), text)), rel=1e-10)


def test_the_gradient_agrees_with_central_differences(rng):
    logits, *rest = _batch(ROWS, rng)
    _, grad = ctc_loss(logits, *rest)
    np.testing.assert_allclose(grad, numerical_gradient(lambda: ctc_loss(logits, *rest)[0], logits), atol=1e-8)


def test_a_batch_is_the_mean_of_its_rows_whatever_pads_them(rng):
    logits, columns, targets, lengths = _batch(ROWS, rng)
    loss, grad = ctc_loss(logits, columns, targets, lengths)
    alone = [
        ctc_loss(row[None, :t], np.array([t]), text[None, :s], np.array([s]))
        for row, t, text, s in zip(logits, columns, targets, lengths, strict=True)
    ]
    assert loss == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-12)
    for row, t, (_, own) in zip(grad, columns, alone, strict=True):
        np.testing.assert_allclose(row[:t], own[0] / len(ROWS), atol=1e-14)
        np.testing.assert_array_equal(row[t:], 0)


def test_long_rows_keep_their_precision_in_float32(rng):
    text = rng.integers(1, 90, 60).tolist()
    logits, *rest = _batch([(300, text)], rng, classes=90, dtype=np.float32)
    logits *= 20
    loss, grad = ctc_loss(logits, *rest)
    exact, exact_grad = ctc_loss(logits.astype(np.float64), *rest)
    assert grad.dtype == np.float32
    assert loss == pytest.approx(exact, rel=1e-5)
    np.testing.assert_allclose(grad, exact_grad, atol=5e-3)


def test_another_array_library_gives_the_same(rng):
    logits, *rest = _batch(ROWS, rng)
    loss, grad = ctc_loss(strict.asarray(logits), *rest)
    expected, expected_grad = ctc_loss(logits, *rest)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(np.from_dlpack(grad), expected_grad, atol=1e-12)


def test_pytorch_gives_the_same(rng):
    torch = pytest.importorskip("torch", reason="PyTorch is an oracle here and no dependency")
    logits, columns, targets, lengths = _batch(ROWS, rng)
    x = torch.tensor(logits, requires_grad=True)
    log_p = torch.log_softmax(x, -1).transpose(0, 1)
    theirs = torch.nn.functional.ctc_loss(
        log_p, torch.tensor(targets), torch.tensor(columns), torch.tensor(lengths), blank=BLANK, reduction="none"
    ).mean()
    theirs.backward()
    loss, grad = ctc_loss(logits, columns, targets, lengths)
    assert loss == pytest.approx(theirs.item(), rel=1e-10)
    np.testing.assert_allclose(grad, x.grad.numpy(), atol=1e-10)


def test_letters_alike_need_a_blank_between_them():
    targets = np.array([[1, 1, 2], [1, 2, 2], [3, 3, 3], [1, 1, 1]])
    np.testing.assert_array_equal(columns_needed(targets, np.array([3, 2, 3, 0])), [4, 2, 5, 1])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"columns": np.array([2, 4])}, "expects 3 columns or more for the text of row 0, got 2"),
        ({"columns": np.array([9, 4])}, r"up to 4 columns and 2 characters, got \(9, 2\)"),
        ({"lengths": np.array([2])}, r"expects \(N, T, K\), \(N,\), \(N, S\) and \(N,\), got"),
        ({"logits": np.zeros((2, 4))}, "expects"),
    ],
)
def test_what_does_not_fit_is_refused(change, message, rng):
    logits, columns, targets, lengths = _batch([(4, [1, 1]), (4, [2])], rng)
    batch = {"logits": logits, "columns": columns, "targets": targets, "lengths": lengths} | change
    with pytest.raises(ShapeMismatch, match=message):
        ctc_loss(**batch)
