"""Finds the text that fits a pattern and whose best path through the columns of a row network is likeliest.

A path names a class for each column, as in `beam_search`, while the automaton of the pattern reads along. This is
Viterbi's algorithm over pairs of a state and the character it reads, and over the blanks after each state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.nn import BLANK, Array
from app.ocr.patterns.automaton import Pattern

_NEVER = np.float32(-1e9)


class _Scores(NamedTuple):
    """Log-probability of the best path to each state after some columns: in its character, or in the blank after it."""

    in_char: NDArray[np.float32]  # (Q, K + 1)
    in_blank: NDArray[np.float32]  # (Q,)
    before_all: np.float32  # the path without any character yet


def spell_pattern(log_p: Array, pattern: Pattern, order: NDArray[np.intp]) -> tuple[list[int], float] | None:
    """Find the likeliest text that fits; None if the row is too short for any.

    Parameters
    ----------
    log_p : (T, C), log-probabilities of each column's classes, `BLANK` among them
    pattern : if it has no spaces, those of the row count as blanks
    order : (K + 1,), the classes of the pattern's characters and, last, of the space

    Returns
    -------
    classes : of the text
    log-probability : of its best path, in nats
    """
    log_chars = np.maximum(log_p[:, order], _NEVER).astype(np.float32)
    log_blanks = np.maximum(log_p[:, BLANK], _NEVER).astype(np.float32)
    if not pattern.has_spaces:
        log_blanks = np.logaddexp(log_blanks, log_chars[:, -1])
    reads = np.concatenate([pattern.chars, pattern.space[:, None]], axis=1)
    states = len(reads)
    history = [_Scores(np.full(reads.shape, _NEVER), np.full(states, _NEVER), np.float32(0))]
    after, before = np.nonzero(pattern.follow.T)
    targets, starts = np.unique(after, return_index=True)
    for chars, log_blank in zip(log_chars, log_blanks, strict=True):
        now = history[-1]
        enter = np.where(pattern.first[:, None], now.before_all, _NEVER) + np.zeros_like(now.in_char)
        if len(before):
            ways = np.maximum.reduceat(_leaving(now)[before], starts, axis=0)
            enter[targets] = np.maximum(enter[targets], ways)
        in_char = np.where(reads, np.maximum(now.in_char, enter) + chars, _NEVER)
        in_blank = np.maximum(now.in_blank, now.in_char.max(axis=1)) + log_blank
        history.append(_Scores(in_char, in_blank, now.before_all + log_blank))
    best = max(
        history[-1].in_char[pattern.last].max(initial=_NEVER), history[-1].in_blank[pattern.last].max(initial=_NEVER)
    )
    if best <= _NEVER / 2:
        return None
    return order[_trace(history, pattern)].tolist(), float(best)


def _leaving(scores: _Scores) -> NDArray[np.float32]:
    """Return (Q, K + 1), the best path that leaves each state for each character; for the same one, over a blank."""
    rows = np.arange(len(scores.in_char))
    best = scores.in_char.argmax(axis=1)
    others = scores.in_char.copy()
    others[rows, best] = _NEVER
    ways = np.repeat(np.maximum(scores.in_blank, scores.in_char.max(axis=1))[:, None], others.shape[1], axis=1)
    ways[rows, best] = np.maximum(scores.in_blank, others.max(axis=1))
    return ways


def _trace(history: list[_Scores], pattern: Pattern) -> list[int]:
    """Go back along the best path; return the characters on it."""
    *earlier, now = history
    ends = np.where(pattern.last[:, None], np.column_stack([now.in_char, now.in_blank]), _NEVER)
    state, char = divmod(int(ends.argmax()), ends.shape[1])
    blank = ends.shape[1] - 1
    text = [] if char == blank else [char]
    for now in reversed(earlier):
        if char == blank:
            if now.in_char[state].max() > now.in_blank[state]:
                char = int(now.in_char[state].argmax())
                text.append(char)
            continue
        ways = np.where(pattern.follow[:, state], _leaving(now)[:, char], _NEVER)
        came_from = int(ways.argmax())
        enter = max(ways[came_from], now.before_all if pattern.first[state] else _NEVER)
        if now.in_char[state, char] >= enter:
            continue
        if enter > ways[came_from]:
            break  # the first character
        others = now.in_char[came_from].copy()
        others[char] = _NEVER
        state = came_from
        if others.max() > now.in_blank[state]:
            char = int(others.argmax())
            text.append(char)
        else:
            char = blank
    return text[::-1]
