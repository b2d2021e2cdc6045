"""Labelled glyphs: load, draw, augment, split."""

from app.datasets.augment import PLAIN, Augmentation
from app.datasets.catalogue import DATASETS, load_glyphs, load_samples
from app.datasets.dataset import Dataset
from app.datasets.foreign import Foreign
from app.datasets.glyph_set import GlyphSet
from app.datasets.lesson_stream import GlyphLesson, LessonStream
from app.datasets.odd_hand import load_odd_ways
from app.datasets.page import SyntheticPage, draw_page
from app.datasets.page_variation import PageVariation, describe_knobs
from app.datasets.page_writers import PageWriters, load_page_writers
from app.datasets.pen_font import char_extents
from app.datasets.render import render_glyphs
from app.datasets.row_batch import RowBatch, batch_rows, draw_plainly
from app.datasets.row_ink import PLAIN_ROWS, RowVariation, draw_row
from app.datasets.row_page import photograph_rows
from app.datasets.row_shapes import AsWritten, Composed, Spacing, WrittenRow
from app.datasets.row_source import load_row_writers
from app.datasets.row_stream import RowSource, RowStream, RowVariety
from app.datasets.stream import GlyphStream
from app.datasets.strokes import StrokeSet
from app.datasets.synthetic import load_synthetic, synthesise
from app.datasets.textless import find_nothing
from app.datasets.unipen import load_unipen
from app.vision import Place, Strip

__all__ = [
    "DATASETS",
    "PLAIN",
    "PLAIN_ROWS",
    "AsWritten",
    "Augmentation",
    "Composed",
    "Dataset",
    "Foreign",
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
    "Strip",
    "StrokeSet",
    "SyntheticPage",
    "WrittenRow",
    "batch_rows",
    "char_extents",
    "describe_knobs",
    "draw_page",
    "draw_plainly",
    "draw_row",
    "find_nothing",
    "load_glyphs",
    "load_odd_ways",
    "load_page_writers",
    "load_row_writers",
    "load_samples",
    "load_synthetic",
    "load_unipen",
    "photograph_rows",
    "render_glyphs",
    "synthesise",
]
