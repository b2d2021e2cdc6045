"""The command that measures a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import DataRoot, LanguageName, ReaderName
from app.cli.outputs import check_folder, write_json
from app.cli.shell import aligned, app, examples, load_reader, opened_store, settings_with
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.config import Settings
    from app.ensemble import Ensemble
    from app.ocr import Page
    from app.store import Version

_LONGEST_ROW = 400  # characters; all that somebody wrote on one row is measured


@app.command(
    epilog=examples(
        "inkrow evaluate --pages pages/",
        "inkrow evaluate --pages pages/01_list.jpg --pages pages/02_letters.jpg --show",
        "inkrow evaluate handprint/2 --data unipen --json figures.json --confusion confusion.png",
        "inkrow evaluate seed --data unipen36 --split test",
        "inkrow evaluate rows --data unipen",
    )
)
def evaluate(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME[/REF]",
            help="A model and a version or alias of it; without one: its champion.",
            show_default="INKROW_MODEL/INKROW_ALIAS",
        ),
    ] = None,
    pages: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Folder of images with a .txt beside each, or one such image; repeatable."),
    ] = None,
    network: Annotated[
        ReaderName, typer.Option("--reader", help="Which network reads pages: that for glyphs, for rows, or both.")
    ] = "auto",
    language: Annotated[LanguageName, typer.Option(help="What the words of pages are thought to be of.")] = "en",
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
    """Measure error rates on pages, rows or labelled glyphs.

    Character error rate: edits needed over characters. strict counts case, punctuation and spaces; folded letters and
    digits only; shape as folded, with 0 as O, and 1 and l as I.
    """
    if not pages and data is None:
        raise typer.BadParameter("expected --pages or --data, got neither")
    from app.ocr import ReadOptions, spells_rows
    from app.vision import DecodeLimits

    _check_confusion(confusion, data)
    for file in (to_json, confusion):
        check_folder(file)
    settings = settings_with(data_root)
    version = _find_network(settings, model or f"{settings.model}/{settings.alias}")
    document: dict[str, Any] = {"model": {"name": version.name, "version": version.version, "digest": version.digest}}
    if spells_rows(version.card):
        if data is None or pages or confusion:
            raise InvalidInput(
                f"expected --data alone with {version.name}, a model for rows; pages are read with all models"
            )
        document |= _evaluate_rows(settings, version, data, split or "valid")
    else:
        loaded = load_reader(settings.model_copy(update={"model": version.name}), version.version)
        if data is not None:
            document["glyphs"] = _evaluate_glyphs(loaded, data, split, settings.data, top or None, confusion)
        if pages:
            limits = DecodeLimits(settings.max_pixels, settings.max_pages)
            options = ReadOptions(reader=network, language=language)
            read = partial(loaded.reader.read, options=options, limits=limits)
            document["pages"] = _evaluate_pages(pages, read, show=show)
            document["pages"] |= {"models": loaded.all_models, "reader": network, "language": language}
            names = [f"{model['name']}/{model['version']}" for model in loaded.all_models.values() if model]
            typer.echo(f"read by {', '.join(names)}; --reader {network} --language {language}")
    if to_json is not None:
        write_json(to_json, document)


def _check_confusion(file: Path | None, data: str | None) -> None:
    from app.cli.glyph_figures import CONFUSION_SUFFIXES

    if file is not None and (data is None or file.suffix not in CONFUSION_SUFFIXES):
        wanted = " or ".join(CONFUSION_SUFFIXES)
        raise InvalidInput(f"--confusion: expected a name that ends in {wanted}, and --data, got {file}")


def _find_network(settings: Settings, model: str) -> Version:
    """Look up NAME or NAME/REF, and refuse a model that is no network."""
    from app.ocr import is_network
    from app.store import CHAMPION

    name, _, reference = model.partition("/")
    with opened_store(settings) as store:
        version = store.describe(name, reference or CHAMPION)
        if is_network(version.card):
            return version
        latest = [store.describe(each, store.versions(each)[-1]) for each in store.names()]
    networks = ", ".join(each.name for each in latest if is_network(each.card))
    raise InvalidInput(f"expected a network ({networks}), got {name}, which is none")


def _evaluate_rows(settings: Settings, version: Version, data: str, split: str) -> dict[str, Any]:
    """Measure a model for rows and print; returns what was measured."""
    from app.datasets import load_row_writers
    from app.ocr import RowReader
    from app.store import ModelStore
    from app.training import measure_rows

    stored = ModelStore(settings.model_store).load(version.name, version.version)
    max_doubt = stored.card["hyper_parameters"]["data"]["max_doubt"]
    writers = load_row_writers(data, split, settings.data, max_doubt, longest=_LONGEST_ROW)
    measured = measure_rows(RowReader.from_card(stored.card, stored.arrays), writers)
    table = [["character error rate", *measured.styles, "rows"]]
    for kind, counts in measured.counts.items():
        rates = [f"{counts[style].error_rate:.4f}" if style in counts else "" for style in measured.styles]
        table.append([kind, *rates, str(counts["all"].rows)])
    typer.echo(f"{stored.name}/{stored.version} on rows of {data} {split}\n")
    typer.echo("\n".join(aligned(table)))
    typer.echo(f"\ncalibration error {measured.calibration_error:.4f}")
    return {"data": data, "split": split, **measured.document()}


def _evaluate_glyphs(
    loaded: Ensemble,
    data: str,
    split: str | None,
    data_root: Path,
    limit: int | None,
    confusion: Path | None,
) -> dict[str, Any]:
    """Measure and print; returns what was measured."""
    from app.cli.glyph_figures import lay_out, write_confusion
    from app.datasets import load_samples
    from app.datasets.catalogue import find
    from app.inspection import most_confused
    from app.training import measure_glyphs

    splits = find(data, data_root)[1].splits
    chosen = split or ("valid" if "valid" in splits else splits[0])
    samples = load_samples(data, chosen, data_root)
    stored = loaded.glyphs
    temperature = float(stored.card["calibration"]["temperature"])
    measured = measure_glyphs(loaded.reader, temperature, samples, fit=chosen == "valid")
    typer.echo(f"{stored.name}/{stored.version} on {data} {chosen}: {measured.count} glyphs\n")
    typer.echo(lay_out(measured, limit))
    if confusion is not None:
        write_confusion(confusion, measured)
    confused = most_confused(measured.confusion, measured.alphabet)
    return {"data": data, "split": chosen, **measured.document(), "most_confused": [asdict(pair) for pair in confused]}


def _evaluate_pages(places: list[Path], read: Callable[[bytes], Page], *, show: bool) -> dict[str, Any]:
    from app.training import FIGURES, check_page, find_pages, measure_calibration, score_page, summarise
    from app.training.measuring.pages import strict

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
    calibration = measure_calibration([check_page(score.page, strict(score.truth)) for score in scores])
    said = "  ".join(f"{level}s {of.ece:.4f} ({of.right:.4f} of {of.count})" for level, of in calibration.items())
    typer.echo(f"calibration error (right of all): {said}")
    return {
        "count": summary.pages,
        "calibration": {level: asdict(of) for level, of in calibration.items()},
        "error_rate": summary.error_rate,
        "mean_of_pages": summary.mean_of_pages,
        "median_ms": summary.median_ms,
        "pages": [
            {"image": score.image.name, **{name: score.error_rate(name) for name in FIGURES}, "ms": score.ms}
            for score in scores
        ],
    }
