"""Edit distance, and which members of two sequences it pairs."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(a: Sequence[object], b: Sequence[object]) -> int:
    """Return the fewest insertions, deletions and substitutions that turn `a` into `b`.

    References
    ----------
    Levenshtein (1966); Wagner, Fischer (1974), The string-to-string correction problem.
    """
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def pair_up(truth: Sequence[object], read: Sequence[object]) -> list[tuple[int | None, int | None]]:
    """Pair the members of two sequences by the cheapest edits that turn `truth` into `read`.

    Returns
    -------
    list of (i, j)
        Ascending; ``truth[i]`` became ``read[j]``. i is None if ``read[j]`` was inserted, j if ``truth[i]`` is missing.
    """
    rows = [list(range(len(read) + 1))]
    for i, x in enumerate(truth, 1):
        above = rows[-1]
        row = [i]
        for j, y in enumerate(read, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
        rows.append(row)
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(truth), len(read)
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def alignment(truth: Sequence[object], read: Sequence[object]) -> list[int | None]:
    """Return for each member of `read` the place of the equal member of `truth` it is paired with, or None."""
    places: list[int | None] = [None] * len(read)
    for i, j in pair_up(truth, read):
        if i is not None and j is not None and truth[i] == read[j]:
            places[j] = i
    return places
