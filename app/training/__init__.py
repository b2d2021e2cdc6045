"""Training and measuring: recipes, the epoch loop, evaluation, "train, then publish"."""

from app.training.evaluation import GlyphReport, calibration, evaluate, report
from app.training.glyph_data import GlyphData, load_glyph_data, plain_glyphs
from app.training.history import Epoch, best_epoch
from app.training.loop import Run
from app.training.measure import evaluate_reader_on_glyphs
from app.training.pages import FIGURES, PageScore, Summary, find_pages, score_page, summarise
from app.training.publish import describe, publish_run
from app.training.recipe import Data, EarlyStopping, Loss, Phase, Recipe
from app.training.recipe_file import load_recipe, recipe_names
from app.training.train import train_recipe

__all__ = [
    "FIGURES",
    "Data",
    "EarlyStopping",
    "Epoch",
    "GlyphData",
    "GlyphReport",
    "Loss",
    "PageScore",
    "Phase",
    "Recipe",
    "Run",
    "Summary",
    "best_epoch",
    "calibration",
    "describe",
    "evaluate",
    "evaluate_reader_on_glyphs",
    "find_pages",
    "load_glyph_data",
    "load_recipe",
    "plain_glyphs",
    "publish_run",
    "recipe_names",
    "report",
    "score_page",
    "summarise",
    "train_recipe",
]
