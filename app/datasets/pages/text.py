"""Texts of pages: notes, block capitals, lists, forms, codes, tables, grids of single characters."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from string import ascii_letters, ascii_uppercase, digits
from typing import NamedTuple

import numpy as np

from app.datasets.pages.words import HEADINGS, SENTENCES, TASKS, fill_in, imagine, imagine_field

_TRIES = 8  # to imagine a page that the writer can write completely, before an incomplete one is taken
_MOST_ROWS = 12
_HEADING = 1.3  # size relative to that of the rest
_CODES = (
    "{code}",
    "{code} {code}",
    "{phone}",
    "{date}",
    "{time} {date}",
    "{amount}",
    "TEL {phone}",
    "REF {code}",
    "{post}",
)
_COLUMNS = ("{good}", "{noun} {code}", "{count}", "{amount}", "{date}", "{name}")


class TextRow(NamedTuple):
    """One row: the text of each of its cells, from left to right."""

    cells: tuple[str, ...]
    indent: float = 0.0
    """In em."""
    scale: float = 1.0
    """Size of the writing relative to that of the page."""

    @property
    def text(self) -> str:
        """The transcription of the row."""
        return " ".join(self.cells)


def _note(rng: np.random.Generator) -> list[TextRow]:
    width = int(rng.integers(16, 36))
    text = " ".join(imagine(SENTENCES, rng) for _ in range(rng.integers(2, 7)))
    return [TextRow((line,)) for line in textwrap.wrap(text, width)]


def _capitals(rng: np.random.Generator) -> list[TextRow]:
    rows = [TextRow((row.cells[0].upper(),)) for row in _note(rng)]
    return [_heading(rng, str.upper), *rows] if rng.uniform() < 0.5 else rows


def _heading(rng: np.random.Generator, case: Callable[[str], str]) -> TextRow:
    return TextRow((case(imagine(HEADINGS, rng)),), scale=_HEADING)


def _list(rng: np.random.Generator) -> list[TextRow]:
    case: Callable[[str], str] = str.upper if rng.uniform() < 0.5 else str
    mark = ("{}.", "{})", "-", "({})", "{}:", "")[int(rng.integers(6))]
    width = int(rng.integers(14, 30))
    rows = [_heading(rng, case)]
    for number in range(1, int(rng.integers(4, 10))):
        entry = f"{mark.format(number)} {case(imagine(TASKS, rng))}".strip()
        first, *others = textwrap.wrap(entry, width)
        rows += [TextRow((first,)), *(TextRow((line,), indent=1.5) for line in others)]
    return rows


def _form(rng: np.random.Generator) -> list[TextRow]:
    case: Callable[[str], str] = str.upper if rng.uniform() < 0.5 else str
    colon = ":" if rng.uniform() < 0.6 else ""
    fields = dict(imagine_field(rng) for _ in range(rng.integers(4, 10)))
    return [TextRow((case(name) + colon, case(value))) for name, value in fields.items()]


def _codes(rng: np.random.Generator) -> list[TextRow]:
    chosen = rng.integers(len(_CODES), size=rng.integers(4, 10))
    return [TextRow((fill_in(_CODES[code], rng),)) for code in chosen]


def _table(rng: np.random.Generator) -> list[TextRow]:
    chosen = rng.permutation(len(_COLUMNS))[: int(rng.integers(2, 4))]
    return [TextRow(tuple(fill_in(_COLUMNS[column], rng) for column in chosen)) for _ in range(rng.integers(4, 10))]


def _spaced(rng: np.random.Generator) -> list[TextRow]:
    words = [word for _ in range(rng.integers(2, 5)) for word in imagine(TASKS, rng).upper().split()]
    return [TextRow((line,)) for line in textwrap.wrap(" ".join(words), 14)]


def _grid(rng: np.random.Generator) -> list[TextRow]:
    """Return rows of one character each, the same in all or another in each, or all characters in order."""
    height, width = int(rng.integers(3, 10)), int(rng.integers(5, 14))
    pool = (digits, ascii_uppercase, digits + ascii_uppercase, ascii_letters)[int(rng.integers(4))]
    way = rng.integers(3)
    if way == 2:
        return [TextRow(tuple(pool[start : start + width])) for start in range(0, len(pool), width)]
    chars = rng.choice(list(pool), 1 if way == 0 else height)
    return [TextRow((str(chars[row % len(chars)]),) * width) for row in range(height)]


_MARKS = ".,!?'\"-:;()/&@#"
# How each kind is imagined, and the characters that a writer needs for it.
_KINDS: Mapping[str, tuple[Callable[[np.random.Generator], list[TextRow]], str]] = {
    "note": (_note, ascii_letters + digits + _MARKS),
    "capitals": (_capitals, ascii_uppercase + digits + ".,'"),
    "list": (_list, ascii_letters + digits + ".,'"),
    "form": (_form, ascii_letters + digits + ":/."),
    "codes": (_codes, ascii_uppercase + digits + "-/"),
    "table": (_table, ascii_letters + digits + "."),
    "spaced": (_spaced, ascii_uppercase + digits),
    "grid": (_grid, ascii_uppercase + digits),
}
KINDS = tuple(_KINDS)
NEEDED = {kind: needed for kind, (_, needed) in _KINDS.items()}


def imagine_page(kind: str, chars: str, rng: np.random.Generator) -> list[TextRow]:
    """Imagine the text of a page.

    Parameters
    ----------
    kind : one of `KINDS`
    chars : the characters that the writer can write; words with other letters or digits are left out, and other marks

    Returns
    -------
    list of 1 to 12 TextRow, none of them empty
    """
    best: list[TextRow] = []
    imagine_rows, _ = _KINDS[kind]
    for _ in range(_TRIES):
        imagined = imagine_rows(rng)[:_MOST_ROWS]
        rows = [row for row in (writable(row, chars) for row in imagined) if row.text.strip()]
        if _size(rows) > _size(best):
            best = rows
        if _size(rows) == _size(imagined):
            break
    return best or [TextRow(("".join(rng.choice(list(chars), 6)),)) for _ in range(4)]


def _size(rows: list[TextRow]) -> int:
    return sum(len(row.text) for row in rows)


def writable(row: TextRow, chars: str) -> TextRow:
    """Leave out words with letters or digits that are not among `chars`, and marks that are not."""
    cells = (" ".join(filter(None, (_word(word, chars) for word in cell.split()))) for cell in row.cells)
    return row._replace(cells=tuple(cell for cell in cells if cell))


def _word(word: str, chars: str) -> str:
    """Return a word without unwritable marks, which become spaces; empty if a letter or digit cannot be written."""
    if any(char.isalnum() and char not in chars for char in word):
        return ""
    pieces = "".join(char if char in chars else "" if char == "'" else " " for char in word).split()
    if len(pieces) > 1:
        pieces = [piece for piece in pieces if any(map(str.isalnum, piece))]
    return " ".join(pieces)
