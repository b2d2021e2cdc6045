"""Commands that measure models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.shell import app, examples, load_reader
from app.cli.training import DataRoot
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.ocr import Page


@app.command(
    epilog=examples(
        "inkrow evaluate --pages pages/",
        "inkrow evaluate --pages pages/01_list.jpg --pages pages/02_letters.jpg --show",
        "inkrow evaluate --data data/unipen",
    )
)
def evaluate(
    pages: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Folder of images with a .txt beside each, or one such image; repeatable."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="NAME|DIR", help="Data set of single glyphs, by name or folder.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="REF", help="Version or alias of the model.", show_default="INKROW_ALIAS")
    ] = None,
    data_root: DataRoot = None,
    show: Annotated[bool, typer.Option("--show", help="Print what was read on each page.")] = False,
) -> None:
    """Measure character error rates on pages, or accuracy on the glyphs of writers kept out of training.

    Character error rate: edits needed over characters. strict counts case, punctuation and spaces; folded letters and
    digits only; shape as folded, with 0 as O, and 1 and l as I.
    """
    if not pages and data is None:
        raise InvalidInput("expected --pages or --data, got neither")
    from app.config import read_settings
    from app.training import evaluate_reader_on_glyphs
    from app.vision import DecodeLimits

    settings = read_settings()
    reader, _ = load_reader(settings, settings.alias if model is None else model)
    if data is not None:
        _echo_figures(
            evaluate_reader_on_glyphs(reader, data, "valid", settings.data if data_root is None else data_root)
        )
    if pages:
        limits = DecodeLimits(settings.max_pixels)
        _evaluate_pages(pages, lambda source: reader.read(source, limits=limits), show=show)


def _evaluate_pages(places: list[Path], read: Callable[[bytes], Page], *, show: bool) -> None:
    from app.training import FIGURES, find_pages, score_page, summarise

    scores = []
    for image in find_pages(places):
        score = score_page(image, read)
        scores.append(score)
        rates = "  ".join(f"{name} {score.error_rate(name):6.3f}" for name in FIGURES)
        typer.echo(f"{image.name:34s} {rates}  {score.ms:7.0f} ms")
        if show:
            typer.echo(score.text)
    summary = summarise(scores)
    rates = "  ".join(
        f"{name} CER {summary.error_rate[name]:.4f} (mean of pages {summary.mean_of_pages[name]:.4f})"
        for name in FIGURES
    )
    typer.echo(f"\n{summary.pages} pages  {rates}  median {summary.median_ms:.0f} ms")


def _echo_figures(figures: Mapping[str, float | int]) -> None:
    for name, value in figures.items():
        typer.echo(f"{name:36s} {value:.4f}" if isinstance(value, float) else f"{name:36s} {value}")
