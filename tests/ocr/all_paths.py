"""What CTC decoding means, written out: every path through the columns of a tiny row."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby, product

from app.nn import BLANK


def spelt(path):
    return tuple(label for label, _ in groupby(path) if label != BLANK)


def all_paths(p):
    """Give each path through probabilities (T, K), and how likely it is."""
    columns, classes = p.shape
    for path in product(range(classes), repeat=columns):
        total = 1.0
        for column, label in enumerate(path):
            total *= p[column, label]
        yield path, total


def all_texts(p):
    """Sum over all paths: the probability of each text."""
    texts = defaultdict(float)
    for path, total in all_paths(p):
        texts[spelt(path)] += total
    return dict(texts)
