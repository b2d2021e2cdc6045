"""Commands about data sets: which there are, bring one here, look at one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.shell import command_group, examples
from app.errors import InvalidInput

if TYPE_CHECKING:
    from tqdm import tqdm

data = command_group(
    "data",
    "List, fetch and look at data sets.",
    "inkrow data list",
    "inkrow data fetch mnist",
    "inkrow data show unipen --output unipen.png",
)


@data.command("list", epilog=examples("inkrow data list", "INKROW_DATA=/srv/data inkrow data list"))
def list_() -> None:
    """List the data sets: what each holds, and its licence.

    Also where it is on this machine; - stands for nowhere.
    """
    from app.config import read_settings
    from app.datasets import DATASETS

    root = read_settings().data
    row = "{:17} {:8} {:>7}  {:30} {}"
    typer.echo(row.format("name", "kind", "classes", "here", "licence"))
    for entry in DATASETS.values():
        form = entry.form_in(root)
        here = "-" if form is None else str(entry.folder(root)) if form.patterns else "needs no files"
        typer.echo(row.format(entry.name, entry.kind, len(entry.classes), here, entry.licence))
        typer.echo(f"    {entry.sentence} {entry.source}")


@data.command(
    epilog=examples("inkrow data fetch unipen", "inkrow data fetch mnist --mirror http://intranet.example/mnist")
)
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name out of inkrow data list.")],
    mirror: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Take the files from this address instead. Check sums stay, but for unipen's, which it lists itself.",
        ),
    ] = None,
) -> None:
    """Fetch a data set and unpack it.

    Ctrl+C or a broken line loses nothing: running it again goes on where it stopped. What came is checked before it is
    used.
    """
    from tqdm.contrib.logging import logging_redirect_tqdm

    from app.config import read_settings
    from app.datasets.fetching.fetch import fetch_dataset

    root = read_settings().data
    with closing(_Bars()) as bars, logging_redirect_tqdm():  # what is told of broken lines goes above the bar
        try:
            folder, form = fetch_dataset(
                name, root, mirror=mirror, on_progress=bars.on_progress, on_unpack=bars.on_unpack
            )
        except KeyboardInterrupt:
            bars.close()
            typer.echo("inkrow: stopped; running it again goes on from here", err=True)
            raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it
    typer.echo(f"{name} is in {folder} ({form.content})" if form.patterns else f"{name} needs no files")


@data.command(
    epilog=examples(
        "inkrow data show unipen --output unipen.png",
        "inkrow data show emnist-letters --split test --class ABC --count 30 --output abc.png",
        "inkrow data show unipen --augment --seed 3 --output varied.png",
        "inkrow data show my_images/ --output mine.png",
    )
)
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME|PATH", help="A name out of inkrow data list, or a folder or an .npz.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The PNG to write.")],
    split: Annotated[
        Literal["train", "valid", "test"] | None,
        typer.Option(help="Part of the data set.", show_default="train, or the only one there is"),
    ] = None,
    classes: Annotated[
        str | None, typer.Option("--class", metavar="CHARS", help="The only classes to show.", show_default="all")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=200, help="Glyphs of each class.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Which glyphs, and how they vary.")] = 0,
    augment: Annotated[bool, typer.Option("--augment", help="Vary the glyphs as training does.")] = False,
) -> None:
    """Draw a contact sheet with some glyphs of each class.

    It is one PNG, and glyphs are as the classifier is shown them. The same data, seed and options give the same
    picture.
    """
    from PIL import Image

    from app.config import read_settings
    from app.datasets import Augmentation, load_samples
    from app.datasets.catalogue import find
    from app.datasets.glyphs.sheet import contact_sheet

    root = read_settings().data
    splits = find(name, root)[1].splits
    chosen = split or ("train" if "train" in splits else splits[0])
    samples = load_samples(name, chosen, root)
    sheet = contact_sheet(
        samples, classes=classes, count=count, seed=seed, augmentation=Augmentation() if augment else None
    )
    try:
        Image.fromarray(sheet).save(output, "PNG")
    except OSError as exc:
        raise InvalidInput(f"{output} cannot be written: {exc.strerror or exc}") from exc
    typer.echo(f"{output}: {chosen} of {name}, {len(samples)} samples of {len(samples.alphabet)} classes")


class _Bars:
    """Shows on stderr how far a download is, a bar a file."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._name = ""  # of its file; a bar that nobody sees has none

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def on_progress(self, name: str, done_bytes: int, total_bytes: int | None) -> None:
        from tqdm import tqdm

        if self._bar is None or self._name != name:
            self.close()
            self._name = name
            # What was there before must not count for the rate.
            self._bar = tqdm(desc=name, initial=done_bytes, unit="B", unit_scale=True, dynamic_ncols=True, disable=None)
        self._bar.total = total_bytes
        self._bar.update(done_bytes - self._bar.n)

    def on_unpack(self, archive: Path) -> None:
        self.close()
        typer.echo(f"unpacking {archive}", err=True)
