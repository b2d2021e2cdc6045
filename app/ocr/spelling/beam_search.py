"""The likeliest text of a row: beam search over what a network of connectionist temporal classification (CTC) says.

Such a network says at each of T columns how likely each class is, class `BLANK` being no character. A path names one
class a column and spells a text by dropping repetitions, then blanks; a text is as likely as all its paths together.
The best guess at each column is only the likeliest path. Here texts grow column by column, and paths that spell the
same are one.

Where nothing but a blank has a chance, the row falls into parts that know nothing of each other. Each is searched
alone, so that a doubt about one letter is not carried through all that follow; then their texts are put together. There
a language has its say, if one is given: which beginnings are worth going on with, and which text is the best. As soon
as it makes no difference to it between two of them, after a space say, only the better one goes on.

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
from app.ocr.spelling.fluency import Fluency, Heard

Classes: TypeAlias = tuple[int, ...]
# Of each text so far, the probability of its paths that end in a blank, and of those that end in a character.
_Beam: TypeAlias = dict[Classes, tuple[float, float]]


class _Column(NamedTuple):
    """What one column offers: the probability of a blank, and the characters that stand a chance, likeliest first."""

    p_blank: float
    characters: list[tuple[int, float]]


def beam_search(
    log_p: Array, beam_width: int, least: float = 1e-3, fluency: Fluency | None = None
) -> tuple[Classes, float]:
    """Find the text that a row most probably is.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them; -inf for what is
        impossible
    beam_width : beginnings that go on from column to column, at least 1
    least : what is less likely than this, beside the likeliest class of a column or the likeliest beginning, is given
        up; 0 keeps all that fit the beam
    fluency : of the language that helps

    Returns
    -------
    classes, log-probability : without `BLANK`, so none at all for a row without writing. The probability, in nats, is
        the network's, and counts the paths that the search has gone: it may be too low, never too high.
    """
    parts, log_scale = _parts(log_p, least)
    beam: dict[Classes, float] = {(): 1.0}
    heard: dict[Classes, Heard] = {(): Heard()}
    for number, part in enumerate(parts, 1):
        texts, log_total = _texts(part, beam_width, least)
        log_scale += log_total
        grown: dict[Classes, float] = {}
        before, heard = heard, {}
        for text, p in beam.items():
            for more, p_more in texts.items():
                if p * p_more <= least:
                    break  # they run from likely to unlikely, and the likeliest has 1
                longer = text + more
                if fluency is not None and longer not in grown:
                    heard[longer] = fluency.hear(before[text], more)
                grown[longer] = grown.get(longer, 0.0) + p * p_more
        if fluency is None:
            # Only the text itself tells what may still come of it: others may come to spell the same.
            kept = _worth_going_on(grown, {text: text for text in grown}, beam_width, least)
        else:
            worth = _with_language(grown, heard, fluency, ended=number == len(parts))
            kept = _worth_going_on(worth, {text: heard[text].ahead for text in grown}, beam_width, least)
        scale = max(grown[text] for text in kept)  # taken off, or a product of hundreds of probabilities would vanish
        log_scale += log(scale)
        beam = {text: grown[text] / scale for text in kept}
    text, p = next(iter(beam.items()))
    return text, log_scale + log(p)


def _with_language(
    grown: Mapping[Classes, float], heard: Mapping[Classes, Heard], fluency: Fluency, *, ended: bool
) -> dict[Classes, float]:
    """Weigh beginnings, or with `ended` whole rows, by how much likelier a language makes them, up to one factor."""
    gains = {text: fluency.log_gain(heard[text], ended=ended) for text in grown}
    most = max(gains.values())  # taken off: the gain of a long row by itself may exceed all numbers
    return {text: p * exp(gains[text] - most) for text, p in grown.items()}


def _worth_going_on(
    worth: Mapping[Classes, float], ahead: Mapping[Classes, Hashable], beam_width: int, least: float
) -> list[Classes]:
    """Choose the beginnings that may become the best text, best first; of those with the same ahead, the best one.

    Another could only if it came to spell the same as some third, and both together were likelier.
    """
    kept: list[Classes] = []
    met: set[Hashable] = set()
    for text in sorted(worth, key=worth.__getitem__, reverse=True):
        if len(kept) == beam_width or (kept and worth[text] <= least * worth[kept[0]]):
            break
        if ahead[text] not in met:
            met.add(ahead[text])
            kept.append(text)
    return kept


def _parts(log_p: Array, least: float) -> tuple[list[list[_Column]], float]:
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


def _texts(part: list[_Column], beam_width: int, least: float) -> tuple[dict[Classes, float], float]:
    """Search one part: its texts, likeliest first, that one's probability taken for 1; and its logarithm."""
    beam: _Beam = {(): (1.0, 0.0)}
    log_scale = 0.0
    for column in part:
        grown = sorted(_grow(beam, column, beam_width, least).items(), key=lambda item: -sum(item[1]))[:beam_width]
        scale = sum(grown[0][1])
        log_scale += log(scale)
        beam = {text: (b / scale, c / scale) for text, (b, c) in grown if b + c > least * scale}
    return {text: sum(ends) for text, ends in beam.items()}, log_scale


def _grow(beam: _Beam, column: _Column, beam_width: int, least: float) -> _Beam:
    """Let every path go one column on.

    Paths that end in a blank are kept apart from those that end in a character: the same character next is another
    one after a blank, and otherwise the last one drawn out.
    """
    p_blank, characters = column
    stronger = characters[: beam_width + 1]  # whatever else may follow, these crowd it out
    enough = least * max(p_blank, characters[0][1])
    grown: _Beam = {}
    longer: list[tuple[float, Classes, int]] = []
    for text, (blank, character) in beam.items():
        both, last = blank + character, text[-1] if text else BLANK
        drawn_out = 0.0
        for label, p in stronger:
            if both * p <= enough:
                break
            if label == last:
                drawn_out = character * p
            longer.append(((blank if label == last else both) * p, text, label))
        grown[text] = both * p_blank, drawn_out
    longer.sort(key=itemgetter(0), reverse=True)
    for p, text, label in longer[:beam_width]:  # writing out all would take most of the time where much is unclear
        written = (*text, label)
        blank, character = grown.get(written, (0.0, 0.0))
        grown[written] = blank, character + p
    return grown
