"""Training and measuring: the epoch loop, evaluation, "train, then publish"."""

from app.training.evaluation import GlyphReport, calibration, evaluate, report
from app.training.handprint import (
    GlyphData,
    describe,
    evaluate_reader_on_glyphs,
    load_glyph_data,
    publish_handprint,
    train_handprint,
)
from app.training.history import Epoch
from app.training.loop import Run
from app.training.pages import FIGURES, PageScore, Summary, find_pages, score_page, summarise
from app.training.recipe import HANDPRINT, Phase, Recipe

__all__ = [
    "FIGURES",
    "HANDPRINT",
    "Epoch",
    "GlyphData",
    "GlyphReport",
    "PageScore",
    "Phase",
    "Recipe",
    "Run",
    "Summary",
    "calibration",
    "describe",
    "evaluate",
    "evaluate_reader_on_glyphs",
    "find_pages",
    "load_glyph_data",
    "publish_handprint",
    "report",
    "score_page",
    "summarise",
    "train_handprint",
]
