"""How synthetic pages vary: knobs, each with a usual range from which pages draw their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from app.errors import InvalidInput


class Range(NamedTuple):
    """The least and the largest value; equal if a value is fixed."""

    low: float
    high: float


def _knob(low: float, high: float, limits: tuple[float, float], meaning: str) -> Any:
    """Describe a knob: its usual range, its limits, and its meaning."""
    return field(metadata={"usual": Range(low, high), "limits": Range(*limits), "meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The properties of one page. Lengths are in em, the height of a capital, unless a name has another unit."""

    size_px: float = _knob(28, 60, (4, 160), "height of a capital, in pixels")
    pen: float = _knob(0.05, 0.13, (0.01, 0.5), "width of the pen")
    slant_deg: float = _knob(-6, 10, (-60, 60), "lean of the writing to the right, added to the writer's own")
    spacing: float = _knob(0.0, 0.12, (-0.4, 4), "white between letters; below 0 they may touch")
    word_space: float = _knob(0.45, 0.8, (0.1, 6), "white between words, beyond that between letters")
    pitch: float = _knob(1.75, 2.5, (0.8, 8), "from row to row")
    unevenness: float = _knob(0.0, 0.03, (0, 0.5), "how far rows rise and fall along their length and among each other")
    rotation_deg: float = _knob(-1.5, 1.5, (-180, 180), "turn of the sheet against the clock")
    perspective: float = _knob(0.0, 0.04, (0, 0.4), "share by which the farther edge of the sheet looks shorter")
    contrast: float = _knob(0.55, 0.95, (0.01, 1), "share of the paper's light that the ink takes")
    brightness: float = _knob(0.75, 0.97, (0.05, 1), "light of the paper")
    cast: float = _knob(0.0, 0.06, (0, 0.5), "colour of the paper and the light: share that a channel may lose")
    grain: float = _knob(0.0, 2.5, (0, 60), "roughness of the paper, standard deviation in greys of 255")
    ruling: float = _knob(0.15, 0.5, (0, 1), "darkness of printed lines, over that of the ink")
    show_through: float = _knob(0.0, 0.0, (0, 1), "darkness of writing on the back of the sheet, over that of the ink")
    shade: float = _knob(0.0, 0.3, (0, 0.98), "share of the light that is lost where the page is darkest")
    blur: float = _knob(0.0, 0.03, (0, 1.5), "radius of the camera's blur")
    noise: float = _knob(0.0, 4.0, (0, 120), "noise of the camera, standard deviation in greys of 255")
    quality: float = _knob(75, 95, (1, 100), "of the JPEG file")


class KnobDescription(NamedTuple):
    """A knob with its usual range, its limits and its meaning."""

    name: str
    usual: Range
    limits: Range
    meaning: str


_KNOBS = {knob.name: KnobDescription(knob.name, **knob.metadata) for knob in fields(Knobs)}


def describe_knobs() -> list[KnobDescription]:
    """Return all knobs with their usual ranges, limits and meanings."""
    return [*_KNOBS.values()]


@dataclass(frozen=True)
class PageVariation:
    """How far pages vary; with the defaults, they are ordinary pages.

    Attributes
    ----------
    ranges : of some knobs, instead of their usual ones
    kinds : of text, see `app.datasets.pages.text.KINDS`; empty for all that the writers can write
    papers : of `app.datasets.pages.paper.PAPERS`; empty for all
    """

    ranges: Mapping[str, Range] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()

    def turned(self, **ranges: float | tuple[float, float]) -> PageVariation:
        """Return the variation with other ranges of some knobs; a single number fixes one.

        Raises
        ------
        InvalidInput : there is no such knob, or a range exceeds its limits.
        """
        checked = {name: _checked(name, value) for name, value in ranges.items()}
        return replace(self, ranges={**self.ranges, **checked})

    def draw(self, rng: np.random.Generator) -> Knobs:
        """Draw every knob uniformly from its range; the range of one does not influence the others."""
        values = {}
        for (name, knob), chance in zip(_KNOBS.items(), rng.uniform(size=len(_KNOBS)).tolist(), strict=True):
            low, high = self.ranges.get(name, knob.usual)
            values[name] = low + (high - low) * chance
        return Knobs(**values)


def _checked(name: str, value: float | tuple[float, float]) -> Range:
    if name not in _KNOBS:
        raise InvalidInput(f"expected one of the knobs {', '.join(_KNOBS)}, got {name!r}")
    wanted = Range(*value) if isinstance(value, tuple) else Range(value, value)
    least, most = _KNOBS[name].limits
    if not least <= wanted.low <= wanted.high <= most:  # NaN is refused as well
        raise InvalidInput(f"{name}: expected a number or a rising range within {least:g} to {most:g}, got {value}")
    return wanted
