"""A hand that our networks do not know: what corrections have to teach, drawn by the synthesiser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from app.datasets.pens.pen_font import PenGlyph, parse_pen_font


@cache
def load_odd_ways() -> Mapping[str, PenGlyph]:
    """Return a crossed 7, an open 4 and a Greek-like E, for `Hand.own`."""
    font = parse_pen_font(files("app.datasets.pens").joinpath("odd_hand.txt").read_text(encoding="utf-8"))
    return {char: font.glyph(char) for char in font.chars}
