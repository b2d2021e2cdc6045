"""Labelled glyphs: load, draw, augment, split."""

from app.datasets.catalogue import DATASETS, SCRIPTS, load_samples
from app.datasets.glyphs.augment import PLAIN, Augmentation
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.lesson_stream import GlyphLesson, LessonStream
from app.datasets.glyphs.render import draw_glyph_set, plain_glyphs, render_glyphs
from app.datasets.glyphs.stream import GlyphStream
from app.datasets.negatives.foreign import load_foreign
from app.datasets.negatives.textless import find_nothing
from app.datasets.pages.page import SyntheticPage, draw_page
from app.datasets.pages.variation import PageVariation, describe_knobs
from app.datasets.pages.writers import PageWriters, load_page_writers
from app.datasets.pens.pen_font import char_extents
from app.datasets.pens.strokes import StrokeSet
from app.datasets.rows.batch import RowBatch, batch_rows, draw_plainly
from app.datasets.rows.ink import RowVariation, draw_row
from app.datasets.rows.page import photograph_rows
from app.datasets.rows.shapes import AsWritten, Composed, Spacing, WrittenRow
from app.datasets.rows.source import load_row_writers
from app.datasets.rows.stream import RowSource, RowStream, RowVariety
from app.datasets.sources.synthetic import load_synthetic, synthesise
from app.datasets.splits import Split
from app.vision import Place, Strip

__all__ = [
    "DATASETS",
    "PLAIN",
    "SCRIPTS",
    "AsWritten",
    "Augmentation",
    "Composed",
    "GlyphLesson",
    "GlyphSet",
    "GlyphStream",
    "LessonStream",
    "PageVariation",
    "PageWriters",
    "Place",
    "RowBatch",
    "RowSource",
    "RowStream",
    "RowVariation",
    "RowVariety",
    "Spacing",
    "Split",
    "Strip",
    "StrokeSet",
    "SyntheticPage",
    "WrittenRow",
    "batch_rows",
    "char_extents",
    "describe_knobs",
    "draw_glyph_set",
    "draw_page",
    "draw_plainly",
    "draw_row",
    "find_nothing",
    "load_foreign",
    "load_page_writers",
    "load_row_writers",
    "load_samples",
    "load_synthetic",
    "photograph_rows",
    "plain_glyphs",
    "render_glyphs",
    "synthesise",
]
