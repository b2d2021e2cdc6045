"""Commands that look after corrections, and take them from one machine to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.options import ListFormat
from app.cli.outputs import check_folder, opened_whole
from app.cli.shell import aligned, command_group, examples, report
from app.errors import Conflict, CorrectedOtherwise, CorruptCorrection, InvalidInput, NotFound

if TYPE_CHECKING:
    from app.corrections import Correction, CorrectionStore

_LONGEST = 40  # characters of a text in a list; --format json shows longer ones
_SHOWN = 12  # of an id's 64 digits, which is enough to delete it by

corrections = command_group(
    "corrections",
    "List, export, import and delete corrections.",
    "inkrow corrections list",
    "inkrow corrections export mine.zip",
)


@corrections.command(
    "list", epilog=examples("inkrow corrections list", "inkrow corrections list --text 7 --format json")
)
def list_(
    level_name: Annotated[
        Literal["glyph", "row"] | None, typer.Option("--level", help="Only those of glyphs, or of rows.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Only those to this text.")] = None,
    output_format: ListFormat = "text",
) -> None:
    """List corrections, the newest first."""
    from app.corrections import Level

    with _store() as store:
        found = store.list(level=None if level_name is None else Level(level_name), text=text)
    if output_format == "json":
        typer.echo(json.dumps([_members(each) for each in found], ensure_ascii=False, indent=2))
        return
    rows = [("ID", "LEVEL", "TEXT", "READ AS", "CREATED")]
    rows += [
        (
            each.id[:_SHOWN],
            str(each.level),
            _shown(each.text),
            _shown(each.read_as or ""),
            each.created_at.strftime("%Y-%m-%d %H:%M"),
        )
        for each in found
    ]
    typer.echo("\n".join(aligned(rows, "left")))


@corrections.command(epilog=examples("inkrow corrections export mine.zip"))
def export(file: Annotated[Path, typer.Argument(metavar="FILE", help="A zip, made anew or replaced.")]) -> None:
    """Write all corrections with their images into one file."""
    from app.corrections import write_archive

    check_folder(file)
    with _store() as store, opened_whole(file) as archive:
        found = store.list()
        write_archive(archive, reversed(found), store.picture)
    typer.echo(f"corrections in {file}: {len(found)}")


@corrections.command("import", epilog=examples("inkrow corrections import mine.zip"))
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What inkrow corrections export, or the service, made.")],
) -> None:
    """Add the corrections of a file to those that are here.

    What is here already stays as it is.
    """
    from app.corrections import read_archive

    added = known = otherwise = 0
    try:
        with _store() as store, file.open("rb") as archive:
            for correction, picture in read_archive(archive):
                _check(correction)
                try:
                    _, is_new = store.add(correction, picture)
                except CorrectedOtherwise as exc:
                    report(exc, correction.id[:_SHOWN])
                    otherwise += 1
                    continue
                added, known = added + is_new, known + (not is_new)
    except FileNotFoundError as exc:
        raise NotFound(f"there is no file {file}") from exc
    except OSError as exc:
        raise InvalidInput(f"cannot read {file}: {exc.strerror or exc}") from exc
    typer.echo(f"added: {added}, here already: {known}")
    if otherwise:
        raise Conflict(f"left out, because what is here says otherwise: {otherwise}")


@corrections.command(epilog=examples("inkrow corrections delete 3f9a1c2b7d04"))
def delete(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As the list shows them, or the first digits.")],
) -> None:
    """Delete corrections, and the images that no other needs. What was learnt from them stays learnt."""
    with _store() as store:
        for each in [store.resolve(prefix) for prefix in ids]:
            store.delete(each)
            typer.echo(f"{each} is deleted")


@contextmanager
def _store() -> Iterator[CorrectionStore]:
    from app.config import read_settings
    from app.corrections import CorrectionStore
    from app.database import Database

    settings = read_settings()
    with closing(Database(settings.database_url)) as database:
        yield CorrectionStore(database, settings.state)


def _check(correction: Correction) -> None:
    """Refuse what a person, or another program, has put together wrongly."""
    from app.ocr import Lesson

    try:
        taught = Lesson.unpack(correction.seen).text
    except CorruptCorrection as exc:
        raise InvalidInput(f"{correction.id}: {exc.detail}") from exc
    if taught != correction.text:
        raise InvalidInput(f"{correction.id}: expected the text {taught!r}, which it teaches, got {correction.text!r}")


def _members(correction: Correction) -> dict[str, object]:
    members = {**vars(correction), "created_at": correction.created_at.isoformat()}
    del members["seen"]  # bytes, for the networks alone
    return members


def _shown(text: str) -> str:
    """Shorten a text, and take out what a terminal might obey."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return printable if len(printable) <= _LONGEST else printable[: _LONGEST - 1] + "\u2026"
