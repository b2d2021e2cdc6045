"""What long commands share: they can be stopped, and show how far they are."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from app.errors import DatasetNotFound

if TYPE_CHECKING:
    from types import FrameType

    from app.training import Epoch


# Larger losses are written with a power of ten: those of a diverging run reach 30 digits.
_LONGEST_LOSS = 1e4


class _Terminated(KeyboardInterrupt):
    """SIGTERM as an exception, which stops a run like Ctrl+C: every `with` is left in order."""


@contextmanager
def stoppable(checkpoint: Path | None = None) -> Iterator[None]:
    """Let Ctrl+C and SIGTERM end the command with the usual exit code, and a line that says what was saved."""

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except KeyboardInterrupt as stop:
        saved = ""
        if checkpoint is not None:
            there = checkpoint.exists()
            saved = (
                f"; --resume goes on from {checkpoint}" if there else " before the first epoch's end: nothing is saved"
            )
        typer.echo(f"inkrow: stopped{saved}", err=True)
        number = signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT
        raise typer.Exit(128 + number) from None
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def naming_recipe(recipe: str, name: str, *, given: object) -> Iterator[None]:
    """Add to the error of a missing data set which key of the recipe names it, unless an option does.

    Parameters
    ----------
    name : the value of that recipe's ``data.name``
    given : the value of the option; None if it was not given
    """
    try:
        yield
    except DatasetNotFound as exc:
        missing = exc.context.get("name")
        if given is not None or missing is None:
            raise
        key = "data.name" if missing == name else "data.also"
        raise DatasetNotFound(f"{recipe}: {key}: {exc.detail}", **exc.context) from exc


def loss_text(loss: float) -> str:
    """Write a loss with four decimals; with a power of ten if it is very large."""
    return f"{loss:.2e}" if _LONGEST_LOSS <= loss < math.inf else f"{loss:.4f}"


class TrainingBar:
    """Shows on stderr how far a run is, and prints a line for each epoch behind it."""

    def __init__(self, total_epochs: int) -> None:
        from tqdm import tqdm

        self._epochs = total_epochs
        self._bar = tqdm(unit="batch", dynamic_ncols=True, disable=None)

    def close(self) -> None:
        self._bar.close()

    def on_batch(self, epoch: int, batch: int, batches: int, loss: float) -> None:
        done = epoch * batches + batch
        if self._bar.total is None:  # what a resumed run did before must not count for its speed
            self._bar.total = batches * self._epochs
            self._bar.initial = self._bar.n = self._bar.last_print_n = done - 1
        self._bar.set_description(f"epoch {epoch + 1}/{self._epochs}", refresh=False)
        self._bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        self._bar.update(done - self._bar.n)

    def on_epoch(self, epoch: Epoch) -> None:
        self._bar.clear()
        averaged = ""
        if epoch.last_loss is not None:
            averaged = f" (weights not averaged: {loss_text(epoch.last_loss)}, {epoch.last_accuracy:.4f})"
        typer.echo(
            f"epoch {epoch.epoch + 1}: loss {loss_text(epoch.train_loss)}, "
            f"validation loss {loss_text(epoch.valid_loss)}, "
            f"validation accuracy {epoch.valid_accuracy:.4f}{averaged}, {epoch.seconds:.0f} s"
        )
