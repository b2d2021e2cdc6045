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
    attribution: Annotated[str, typer.Option(help="Whom the licence asks to name, likewise.")] = "",
    name: Annotated[
        str | None, typer.Option(help="Model to publish it under.", show_default="INKROW_LANGUAGE_MODEL")
    ] = None,
    promote: Promote = False,
) -> None:
    """Make a language model of a list of words, and publish it.

    It becomes the next version. The letters from a to z are what it knows; words of others are left out. The same list
    gives the same model.
    """
    from app.config import read_settings
    from app.store import ModelStore
    from app.training import build_language, describe_language, read_word_list

    settings = read_settings()
    store = ModelStore(settings.model_store)
    counts = read_word_list(words)
    card = describe_language(words, counts, source=source, licence=licence, attribution=attribution)
    version = store.publish(name or settings.language_model, build_language(counts), card)
    announce(store, version, promote=promote)
