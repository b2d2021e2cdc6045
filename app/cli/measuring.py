"""Commands that measure models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.shell import app, check_place, examples, load_reader
from app.cli.training import DataRoot
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.ocr import Page, Reader
    from app.store import StoredModel


@app.command(
    epilog=examples(
        "inkrow evaluate --pages pages/",
        "inkrow evaluate --pages pages/01_list.jpg --pages pages/02_letters.jpg --show",
        "inkrow evaluate handprint/2 --data unipen --json figures.json --confusion confusion.png",
        "inkrow evaluate seed --data unipen36 --split test",
    )
)
def evaluate(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME[/REF]]",
            help="A model and a version or alias of it; without one: its champion.",
            show_default="INKROW_MODEL/INKROW_ALIAS",
        ),
    ] = None,
    pages: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Folder of images with a .txt beside each, or one such image; repeatable."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print what was read on each page.")] = False,
    data: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="Data set of single glyphs: name, folder, or .npz of crops.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Part of the data set.", show_default="valid, or the only one there is")
    ] = None,
    data_root: DataRoot = None,
    top: Annotated[int, typer.Option(min=0, metavar="N", help="Lines of each list; 0 for all.")] = 10,
    to_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write all that was measured.")
    ] = None,
    confusion: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the confusion matrix of the glyphs, as .csv or .png."),
    ] = None,
) -> None:
    """Measure character error rates on pages, or accuracy on labelled glyphs.

    Character error rate: edits needed over characters. strict counts case, punctuation and spaces; folded letters and
    digits only; shape as folded, with 0 as O, and 1 and l as I.
    """
    if not pages and data is None:
        raise InvalidInput("expected --pages or --data, got neither")
    from app.cli.glyph_figures import CONFUSION_SUFFIXES
    from app.config import read_settings
    from app.store import CHAMPION
    from app.vision import DecodeLimits

    if confusion is not None and (data is None or confusion.suffix not in CONFUSION_SUFFIXES):
        wanted = " or ".join(CONFUSION_SUFFIXES)
        raise InvalidInput(f"--confusion: expected a name that ends in {wanted}, and --data, got {confusion}")
    for file in (to_json, confusion):
        check_place(file)
    settings = read_settings()
    name, _, reference = (model or f"{settings.model}/{settings.alias}").partition("/")
    reader, stored = load_reader(settings.model_copy(update={"model": name}), reference or CHAMPION)
    document: dict[str, Any] = {"model": {"name": name, "version": stored.version, "digest": stored.digest}}
    if data is not None:
        root = settings.data if data_root is None else data_root
        document["glyphs"] = _evaluate_glyphs(reader, stored, data, split, root, top or None, confusion)
    if pages:
        limits = DecodeLimits(settings.max_pixels, settings.max_pages)
        document["pages"] = _evaluate_pages(pages, lambda source: reader.read(source, limits=limits), show=show)
    if to_json is not None:
        write_json(to_json, document)


def write_json(path: Path, document: Any) -> None:
    """Write a document for programs.

    Raises
    ------
    InvalidInput : there is no writing to `path`.
    """
    try:
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as exc:
        raise InvalidInput(f"cannot write {path}; {exc}") from exc


def _evaluate_glyphs(
    reader: Reader,
    stored: StoredModel,
    data: str,
    split: str | None,
    data_root: Path,
    limit: int | None,
    confusion: Path | None,
) -> dict[str, Any]:
    """Measure and print; returns what was measured."""
    from app.cli.glyph_figures import lay_out, pairs, write_confusion
    from app.datasets import load_samples
    from app.datasets.catalogue import find
    from app.training import measure

    splits = find(data, data_root)[1].splits
    chosen = split or ("valid" if "valid" in splits else splits[0])
    samples = load_samples(data, chosen, data_root)
    temperature = float(stored.card["calibration"]["temperature"])
    measured = measure(reader, temperature, samples, fit=chosen == "valid")
    typer.echo(f"{stored.name}/{stored.version} on {data} {chosen}: {measured.count} glyphs\n")
    typer.echo(lay_out(measured, limit))
    if confusion is not None:
        write_confusion(confusion, measured)
    return {"data": data, "split": chosen, **measured.document(), "most_confused": pairs(measured)}


def _evaluate_pages(places: list[Path], read: Callable[[bytes], Page], *, show: bool) -> dict[str, Any]:
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
    return {
        "count": summary.pages,
        "error_rate": summary.error_rate,
        "mean_of_pages": summary.mean_of_pages,
        "median_ms": summary.median_ms,
        "pages": [
            {"image": score.image.name, **{name: score.error_rate(name) for name in FIGURES}, "ms": score.ms}
            for score in scores
        ],
    }
