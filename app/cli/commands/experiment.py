"""The experiment that Inkrow grew from, as one page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.long_runs import stoppable
from app.cli.options import DataOption, DataRoot
from app.cli.outputs import write_whole
from app.cli.shell import app, examples, settings_with
from app.errors import InvalidInput

_RECIPE = "unipen36"
_PAGE = "experiment.html"


@app.command(
    epilog=examples(
        "inkrow experiment",
        "inkrow experiment --data synthetic --epochs 20",
        "inkrow experiment --data data/unipen --output pages/",
    )
)
def experiment(
    data: DataOption = None,
    data_root: DataRoot = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where the page goes.")] = Path(),
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of each learning rate.", show_default="the recipe's")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the recipe's")] = None,
) -> None:
    """Train the smallest network, and show it taken apart.

    Softmax and gradients are checked, first weights and learning rates compared, weights and mistakes shown. The output
    is one HTML page, a single file: experiment.html in the output folder. The same seed and data give the same page.
    """
    from tqdm import tqdm

    from app.cli.experiment_page.page import render
    from app.training import load_glyph_recipe
    from app.training.experiment.experiment import load_splits, planned_epochs, run_experiment

    recipe = load_glyph_recipe(_RECIPE).changed(data=data, epochs=None if epochs is None else (epochs,), seed=seed)
    page = output / _PAGE
    _check_writable(page)
    with stoppable():
        splits = load_splits(recipe.data.name, settings_with(data_root).data)
        with tqdm(total=planned_epochs(recipe), unit="epoch", dynamic_ncols=True, disable=None) as bar:

            def on_epoch(title: str) -> None:
                bar.set_description(title, refresh=False)
                bar.update()

            found = run_experiment(recipe.data.name, splits, recipe, on_epoch)
    write_whole(page, render(found).encode())
    typer.echo(f"wrote {page}")
    for run in found.rates:
        typer.echo(f"rate {run.lr:<8g} validation accuracy {run.accuracy:.4f}")
    for split, measured in found.measured.items():
        typer.echo(f"{split:13s} accuracy {measured.accuracy:.4f} at rate {found.rates[0].lr:g}")


def _check_writable(page: Path) -> None:
    """Refuse a place that cannot be written to before anything is trained; a page that is there stays as it is."""
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        new = not page.exists()
        page.open("ab").close()
        if new:
            page.unlink()
    except OSError as exc:
        raise InvalidInput(f"cannot write {page}: {exc.strerror}", path=str(page)) from exc
