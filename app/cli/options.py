"""Options and arguments that several commands have, and the names that they may take.

The names are those of app.formats, app.ocr and app.training, which would take the help half a second to import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

FormatName = Literal["text", "json", "tsv", "hocr", "alto", "page", "pdf", "png"]
StageName = Literal["page", "ink", "components", "rows", "glyphs"]
ReaderName = Literal["auto", "glyphs", "rows"]
LanguageName = Literal["en", "none"]
MOST_ALTERNATIVES = 10
TrainedModel = Literal["handprint", "rows", "seed"]

LogLevel: TypeAlias = Annotated[
    Literal["critical", "error", "warning", "info", "debug"], typer.Option(help="What to log at least.")
]
LogFormat: TypeAlias = Annotated[
    Literal["text", "json"] | None,
    typer.Option(help="Lines for people, or JSON objects for programs.", show_default="INKROW_LOG_FORMAT"),
]
ListFormat: TypeAlias = Annotated[Literal["text", "json"], typer.Option("--format", help="json: one list of objects.")]
RecipeArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A recipe that comes with Inkrow, or a .toml file.")
]
DEFAULT_RECIPE = "handprint"
DataOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--data", metavar="NAME|DIR", help="Data set, by name or folder.", show_default="the recipe's"),
]
DataRoot: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of all data sets.", show_default="INKROW_DATA")
]
Epochs: TypeAlias = Annotated[
    list[int] | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Epochs of the first phase; given again, of the next. Phases without a number are left out.",
        show_default="the recipe's",
    ),
]
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes that draw glyphs; changes no result.")]
Promote: TypeAlias = Annotated[bool, typer.Option("--promote", help="Let the new version serve: make it the champion.")]


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given: those that are not None."""
    return {name: value for name, value in options.items() if value is not None}
