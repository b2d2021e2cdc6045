"""Commands that make and measure models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from app.cli.shell import app, examples, load_reader
from app.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from app.ocr import Page
    from app.training import Epoch


@app.command(
    epilog=examples(
        "inkrow train --data data/unipen",
        "inkrow train --data data/unipen --epochs 2 --finish-epochs 0 --seed 7",
        "inkrow train --data data/unipen --resume",
    )
)
def train(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder with chars_train.npz and chars_valid.npz.")],
    epochs: Annotated[int | None, typer.Option(min=1, show_default="the recipe's")] = None,
    finish_epochs: Annotated[
        int | None,
        typer.Option(min=0, help="Epochs of the second phase, with gentler variation.", show_default="the recipe's"),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=2, show_default="the recipe's")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.", show_default="the recipe's")] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the recipe's")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw glyphs; changes no result.")] = 1,
    checkpoint: Annotated[Path, typer.Option(metavar="FILE", help="Written after each epoch.")] = Path(
        "handprint.checkpoint"
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Take up the run of the checkpoint.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Let the new version serve: make it the champion.")
    ] = False,
) -> None:
    """Train the glyph classifier on UNIPEN characters and publish it as the next version of handprint.

    Ctrl+C stops it and loses no more than the epoch it is in; --resume then continues to the same weights as without
    the interruption. The same seed and data give the same weights.
    """
    from app.config import read_settings
    from app.store import CHAMPION, ModelStore
    from app.training import HANDPRINT, load_glyph_data, publish_handprint, train_handprint

    settings = read_settings()
    recipe = HANDPRINT.changed(epochs=epochs, finish_epochs=finish_epochs, batch_size=batch_size, lr=lr, seed=seed)
    store = ModelStore(settings.model_store)
    if checkpoint.exists() and not resume:
        raise Conflict(f"{checkpoint} holds another run: --resume continues it, --checkpoint names another file")
    glyphs = load_glyph_data(data, recipe.max_doubt)
    with _TrainingBar(recipe.total_epochs) as bar:
        try:
            run = train_handprint(
                glyphs,
                recipe,
                checkpoint=checkpoint,
                resume=resume,
                workers=workers,
                on_batch=bar.on_batch,
                on_epoch=bar.on_epoch,
            )
        except KeyboardInterrupt:
            bar.close()
            saved = f"; --resume goes on from {checkpoint}" if checkpoint.exists() else " before the first epoch's end"
            typer.echo(f"inkrow: stopped{saved}", err=True)
            raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it
    version = publish_handprint(store, run, glyphs)
    checkpoint.unlink()
    if promote:
        store.set_alias(version.name, CHAMPION, version.version)
    typer.echo(f"published {version.name} {version.version} {version.digest}")
    _echo_figures(version.card["metrics"]["valid"])


class _TrainingBar:
    """Shows on stderr how far a run is, and prints a line for each epoch behind it."""

    def __init__(self, total_epochs: int) -> None:
        from tqdm import tqdm

        self._epochs = total_epochs
        self._bar = tqdm(unit="batch", dynamic_ncols=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._bar.close()

    def on_batch(self, epoch: int, batch: int, batches: int, loss: float) -> None:
        done = epoch * batches + batch
        if self._bar.total is None:  # of a run taken up again, what was done before must not count for the rate
            self._bar.total = batches * self._epochs
            self._bar.initial = self._bar.n = self._bar.last_print_n = done - 1
        self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}", refresh=False)
        self._bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        self._bar.update(done - self._bar.n)

    def on_epoch(self, epoch: Epoch) -> None:
        self._bar.clear()
        typer.echo(
            f"epoch {epoch.epoch + 1}: loss {epoch.train_loss:.4f}, validation loss {epoch.valid_loss:.4f}, "
            f"validation accuracy {epoch.valid_accuracy:.4f}, {epoch.seconds:.0f} s"
        )


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
        Path | None, typer.Option(metavar="DIR", help="Folder with UNIPEN's chars_valid.npz: single glyphs.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="REF", help="Version or alias of the model.", show_default="INKROW_ALIAS")
    ] = None,
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
        _echo_figures(evaluate_reader_on_glyphs(reader, data))
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
