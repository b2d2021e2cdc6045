"""The command that retrains without a service."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.long_runs import stoppable
from app.cli.options import DataRoot, TrainedModel, Workers, given
from app.cli.shell import app, examples, settings_with
from app.durable_files import FRESH
from app.errors import Conflict


@app.command(
    epilog=examples(
        "inkrow retrain",
        "inkrow retrain --model handprint --promote if-better",
        "inkrow retrain --model seed --epochs 20",
        "inkrow retrain --start 2 --no-corrections --data unipen",
        "inkrow retrain --resume",
    )
)
def retrain(
    model: Annotated[
        TrainedModel | None,
        typer.Option(show_default="handprint, and rows if rows were corrected"),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="One that comes with Inkrow.", show_default="made for this model")
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Data set; repeatable, the first is measured on.", show_default="imagined writers"
        ),
    ] = None,
    data_root: DataRoot = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="champion|nothing|VERSION", help="Where to start.", show_default="champion; for seed nothing"
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, show_default="the recipe's")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.", show_default="the recipe's")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, show_default="the recipe's")] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the recipe's")] = None,
    corrections: Annotated[
        bool | None,
        typer.Option("--corrections/--no-corrections", help="Learn what was corrected.", show_default="corrections"),
    ] = None,
    promote: Annotated[
        Literal["never", "if-better"] | None,
        typer.Option(help="Whether the new version is to serve, if the gate passes it.", show_default="never"),
    ] = None,
    workers: Workers = 1,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="For what is needed to go on after an interruption.")
    ] = Path("retraining"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what DIR holds, as it was asked for.")] = False,
) -> None:
    """Teach the champion what was corrected, as a candidate.

    The champion itself stays as it is. The candidate learns on imagined writing, for which no data set is needed, and
    is held to what the champion says of it, so that nothing is forgotten. The same request and corrections give the
    same weights.
    """
    from app.cli.work.retraining import Retraining, forget_retraining, interrupted_request
    from app.training import read_request

    asked = given(
        model=model,
        recipe=recipe,
        data=data or None,
        start=start,
        epochs=epochs,
        lr=lr,
        batch_size=batch_size,
        seed=seed,
        corrections=corrections,
        promote=promote,
    )
    if resume:
        request, kept_root = interrupted_request(folder, asked)
        data_root = data_root or kept_root
    else:
        request = read_request(asked)
        _check_unused(folder)
    with stoppable(folder), closing(TerminalListener()) as listener:
        retraining = Retraining(request, settings_with(data_root), folder, by="command line", workers=workers)
        result = retraining.carry_out(listener)
    forget_retraining(folder)
    for each in result["versions"]:
        learnt = f"corrections learnt: {each['corrections']}"
        typer.echo(
            f"published {each['model']} {each['version']} {each['digest']}: {each['alias'] or 'no alias'}, {learnt}"
        )


def _check_unused(folder: Path) -> None:
    """Refuse a folder that holds more than what a process was writing when it was killed."""
    from app.cli.work.retraining import is_interrupted

    if not folder.exists() or (folder.is_dir() and all(path.name.startswith(FRESH) for path in folder.iterdir())):
        return
    advice = "--resume goes on with the retraining there, " if is_interrupted(folder) else ""
    raise Conflict(f"{folder} is not empty: {advice}--folder names another place")


class TerminalListener:
    """Says on the terminal how it goes."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar = tqdm(dynamic_ncols=True, disable=None)
        self._unit = ""  # a bar that nobody sees has none

    def close(self) -> None:
        self._bar.close()

    def progress(self, done: int, total: int, unit: str) -> None:
        """Move the bar; another unit begins anew."""
        if self._unit != unit:
            self._bar.reset(total)
            self._unit = self._bar.unit = unit
        self._bar.update(done - self._bar.n)

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Print what is for people."""
        if kind == "log":
            said = str(data["message"])
        elif kind == "epoch":
            said = (
                f"epoch {data['epoch'] + 1} of {data['of']}: loss {data['train_loss']:.4f}, "
                f"validation loss {data['valid_loss']:.4f}, accuracy {data['valid_accuracy']:.4f}"
            )
        else:
            return
        self._bar.clear()
        typer.echo(said)

    def checkpoint(self) -> None:
        """Go on: Ctrl+C raises by itself."""
