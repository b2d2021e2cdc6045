"""Commands that look after the model store. A version is named NAME/REF: ``handprint/2``, ``handprint/champion``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import DataRoot
from app.cli.shell import (
    aligned,
    at_a_terminal,
    command_group,
    examples,
    opened_store,
    report,
    settings_with,
    tell_move,
)
from app.errors import AppError, CorruptModel, NotFound

if TYPE_CHECKING:
    from app.store import ModelStore, Version

_HEADLINES = 3  # metrics shown in a list
_MOST = 30  # entries of an object that is shown by its entries
_LONGEST = 80  # characters of a value in a list; --json shows longer ones

models = command_group(
    "models",
    "List, show, verify, promote and roll back model versions.",
    "inkrow models list",
    "inkrow models show handprint/champion",
)


@models.command("list", epilog=examples("inkrow models list"))
def list_() -> None:
    """List all versions, with date, size, aliases and metrics."""
    with _store() as store:
        names = store.names()
        if not names and not store.root.is_dir():
            raise NotFound(f"the store {store.root} {'is not a folder' if store.root.exists() else 'does not exist'}")
        exit_code, rows = 0, [("VERSION", "CREATED", "SIZE", "ALIASES", "METRICS")]
        for name in names:
            try:
                aliases = store.aliases(name)
            except AppError as exc:
                aliases, exit_code = {}, report(exc)
            for number in store.versions(name):
                mine = ", ".join(alias for alias, version in aliases.items() if version == number)
                try:
                    card = store.card(name, number)
                except AppError as exc:
                    exit_code = report(exc)
                    rows.append((f"{name}/{number}", "damaged", "", mine, ""))
                    continue
                rows.append((f"{name}/{number}", str(card["created"]), _size(card), mine, _headlines(card)))
    typer.echo("\n".join(aligned(rows, "left")))
    raise typer.Exit(exit_code)


@models.command(
    epilog=examples(
        "inkrow models show handprint", "inkrow models show handprint/2", "inkrow models show handprint/champion --json"
    )
)
def show(
    reference: Annotated[
        str, typer.Argument(metavar="NAME[/REF]", help="A model and a version or alias of it; without: its champion.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="The whole card, as JSON.")] = False,
) -> None:
    """Show what a version says of itself."""
    name, wanted = _split(reference)
    with _store() as store:
        version = store.describe(name, *wanted)
        if as_json:
            typer.echo(json.dumps(version.card, indent=2, ensure_ascii=False))
            return
        lines = [*_summary(store, version), *_own_words(version.card)]
    width = max(len(key) for key, _ in lines)
    for key, value in lines:
        typer.echo(f"{key:{width}}  {value}")


@models.command(epilog=examples("inkrow models verify", "inkrow models verify handprint/2"))
def verify(
    reference: Annotated[
        str | None, typer.Argument(metavar="NAME[/REF]", help="A model, or a version of it; without: all models.")
    ] = None,
) -> None:
    """Read every file and print all that is wrong.

    The exit code is 1 if anything is. Notes are harmless: they keep nobody from loading what was published.
    """
    name, wanted = _split(reference) if reference is not None else (None, ())
    with _store() as store:
        version = store.resolve(name, *wanted) if name is not None and wanted else None
        findings = store.verify(name, version)
        checked = 1 if version else sum(len(store.versions(each)) for each in ([name] if name else store.names()))
    for finding in findings:
        typer.echo(f"note: {finding}" if finding.harmless else str(finding))
    if wrong := sum(not finding.harmless for finding in findings):
        raise CorruptModel(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong in {store.root}")
    typer.echo(f"{checked} {'version is' if checked == 1 else 'versions are'} as published")


Reason = Annotated[str | None, typer.Option(help="Why; it goes into the log of promotions.")]


@models.command(
    epilog=examples("inkrow models promote handprint/2", "inkrow models promote handprint/3 --reason 'reads our 7s'")
)
def promote(
    reference: Annotated[str, typer.Argument(metavar="NAME/REF", help="A model and a version or alias of it.")],
    reason: Reason = None,
) -> None:
    """Make a version the champion, which serves.

    It is verified first, but not compared with the old champion: inkrow models compare does that. The old champion
    becomes the previous one, which a rollback returns to. A running server serves the new one within two seconds.
    """
    from app.config import read_settings
    from app.ensemble import Choice

    name, wanted = both_parts(reference, example="2")
    with _store() as store:
        Choice.of(read_settings()).require_usable(store, name, wanted)
        tell_move(store, name, lambda: store.promote(name, wanted, at_a_terminal(reason)))


@models.command(epilog=examples("inkrow models mean rows/1 rows/2 --data data/unipen"))
def mean(
    references: Annotated[
        list[str], typer.Argument(metavar="NAME/REF", help="Versions of one model, the newest last.")
    ],
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|DIR", help="Data set whose validation writers to measure on.", show_default="the recipe's"
        ),
    ] = None,
    data_root: DataRoot = None,
) -> None:
    """Publish the mean of the weights of several versions.

    It becomes the next version. Where one was trained on from another, the mean often reads better than either. The
    card is that of the last, with what is measured anew. No alias moves.
    """
    from app.training import publish_mean

    names = {_split(reference)[0] for reference in references}
    versions = [version for reference in references for version in _split(reference)[1]]
    if len(names) != 1 or len(versions) != len(references):
        raise typer.BadParameter(f"expected versions of one model as NAME/REF, got {' '.join(references)}")
    with _store() as store:
        version = publish_mean(store, names.pop(), versions, data, settings_with(data_root).data)
    typer.echo(f"published {version.name} {version.version} {version.digest}")


@models.command(epilog=examples("inkrow models rollback handprint"))
def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model.")],
    reason: Reason = None,
) -> None:
    """Let champion and previous change places.

    The previous champion is verified first; a second rollback returns. A running server serves it within two seconds.
    """
    from app.config import read_settings
    from app.ensemble import Choice
    from app.store import PREVIOUS

    with _store() as store:
        Choice.of(read_settings()).require_usable(store, name, PREVIOUS)
        tell_move(store, name, lambda: store.rollback(name, at_a_terminal(reason)))


@models.command(epilog=examples("inkrow models unalias handprint/old"))
def unalias(
    reference: Annotated[str, typer.Argument(metavar="NAME/ALIAS", help="A model and an alias of it.")],
    reason: Reason = None,
) -> None:
    """Take an alias away.

    The champion cannot be taken away, nor an alias by which a model serves. The version that it stood for stays.
    """
    from app.config import read_settings
    from app.ensemble import Choice

    name, alias = both_parts(reference, example="old", second="ALIAS")
    Choice.of(read_settings()).require_idle(name, alias)
    with _store() as store:
        store.delete_alias(name, alias, at_a_terminal(reason))
    typer.echo(f"{name} has no alias {alias} any more")


@models.command(epilog=examples("inkrow models promotions", "inkrow models promotions handprint"))
def promotions(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A model; without: all.")] = None,
) -> None:
    """List when which alias moved, the newest first.

    Also by whom, how and why.
    """
    with _store() as store:
        moves = [move for each in ([name] if name else store.names()) for move in store.moves(each)]
    if not moves:
        typer.echo("no move of an alias is in the log", err=True)
    for move in sorted(moves, key=lambda move: move.at, reverse=True):
        what = f"{move.model} {move.alias}: {move.from_version or 'none'} to {move.to_version or 'none'}"
        reason = f": {move.reason}" if move.reason else ""
        typer.echo(f"{move.at}  {what}  {move.kind} by {move.by or 'nobody named'}{reason}")


def _store() -> AbstractContextManager[ModelStore]:
    from app.config import read_settings

    return opened_store(read_settings())


def _split(reference: str) -> tuple[str, tuple[str, ...]]:
    """Take NAME[/REF] apart; without a version there is nothing to hand on, and the store takes its default."""
    name, slash, wanted = reference.partition("/")
    return name, (wanted,) if slash else ()


def both_parts(reference: str, *, example: str, second: str = "REF") -> tuple[str, str]:
    """Take NAME/REF apart, of which neither part can be left out."""
    name, _, wanted = reference.partition("/")
    if not wanted:
        raise typer.BadParameter(f"expected NAME/{second}, for instance {name}/{example}, got {reference!r}")
    return name, wanted


def _size(card: Mapping[str, Any]) -> str:
    size_bytes = sum(file["size_bytes"] for file in card["files"].values())
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes} B"


def _headlines(card: Mapping[str, Any]) -> str:
    shares = [(key, value) for key, value in _flatten(card.get("metrics")) if isinstance(value, float)]
    return "  ".join(f"{key} {value:.4f}" for key, value in shares[:_HEADLINES])


def _summary(store: ModelStore, version: Version) -> Iterator[tuple[str, str]]:
    """Give what the store knows of a version, as (key, text)."""
    card = version.card
    aliases = [alias for alias, number in store.aliases(version.name).items() if number == version.version]
    yield "version", f"{version.name}/{version.version}" + (f" ({', '.join(aliases)})" if aliases else "")
    yield "created", card["created"]
    yield "digest", version.digest
    yield "files", f"{', '.join(card['files'])}: {_size(card)}"
    numbers = sum(prod(array["shape"]) for array in card["arrays"].values())
    yield "arrays", f"{len(card['arrays'])} of {numbers} numbers"


def _own_words(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what a model says of itself, as (key, text); what is long is only counted."""
    from app.store import OWNED_KEYS

    for key, value in _flatten({key: value for key, value in card.items() if key not in OWNED_KEYS}):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if len(text) > _LONGEST and isinstance(value, list):
            text = f"{len(value)} entries (--json shows them)"
        yield key, text


def _flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give the leaves of nested objects with dotted keys; large objects stay whole, as lists of their entries."""
    if not isinstance(value, Mapping):
        yield path, value
    elif len(value) > _MOST:
        yield path, list(value.items())
    else:
        for key, part in value.items():
            yield from _flatten(part, f"{path}.{key}" if path else key)
