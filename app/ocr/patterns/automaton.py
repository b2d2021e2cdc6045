"""A pattern for codes as an automaton, and the likeliest way to read a row that it accepts.

Each character of a pattern, repetitions written out, is a state (Glushkov's construction). There are no other states,
and no transitions that read nothing.

References
----------
Glushkov (1961), The abstract theory of automata. Viterbi (1967), Error bounds for convolutional codes and an
asymptotically optimum decoding algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.ocr.patterns.states import build_states
from app.ocr.patterns.syntax import SPACE, parse

MOST_COST = 1.2
"""A row fits if its likeliest reading of all is likelier than the fitting one by at most this, in nats a glyph."""

Mask = NDArray[np.bool_]


class Fit(NamedTuple):
    """How a row of N glyphs is to be read.

    Attributes
    ----------
    classes : (N,) indices into the pattern's characters
    is_space : (N - 1,), whether there is a space after each but the last
    cost : by how much the likeliest reading of all, fitting or not, is likelier than this one, in nats
    """

    classes: NDArray[np.intp]
    is_space: Mask
    cost: float


@dataclass(frozen=True)
class Pattern:
    """An automaton of Q states over K characters and the space.

    Attributes
    ----------
    source : as it was written
    known : the K characters
    chars : (Q, K), which characters each state reads
    space : (Q,), whether a state reads a space
    first, last : (Q,), whether a text may begin or end in a state
    follow : (Q, Q), whether the second state may come right after the first
    """

    source: str
    known: str
    chars: Mask
    space: Mask
    first: Mask
    last: Mask
    follow: Mask

    @classmethod
    def compile(cls, source: str, known: str, allowed: Mask | None = None) -> Self:
        """Build the automaton of a pattern.

        Parameters
        ----------
        known : the K characters
        allowed : (K,) those that may be read; None for all

        Raises
        ------
        InvalidInput : as of `parse` and `build_states`; or no text of allowed characters fits the pattern.
        """
        states = build_states(parse(source, known), source)
        count = len(states.chars)
        chars = np.array([[char in own for char in known] for own in states.chars], bool).reshape(count, len(known))
        space = np.array([SPACE in own for own in states.chars], bool)
        first, last, follow = np.zeros(count, bool), np.zeros(count, bool), np.zeros((count, count), bool)
        first[states.first], last[states.last] = True, True
        for before, after in states.follow:
            follow[before, after] = True
        chars = chars if allowed is None else chars & allowed
        pattern = cls(source, known, chars=chars, space=space, first=first, last=last, follow=follow)
        if not pattern._accepts_something():
            raise InvalidInput(f"pattern: expected one that some text of the allowed characters fits, got {source!r}")
        return pattern

    @property
    def has_spaces(self) -> bool:
        """Whether the pattern has spaces; if not, those of a row are ignored, and texts that fit have none."""
        return bool(self.space.any())

    def accepts(self, text: str) -> bool:
        """Tell whether a text of known characters and single spaces fits."""
        reached = self.first
        for number, char in enumerate(text):
            reached = reached if number == 0 else reached @ self.follow
            reached = reached & (self.space if char == SPACE else self.chars[:, self.known.index(char)])
        return bool(text) and bool((reached & self.last).any())

    def _accepts_something(self) -> bool:
        some = self.chars.any(axis=1)
        reached = self.first & some
        for _ in reached:
            reached |= (reached @ self.follow) & (some | self.space)
        return bool((reached & self.last & some).any())

    def fit(self, p: NDArray[np.floating], p_space: NDArray[np.floating]) -> Fit | None:
        """Find the likeliest reading of a row that the pattern accepts; None if it accepts none of as many glyphs.

        Parameters
        ----------
        p : (N, K), probabilities of what each glyph is; at least one glyph
        p_space : (N - 1,), of a space after each but the last
        """
        with np.errstate(divide="ignore"):
            log_p = np.log(p)
            log_gap = np.log([1 - p_space, p_space])  # (2, N - 1)
        if not self.has_spaces:
            log_gap = np.array([[0.0], [-np.inf]]) + np.zeros(len(p_space))
        of_state = np.where(self.chars[None], log_p[:, None], -np.inf)  # (N, Q, K)
        emissions = of_state.max(axis=2)
        steps = np.concatenate(self._steps())  # (2 Q, Q)
        best = np.where(self.first, emissions[0], -np.inf)
        # For each gap and state, the best state before it; plus Q if a space is between.
        ways: list[NDArray[np.intp]] = []
        for glyph, costs in zip(emissions[1:], log_gap.T, strict=True):
            arrived = np.where(steps, np.add.outer(costs, best).reshape(-1, 1), -np.inf)
            ways.append(arrived.argmax(axis=0))
            best = arrived.max(axis=0) + glyph
        best = np.where(self.last, best, -np.inf)
        state = int(best.argmax())
        if best[state] == -np.inf:
            return None
        path, spaces = [state], []
        for way in reversed(ways):
            over_space, before = divmod(int(way[path[-1]]), len(best))
            path.append(before)
            spaces.append(over_space == 1)
        classes = of_state[np.arange(len(p)), path[::-1]].argmax(axis=1)
        cost = float(log_p.max(axis=1).sum() + log_gap.max(axis=0).sum() - best[state])
        return Fit(classes, np.array(spaces[::-1], bool), cost)

    def exchangeable(self, fit: Fit) -> Mask:
        """Return (N, K), which characters could stand in each place of a fitting text, its other characters given."""
        direct, over_space = self._steps()
        steps = [over_space if space else direct for space in fit.is_space]
        reads = self.chars[:, fit.classes].T  # (N, Q)
        before, after = [self.first], [self.last]
        for step, own in zip(steps, reads[:-1], strict=True):
            before.append((before[-1] & own) @ step)
        for step, own in zip(steps[::-1], reads[:0:-1], strict=True):
            after.append(step @ (after[-1] & own))
        return np.stack([(a & b) @ self.chars for a, b in zip(before, reversed(after), strict=True)])

    def _steps(self) -> tuple[Mask, Mask]:
        """Return which states (Q, Q) may follow each other directly, and with a space between."""
        return self.follow, (self.follow & self.space) @ self.follow
