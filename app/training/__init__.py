"""Training and measuring: recipes, the epoch loop, evaluation, "train, then publish"."""

from app.training.epochs.device import CPU, Device, find_device
from app.training.epochs.glyph_data import GlyphData, load_glyph_data, plain_glyphs
from app.training.epochs.history import Epoch, best_epoch
from app.training.epochs.loop import Run, Start
from app.training.epochs.train import load_training_data, train_recipe
from app.training.experiment.first_layer import first_layer, unpack_layer
from app.training.fitting.confidence import CheckedPage, Honesty, check_page, cross_fit, fit_confidence, measure_honesty
from app.training.fitting.confidence_publish import publish_confidence
from app.training.fitting.language import build_language, describe_language, read_word_list
from app.training.fitting.likeness import FIT_PAGES, publish_likeness
from app.training.fitting.mean import mean_weights, publish_mean
from app.training.gate.decision import GATE_PAGES, decide
from app.training.gate.verdict import Check, Verdict
from app.training.measuring.calibration import calibration
from app.training.measuring.evaluation import ONE_SHAPE, GlyphReport, report
from app.training.measuring.measure import Measurement, measure
from app.training.measuring.pages import FIGURES, PageScore, Summary, find_pages, score_page, summarise
from app.training.measuring.row_measure import RowMeasurement, measure_rows
from app.training.publishing.publish import describe, publish_run
from app.training.recipes.recipe import Data, EarlyStopping, Loss, Phase, Recipe
from app.training.recipes.recipe_file import load_glyph_recipe, load_recipe, load_row_recipe, recipe_names
from app.training.recipes.row_recipe import RowRecipe
from app.training.retraining.request import Plan, RetrainRequest, plan_retraining, read_request
from app.training.retraining.retrain import Corrections, Retrained, publish_retrained, retrain
from app.training.retraining.sweep import Trial, try_rate
from app.training.retraining.sweep_request import MOST_RATES, USUAL_SWEEP, SweepRequest, plan_sweep, read_sweep

__all__ = [
    "CPU",
    "FIGURES",
    "FIT_PAGES",
    "GATE_PAGES",
    "MOST_RATES",
    "ONE_SHAPE",
    "USUAL_SWEEP",
    "Check",
    "CheckedPage",
    "Corrections",
    "Data",
    "Device",
    "EarlyStopping",
    "Epoch",
    "GlyphData",
    "GlyphReport",
    "Honesty",
    "Loss",
    "Measurement",
    "PageScore",
    "Phase",
    "Plan",
    "Recipe",
    "RetrainRequest",
    "Retrained",
    "RowMeasurement",
    "RowRecipe",
    "Run",
    "Start",
    "Summary",
    "SweepRequest",
    "Trial",
    "Verdict",
    "best_epoch",
    "build_language",
    "calibration",
    "check_page",
    "cross_fit",
    "decide",
    "describe",
    "describe_language",
    "find_device",
    "find_pages",
    "first_layer",
    "fit_confidence",
    "load_glyph_data",
    "load_glyph_recipe",
    "load_recipe",
    "load_row_recipe",
    "load_training_data",
    "mean_weights",
    "measure",
    "measure_honesty",
    "measure_rows",
    "plain_glyphs",
    "plan_retraining",
    "plan_sweep",
    "publish_confidence",
    "publish_likeness",
    "publish_mean",
    "publish_retrained",
    "publish_run",
    "read_request",
    "read_sweep",
    "read_word_list",
    "recipe_names",
    "report",
    "retrain",
    "score_page",
    "summarise",
    "train_recipe",
    "try_rate",
    "unpack_layer",
]
