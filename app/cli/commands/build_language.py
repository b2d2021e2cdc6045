"""The command that makes a language of a list of words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Promote
from app.cli.shell import announce, app, examples


@app.command(
    epilog=examples(
        "inkrow build-language parts.txt --name parts --source 'our parts list' --licence 'our own' --promote",
        "INKROW_LANGUAGE_MODEL=parts inkrow read label.jpg",
        "inkrow build-language words.txt --pairs pairs.txt --name letters --source 'our letters' --licence 'our own'",
    )
)
def build_language(
    words: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Lines of a word and how often it occurs, in UTF-8.", show_default=False),
    ],
    source: Annotated[str, typer.Option(help="Where the words come from, for the model's card.")],
    licence: Annotated[str, typer.Option(help="Their licence, likewise.")],
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Likewise lines of two words and how often the second follows the first."),
    ] = None,
    attribution: Annotated[str, typer.Option(help="Whom the licence asks to name, likewise.")] = "",
    name: Annotated[
        str | None, typer.Option(help="Model to publish it under.", show_default="INKROW_LANGUAGE_MODEL")
    ] = None,
    promote: Promote = False,
) -> None:
    """Make a language model of lists of words, and publish it.

    It becomes the next version. The letters from a to z are what it knows; words of others are left out, and so are
    pairs of words that are not in the list. How many is told. The same lists give the same model.
    """
    from app.config import read_settings
    from app.ensemble import Choice
    from app.store import ModelStore
    from app.training import build_language, describe_language, read_pair_list, read_word_list

    settings = read_settings()
    store = ModelStore(settings.model_store)
    counts, left_out = read_word_list(words)
    taken = [f"{words}: words taken {len(counts)}, lines left out {left_out}"]
    files, following = [words], Counter[tuple[str, str]]()
    if pairs is not None:
        files.append(pairs)
        following, left_out = read_pair_list(pairs, counts)
        taken.append(f"{pairs}: pairs taken {len(following)}, lines left out {left_out}")
    card = describe_language(counts, following, files, source=source, licence=licence, attribution=attribution)
    named = name or settings.language_model
    Choice.of(settings).require_kind(store, named, card)
    version = store.publish(named, build_language(counts, following), card)
    announce(store, version, promote=promote)
    typer.echo("\n".join(taken))
