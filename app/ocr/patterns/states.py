"""From a parsed pattern to the states of its automaton (Glushkov's construction)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.errors import InvalidInput
from app.ocr.patterns.syntax import Either, InTurn, Node, OneOf, Repeated

MOST_STATES = 120
_MOST_STEPS = 2000


class _Ends(NamedTuple):
    """The states that a part of a pattern begins and ends with, and whether the part may be empty."""

    first: list[int]
    last: list[int]
    may_be_empty: bool


@dataclass
class States:
    """Every character of a pattern, repetitions written out.

    Attributes
    ----------
    chars : what each state reads
    first, last : states that a text may begin with, or end with
    follow : which may come right after which
    """

    chars: list[frozenset[str]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    follow: set[tuple[int, int]] = field(default_factory=set)


def build_states(node: Node, source: str) -> States:
    """Number the states of a pattern and note which may follow which.

    Parameters
    ----------
    source : the pattern as it was written, for messages

    Raises
    ------
    InvalidInput : it has too many states, or too many ways between them.
    """
    builder = _Builder(source)
    ends = builder.build(node)
    builder.states.first, builder.states.last = ends.first, ends.last
    return builder.states


class _Builder:
    def __init__(self, source: str) -> None:
        self.source = source
        self.states = States()

    def build(self, node: Node) -> _Ends:
        if isinstance(node, OneOf):
            return self._state(node)
        if isinstance(node, InTurn):
            return self._in_turn([self.build(part) for part in node.parts])
        if isinstance(node, Either):
            ends = [self.build(choice) for choice in node.choices]
            return _Ends(
                [state for each in ends for state in each.first],
                [state for each in ends for state in each.last],
                any(each.may_be_empty for each in ends),
            )
        return self._repeated(node)

    def _state(self, node: OneOf) -> _Ends:
        if len(self.states.chars) == MOST_STATES:
            detail = f"pattern: expected at most {MOST_STATES} characters, repetitions written out, got more"
            raise InvalidInput(f"{detail} from position {node.at} of {self.source}", position=node.at)
        own = [len(self.states.chars)]
        self.states.chars.append(node.chars)
        return _Ends(own, own, may_be_empty=False)

    def _repeated(self, node: Repeated) -> _Ends:
        """Write a repetition out: the required copies in turn, then the optional ones nested, ``(a(a(a)?)?)?``."""
        copies: list[_Ends] = []
        for _ in range(max(node.least, 1) if node.most is None else node.most):
            before = len(self.states.chars)
            copies.append(self.build(node.part))
            if len(self.states.chars) == before:
                break  # nothing, however often it is repeated
        if node.most is None and copies:
            self._link(copies[-1].last, copies[-1].first)
        whole = _Ends([], [], may_be_empty=True)
        for number in reversed(range(len(copies))):
            whole = self._in_turn([copies[number], whole])
            if number >= node.least:
                whole = whole._replace(may_be_empty=True)
        return whole

    def _in_turn(self, parts: Sequence[_Ends]) -> _Ends:
        whole = _Ends([], [], may_be_empty=True)
        for part in parts:
            self._link(whole.last, part.first)
            whole = _Ends(
                whole.first + part.first if whole.may_be_empty else whole.first,
                whole.last + part.last if part.may_be_empty else part.last,
                whole.may_be_empty and part.may_be_empty,
            )
        return whole

    def _link(self, before: Sequence[int], after: Sequence[int]) -> None:
        self.states.follow |= {(a, b) for a in before for b in after}
        if len(self.states.follow) > _MOST_STEPS:
            detail = f"at most {_MOST_STEPS} ways from one character to the next"
            raise InvalidInput(f"pattern: expected a simpler one, with {detail}, got {self.source}")
