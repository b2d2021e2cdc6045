"""Words, and sentences, codes and numbers made of them: what people write by hand on notes, lists, labels and forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import ascii_uppercase, digits

import numpy as np

# In mixed case, with punctuation: grammatical, and without much meaning.
SENTENCES = (
    "The {adjective} {noun} in the {place} is {adjective}.",
    "{name} {past} the {noun} on {day}.",
    "Please {verb} the {noun} before {day}, and {verb} the {noun}!",
    "Who {past} my {adjective} {noun}?",
    "Don't {verb} the {noun}; it's {adjective}.",
    '"{name}," she said, "{verb} that {noun}."',
    "We need: a {noun}, a {adjective} {noun} & a {noun}.",
    "{name}'s {noun} (the {adjective} one) was {past} at {time}.",
    "Is it {adjective} or {adjective}?",
    "There are {count} {good} left, {name}.",
    "Meet {name} @ the {place}, {time} - bring a {noun}.",
    "I {past} {count} {good} for {amount}.",
    "My {noun}/{noun} is too {adjective}...",
    "Note: {verb} the {noun}, then {verb} it again.",
    "On {date} {name} {surname} {past} room #{count}.",
    "Every {adjective} {place} has a {noun}.",
    "If you {verb} a {noun} you may {verb} a {noun}.",
    "What a {adjective} {day}!",
    "It was the {adjective} {noun} that {name} {past} in {month}.",
    "{verb!c} {count} {good} & {verb} the {noun}.",
)
# Entries of a list.
TASKS = (
    "{verb!c} the {noun}",
    "{verb!c} {name} at {time}",
    "{count} {unit} {good}",
    "{adjective!c} {noun} for {name}",
    "{good!c}",
    "{verb!c} {count} {good}",
    "{day}: {verb} the {adjective} {noun}",
    "{verb!c} {noun} & {noun}",
)
HEADINGS = (
    "{day}'s list",
    "To {verb}",
    "{noun!c} & {noun}",
    "The {adjective} {noun}",
    "Notes, {month} {count}",
    "{town} {place}",
)
_FIELDS: Mapping[str, str] = {
    "Name": "{name} {surname}",
    "First name": "{name}",
    "Surname": "{surname}",
    "Street": "{count} {noun!c} Road",
    "Town": "{town}",
    "Post code": "{post}",
    "Born in": "{town}",
    "Date": "{date}",
    "Date of birth": "{date}",
    "Telephone": "{phone}",
    "E-mail": "{mail}",
    "Signed": "{name} {surname}",
    "Item": "{noun}",
    "Qty": "{count}",
    "Price": "{amount}",
    "Total": "{amount}",
    "Colour": "{adjective}",
    "Weight": "{count} kg",
    "Size": "{count} cm",
    "Ref. no.": "{code}",
    "Serial no.": "{code}",
    "Order": "{code}",
    "Account": "{code}",
    "Job": "{code}",
    "Dept.": "{noun!c}s",
    "Room/desk": "{count}",
}
# A: a letter, 9: a digit, X: either of them; whatever else stands for itself.
_PATTERNS = {
    "code": ("AA-9999-A9", "A9A9A9", "999-AAA", "XXXX-XXXX", "A99/99", "99AA99", "AA 99 99", "XXXXXX", "A-999.99"),
    "post": ("99999", "A9 9AA", "AA9 9AA", "9999 AA"),
    "phone": ("0999 999 9999", "+99 99 9999 9999", "(099) 999-9999", "099/9999999", "999-9999", "0999-999999"),
}
_SLOT = re.compile(r"\{(\w+)(!c)?\}")


def imagine(templates: Sequence[str], rng: np.random.Generator) -> str:
    """Fill in one of `SENTENCES`, `TASKS` or `HEADINGS`."""
    return fill_in(_choice(templates, rng), rng)


def imagine_field(rng: np.random.Generator) -> tuple[str, str]:
    """Return a field of a form and what somebody filled in."""
    name = _choice(tuple(_FIELDS), rng)
    return name, fill_in(_FIELDS[name], rng)


def fill_in(template: str, rng: np.random.Generator) -> str:
    """Fill the slots of a template: ``{noun}``, ``{noun!c}`` with a capital, ``{code}``, ``{date}`` and others."""

    def word(slot: re.Match[str]) -> str:
        chosen = _word(slot[1], rng)
        return chosen.capitalize() if slot[2] else chosen

    return _SLOT.sub(word, template)


def _word(slot: str, rng: np.random.Generator) -> str:
    if words := _load_words().get(slot):
        return _choice(words, rng)
    if slot in _PATTERNS:
        return _from_pattern(_choice(_PATTERNS[slot], rng), rng)
    return _MADE[slot](rng)


def _count(rng: np.random.Generator) -> str:
    return str(int(10 ** rng.uniform(0.3, 2.5)))


def _date(rng: np.random.Generator) -> str:
    day, month, year = (int(rng.integers(low, high)) for low, high in ((1, 29), (1, 13), (1940, 2040)))
    dates = f"{day:02d}/{month:02d}/{year}", f"{year}-{month:02d}-{day:02d}", f"{day}.{month}.{year % 100:02d}"
    return _choice(dates, rng)


def _time(rng: np.random.Generator) -> str:
    return f"{rng.integers(24)}:{rng.integers(60):02d}"


def _amount(rng: np.random.Generator) -> str:
    whole, part = int(10 ** rng.uniform(0, 3.2)), int(rng.integers(100))
    return _choice((f"${whole}.{part:02d}", f"{whole}.{part:02d}", f"EUR {whole}", f"{part}%"), rng)


def _mail(rng: np.random.Generator) -> str:
    return fill_in("{name}.{surname}@{town}.org", rng).lower()


_MADE: Mapping[str, Callable[[np.random.Generator], str]] = {
    "count": _count,
    "date": _date,
    "time": _time,
    "amount": _amount,
    "mail": _mail,
}


@cache
def _load_words() -> Mapping[str, Sequence[str]]:
    """Read the words of every slot."""
    words: defaultdict[str, list[str]] = defaultdict(list)
    for line in files("app.datasets.pages").joinpath("page_words.txt").read_text(encoding="utf-8").splitlines():
        slot, colon, given = line.partition(":")
        if colon:
            words[slot] += given.split()
    return dict(words)


def _from_pattern(pattern: str, rng: np.random.Generator) -> str:
    choices = {"A": ascii_uppercase, "9": digits, "X": ascii_uppercase + digits}
    return "".join(_choice(choices[char], rng) if char in choices else char for char in pattern)


def _choice(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
