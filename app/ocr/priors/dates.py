"""What dates and times say of the figures of a page: 04105/2015 becomes 04/05/2015.

As with words (`app.ocr.priors.words`), figures are a date, with or without a mark before and behind it, or anything at
all, which leaves them as they look. Each glyph's probabilities are weighed as these explain all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import accumulate
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import Alphabet
from app.ocr.priors.date_forms import DATED, FIGURES, FORMS, STRANGE_FIGURE
from app.ocr.priors.prior import Decoded

_LEAST_DIGITS = 0.5  # share of the figures that look like digits, of which some may be marks and some marks digits
_SURE = 0.998  # where each glyph is likelier than this, nothing is in question


class DatePrior:
    """Dates for the classes of an alphabet; changes nothing of itself, so threads may share one."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._digits = np.array([char.isdigit() for char in alphabet.chars])
        # The classes (n, length) of all that each part of a form may be; by length, of each form the logarithm of its
        # share, and the numbers of its parts.
        self._parts: list[NDArray[np.int64]] = []
        self._forms: dict[int, list[tuple[float, list[int]]]] = {}
        if not set(FIGURES) <= set(alphabet.chars):
            return
        parts = list({part: None for form in FORMS for part in form.parts})
        self._parts = [np.array([alphabet.encode(each) for each in part]) for part in parts]
        for form in FORMS:
            numbers = [parts.index(part) for part in form.parts]
            self._forms.setdefault(len(form.outline), []).append((log(form.share), numbers))

    def weigh(self, rows: Sequence[Decoded]) -> list[NDArray[np.float64]]:
        """See `Prior`."""
        weighed = [row.p.copy() for row in rows]
        for p, row in zip(weighed, rows, strict=True):
            for place in self._figures(p, row.words):
                p[place] = self._explain(p[place])
        return weighed

    def _figures(self, p: NDArray[np.float64], words: NDArray[np.intp]) -> Iterator[slice]:
        """Find in each word what is from its first digit to its last, with what is next to these on either side."""
        is_digit = self._digits[p.argmax(axis=1)]
        for first, end in zip(*_runs(words), strict=True):
            digits = first + np.flatnonzero(is_digit[first:end])
            if not len(digits) or len(digits) < _LEAST_DIGITS * (end - first):
                continue
            place = slice(max(first, int(digits[0]) - 1), min(end, int(digits[-1]) + 2))
            if p[place].max(axis=1).min() < _SURE:
                yield place

    def _explain(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weigh figures (n, K) by all dates that they, or they without their first or last, may be."""
        count = len(p)
        explained, evidence = [p], [log(1 - DATED)]
        as_part = cache(partial(self._as_part, p))  # of which forms have many in common
        for first in (0, 1):
            for end in (count - 1, count):
                for log_share, numbers in self._forms.get(end - first, ()):
                    lengths = [self._parts[number].shape[1] for number in numbers]
                    places = accumulate(lengths[:-1], initial=first)
                    posteriors, log_likelihoods = zip(*map(as_part, numbers, places), strict=True)
                    if -inf in log_likelihoods:  # of marks that are not allowed, for one
                        continue
                    explained.append(np.concatenate([p[:first], *posteriors, p[end:]]))
                    likely = sum(log_likelihoods) - (end - first) * log(STRANGE_FIGURE)
                    evidence.append(log(DATED) + log_share + likely)
        share = np.exp(np.array(evidence) - max(evidence))
        return np.asarray(np.tensordot(share / share.sum(), np.array(explained), 1))

    def _as_part(self, p: NDArray[np.float64], number: int, first: int) -> tuple[NDArray[np.float64], float]:
        """Weigh those of the figures (n, K) that are one part of a form, from `first` on, by all that it may be.

        Also return how likely they are if they are that; -inf if they cannot be, and what is returned beside it says
        nothing.
        """
        part = self._parts[number]
        length = part.shape[1]
        each = np.prod(p[np.arange(first, first + length), part], axis=1)
        if not each.any():
            return p[first : first + length], -inf
        share = each / each.sum()
        posterior = np.array([np.bincount(classes, share, p.shape[1]) for classes in part.T], np.float64)
        return posterior, log(each.mean())


def _runs(words: NDArray[np.intp]) -> tuple[list[int], list[int]]:
    """Return where each word begins and ends."""
    borders = np.flatnonzero(np.diff(words)) + 1
    return [0, *borders.tolist()], [*borders.tolist(), len(words)]
