from __future__ import annotations

import pytest

from app.training.measuring.edits import alignment, edit_distance, pair_up


@pytest.mark.parametrize(
    "truth, read, pairs",
    [
        ("", "", []),
        ("ab", "ab", [(0, 0), (1, 1)]),
        ("ab", "b", [(0, None), (1, 1 - 1)]),
        ("b", "ab", [(None, 0), (0, 1)]),
        ("ab", "", [(0, None), (1, None)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("cat", "cut", [(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_what_belongs_together_is_paired(truth, read, pairs):
    assert pair_up(truth, read) == pairs


def test_the_pairs_are_the_cheapest_and_leave_nothing_out(rng):
    for _ in range(200):
        truth, read = ("".join(rng.choice(list("abc"), rng.integers(0, 7))) for _ in range(2))
        pairs = pair_up(truth, read)
        assert [i for i, _ in pairs if i is not None] == [*range(len(truth))]
        assert [j for _, j in pairs if j is not None] == [*range(len(read))]
        cost = sum(i is None or j is None or truth[i] != read[j] for i, j in pairs)
        assert cost == edit_distance(truth, read)


def test_what_was_read_rightly_is_told_apart_from_what_was_not():
    assert alignment("haiku", "hailku") == [0, 1, 2, None, 3, 4]
