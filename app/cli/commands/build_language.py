"""The command that makes a language of a list of words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Promote
from app.cli.shell import announce, app, examples


@app.command(
    epilog=examples(
        "inkrow build-language words.txt --source 'our parts list' --licence 'our own' --promote",
        "inkrow build-language words.txt --pairs pairs.txt --source 'our letters' --licence 'our own'",
        "INKROW_LANGUAGE_MODEL=parts inkrow read label.jpg",
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

    It becomes the next version. The letters from a to z are what it knows; words of others are left out. The same lists
    give the same model.
    """
    from app.config import read_settings
    from app.store import ModelStore
    from app.training import build_language, describe_language, read_pair_list, read_word_list

    settings = read_settings()
    store = ModelStore(settings.model_store)
    counts = read_word_list(words)
    following = {} if pairs is None else read_pair_list(pairs)
    files = [words] if pairs is None else [words, pairs]
    card = describe_language(counts, files, source=source, licence=licence, attribution=attribution)
    version = store.publish(name or settings.language_model, build_language(counts, following), card)
    announce(store, version, promote=promote)
