"""Commands that draw pages with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.options import DataRoot
from app.cli.outputs import check_place, write_whole
from app.cli.shell import aligned, command_group, examples, settings_with
from app.errors import InvalidInput

synth = command_group(
    "synth",
    "Draw pages of hand print with their truth.",
    "inkrow synth pages drawn/",
    "inkrow synth knobs",
)


@synth.command(
    epilog=examples(
        "inkrow synth pages drawn/ --number 20 --seed 7",
        "inkrow synth pages drawn/ --data unipen --split valid --kind form --kind codes",
        "inkrow synth pages drawn/ --set blur=0.1 --set rotation_deg=-5..5 --paper squared",
        "inkrow synth pages drawn/ && inkrow evaluate --pages drawn/",
    )
)
def pages(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where pages go; it is made if it is not there.")],
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other pages.")] = 0,
    data: Annotated[
        str,
        typer.Option(metavar="NAME|DIR", help="Whose writing: a data set of pen strokes, or imagined writers."),
    ] = "synthetic",
    split: Annotated[str, typer.Option(help="Part of the data set; no writer is in two.")] = "train",
    data_root: DataRoot = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="What is written; repeatable.", show_default="all of inkrow synth knobs")
    ] = None,
    paper: Annotated[
        list[str] | None, typer.Option(help="On what; repeatable.", show_default="all of inkrow synth knobs")
    ] = None,
    knobs: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KNOB=VALUE|KNOB=LOW..HIGH",
            help="Turn a knob: one value for all pages, or a range that each draws from; repeatable.",
            show_default="ordinary pages",
        ),
    ] = None,
    output_format: Annotated[Literal["jpg", "png"], typer.Option("--format", help="Of the images.")] = "jpg",
) -> None:
    """Draw whole pages, and write down their truth.

    Each is an image, its transcription (.txt), and all that is known of it (.json). The JSON has rows, words and glyphs
    with boxes in pixels of the image, named as in the answers of the service, and who wrote it, with which seed and
    knobs. A page is the same, whatever the number of pages.
    """
    from tqdm import tqdm

    from app.datasets import PageVariation, draw_page, load_page_writers
    from app.formats.document import to_json

    check_place(folder)
    variation = PageVariation(kinds=tuple(kind or ()), papers=tuple(paper or ()))
    variation = variation.turned(**dict(_knob(argument) for argument in knobs or ()))
    writers = load_page_writers(data, split, settings_with(data_root).data)
    digits = max(4, len(str(number)))
    for place in tqdm(range(number), unit="page", dynamic_ncols=True, disable=None):
        page = draw_page(writers, variation, seed, place)
        name = f"page_{place:0{digits}d}"
        write_whole(folder / f"{name}.{output_format}", page.encoded(output_format))
        write_whole(folder / f"{name}.txt", f"{page.text}\n".encode())
        write_whole(folder / f"{name}.json", to_json(page.document()))
    typer.echo(f"{number} {'page' if number == 1 else 'pages'} in {folder}")


@synth.command("knobs", epilog=examples("inkrow synth knobs"))
def list_knobs() -> None:
    """List what pages vary in, and how far.

    Printed are each knob with its usual range, its limits and its meaning; the kinds; the papers.
    """
    from app.datasets import describe_knobs
    from app.datasets.pages.page import ALL_KINDS
    from app.datasets.pages.paper import PAPERS

    described = describe_knobs()
    table = [["knob", "usual", "limits"], *([knob.name, _range(knob.usual), _range(knob.limits)] for knob in described)]
    lines = list(aligned(table))
    typer.echo(lines[0])
    for line, knob in zip(lines[1:], described, strict=True):
        typer.echo(f"{line}  {knob.meaning}")
    typer.echo(f"\nkinds   {' '.join(ALL_KINDS)} (the last with data that has words as written)")
    typer.echo(f"papers  {' '.join(PAPERS)}")


def _range(values: tuple[float, float]) -> str:
    return f"{values[0]:g}..{values[1]:g}"


def _knob(argument: str) -> tuple[str, tuple[float, float]]:
    """Take ``blur=0.1`` or ``blur=0.05..0.1`` apart."""
    name, is_set, value = argument.partition("=")
    if not is_set:
        raise InvalidInput(f"--set: expected KNOB=VALUE or KNOB=LOW..HIGH, got {argument!r}")
    low, _, high = value.partition("..")
    try:
        return name.strip(), (float(low), float(high or low))
    except ValueError:
        raise InvalidInput(f"--set {name.strip()}: expected a number or LOW..HIGH, got {value!r}") from None
