"""Commands that make models."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, Self

import typer

from app.cli.shell import app, at_a_terminal, examples
from app.errors import Conflict

if TYPE_CHECKING:
    from types import FrameType

    from app.store import ModelStore
    from app.training import Epoch, Start

RecipeArgument = Annotated[
    str, typer.Argument(metavar="[NAME|FILE]", help="A recipe that comes with Inkrow, or a .toml file.")
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", metavar="NAME|DIR", help="Data set, by name or folder.", show_default="the recipe's"),
]
DataRoot = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of all data sets.", show_default="INKROW_DATA")
]
Epochs = Annotated[
    list[int] | None,
    typer.Option(
        min=1,
        help="Epochs of the first phase; given again, of the next. Phases without a number are left out.",
        show_default="the recipe's",
    ),
]
Workers = Annotated[int, typer.Option(min=0, help="Processes that draw glyphs; changes no result.")]
DEFAULT_RECIPE = "handprint"


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
    promote: Annotated[
        bool, typer.Option("--promote", help="Let the new version serve: make it the champion.")
    ] = False,
) -> None:
    """Train a network as a recipe says, and publish it as the next version of the recipe's model.

    Ctrl+C or SIGTERM stops it and loses no more than the epoch it is in; --resume then continues to the same weights
    as without the interruption. The same recipe and data give the same weights.
    """
    from app.config import read_settings
    from app.store import ModelStore
    from app.training import find_device, load_recipe, load_training_data, publish_run, train_recipe

    if list_recipes:
        _list_recipes()
        return
    settings = read_settings()
    place = find_device(device)
    chosen = load_recipe(recipe).changed(
        data=data, epochs=tuple(epochs) if epochs else None, batch_size=batch_size, lr=lr, seed=seed
    )
    checkpoint = checkpoint or Path(f"{Path(recipe).stem}.checkpoint")
    if checkpoint.exists() and not resume:
        raise Conflict(f"{checkpoint} holds another run: --resume continues it, --checkpoint names another file")
    store = ModelStore(settings.model_store)
    begun = None if start is None else _load_start(store, start)
    with stoppable(checkpoint):
        learnt = load_training_data(chosen, settings.data if data_root is None else data_root)
        with TrainingBar(chosen.total_epochs) as bar:
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
    typer.echo(f"published {version.name} {version.version} {version.digest}")
    if promote:
        store.promote(version.name, version.version, at_a_terminal())
    for name, value in version.card["metrics"]["valid"].items():
        typer.echo(f"{name:36s} {value:.4f}" if isinstance(value, float) else f"{name:36s} {value}")


def _load_start(store: ModelStore, model: str) -> Start:
    """Take the weights of a model, NAME or NAME/REF."""
    from app.store import CHAMPION
    from app.training import Start

    name, _, reference = model.partition("/")
    stored = store.load(name, reference or CHAMPION)
    return Start(f"{name}/{stored.version}", stored.digest, stored.arrays)


def _list_recipes() -> None:
    from app.training import load_recipe, recipe_names

    for name in recipe_names():
        recipe = load_recipe(name)
        typer.echo(f"{name:12s} {recipe.data.name}, {recipe.total_epochs} epochs: {recipe.description}")


class _Terminated(KeyboardInterrupt):
    """SIGTERM, so that it stops a run the way Ctrl+C does: from inside, every `with` being left in order."""


@contextmanager
def stoppable(checkpoint: Path | None = None) -> Iterator[None]:
    """Let Ctrl+C and SIGTERM end the command, saying what was saved, with the exit code that shells expect."""

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except KeyboardInterrupt as stop:
        saved = ""
        if checkpoint is not None:
            there = checkpoint.exists()
            saved = (
                f"; --resume goes on from {checkpoint}" if there else " before the first epoch's end: nothing is saved"
            )
        typer.echo(f"inkrow: stopped{saved}", err=True)
        number = signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT
        raise typer.Exit(128 + number) from None
    finally:
        signal.signal(signal.SIGTERM, before)


class TrainingBar:
    """Shows on stderr how far a run is, and prints a line for each epoch behind it."""

    def __init__(self, total_epochs: int) -> None:
        from tqdm import tqdm

        self._epochs = total_epochs
        self._bar = tqdm(unit="batch", dynamic_ncols=True, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._bar.close()

    def on_batch(self, epoch: int, batch: int, batches: int, loss: float) -> None:
        done = epoch * batches + batch
        if self._bar.total is None:  # of a run taken up again, what was done before must not count for the rate
            self._bar.total = batches * self._epochs
            self._bar.initial = self._bar.n = self._bar.last_print_n = done - 1
        self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}", refresh=False)
        self._bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        self._bar.update(done - self._bar.n)

    def on_epoch(self, epoch: Epoch) -> None:
        self._bar.clear()
        averaged = (
            ""
            if epoch.last_loss is None
            else (f" (weights not averaged: {epoch.last_loss:.4f}, {epoch.last_accuracy:.4f})")
        )
        typer.echo(
            f"epoch {epoch.epoch + 1}: loss {epoch.train_loss:.4f}, validation loss {epoch.valid_loss:.4f}, "
            f"validation accuracy {epoch.valid_accuracy:.4f}{averaged}, {epoch.seconds:.0f} s"
        )
