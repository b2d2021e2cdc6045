"""How dates and times of day are written in figures: 28.10.25, 04/05/2015, 10/28/25, 2015-05-04, 17:26.

Little else that is written looks like them, so that figures which are nearly a date are one most often.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import log

FIGURES = "0123456789/.-:"
"""What dates and times are made of."""

DATED = 0.1
"""How many of all figures that somebody writes are dates or times."""

# All other figures: after each character comes another with this probability, and all of these are as likely.
_GOES_ON, _CHARACTERS = 0.8, 12
STRANGE_FIGURE = _GOES_ON / _CHARACTERS
_STRANGE_END = (1 - _GOES_ON) / _GOES_ON
# Shares of dates with the day first, the month first and the year first, and of times of day.
_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST, _TIMES = 0.4, 0.2, 0.15, 0.25
_MARKS = "/.-"
_ENDS_SENTENCE = 0.1  # of the dates


@dataclass(frozen=True)
class Form:
    """One way to write dates or times.

    Attributes
    ----------
    parts : for each part all that it may be, equally long and equally common
    share : of all dates and times, those that are written so
    """

    parts: tuple[tuple[str, ...], ...]
    share: float

    @cached_property
    def outline(self) -> str:
        """How it looks, with 0 for every digit."""
        return _outline("".join(part[0] for part in self.parts))

    def probability(self, figures: str) -> float:
        """Return how probable it is that what is written so begins with `figures`, which have its outline."""
        p, begin = 1.0, 0
        for part in self.parts:
            end = begin + len(part[0])
            p *= _share_that_begins(part, figures[begin:end])
            if not p or end >= len(figures):
                break
            begin = end
        return p


def _outline(figures: str) -> str:
    return "".join("0" if char.isdigit() else char for char in figures)


@lru_cache(maxsize=10_000)
def _share_that_begins(part: tuple[str, ...], figures: str) -> float:
    return sum(each.startswith(figures) for each in part) / len(part)


def _numbers(first: int, last: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return those of one digit, and all with two."""
    return tuple(str(number) for number in range(first, 10)), tuple(f"{number:02}" for number in range(first, last + 1))


def _forms() -> Iterator[Form]:
    days, months, hours, (_, minutes) = _numbers(1, 31), _numbers(1, 12), _numbers(0, 23), _numbers(0, 59)
    years = _numbers(0, 99)[1], tuple(map(str, range(1900, 2100)))
    for share, (first, second) in ((_DAY_FIRST, (days, months)), (_MONTH_FIRST, (months, days))):
        written = [
            (one, (mark,), other, (mark,), year) for one, other, year, mark in product(first, second, years, _MARKS)
        ]
        yield from (Form(parts, share / len(written)) for parts in written)
    for mark in _MARKS:
        yield Form((years[1], (mark,), months[1], (mark,), days[1]), _YEAR_FIRST / len(_MARKS))
    for hour in hours:
        yield Form((hour, (":",), minutes), _TIMES / len(hours))


FORMS = tuple(_forms())


@lru_cache(maxsize=1000)
def _forms_like(outline: str, *, ended: bool) -> list[Form]:
    return [form for form in FORMS if form.outline == outline or (not ended and form.outline.startswith(outline))]


def probability(figures: str, *, ended: bool) -> float:
    """Return how probable it is that a date or a time begins with `figures`, or with `ended` is that."""
    return sum(form.share * form.probability(figures) for form in _forms_like(_outline(figures), ended=ended))


@lru_cache(maxsize=10_000)
def log_gain(figures: str, *, ended: bool) -> float:
    """Return by how much figures become likelier because some are dates, in nats; hardly less than 0.

    Parameters
    ----------
    figures : characters of `FIGURES`; with `ended` all there are, else what they begin with
    """
    p = probability(figures, ended=ended)
    if figures.endswith(".") and not ended:
        p += _ENDS_SENTENCE * probability(figures[:-1], ended=True)
    if not p:
        return log(1 - DATED)
    strange = STRANGE_FIGURE ** len(figures) * (_STRANGE_END if ended else 1.0)
    return log(DATED * p / strange + 1 - DATED)
