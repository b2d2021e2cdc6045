"""Requests for a sweep over learning rates, and the recipe that is tried."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from app.datasets.catalogue import find
from app.training.recipes.recipe import GlyphRecipe
from app.training.recipes.recipe_file import load_glyph_recipe
from app.training.recipes.tables import AboveZero, Table, converted
from app.training.retraining.request import check_data, shipped_name
from app.training.retraining.request_errors import Complaints

MOST_RATES = 7  # more curves cannot be told apart
USUAL_SWEEP = "seed"


class SweepRequest(Table, frozen=True, kw_only=True):
    """What somebody asks for; what is left out is as the recipe has it.

    Attributes
    ----------
    lr : of the recipe's first phase in each trial; those of the other phases change in proportion
    recipe : one for single glyphs that comes with Inkrow; each trial starts from nothing
    data : names of data sets, the first of which is measured on, too
    """

    lr: Annotated[tuple[AboveZero, ...], Meta(min_length=1, max_length=MOST_RATES)]
    recipe: str = USUAL_SWEEP
    data: tuple[str, ...] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    epochs: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    batch_size: Annotated[int, Meta(ge=1, le=4096)] | None = None


def read_sweep(table: Mapping[str, Any]) -> SweepRequest:
    """Check the form of a request; InvalidInput names the key, what was expected and what came."""
    return converted(table, SweepRequest)


def plan_sweep(request: SweepRequest, root: Path) -> GlyphRecipe:
    """Return the recipe that is tried, or raise InvalidInput as `plan_retraining` does."""
    complaints = Complaints()
    if len(set(request.lr)) < len(request.lr):
        complaints.add("lr", f"expected each rate once, got {', '.join(f'{rate:g}' for rate in request.lr)}")
    recipe = complaints.about("recipe", lambda: load_glyph_recipe(shipped_name(request.recipe)))
    for name in request.data or ():
        complaints.about("data", partial(find, name, root))
    if recipe is not None:
        if recipe.lessons is not None:
            complaints.add("recipe", f"expected one that starts from nothing, {request.recipe} goes on from a version")
        epochs = None if request.epochs is None else (request.epochs,)
        recipe = complaints.about("batch_size", partial(recipe.changed, batch_size=request.batch_size))
    if recipe is not None:
        recipe = recipe.changed(data=request.data, epochs=epochs, seed=request.seed)
        if complaints.are_none and (request.data or request.batch_size is not None):
            complaints.about("batch_size" if request.data is None else "data", partial(check_data, recipe, root))
    complaints.raise_them()
    assert recipe is not None, "a recipe that is missing is complained of"
    return recipe
