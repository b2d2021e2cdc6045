"""The likeliest text of a row: prefix beam search for connectionist temporal classification (CTC).

A network trained with CTC gives, for each of T columns, the probability of each class; class `BLANK` means no
character. A path is a choice of one class for each column. It spells the text that is left when repetitions are
dropped, then blanks: with ``-`` for the blank, ``aa-``, ``-a-`` and ``--a`` all spell a, and ``a-a`` spells aa. The
probability of a text is the sum over all paths that spell it, so the likeliest class of each column, one after the
other, need not spell the likeliest text. The search goes through the columns and keeps a beam: the prefixes of texts
that are likeliest so far. Paths that spell the same prefix are added up.

A language, if one is given, is weighed in at every column. It helps to choose which prefixes stay in the beam, and
which text is the best at the end.

Where a column offers nothing but a blank, all paths of a prefix end in that blank. If there the language scores
everything that may follow two prefixes alike, after a comma say, only the better prefix is kept: they are recombined.

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
"""Weight of the language's log-gain beside the network's log-probability. With 1, words are invented where letters can
hardly be seen."""

# At each column the language scores at most this many times the beam's width of longer prefixes. With 1, a seventh
# fewer of the errors in joined writing are mended; with 3, no more.
_ASKED = 2


class _Column(NamedTuple):
    """What one column offers: the probability of a blank, and the characters likely enough to be tried, best first."""

    p_blank: float
    characters: list[tuple[int, float]]


class _Prefix:
    """A text that a row may begin with: a shorter prefix and one more character, with its score by the language.

    Prefixes are the nodes of a tree, so each text is one object, and the language scores it once.

    Attributes
    ----------
    label : class of the last character; `BLANK` for the empty prefix
    state : what the scorer remembers of the prefix; unused without a language
    log_gain : what the scorer gives the prefix, times `LANGUAGE_WEIGHT`, in nats; 0 without a language
    more : ``exp`` of by how much `log_gain` exceeds that of the shorter prefix; 1 without a language
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
        """Return the prefix with one more character; the same object for the same character."""
        longer = self._longer.get(label)
        if longer is None:
            longer = self._longer[label] = _Prefix(self, label, scorer)
        return longer

    @property
    def classes(self) -> Classes:
        """Classes of all its characters."""
        labels: list[int] = []
        prefix = self
        while prefix._shorter is not None:
            labels.append(prefix.label)
            prefix = prefix._shorter
        return tuple(reversed(labels))


# For each prefix, the probability of its paths that end in a blank, and of those that end in its last character, both
# times exp(log_gain). Over a whole row these products could overflow or vanish, so a beam is scaled (`_prune`).
_Beam: TypeAlias = dict[_Prefix, tuple[float, float]]


def beam_search(
    log_p: Array, beam_width: int, least: float = 1e-3, scorer: PrefixScorer | None = None
) -> tuple[Classes, float]:
    """Find the likeliest text of a row.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them; -inf for classes
        that are impossible
    beam_width : how many prefixes are kept from column to column, at least 1
    least : a class is not tried in a column where its probability is below this share of the likeliest class's, and a
        prefix is dropped below this share of the best prefix; 0 keeps all that fit the beam
    scorer : scores prefixes by a language; None without one

    Returns
    -------
    classes : of the characters, without `BLANK`; empty for a row without writing
    log-probability : of this text by the network alone, in nats. Only paths that the search followed are counted, so it
        may be too low, never too high
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
    """Divide a row into parts at the columns that offer only a blank; also return these blanks' log-probability."""
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
    """Return the beam with all paths one column longer.

    Let b(a) be the probability of the paths of a prefix a that end in a blank, and c(a) of those that end in its last
    character. With the column's probabilities q and the language's factor m (`_Prefix.more`), a and its extension al by
    a character l get

        b(a)  <- (b(a) + c(a)) q(blank)
        c(a)  <- c(a) q(last of a): the character goes on in this column
        c(al) <- (b(a) + c(a)) q(l) m(al), but b(a) q(l) m(al) if l is the last of a, as only a blank parts them
    """
    p_blank, characters = column
    # A prefix longer by a less likely character has `beam_width` better ones beside it, even if one of these characters
    # is the prefix's last and so counts for less.
    likely = characters[: beam_width + 1]
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
            if grown > enough:  # `enough` still grows, but this already drops most
                candidates.append((grown, prefix, label))
        extended[prefix] = both * p_blank, drawn_out
        enough = max(enough, least * (both * p_blank + drawn_out))
    candidates.sort(key=itemgetter(0), reverse=True)
    if candidates:
        enough = max(enough, least * candidates[0][0])
    # To score them all by the language would take most of the time in rows that are hard to read.
    for grown, prefix, label in candidates[: _ASKED * beam_width]:
        if grown <= enough:
            break
        longer = prefix.with_label(label, scorer)
        blank, character = extended.get(longer, (0.0, 0.0))
        extended[longer] = blank, character + grown * longer.more
    return extended


def _prune(beam: _Beam, beam_width: int, least: float) -> tuple[_Beam, float]:
    """Keep the best prefixes, best first, divided by the best one's worth; also return that worth.

    Undivided, products of hundreds of probabilities would underflow to 0.
    """
    worth = [(blank + character, prefix) for prefix, (blank, character) in beam.items()]
    worth.sort(key=itemgetter(0), reverse=True)
    scale = worth[0][0]
    best = [prefix for value, prefix in worth[:beam_width] if value > least * scale]
    return {prefix: (beam[prefix][0] / scale, beam[prefix][1] / scale) for prefix in best}, scale


def _end_in_blank(beam: _Beam, *, recombine: bool) -> _Beam:
    """Let all paths end in a blank; with `recombine`, keep only the best of prefixes that the language treats alike.

    A prefix that is dropped could have won only by later spelling the same text as a third one, if both together were
    likelier than the one kept.

    Parameters
    ----------
    beam : best prefix first, as `_prune` returns it
    """
    met: set[Hashable] = set()
    ended: _Beam = {}
    for prefix, ends in beam.items():
        key: Hashable = prefix.state.recombination_key if recombine else prefix
        if key not in met:
            met.add(key)
            ended[prefix] = sum(ends), 0.0
    return ended
