"""The command that fits what is read at all."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.long_runs import stoppable
from app.cli.options import DataRoot, Promote
from app.cli.shell import announce, app, examples, opened_store, settings_with


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
    """Fit and publish what tells writing from other marks.

    Other marks are those that are no writing, and other scripts. To be done after a row network was trained: some
    minutes on one core. Besides the data it needs those sets that the network was also trained on, and the set scripts.
    """
    from app.training import FIT_PAGES, publish_likeness

    settings = settings_with(data_root)
    with opened_store(settings) as store:
        network = store.load(settings.row_model, rows or settings.row_alias)
    with stoppable():
        version = publish_likeness(store, network, data, settings.data, FIT_PAGES, seed)
    announce(store, version, promote=promote)
