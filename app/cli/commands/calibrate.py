"""The command that makes confidences honest."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.long_runs import stoppable
from app.cli.options import DataRoot
from app.cli.shell import aligned, app, at_a_terminal, examples, load_reader, settings_with
from app.errors import InvalidInput


@app.command(
    epilog=examples(
        "inkrow calibrate", "inkrow calibrate --data synthetic --pages 100", "inkrow models show confidence"
    )
)
def calibrate(
    data: Annotated[
        str, typer.Option(metavar="NAME|DIR", help="Whose writing: a data set of pen strokes, or synthetic.")
    ] = "unipen",
    split: Annotated[str, typer.Option(help="Part of the data set; no writer is in two.")] = "valid",
    pages: Annotated[int, typer.Option(min=2, help="How many are drawn and read.")] = 360,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other pages.")] = 0,
    data_root: DataRoot = None,
) -> None:
    """Measure whether confidences are right, and correct them.

    Pages by writers whom training did not see are drawn and read. Three curves, for glyphs, words and rows, are
    published as a version of the model confidence, which serves at once beside the two networks that it was made
    for, and beside no others: run this again after either of them or the reader has changed. The expected calibration
    error is that of writers who did not help to fit.
    """
    from functools import partial

    from tqdm import tqdm

    from app.store import CHAMPION, ModelStore
    from app.training import publish_confidence

    settings = settings_with(data_root)
    loaded = load_reader(settings, settings.alias)
    if loaded.models["rows"] is None:
        raise InvalidInput(f"expected a model for rows, there is no {settings.row_model} {settings.row_alias}")
    store = ModelStore(settings.model_store)
    with stoppable():
        version = publish_confidence(
            store,
            loaded.reader,
            loaded.models,
            data,
            settings.data,
            split=split,
            pages=pages,
            seed=seed,
            progress=partial(tqdm, unit="page", dynamic_ncols=True, disable=None),
        )
    store.promote(version.name, version.version, at_a_terminal())
    table = [["", "number", "right", "calibration error before", "after"]]
    for level, figures in version.card["calibration"].items():
        shares = (figures[key] for key in ("right", "ece_before", "ece_cross_fitted"))
        table.append([f"{level}s", str(figures["count"]), *(f"{share:.4f}" for share in shares)])
    typer.echo("\n".join(aligned(table)))
    typer.echo(f"{version.name}/{version.version} is {CHAMPION}")
