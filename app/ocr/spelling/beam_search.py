"""The likeliest text of a row: prefix beam search for connectionist temporal classification (CTC).

Such a network says at each of T columns how likely each class is, class `BLANK` being no character. A path names
one class a column and spells a text by dropping repetitions, then blanks: with ``-`` for the blank, ``aa-``, ``-a-``
and ``--a`` all spell a, and ``a-a`` spells aa. A text is as likely as all its paths together; the best guess at each
column is only the likeliest path. Here prefixes grow column by column, and paths that spell the same are one.

Where nothing but a blank has a chance, the row falls into parts that know nothing of each other. Each is searched
alone, so that a doubt about one letter is not carried through all that follow; then their texts are put together. There
a language has its say, if one is given: which prefixes are worth going on with, and which text is the best. Of two that
it can no longer tell apart, after a space say, only the better one goes on: they are recombined.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Hannun, Maas, Jurafsky, Ng (2014), First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import exp, log
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np

from app.nn import BLANK, Array
from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState

Classes: TypeAlias = tuple[int, ...]
# Of each prefix, the probability of its paths that end in a blank, and of those that end in a character.
_Beam: TypeAlias = dict[Classes, tuple[float, float]]


class _Column(NamedTuple):
    """What one column offers: the probability of a blank, and the characters that stand a chance, likeliest first."""

    p_blank: float
    characters: list[tuple[int, float]]


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
    beam: dict[Classes, float] = {(): 1.0}
    states: dict[Classes, PrefixState] = {(): PrefixState()}
    for number, part in enumerate(parts, 1):
        texts, log_total = _search_part(part, beam_width, least)
        log_scale += log_total
        longer, states = _append(beam, states, texts, least, scorer)
        if scorer is None:
            # Only the text itself tells what may still come of it: others may come to spell the same.
            kept = _prune(longer, {text: text for text in longer}, beam_width, least)
        else:
            worth = _with_language(longer, states, scorer, ended=number == len(parts))
            kept = _prune(worth, {text: states[text].recombination_key for text in longer}, beam_width, least)
        scale = max(longer[text] for text in kept)  # taken off, or a product of hundreds of probabilities would vanish
        log_scale += log(scale)
        beam = {text: longer[text] / scale for text in kept}
    text, p = next(iter(beam.items()))
    return text, log_scale + log(p)


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


def _search_part(part: list[_Column], beam_width: int, least: float) -> tuple[dict[Classes, float], float]:
    """Search one part: its texts, likeliest first, that one's probability taken for 1; and its logarithm."""
    beam: _Beam = {(): (1.0, 0.0)}
    log_scale = 0.0
    for column in part:
        best = sorted(_extend(beam, column, beam_width, least).items(), key=lambda item: -sum(item[1]))[:beam_width]
        scale = sum(best[0][1])
        log_scale += log(scale)
        beam = {text: (b / scale, c / scale) for text, (b, c) in best if b + c > least * scale}
    return {text: sum(ends) for text, ends in beam.items()}, log_scale


def _extend(beam: _Beam, column: _Column, beam_width: int, least: float) -> _Beam:
    """Let every path go one column on.

    A text has paths that end in a blank, of probability b, and others that end in a character, c. Of a text a, and of a
    with the character l behind it, they become by this column's probabilities q:

        b(a)  <- (b(a) + c(a)) q(blank)
        c(a)  <- c(a) q(last of a), which is drawn out
        c(al) <- (b(a) + c(a)) q(l), but b(a) q(l) where l is the last of a: the same again needs a blank between
    """
    p_blank, characters = column
    likely = characters[: beam_width + 1]  # whatever else may follow, these crowd it out
    enough = least * max(p_blank, characters[0][1])
    extended: _Beam = {}
    candidates: list[tuple[float, Classes, int]] = []
    for text, (blank, character) in beam.items():
        both, last = blank + character, text[-1] if text else BLANK
        drawn_out = 0.0
        for label, p in likely:
            if both * p <= enough:
                break
            if label == last:
                drawn_out = character * p
            candidates.append(((blank if label == last else both) * p, text, label))
        extended[text] = both * p_blank, drawn_out
    candidates.sort(key=itemgetter(0), reverse=True)
    for p, text, label in candidates[:beam_width]:  # writing out all would take most of the time where much is unclear
        longer = (*text, label)
        blank, character = extended.get(longer, (0.0, 0.0))
        extended[longer] = blank, character + p
    return extended


def _append(
    beam: Mapping[Classes, float],
    states: Mapping[Classes, PrefixState],
    texts: Mapping[Classes, float],
    least: float,
    scorer: PrefixScorer | None,
) -> tuple[dict[Classes, float], dict[Classes, PrefixState]]:
    """Put every text of a part, likeliest first, behind every prefix; also return what a language knows of them."""
    longer: dict[Classes, float] = {}
    new_states: dict[Classes, PrefixState] = {}
    for prefix, p in beam.items():
        for text, p_text in texts.items():
            if p * p_text <= least:
                break  # the likeliest has 1
            both = prefix + text
            if scorer is not None and both not in longer:
                new_states[both] = scorer.extend(states[prefix], text)
            longer[both] = longer.get(both, 0.0) + p * p_text
    return longer, new_states


def _with_language(
    prefixes: Mapping[Classes, float], states: Mapping[Classes, PrefixState], scorer: PrefixScorer, *, ended: bool
) -> dict[Classes, float]:
    """Weigh prefixes, or with `ended` whole rows, by how much likelier a language makes them, up to one factor."""
    gains = {text: scorer.log_gain(states[text], ended=ended) for text in prefixes}
    most = max(gains.values())  # taken off: the gain of a long row by itself may exceed all numbers
    return {text: p * exp(gains[text] - most) for text, p in prefixes.items()}


def _prune(
    worth: Mapping[Classes, float], recombination_keys: Mapping[Classes, Hashable], beam_width: int, least: float
) -> list[Classes]:
    """Choose the prefixes that may become the best text, best first; of those with the same key, the best one.

    Another could only if it came to spell the same as some third, and both together were likelier.
    """
    kept: list[Classes] = []
    met: set[Hashable] = set()
    for text in sorted(worth, key=worth.__getitem__, reverse=True):
        if len(kept) == beam_width or (kept and worth[text] <= least * worth[kept[0]]):
            break
        if recombination_keys[text] not in met:
            met.add(recombination_keys[text])
            kept.append(text)
    return kept
