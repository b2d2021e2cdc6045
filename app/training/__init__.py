"""Training and measuring: recipes, the epoch loop, evaluation, "train, then publish"."""

from app.training.epochs.device import find_device
from app.training.epochs.glyph_data import GlyphDataset, load_glyph_data
from app.training.epochs.history import Epoch
from app.training.epochs.run import Run, Start
from app.training.epochs.train import load_training_data, train_recipe
from app.training.experiment.first_layer import first_layer, unpack_layer
from app.training.fitting.confidence import check_page, measure_calibration
from app.training.fitting.confidence_publish import publish_confidence
from app.training.fitting.language import build_language, describe_language, read_pair_list, read_word_list
from app.training.fitting.likeness import FIT_PAGES, publish_likeness
from app.training.fitting.mean import publish_mean
from app.training.gate.decision import decide
from app.training.gate.verdict import Verdict
from app.training.measuring.glyph_measure import GlyphMeasurement, measure_glyphs
from app.training.measuring.pages import FIGURES, PageScore, find_pages, score_page, summarise
from app.training.measuring.row_measure import measure_rows
from app.training.publishing.publish import publish_run
from app.training.recipes.recipe import Data, GlyphRecipe, Phase
from app.training.recipes.recipe_file import load_glyph_recipe, load_recipe, recipe_names
from app.training.retraining.request import Plan, RetrainRequest, TrainedModel, plan_retraining, read_request
from app.training.retraining.retrain import Corrections, publish_retrained, retrain
from app.training.retraining.sweep import Trial, try_rate
from app.training.retraining.sweep_request import MOST_RATES, USUAL_SWEEP, SweepRequest, plan_sweep, read_sweep

__all__ = [
    "FIGURES",
    "FIT_PAGES",
    "MOST_RATES",
    "USUAL_SWEEP",
    "Corrections",
    "Data",
    "Epoch",
    "GlyphDataset",
    "GlyphMeasurement",
    "GlyphRecipe",
    "PageScore",
    "Phase",
    "Plan",
    "RetrainRequest",
    "Run",
    "Start",
    "SweepRequest",
    "TrainedModel",
    "Trial",
    "Verdict",
    "build_language",
    "check_page",
    "decide",
    "describe_language",
    "find_device",
    "find_pages",
    "first_layer",
    "load_glyph_data",
    "load_glyph_recipe",
    "load_recipe",
    "load_training_data",
    "measure_calibration",
    "measure_glyphs",
    "measure_rows",
    "plan_retraining",
    "plan_sweep",
    "publish_confidence",
    "publish_likeness",
    "publish_mean",
    "publish_retrained",
    "publish_run",
    "read_pair_list",
    "read_request",
    "read_sweep",
    "read_word_list",
    "recipe_names",
    "retrain",
    "score_page",
    "summarise",
    "train_recipe",
    "try_rate",
    "unpack_layer",
]
