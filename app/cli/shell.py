"""What all commands share: the program, the exit codes, how a reader is loaded, how results are printed."""

from __future__ import annotations

import errno
import getpass
import os
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from app.errors import AppError, Conflict, InvalidInput, ModelNotFound, NotFound
from app.validation_messages import error_message, validation_message

if TYPE_CHECKING:
    from app.config import Settings
    from app.ensemble import Ensemble
    from app.store import ModelStore, Occasion, Version

_EXIT_CODES: dict[type[AppError], tuple[int, str]] = {  # the nearest ancestor counts; 2 stands for a wrong command line
    AppError: (1, "a failure: of Inkrow, a model, the disk or the network"),
    InvalidInput: (3, "input that cannot be used: not an image, damaged, too large, a wrong setting"),
    NotFound: (4, "a file, data set or model that is not there"),
    Conflict: (5, "something in the way: the port is in use, there is nothing to go back to"),
}


NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # a full disk, a quota, a limit on the size of files


def _all_exit_codes() -> list[tuple[int, str]]:
    return [
        *_EXIT_CODES.values(),
        (2, "a wrong command line"),
        (130, "stopped by Ctrl+C"),
        (141, "nobody reads the output any more"),
    ]


class _Commands(TyperGroup):
    """Ends every command that raises an `AppError` with one line and the exit code of its kind."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx))

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except AppError as exc:
            raise typer.Exit(report(exc)) from exc
        except BrokenPipeError:
            if not _output_is_closed():
                raise
            _drop_output()
            raise typer.Exit(141) from None  # as if SIGPIPE had ended it
        except OSError as exc:
            # Files are written by functions that say which one was refused; what is left is standard output.
            if exc.errno not in NO_ROOM:
                raise
            _drop_output()
            typer.echo(f"inkrow: the output cannot be written: {exc.strerror}", err=True)
            raise typer.Exit(_EXIT_CODES[AppError][0]) from exc
        except typer.BadParameter as exc:
            exc.message = _in_our_words(exc)
            raise


def _output_is_closed() -> bool:
    """Tell whether the reader of standard output, such as head, has closed it."""
    if not hasattr(select, "poll"):  # Windows, where a pipe that breaks is no signal
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # 0: errors only, which poll always reports
    return bool(poll.poll(0))


def _drop_output() -> None:
    """Send to nowhere what Python flushes once more when it ends, and what was refused already."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_our_words(exc: typer.BadParameter) -> str:
    """Say what is wrong with an option; typer would use Pydantic's words."""
    errors = getattr(exc.__cause__, "errors", None)
    return validation_message(errors()[0]) if errors else exc.message


def report(exc: AppError, place: object = None) -> int:
    """Print what went wrong to stderr, and return the exit code for it."""
    typer.echo(": ".join(str(part) for part in ("inkrow", place, error_message(exc)) if part is not None), err=True)
    return next(_EXIT_CODES[cls][0] for cls in type(exc).__mro__ if cls in _EXIT_CODES)


def examples(*lines: str) -> str:
    """Lay out example calls for a command's help."""
    # After \b, typer keeps the lines as they are.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


app = typer.Typer(
    cls=_Commands,
    name="inkrow",
    help="Reads hand-printed text from photos and scans.",
    epilog="\n\n".join(
        [
            examples("inkrow read page.jpg", "inkrow serve"),
            "\n".join(["\b", "Exit codes:", *(f"  {code}  {meaning}" for code, meaning in sorted(_all_exit_codes()))]),
            "Settings come from the environment, in variables that begin with INKROW_; inkrow config lists them.",
        ]
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain text for scripts and pipes, and a third of the start-up time
    pretty_exceptions_enable=False,
)


def command_group(name: str, help_text: str, *example_lines: str) -> typer.Typer:
    """Make a group of commands, such as ``inkrow models``, and add it to the program."""
    group = typer.Typer(
        name=name, help=help_text, epilog=examples(*example_lines), no_args_is_help=True, rich_markup_mode=None
    )
    app.add_typer(group)
    return group


def _print_release(asked: bool) -> None:
    if asked:
        from app.config import release

        typer.echo(f"inkrow {release()}")
        raise typer.Exit


@app.callback()
def options_of_all(
    version: Annotated[
        bool, typer.Option("--version", help="Print the release and exit.", is_eager=True, callback=_print_release)
    ] = False,
) -> None:
    """Take what comes before a command; its help is that of `app`."""


@contextmanager
def opened_store(settings: Settings) -> Iterator[ModelStore]:
    """Give the model store, and add to the error of a missing model which store was searched."""
    from app.store import ModelStore

    try:
        yield ModelStore(settings.model_store)
    except ModelNotFound as exc:
        raise ModelNotFound(f"{exc.detail} (store: {settings.model_store})", **exc.context) from exc


def settings_with(data_root: Path | None) -> Settings:
    """Read the settings; the option ``--data-root`` replaces their data folder."""
    from app.config import read_settings

    settings = read_settings()
    return settings if data_root is None else settings.model_copy(update={"data": data_root})


def load_reader(settings: Settings, reference: str) -> Ensemble:
    """Load a model by version or alias, and the models that read with it."""
    from threadpoolctl import threadpool_limits

    from app.ensemble import Choice, load_ensemble

    threadpool_limits(settings.blas_threads, "blas")
    choice = Choice.of(settings).with_version(settings.model, reference)
    with opened_store(settings) as store:
        return load_ensemble(store, choice, settings.page_threads)


def announce(store: ModelStore, version: Version, *, promote: bool = False) -> None:
    """Print a published version and its figures; make it the champion first if asked to."""
    typer.echo(f"published {version.name} {version.version} {version.digest}")
    if promote:
        tell_move(store, version.name, lambda: store.promote(version.name, version.version, at_a_terminal()))
    for name, value in version.card["metrics"]["valid"].items():
        typer.echo(f"{name:36s} {value:.4f}" if isinstance(value, float) else f"{name:36s} {value}")


def tell_move(store: ModelStore, name: str, move: Callable[[], str]) -> None:
    """Make another version the champion, and print which one that is and which one it replaced."""
    from app.store import CHAMPION, PREVIOUS

    before = store.aliases(name)
    version = move()
    if before.get(CHAMPION) == version:
        typer.echo(f"{name}/{version} was the {CHAMPION} already; nothing changed")
        return
    previous = store.aliases(name).get(PREVIOUS)
    typer.echo(f"{name}/{version} is the {CHAMPION}" + (f", {name}/{previous} {PREVIOUS}" if previous else ""))


def at_a_terminal(reason: str | None = None) -> Occasion:
    """Say for the log of promotions who moves an alias from here, and why."""
    from app.store import Occasion

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # in a container, users may have no name
        user = "somebody"
    return Occasion(by=f"{user} at a terminal", reason=reason)


def aligned(rows: Sequence[Sequence[str]], others_to: Literal["left", "right"] = "right") -> Iterator[str]:
    """Lay out a table: the first column aligned left, the others right, as figures should be, or left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    align = str.rjust if others_to == "right" else str.ljust
    for first, *others in rows:
        cells = map(align, others, widths[1:])
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()
