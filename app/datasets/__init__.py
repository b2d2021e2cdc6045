"""Labelled glyphs: load, draw, augment, split."""

from app.datasets.augment import PLAIN, Augmentation
from app.datasets.catalogue import DATASETS, load_glyphs, load_samples
from app.datasets.dataset import Dataset
from app.datasets.glyph_set import GlyphSet
from app.datasets.pen_font import char_extents
from app.datasets.render import render_glyphs
from app.datasets.stream import GlyphStream
from app.datasets.strokes import StrokeSet
from app.datasets.synthetic import load_synthetic, synthesise
from app.datasets.unipen import load_unipen

__all__ = [
    "DATASETS",
    "PLAIN",
    "Augmentation",
    "Dataset",
    "GlyphSet",
    "GlyphStream",
    "StrokeSet",
    "char_extents",
    "load_glyphs",
    "load_samples",
    "load_synthetic",
    "load_unipen",
    "render_glyphs",
    "synthesise",
]
