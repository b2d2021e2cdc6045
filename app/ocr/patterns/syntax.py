r"""What a pattern for codes may be made of: a subset of regular expressions, parsed by recursive descent.

::

    choice   = sequence { "|" sequence }
    sequence = { part [ "?" | "*" | "+" | "{m}" | "{m,}" | "{m,n}" ] }
    part     = "(" choice ")" | "[" set "]" | "." | "\" escape | character

Whatever a pattern says here means the same to Python's `re.fullmatch`, except that only a space that is written out, or
``\s``, takes a space: ``.`` and negated sets do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import NoReturn, TypeAlias

from app.errors import InvalidInput

LONGEST_PATTERN = 200
"""Characters."""
MOST_REPEATS = 200
SPACE = " "
_WORD = ascii_letters + digits + "_"
_SHORTHANDS = {"d": digits, "w": _WORD, "s": SPACE}
_QUANTIFIERS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True)
class OneOf:
    """One of some characters; ``at`` is where the pattern says so, counted from 1."""

    chars: frozenset[str]
    at: int


@dataclass(frozen=True)
class InTurn:
    """Parts one after another; nothing at all if there are none."""

    parts: Sequence[Node]


@dataclass(frozen=True)
class Either:
    """One of several."""

    choices: Sequence[Node]


@dataclass(frozen=True)
class Repeated:
    """A part ``least`` to ``most`` times; None for as often as it likes."""

    part: Node
    least: int
    most: int | None


Node: TypeAlias = OneOf | InTurn | Either | Repeated


def parse(pattern: str, known: str) -> Node:
    """Take a pattern apart.

    Parameters
    ----------
    pattern : a leading ``^`` and a trailing ``$`` say nothing, for a pattern always takes in a whole row
    known : the characters that can be read, without the space

    Raises
    ------
    InvalidInput : it is too long or no pattern, or asks for a character that is not known; ``position`` in its context
        tells where, counted from 1.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidInput(f"pattern: expected at most {LONGEST_PATTERN} characters, got {len(pattern)}")
    return _Parser(pattern, known).parse()


class _Parser:
    """Reads one pattern from left to right; ``at`` is the index of the next character."""

    def __init__(self, pattern: str, known: str) -> None:
        self.pattern = pattern
        self.known = known
        self.at = 0

    def parse(self) -> Node:
        self._take("^")
        node = self._choice()
        if self._next == ")":
            self._fail("expected ( before", ")")
        return node

    @property
    def _next(self) -> str:
        """The next character; empty at the end, before which a ``$`` is passed over."""
        rest = self.pattern[self.at :]
        return "" if rest == "$" else rest[:1]

    def _take(self, char: str) -> bool:
        """Go past a character if it comes next."""
        found = bool(char) and self._next == char
        self.at += found
        return found

    def _any(self) -> str:
        """Go past the next character, whatever it is."""
        char = self._next
        self.at += len(char)
        return char

    def _fail(self, expected: str, got: str | None = None) -> NoReturn:
        at = self.at + 1
        what = got or self._next or "the end"
        raise InvalidInput(f"pattern: {expected}, got {what} at position {at} of {self.pattern}", position=at)

    def _choice(self) -> Node:
        choices = [self._sequence()]
        while self._take("|"):
            choices.append(self._sequence())
        return choices[0] if len(choices) == 1 else Either(choices)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._next and self._next not in "|)":
            part = self._part()
            if self._next and self._next in "?*+{":
                part = Repeated(part, *self._times())
            parts.append(part)
        return InTurn(parts)

    def _part(self) -> Node:
        at = self.at + 1
        if self._next in "?*+{":
            self._fail(f"expected something to repeat, or \\{self._next} for the character itself")
        if self._next in "^$":
            self._fail(f"expected \\{self._next}, for a pattern takes in the whole row anyway")
        char = self._any()
        if char == "(":
            if self.pattern.startswith("?:", self.at):
                self.at += len("?:")
            node = self._choice()
            if not self._take(")"):
                self._fail("expected )")
            return node
        if char == "[":
            return OneOf(self._set(), at)
        if char == ".":
            return OneOf(frozenset(self.known), at)
        if char == "\\":
            return OneOf(self._readable(self._escaped()), at)
        return OneOf(self._readable(frozenset(char)), at)

    def _times(self) -> tuple[int, int | None]:
        """Go past a quantifier; another one behind it would mean something else to `re`."""
        sign = self._any()
        if sign in _QUANTIFIERS:
            times: tuple[int, int | None] = _QUANTIFIERS[sign]
        else:
            least = self._number()
            most: int | None = least
            if self._take(","):
                most = None if self._next == "}" else self._number()
            if most is not None and most < least:
                self._fail(f"expected {least} times or more", str(most))
            if not self._take("}"):
                self._fail("expected }")
            times = least, most
        if self._next and self._next in "?*+{":
            self._fail("expected one quantifier")
        return times

    def _number(self) -> int:
        start = self.at
        while self._next and self._next in digits:
            self.at += 1
        text = self.pattern[start : self.at]
        if not text:
            self._fail("expected a number")
        if int(text) > MOST_REPEATS:
            self.at = start
            self._fail(f"expected at most {MOST_REPEATS} times", text)
        return int(text)

    def _set(self) -> frozenset[str]:
        """The characters between brackets, the first of which is behind us."""
        negated = self._take("^")
        chars: set[str] = set()
        while not chars or self._next != "]":
            low = self._member()
            if self._next == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self._take("-")
                chars |= self._range(low, self._member())
            else:
                chars |= self._readable(low)
        self._take("]")
        return frozenset(self.known) - chars if negated else frozenset(chars)

    def _range(self, low: frozenset[str], high: frozenset[str]) -> frozenset[str]:
        first, last = min(low), max(high)
        if len(low) != 1 or len(high) != 1 or last < first:
            self.at -= 1
            self._fail("expected a range from one character to a later one", self.pattern[self.at])
        return frozenset(char for char in self.known if first <= char <= last)

    def _member(self) -> frozenset[str]:
        if self.at >= len(self.pattern):
            self._fail("expected ]")
        char = self.pattern[self.at]  # a dollar is one here
        if char == "]":
            self._fail("expected a character")
        self.at += 1
        return self._escaped() if char == "\\" else frozenset(char)

    def _escaped(self) -> frozenset[str]:
        """What a backslash, which is behind us, and the next character stand for."""
        char = self.pattern[self.at : self.at + 1]
        if char in _SHORTHANDS:
            self.at += 1
            return frozenset(_SHORTHANDS[char]) & {*self.known, SPACE}
        if char.lower() in _SHORTHANDS:
            self.at += 1
            return frozenset(self.known) - frozenset(_SHORTHANDS[char.lower()])
        if not char or char.isalnum():
            self._fail("expected d, w, s, D, W, S or a sign after \\", char)
        self.at += 1
        return frozenset(char)

    def _readable(self, chars: frozenset[str]) -> frozenset[str]:
        """Return characters, which are behind us, unless it is a single one that nobody can read."""
        if len(chars) == 1 and not chars <= {*self.known, SPACE}:
            self.at -= 1
            self._fail(f"expected characters out of {self.known}", *chars)
        return chars
