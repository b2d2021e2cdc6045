"""The likeliest text of a row: prefix beam search for connectionist temporal classification (CTC).

Such a network says at each of T columns how likely each class is, class `BLANK` being no character. A path names
one class a column and spells a text by dropping repetitions, then blanks: with ``-`` for the blank, ``aa-``, ``-a-``
and ``--a`` all spell a, and ``a-a`` spells aa. A text is as likely as all its paths together; the best guess at each
column is only the likeliest path. Here prefixes grow column by column, and paths that spell the same are one.

A language, if one is given, has its say at every column: which prefixes are worth going on with, and which text is the
best. Where nothing but a blank has a chance, it is the same whether the last character was drawn out or not; of two
prefixes between which the language sees no difference any more, after a comma say, only the better one goes on there:
they are recombined.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Hannun, Maas, Jurafsky, Ng (2014), First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import exp, log
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np

from app.nn import BLANK, Array
from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState

Classes: TypeAlias = tuple[int, ...]

LANGUAGE_WEIGHT = 0.7
"""How much a language counts beside the network. With 1, where letters are hardly to be seen it invents words."""

# Times as many prefixes as go on, at most, are put to the language at each column. With 1 a seventh less of joined
# writing is mended, with 3 no more.
_ASKED = 2


class _Column(NamedTuple):
    """What one column offers: the probability of a blank, and the characters that stand a chance, likeliest first."""

    p_blank: float
    characters: list[tuple[int, float]]


class _Prefix:
    """What a row may begin with: another prefix and one character more, with what a language knows of it.

    Attributes
    ----------
    label : the last character, `BLANK` if there is none
    state, log_gain : of the language, the latter weighed; nothing, and 0, without one
    more : so many times as much as the shorter prefix, this is worth to the language; 1 without one
    """

    __slots__ = ("_longer", "_shorter", "label", "log_gain", "more", "state")

    def __init__(self, shorter: _Prefix | None, label: int, scorer: PrefixScorer | None) -> None:
        self._shorter = shorter
        self._longer: dict[int, _Prefix] = {}
        self.label = label
        self.state: PrefixState = PrefixState() if shorter is None else shorter.state
        self.log_gain, self.more = 0.0, 1.0
        if scorer is not None and shorter is not None:
            self.state = scorer.extend(shorter.state, (label,))
            self.log_gain = LANGUAGE_WEIGHT * scorer.log_gain(self.state)
            self.more = exp(self.log_gain - shorter.log_gain)

    def with_label(self, label: int, scorer: PrefixScorer | None) -> _Prefix:
        """Return this with one character more; always the same object."""
        longer = self._longer.get(label)
        if longer is None:
            longer = self._longer[label] = _Prefix(self, label, scorer)
        return longer

    @property
    def classes(self) -> Classes:
        """All its characters."""
        labels: list[int] = []
        prefix = self
        while prefix._shorter is not None:
            labels.append(prefix.label)
            prefix = prefix._shorter
        return tuple(reversed(labels))


# Of each prefix, the probability of its paths that end in a blank, and of those that end in a character, both times
# what it is worth to the language. What a whole row is worth may exceed all numbers; of a beam, the best is always 1.
_Beam: TypeAlias = dict[_Prefix, tuple[float, float]]


def beam_search(
    log_p: Array, beam_width: int, least: float = 1e-3, scorer: PrefixScorer | None = None
) -> tuple[Classes, float]:
    """Find the text that a row most probably is.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them; -inf for what is
        impossible
    beam_width : prefixes that go on from column to column, at least 1
    least : what is less likely than this, beside the likeliest class of a column or the likeliest prefix, is given up;
        0 keeps all that fit the beam
    scorer : of the language that helps

    Returns
    -------
    classes, log-probability : without `BLANK`, so none at all for a row without writing. The probability, in nats, is
        the network's, and counts the paths that the search has gone: it may be too low, never too high.
    """
    parts, log_scale = _divide_at_blanks(log_p, least)
    beam: _Beam = {_Prefix(None, BLANK, scorer): (1.0, 0.0)}
    for part in parts:
        for column in part:
            beam, scale = _prune(_extend(beam, column, beam_width, least, scorer), beam_width, least)
            log_scale += log(scale)
        beam = _end_in_blank(beam, recombine=scorer is not None)
    seen = {prefix: log(sum(ends)) - prefix.log_gain for prefix, ends in beam.items()}
    worth = dict(seen)
    if scorer is not None:
        for prefix in worth:
            worth[prefix] += LANGUAGE_WEIGHT * scorer.log_gain(prefix.state, ended=True)
    best = max(worth, key=worth.__getitem__)
    return best.classes, log_scale + seen[best]


def _divide_at_blanks(log_p: Array, least: float) -> tuple[list[list[_Column]], float]:
    """Divide a row where only a blank has a chance; also return the log-probability of all these blanks."""
    p = np.exp(log_p, dtype=np.float64)
    possible = p > least * p.max(axis=1, keepdims=True)
    possible[:, BLANK] = False
    busy = possible.any(axis=1)
    at, characters = np.nonzero(possible)
    order = np.lexsort((-p[at, characters], at))
    at, characters = at[order], characters[order]
    columns = {int(column): _Column(float(p[column, BLANK]), []) for column in np.flatnonzero(busy)}
    for column, character, value in zip(at.tolist(), characters.tolist(), p[at, characters].tolist(), strict=True):
        columns[column].characters.append((character, value))
    parts: list[list[_Column]] = []
    for column, offer in columns.items():
        if column - 1 not in columns:
            parts.append([])
        parts[-1].append(offer)
    return parts, float(log_p[~busy, BLANK].sum(dtype=np.float64))


def _extend(beam: _Beam, column: _Column, beam_width: int, least: float, scorer: PrefixScorer | None) -> _Beam:
    """Let every path go one column on.

    A text has paths that end in a blank, of probability b, and others that end in a character, c. Of a text a, and of a
    with the character l behind it, they become by this column's probabilities q, and the language's m (`_Prefix.more`):

        b(a)  <- (b(a) + c(a)) q(blank)
        c(a)  <- c(a) q(last of a), which is drawn out
        c(al) <- (b(a) + c(a)) q(l) m(al), but b(a) q(l) m(al) where l is the last of a: that needs a blank between
    """
    p_blank, characters = column
    likely = characters[: beam_width + 1]  # whatever else may follow, these crowd it out
    enough = 0.0
    extended: _Beam = {}
    candidates: list[tuple[float, _Prefix, int]] = []
    for prefix, (blank, character) in beam.items():
        both, last = blank + character, prefix.label
        drawn_out = 0.0
        for label, p in likely:
            grown = both * p
            if label == last:
                drawn_out, grown = character * p, blank * p
            if grown > enough:  # so far; most are not
                candidates.append((grown, prefix, label))
        extended[prefix] = both * p_blank, drawn_out
        enough = max(enough, least * (both * p_blank + drawn_out))
    candidates.sort(key=itemgetter(0), reverse=True)
    if candidates:
        enough = max(enough, least * candidates[0][0])
    # To ask about all of them would take most of the time where much is unclear.
    for grown, prefix, label in candidates[: _ASKED * beam_width]:
        if grown <= enough:
            break
        longer = prefix.with_label(label, scorer)
        blank, character = extended.get(longer, (0.0, 0.0))
        extended[longer] = blank, character + grown * longer.more
    return extended


def _prune(beam: _Beam, beam_width: int, least: float) -> tuple[_Beam, float]:
    """Keep the best prefixes, best first, scaled so that the best one is worth 1; also return the scale.

    Without a scale the product of hundreds of probabilities would vanish.
    """
    worth = [(blank + character, prefix) for prefix, (blank, character) in beam.items()]
    worth.sort(key=itemgetter(0), reverse=True)
    scale = worth[0][0]
    best = [prefix for value, prefix in worth[:beam_width] if value > least * scale]
    return {prefix: (beam[prefix][0] / scale, beam[prefix][1] / scale) for prefix in best}, scale


def _end_in_blank(beam: _Beam, *, recombine: bool) -> _Beam:
    """Let every path, best prefix first, go on to a blank; with `recombine`, of prefixes alike to the language one.

    Another would be better only if it came to spell the same as some third, and both together were likelier.
    """
    met: set[Hashable] = set()
    ended: _Beam = {}
    for prefix, ends in beam.items():
        key: Hashable = prefix.state.recombination_key if recombine else prefix
        if key not in met:
            met.add(key)
            ended[prefix] = sum(ends), 0.0
    return ended
