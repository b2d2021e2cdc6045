"""The command that makes confidences honest."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.shell import aligned, app, examples, load_reader
from app.cli.training import DataRoot
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
    """Measure how often the reader is right when it says how sure it is, and correct what it says from now on.

    Pages by writers whom training did not see are drawn and read. Three curves, for glyphs, words and rows, are
    published as a version of the model confidence, which serves at once beside the two networks that it was made
    for, and beside no others: run this again after either of them or the reader has changed. The expected calibration
    error is that of writers who did not help to fit.
    """
    from tqdm import tqdm

    from app.config import read_settings
    from app.datasets import PageVariation, draw_page, load_page_writers
    from app.ocr import CONFIDENCE_MODEL, model_digests
    from app.store import CHAMPION, ModelStore
    from app.training import LEVELS, check_page, cross_fit, fit_confidence, measure_honesty
    from app.training.glyph_data import describe_source
    from app.training.pages import strict

    settings = read_settings()
    root = settings.data if data_root is None else data_root
    writers = load_page_writers(data, split, root)
    loaded = load_reader(settings, settings.alias)
    if loaded.reference["rows"] is None:
        raise InvalidInput(f"expected a model for rows, there is no {settings.row_model} {settings.row_alias}")
    reader = loaded.reader.with_confidence(None)
    checked = []
    for number in tqdm(range(pages), unit="page", dynamic_ncols=True):
        page = draw_page(writers, PageVariation(), seed, number)
        read = reader.read(page.encoded("jpg"))
        if read.rows:
            checked.append(check_page(read, strict(page.text), page.writer))
    if len({page.writer for page in checked}) < 2:
        raise InvalidInput("expected writing by two writers or more, of whom one can be measured by the other's curves")
    before, after = measure_honesty(checked), measure_honesty(cross_fit(checked))
    table = [["", "number", "right", "calibration error before", "after"]]
    calibration: dict[str, Any] = {}
    for level in LEVELS:
        was, now = before[level], after[level]
        table.append([f"{level}s", str(was.count), f"{was.right:.4f}", f"{was.error:.4f}", f"{now.error:.4f}"])
        calibration[level] = {
            "count": was.count,
            "right": was.right,
            "ece_before": was.error,
            "ece_cross_fitted": now.error,
        }
    typer.echo("\n".join(aligned(table)))
    card = {
        "description": "How often glyphs, words and rows are right that are read with a certain confidence.",
        "fitted_for": model_digests(loaded.reference),
        "data": {**describe_source(data, root), "split": split, "pages": pages, "seed": seed},
        "calibration": calibration,
    }
    store = ModelStore(settings.model_store)
    version = store.publish(CONFIDENCE_MODEL, fit_confidence(checked).arrays(), card)
    store.set_alias(CONFIDENCE_MODEL, CHAMPION, version.version)
    typer.echo(f"{CONFIDENCE_MODEL}/{version.version} is {CHAMPION}")
