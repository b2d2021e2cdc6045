"""The command that fits what is read at all."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.long_runs import stoppable
from app.cli.options import DataRoot, Promote
from app.cli.shell import app, at_a_terminal, examples, naming_store


@app.command(epilog=examples("inkrow fit-likeness --promote", "inkrow fit-likeness --rows 2 --data data/unipen"))
def fit_likeness(
    rows: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Version or alias of the row network.", show_default="INKROW_ROW_ALIAS"),
    ] = None,
    data: Annotated[
        str, typer.Option(metavar="NAME|DIR", help="Data set of pen strokes, by name or folder.")
    ] = "unipen",
    data_root: DataRoot = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    promote: Promote = False,
) -> None:
    """Fit what tells writing from nothing and from other scripts to the row network, and publish it.

    To be done after a row network was trained: some minutes on one core.
    """
    from app.config import read_settings
    from app.store import ModelStore
    from app.training import FIT_PAGES, publish_likeness

    settings = read_settings()
    store = ModelStore(settings.model_store)
    with naming_store(settings.model_store):
        network = store.load(settings.row_model, rows or settings.row_alias)
    root = settings.data if data_root is None else data_root
    with stoppable():
        version = publish_likeness(store, network, data, root, FIT_PAGES, seed)
    typer.echo(f"published {version.name} {version.version} {version.digest}")
    if promote:
        store.promote(version.name, version.version, at_a_terminal())
    for name, value in version.card["metrics"]["valid"].items():
        typer.echo(f"{name:26s} {value:.4f}")
