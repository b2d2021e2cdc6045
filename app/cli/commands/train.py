"""The command that trains a model."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.long_runs import TrainingBar, naming_recipe, stoppable
from app.cli.options import DEFAULT_RECIPE, DataOption, DataRoot, Epochs, Promote, RecipeArgument, Workers
from app.cli.shell import aligned, announce, app, examples, settings_with
from app.errors import Conflict, NotFound

if TYPE_CHECKING:
    from app.store import ModelStore
    from app.training import Start


@app.command(
    epilog=examples(
        "inkrow train",
        "inkrow train --data data/unipen --epochs 2 --seed 7",
        "inkrow train my_recipe.toml --resume",
        "inkrow train rows --start rows/1 --lr 1e-3",
        "inkrow train --list-recipes",
    )
)
def train(
    recipe: RecipeArgument = DEFAULT_RECIPE,
    list_recipes: Annotated[
        bool, typer.Option("--list-recipes", help="Tell which recipes come with Inkrow, and train nothing.")
    ] = False,
    data: DataOption = None,
    data_root: DataRoot = None,
    epochs: Epochs = None,
    batch_size: Annotated[int | None, typer.Option(min=1, show_default="the recipe's")] = None,
    lr: Annotated[
        float | None,
        typer.Option(help="Learning rate of the first phase; the others' in proportion.", show_default="the recipe's"),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the recipe's")] = None,
    workers: Workers = 1,
    device: Annotated[
        Literal["cpu", "gpu"], typer.Option(help="Where to compute; gpu needs the extra of that name and a GPU.")
    ] = "cpu",
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Written after each epoch.", show_default="the recipe's name .checkpoint"),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[/REF]",
            help="A model whose weights to start from: its version, or that of an alias.",
            show_default="drawn at random",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take up the run of the checkpoint.")] = False,
    promote: Promote = False,
) -> None:
    """Train a network as a recipe says, and publish it.

    It becomes the next version of the recipe's model. Ctrl+C or SIGTERM stops it and loses no more than the epoch it is
    in; --resume then continues to the same weights as without the interruption. The same recipe and data give the same
    weights.
    """
    from app.ensemble import Choice
    from app.store import ModelStore
    from app.training import find_device, load_recipe, load_training_data, publish_run, train_recipe

    if list_recipes:
        _list_recipes()
        return
    settings = settings_with(data_root)
    place = find_device(device)
    chosen = load_recipe(recipe).changed(
        data=data, epochs=tuple(epochs) if epochs else None, batch_size=batch_size, lr=lr, seed=seed
    )
    checkpoint = checkpoint or Path(f"{Path(recipe).stem}.checkpoint")
    if checkpoint.exists() and not resume:
        raise Conflict(f"{checkpoint} holds another run: --resume continues it, --checkpoint names another file")
    if resume and not checkpoint.exists():
        raise NotFound(f"there is no checkpoint {checkpoint} to resume; a run that has ended leaves none")
    store = ModelStore(settings.model_store)
    Choice.of(settings).require_kind(store, chosen.model, {"architecture": chosen.network})
    begun = None if start is None else _load_start(store, start)
    with stoppable(checkpoint):
        with naming_recipe(recipe, chosen.data.name, given=data):
            learnt = load_training_data(chosen, settings.data)
        with closing(TrainingBar(chosen.total_epochs)) as bar:
            run = train_recipe(
                learnt,
                chosen,
                start=begun,
                checkpoint=checkpoint,
                resume=resume,
                workers=workers,
                device=place,
                on_batch=bar.on_batch,
                on_epoch=bar.on_epoch,
            )
        if len(run.history) < chosen.total_epochs:
            typer.echo(f"stopped early: no epoch was better than {run.best_epoch + 1}")
        version = publish_run(store, run, learnt)
    checkpoint.unlink()
    announce(store, version, promote=promote)


def _load_start(store: ModelStore, model: str) -> Start:
    """Take the weights of a model, NAME or NAME/REF."""
    from app.store import CHAMPION
    from app.training import Start

    name, _, reference = model.partition("/")
    return Start.of(store.load(name, reference or CHAMPION))


def _list_recipes() -> None:
    from app.training import load_recipe, recipe_names

    rows = []
    for name in recipe_names():
        recipe = load_recipe(name)
        rows.append((name, recipe.data.name, f"{recipe.total_epochs} epochs", recipe.description))
    typer.echo("\n".join(aligned(rows, "left")))
