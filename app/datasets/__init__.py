"""Labelled glyphs: load, draw, augment, split."""

from app.datasets.augment import PLAIN, Augmentation, render_glyphs
from app.datasets.pen_font import char_extents
from app.datasets.stream import GlyphStream
from app.datasets.strokes import StrokeSet
from app.datasets.unipen import load_unipen

__all__ = ["PLAIN", "Augmentation", "GlyphStream", "StrokeSet", "char_extents", "load_unipen", "render_glyphs"]
