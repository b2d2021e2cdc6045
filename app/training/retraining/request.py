"""Requests for retraining, and the plan made of one: for each model a recipe and the version it starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

from msgspec import Meta

from app.datasets import load_row_writers
from app.datasets.catalogue import find
from app.errors import InvalidInput
from app.store import CHAMPION, ModelStore, StoredModel
from app.training.epochs.glyph_data import load_glyph_data
from app.training.recipes.recipe import GlyphRecipe, Lessons
from app.training.recipes.recipe_file import load_recipe, recipe_names
from app.training.recipes.row_recipe import AnyRecipe, RowRecipe
from app.training.recipes.tables import AboveZero, Table, converted
from app.training.retraining.request_errors import Complaints

NOTHING = "nothing"
"""The start of a run whose first weights are drawn at random."""

TrainedModel: TypeAlias = Literal["handprint", "rows", "seed"]
"""The models that can be retrained."""

# The recipes that go on from a version. Those that start from nothing have the names of their models.
_GOING_ON = {"handprint": "handprint-lessons", "rows": "rows-lessons", "seed": "seed"}
_USUAL_DATA = "synthetic"  # needs no files


class RetrainRequest(Table, frozen=True, kw_only=True):
    """What somebody asks for; what is left out is as the recipe has it.

    Attributes
    ----------
    model : None is ``handprint``, and ``rows`` as well if rows were corrected
    recipe : one that comes with Inkrow
    data : names of data sets, the first of which is measured on, too; imagined writers, who need no files, if not given
    start : ``champion``, ``nothing``, or a version; for ``seed`` ``nothing`` if not given, else ``champion``
    lr : of the recipe's first phase; those of the others change in proportion
    batch_size : glyphs, or lanes of rows
    corrections : whether to learn what was corrected
    promote : whether the new version is to serve if the gate finds it better
    """

    model: Annotated[str, Meta(pattern=f"^({'|'.join(get_args(TrainedModel))})$")] | None = None
    recipe: str | None = None
    data: tuple[str, ...] | None = None
    start: Annotated[str, Meta(pattern=f"^({CHAMPION}|{NOTHING}|[1-9][0-9]{{0,8}})$")] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    epochs: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    lr: AboveZero | None = None
    batch_size: Annotated[int, Meta(ge=1, le=4096)] | None = None
    corrections: bool = True
    promote: Literal["never", "if-better"] = "never"


@dataclass(frozen=True)
class Plan:
    """One model's retraining: its recipe, and the version it starts from, None for nothing."""

    model: str
    recipe: AnyRecipe
    start: StoredModel | None


def read_request(table: Mapping[str, Any]) -> RetrainRequest:
    """Check the form of a request; InvalidInput names the key, what was expected and what came."""
    return converted(table, RetrainRequest)


def plan_retraining(request: RetrainRequest, store: ModelStore, root: Path) -> list[Plan]:
    """Check that a request can be carried out, before anything is trained, and plan it.

    Parameters
    ----------
    root : folder of all data sets

    Returns
    -------
    list of Plan, that for glyphs first; only one if the request names a model

    Raises
    ------
    InvalidInput : it cannot be carried out; ``errors`` has the ``name`` of each wrong key, and a ``detail``.
    """
    complaints = Complaints()
    named = complaints.about(
        "recipe", lambda: None if request.recipe is None else load_recipe(shipped_name(request.recipe))
    )
    for name in request.data or ():
        complaints.about("data", partial(find, name, root))
    models = _models(request, named)
    plans = [_plan(model, request, named, store, complaints) for model in models]
    if request.batch_size is not None or request.data:
        for plan in plans:
            if plan is not None and complaints.are_none:
                complaints.about(
                    "batch_size" if request.data is None else "data", partial(check_data, plan.recipe, root)
                )
    complaints.raise_them()
    return [plan for plan in plans if plan is not None]


def shipped_name(name: str) -> str:
    """Return the name of a recipe that comes with Inkrow; InvalidInput if it is another."""
    if name not in recipe_names():
        raise InvalidInput(f"expected one of {', '.join(recipe_names())}, got {name!r}")
    return name


def _models(request: RetrainRequest, named: AnyRecipe | None) -> Sequence[str]:
    if request.model is not None:
        return [request.model]
    if named is not None:
        return [model for model in _GOING_ON if model == named.model]
    return ["handprint", "rows"] if request.corrections else ["handprint"]


def _plan(
    model: str,
    request: RetrainRequest,
    named: AnyRecipe | None,
    store: ModelStore,
    complaints: Complaints,
) -> Plan | None:
    start_at = request.start or (NOTHING if model == "seed" else CHAMPION)
    start = None
    if start_at != NOTHING and (start := complaints.about("start", partial(store.load, model, start_at))) is None:
        return None
    recipe = named or load_recipe(model if start is None else _GOING_ON[model])
    if recipe.model != model:
        complaints.add("recipe", f"expected one for {model}, {request.recipe} is for {recipe.model}")
        return None
    size = "lanes" if isinstance(recipe, RowRecipe) else "batch_size"
    changes: dict[str, dict[str, Any]] = {
        "data": {"data": request.data or (None if named else _USUAL_DATA)},
        "epochs": {"epochs": None if request.epochs is None else (request.epochs,)},
        "lr": {"lr": request.lr},
        "seed": {"seed": request.seed},
        "batch_size": {size: request.batch_size},
    }
    for key, change in changes.items():
        recipe = complaints.about(key, partial(recipe.changed, **change)) or recipe
    return Plan(model, _adapted(recipe, start, request.corrections), start)


def _adapted(recipe: AnyRecipe, start: StoredModel | None, corrections: bool) -> AnyRecipe:
    """Adapt a recipe to the version it starts from, and add lessons if there is a start or are corrections."""
    table = recipe.as_table()
    if table["lessons"] is None and (start is not None or corrections):
        table["lessons"] = Lessons().as_table()
    if start is not None:
        table["network"] = {key: value for key, value in start.card["architecture"].items() if key != "classes"}
        if isinstance(recipe, GlyphRecipe):
            table["data"]["alphabet"] = start.card["alphabet"]
    return converted(table, type(recipe))


def check_data(recipe: AnyRecipe, root: Path) -> None:
    """Raise InvalidInput or NotFound unless the data are of the kind that is needed, and enough."""
    if isinstance(recipe, RowRecipe):
        for name in (recipe.data.name, *recipe.data.also):
            load_row_writers(name, "train", root, recipe.data.max_doubt)
        return
    count = len(load_glyph_data(recipe.data, root).train)
    if count < recipe.batch_size:
        raise InvalidInput(
            f"expected {recipe.batch_size} examples or more, as many as a batch has, got {count} of {recipe.data.name}"
        )
