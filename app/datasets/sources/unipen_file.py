"""One file in the UNIPEN 1.0 format: pen movements, and which stretches of them are which text.

A file is a succession of keywords, each at the start of a line with a dot before it, and what follows up to the next::

    .VERSION 1.0
    .INCLUDE apb/data/apb02/app0237.dat      further content, looked for below the folder ``include``
    .WRITER_ID Bill                          of what follows
    .COORD X Y                               what each point consists of
    .PEN_DOWN                                a component: points while the pen was down, or up
    215 1644
    213 1653
    .PEN_UP
    .SEGMENT CHARACTER 0-1,3:2-4:10 OK "A"   components 0 and 1, and from point 2 of 3 to point 10 of 4; quality; label

Components are counted from 0 over the file and all that it includes, those without a point not being counted; points
of a component likewise. Y grows upwards.

References
----------
Guyon, Schomaker, Plamondon, Liberman, Janet (1994), UNIPEN project of on-line data exchange and recognizer benchmarks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.errors import DamagedDataset

Points = NDArray[np.float64]

_KEYWORD = re.compile(r"^\.([A-Z][A-Z_0-9]*)", re.MULTILINE)
_SEGMENT = re.compile(r'(\S+)\s+([\d:,-]+)(?:\s+([^\s"]+))?(?:\s+"((?:[^"\\]|\\.)*)")?\s*', re.DOTALL)
_STRETCH = re.compile(r"(\d{1,9})(?::(\d{1,9}))?(?:-(\d{1,9})(?::(\d{1,9}))?)?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPELLED = {"n": "\n", "t": "\t"}
_MAX_DEPTH = 8  # of files that include files; the real ones have two


@dataclass(frozen=True)
class Component:
    """What the pen did between two changes of up and down.

    Attributes
    ----------
    points : (points, 2) as x, y, y upwards, both in one unit
    """

    is_down: bool
    writer: str
    points: Points


@dataclass(frozen=True)
class Segment:
    """A stretch of ink and what it says; `label` is None where nobody said it."""

    line: int
    level: str
    stretches: str
    quality: str
    label: str | None


@dataclass
class UnipenFile:
    """All that was read of a file and of those it includes."""

    path: Path
    components: list[Component] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Included files that are not there."""
    writer: str = ""
    columns: tuple[int, int, int] = (0, 1, 2)
    """Where x and y are in a point, and of how many numbers it consists."""
    points_per_inch: dict[str, float] = field(default_factory=dict)

    def strokes(self, segment: Segment) -> tuple[list[Points], str]:
        """Return the pen-down points of a segment, one array a stroke, and who wrote them.

        Raises
        ------
        DamagedDataset : the segment names components or points that are not there
        """
        strokes, writer = [], self.writer
        for first, start, last, end in _stretches(self.path, segment):
            if not first <= last < len(self.components):
                raise self._fault(segment, f"expected components up to {len(self.components) - 1}, got {first}-{last}")
            for number in range(first, last + 1):
                component = self.components[number]
                low = start if number == first else 0
                high = len(component.points) if number != last or end is None else end + 1
                if not low < high <= len(component.points):
                    raise self._fault(segment, f"component {number} has no points {low} to {high - 1}")
                if component.is_down:
                    strokes.append(component.points[low:high])
                    writer = component.writer or writer
        return strokes, writer

    def _fault(self, segment: Segment, what: str) -> DamagedDataset:
        absent = f" ({', '.join(self.missing)} was not found)" if self.missing else ""
        return damaged(self.path, f"{what}{absent}", segment.line)


Reader = Callable[[Path], UnipenFile]


def read_unipen_file(path: Path, include: Path, read_included: Reader | None = None, depth: int = 0) -> UnipenFile:
    """Read a file and those it includes.

    Parameters
    ----------
    include : folder below which included files lie; what points outside of it counts as missing
    read_included : reads an included file instead of this function, which allows to keep what was read

    Raises
    ------
    DamagedDataset : a line is not in the format; the message names it. Included files that are missing are no error:
        many contain descriptions only. They are told of when a segment needs what is not there
    """
    if depth > _MAX_DEPTH:
        raise damaged(path, f"expected at most {_MAX_DEPTH} files within files")
    try:
        text = path.read_text("latin-1")  # the format is ASCII; comments have names of people and places
    except OSError as exc:
        raise damaged(path, f"the file cannot be read: {exc.strerror}") from exc
    read = read_included or (lambda place: read_unipen_file(place, include, depth=depth + 1))
    content = UnipenFile(path)
    for line, keyword, rest in _keywords(text):
        try:
            _take(content, line, keyword, rest, include, read)
        except ValueError as exc:
            raise damaged(path, f".{keyword}: {exc}", line) from exc
    return content


def _keywords(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the name and what follows of each keyword."""
    found = list(_KEYWORD.finditer(text))
    line, counted = 1, 0
    for match, following in zip_longest(found, found[1:]):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        yield line, match[1], text[match.end() : following.start() if following else len(text)]


def _take(content: UnipenFile, line: int, keyword: str, rest: str, include: Path, read: Reader) -> None:
    match keyword:
        case "INCLUDE":
            for name in rest.split():
                _include(content, name, include, read)
        case "WRITER_ID":
            content.writer = " ".join(rest.split())
        case "COORD":
            content.columns = _columns(rest.split())
        case "X_POINTS_PER_INCH" | "Y_POINTS_PER_INCH":
            content.points_per_inch[keyword[0]] = float(rest.split()[0]) if rest.split() else 0.0
        case "PEN_DOWN" | "PEN_UP":
            if len(points := _points(content, rest)):
                content.components.append(Component(keyword == "PEN_DOWN", content.writer, points))
        case "SEGMENT":
            found = _SEGMENT.fullmatch(rest.strip())
            if found is None:
                raise ValueError(f'expected level, components, quality and "label", got {rest.strip()!r}')
            label = None if found[4] is None else _ESCAPE.sub(lambda m: _SPELLED.get(m[1], m[1]), found[4])
            content.segments.append(Segment(line, found[1], found[2], found[3] or "?", label))


def _include(content: UnipenFile, name: str, include: Path, read: Reader) -> None:
    place = include / name
    if not place.resolve().is_relative_to(include.resolve()) or not place.is_file():
        content.missing.append(name)
        return
    other = read(place)
    content.components += other.components
    content.segments += other.segments
    content.missing += other.missing
    content.writer = other.writer or content.writer
    content.columns = other.columns
    content.points_per_inch.update(other.points_per_inch)


def _columns(names: list[str]) -> tuple[int, int, int]:
    if "X" not in names or "Y" not in names:
        raise ValueError(f"expected X and Y among the coordinates, got {' '.join(names) or 'none'}")
    return names.index("X"), names.index("Y"), len(names)


def _points(content: UnipenFile, text: str) -> Points:
    """Return the points (n, 2) of a component, y in the unit of x."""
    numbers = np.array(text.split(), np.float64)
    x, y, columns = content.columns
    if len(numbers) % columns:
        raise ValueError(f"expected {columns} numbers a point, got {len(numbers)} numbers in all")
    if not np.isfinite(numbers).all():
        raise ValueError("expected finite numbers")
    points = numbers.reshape(-1, columns)[:, [x, y]]
    across, down = (content.points_per_inch.get(axis, 0.0) for axis in "XY")
    return points * [1.0, across / down] if across > 0 and down > 0 else points


def _stretches(path: Path, segment: Segment) -> Iterator[tuple[int, int, int, int | None]]:
    """Yield first component, point to start at, last component, last point; None stands for the last of all."""
    for stretch in segment.stretches.split(","):
        found = _STRETCH.fullmatch(stretch)
        if found is None:
            raise damaged(path, f"expected components as 3-5 or 3:2-5:10, got {stretch!r}", segment.line)
        first, start = int(found[1]), int(found[2] or 0)
        yield first, start, int(found[3] or first), None if found[4] is None else int(found[4])
