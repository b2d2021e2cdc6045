"""The command that compares a candidate with the champion, as the service does before one serves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.commands.models import both_parts, models
from app.cli.options import DataRoot
from app.cli.shell import examples, opened_store, settings_with
from app.errors import GateRefused

if TYPE_CHECKING:
    from app.config import Settings
    from app.store import ModelStore
    from app.training import Verdict


@models.command(
    epilog=examples(
        "inkrow models compare handprint/candidate",
        "inkrow models compare handprint/3 && inkrow models promote handprint/3",
    )
)
def compare(
    reference: Annotated[str, typer.Argument(metavar="NAME/REF", help="A model and a version or alias of it.")],
    data_root: DataRoot = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json: with all figures.")
    ] = "text",
) -> None:
    """Compare a version with the champion.

    Both read the same glyphs or rows, corrections, and whole pages. It takes about half a minute. The exit code is 5 if
    the version is worse, or has not learnt what was corrected. docs/promotion.md tells what is compared, and how.
    """
    from threadpoolctl import threadpool_limits

    name, wanted = both_parts(reference, example="candidate")
    settings = settings_with(data_root)
    threadpool_limits(settings.blas_threads, "blas")
    with opened_store(settings) as store:
        verdict = _decide(settings, store, name, wanted)
    if output_format == "json":
        typer.echo(json.dumps(verdict.document(), ensure_ascii=False, indent=2))
    else:
        for check in verdict.checks:
            typer.echo(f"{'passed' if check.passed else 'FAILED'}  {check.code}: {check.sentence}")
    if not verdict.passed:
        failed = [check.code for check in verdict.checks if not check.passed]
        raise GateRefused(f"{name}/{verdict.candidate} fails {', '.join(failed)}")


def _decide(settings: Settings, store: ModelStore, name: str, wanted: str) -> Verdict:
    from tqdm import tqdm

    from app.ensemble import Choice
    from app.lessons import load_lessons
    from app.store import CHAMPION
    from app.training import decide

    choice = Choice.of(settings)
    serving = choice.with_version(name, CHAMPION)
    glyphs, rows = load_lessons(settings.database_url, settings.state, store, serving)
    with tqdm(unit="trial", leave=False, dynamic_ncols=True, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return decide(
            store,
            name,
            wanted,
            data_root=settings.data,
            taught=[*glyphs, *rows],
            choice=choice,
            progress=progress,
        )
