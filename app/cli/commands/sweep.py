"""The command that compares learning rates."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.long_runs import TrainingBar, loss_text, naming_recipe, stoppable
from app.cli.options import DEFAULT_RECIPE, DataOption, DataRoot, Epochs, RecipeArgument, Workers
from app.cli.outputs import check_folder, write_json
from app.cli.shell import aligned, app, examples, settings_with

if TYPE_CHECKING:
    from app.training import Trial


@app.command(
    epilog=examples(
        "inkrow sweep unipen36 --lr 0.0005 --lr 0.005 --lr 0.05",
        "inkrow sweep --lr 0.001 --lr 0.002 --epochs 3 --json sweep.json",
    )
)
def sweep(
    lr: Annotated[list[float], typer.Option(metavar="RATE", help="Learning rate of the first phase; repeatable.")],
    recipe: RecipeArgument = DEFAULT_RECIPE,
    data: DataOption = None,
    data_root: DataRoot = None,
    epochs: Epochs = None,
    workers: Workers = 1,
    to_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the table and all curves.")
    ] = None,
) -> None:
    """Train a recipe at several learning rates, and compare.

    Nothing is published. A rate at which training diverges does not stop the others.
    """
    from app.training import load_glyph_data, load_glyph_recipe, try_rate

    chosen = load_glyph_recipe(recipe).changed(data=data, epochs=tuple(epochs) if epochs else None)
    for rate in lr:
        chosen.changed(lr=rate)  # refuses one that cannot be before the data are read
    check_folder(to_json)
    done: list[Trial] = []
    with stoppable():
        with naming_recipe(recipe, chosen.data.name, given=data):
            glyphs = load_glyph_data(chosen.data, settings_with(data_root).data)
        for rate in lr:
            typer.echo(f"lr {rate:g}")
            with closing(TrainingBar(chosen.total_epochs)) as bar:
                trial = try_rate(glyphs, chosen, rate, workers=workers, on_batch=bar.on_batch, on_epoch=bar.on_epoch)
            if trial.diverged:
                typer.echo(trial.diverged)
            done.append(trial)
    typer.echo("\n" + "\n".join(aligned([_HEAD, *map(_row, done)])))
    if to_json is not None:
        trials = [asdict(trial) | {"best_epoch": trial.best and trial.best.epoch} for trial in done]
        write_json(to_json, {"recipe": chosen.as_table(), "trials": trials})


_HEAD = ["lr", "last loss", "accuracy", "best loss", "accuracy", "epoch", "seconds", ""]


def _row(trial: Trial) -> list[str]:
    cells = [""] * 5
    if trial.best is not None:
        last, best = trial.curves[-1], trial.best
        each = [[loss_text(epoch.valid_loss), f"{epoch.valid_accuracy:.4f}"] for epoch in (last, best)]
        cells = [*each[0], *each[1], str(best.epoch + 1)]
    return [f"{trial.lr:g}", *cells, f"{trial.seconds:.0f}", "diverged" if trial.diverged else ""]
