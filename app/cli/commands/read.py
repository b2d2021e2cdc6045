"""The command that reads files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import MOST_ALTERNATIVES, FormatName, LanguageName, ReaderName, StageName, given
from app.cli.outputs import check_place, plan_outputs, write_whole
from app.cli.reading.inputs import Input, find_inputs
from app.cli.shell import app, examples, load_reader, report
from app.errors import AppError, InvalidInput, ServiceUnreachable

if TYPE_CHECKING:
    from app.cli.reading.local import LocalReader
    from app.cli.reading.remote import RemoteReader
    from app.formats import Format

_Job = tuple[Input, Path | None]  # what is read, and where that goes


def _web_address(url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"expected an address that begins with http:// or https://, got {url!r}")
    return url


@app.command(
    epilog=examples(
        "inkrow read page.jpg",
        "inkrow read scans/ --format hocr --output read/",
        "inkrow read scans/ --format hocr --output read/ --resume",
        "inkrow read --format json 'scans/**/*.png' > readings.jsonl",
        "inkrow read --format png --stage rows page.jpg > rows.png",
        "inkrow read --alphabet 0123456789 meter.jpg",
        "inkrow read --pattern '[A-Z]{2}\\d{4}' labels.jpg",
        "inkrow read --abstain-below 0.8 form.jpg",
        "inkrow read --pages 2-5 report.pdf",
        "inkrow read --model 1 page.jpg",
        "inkrow read --reader rows letter.jpg",
        "inkrow read --language none codes.png",
        "inkrow read --server http://ocr.example:8000 page.jpg",
        "curl -s https://example.org/page.jpg | inkrow read -",
    )
)
def read(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Images, folders of images, or quoted patterns; - is standard input."),
    ],
    format_name: Annotated[FormatName, typer.Option("--format", help="Form of the results.")] = "text",
    stage: Annotated[
        StageName | None,
        typer.Option(
            help="What a png shows: the page, or what was found on it.", show_default="the last, what was read"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Write one file for each that is read, here. One of that name is replaced, unless it is to be read.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where a run with the same files ended: leave out those whose results are in DIR."
        ),
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Let the service at this address read, with its model.", callback=_web_address
        ),
    ] = None,
    alternatives: Annotated[
        int | None,
        typer.Option(
            min=0, max=MOST_ALTERNATIVES, help="Most other readings of each character.", show_default="the reader's own"
        ),
    ] = None,
    alphabet: Annotated[
        str | None,
        typer.Option(
            metavar="CHARS",
            help="The only characters to be read, beside spaces.",
            show_default="all that the model knows",
        ),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(metavar="REGEX", help="What every row is, such as [A-Z]{2}\\d{4}.", show_default="anything"),
    ] = None,
    abstain_below: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="P",
            help="Print ? for characters less sure than this. None is as sure as 1: a value close to it leaves only ?.",
            show_default="none of them",
        ),
    ] = None,
    pages: Annotated[
        str | None,
        typer.Option(
            metavar="RANGE", help="Which pages of each file: 3, 2-5, 7- or 1,3,8-10.", show_default="all of them"
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="REF", help="Version or alias of the model.", show_default="INKROW_ALIAS")
    ] = None,
    network: Annotated[
        ReaderName | None,
        typer.Option(
            "--reader", help="Which network reads: for single glyphs, for whole rows, or both.", show_default="auto"
        ),
    ] = None,
    language: Annotated[
        LanguageName | None,
        typer.Option(help="What words are thought to be of where look-alikes are told apart.", show_default="en"),
    ] = None,
) -> None:
    """Read images, and print what they say or write it to files.

    A file that cannot be read is reported on stderr and the others are read; the exit code is that of the first
    failure. As text, files are printed under their names if they are several; as json, one object a line. Other
    formats go to --output DIR if there is more than one file.
    """
    from app.formats import find_format
    from app.vision import PageRange

    with _a_wrong_command_line():
        format_ = find_format(format_name, stage)
        wanted = None if pages is None else PageRange.parse(pages)
        if output is not None:
            check_place(output)
        elif resume:
            raise InvalidInput("expected --output with --resume, whose folder has the results of the earlier run")
    options = given(
        alternatives=alternatives,
        alphabet=alphabet,
        pattern=pattern,
        abstain_below=abstain_below,
        reader=network,
        language=language,
        pages=wanted,
    )
    failures = _Failures()
    inputs = _all_inputs(files, failures)
    if output is None and format_name not in ("text", "json") and len(inputs) > 1:
        raise typer.BadParameter(f"{len(inputs)} files do not go into one as {format_name}; --output DIR takes them")
    if not inputs:
        raise typer.Exit(failures.exit_code)
    outputs = [None] * len(inputs) if output is None else plan_outputs(output, inputs, format_.suffix)
    jobs = list(zip(inputs, outputs, strict=True))
    if resume:
        jobs = [(item, path) for item, path in jobs if path is None or not path.is_file()]
        there = len(inputs) - len(jobs)
        typer.echo(f"{there} of {len(inputs)} results {'is' if there == 1 else 'are'} there already", err=True)
    opening: AbstractContextManager[LocalReader | RemoteReader]
    if server is None:
        opening = nullcontext(_here(format_, model, options))
    else:
        opening = _at(server, {"format": format_name, "stage": stage, "model": model, **options})
    written = 0
    with opening as reader:
        for item, path in _with_progress(jobs, to_files=output is not None):
            with failures.reported(item.path):
                content = reader.read(item)
                if path is not None:
                    write_whole(path, content)
                    written += 1
                else:
                    typer.echo(_printed(item, content, format_name, several=len(inputs) > 1), nl=False)
    if written:
        typer.echo(f"{written} {'file' if written == 1 else 'files'} written to {output}")
    raise typer.Exit(failures.exit_code)


@contextmanager
def _a_wrong_command_line() -> Iterator[None]:
    """Tell what is wrong with options as typer does, and with its exit code."""
    try:
        yield
    except InvalidInput as exc:
        raise typer.BadParameter(exc.detail) from exc


def _here(format_: Format, model: str | None, options: Mapping[str, Any]) -> LocalReader:
    """Load the model; `options` are fields of `app.ocr.ReadOptions`."""
    from app.cli.reading.local import LocalReader
    from app.config import read_settings
    from app.ocr import ReadOptions
    from app.vision import DecodeLimits

    settings = read_settings()
    loaded, wanted = load_reader(settings, settings.alias if model is None else model), ReadOptions(**options)
    with _a_wrong_command_line():  # once, and not for each file
        loaded.reader.permitted(wanted)
    return LocalReader(
        reader=loaded.reader,
        model=loaded.models,
        format=format_,
        options=wanted,
        limits=DecodeLimits(settings.max_pixels, settings.max_pages),
        tell=lambda item, sentence: _tell(f"inkrow: {_shown(item.path)}: {sentence}"),
    )


def _at(url: str, options: Mapping[str, object]) -> RemoteReader:
    """Leave the model to a service."""
    from app.cli.reading.remote import RemoteReader
    from app.config import read_settings

    key = read_settings().key
    return RemoteReader(url, options, None if key is None else key.get_secret_value(), tell=_tell)


def _all_inputs(files: Sequence[str], failures: _Failures) -> list[Input]:
    inputs: list[Input] = []
    for argument in files:
        with failures.reported(argument):
            inputs += find_inputs(argument)
    return inputs


class _Failures:
    """Reports what fails and lets the rest go on; `exit_code` is that of the first."""

    exit_code = 0

    @contextmanager
    def reported(self, place: object) -> Iterator[None]:
        try:
            yield
        except ServiceUnreachable:
            raise
        except AppError as exc:
            with _beside_the_bar():
                code = report(exc, _shown(place))
            self.exit_code = self.exit_code or code


def _printed(item: Input, content: bytes, format_name: str, *, several: bool) -> bytes:
    """What goes to standard output: in JSON with the file's name, in text below it if there are several."""
    if format_name == "json":
        line = json.dumps({"file": _shown(item.path), **json.loads(content)}, ensure_ascii=False)
        return f"{line}\n".encode()
    if format_name == "text" and several:
        return f"==> {_shown(item.path)} <==\n".encode() + content
    return content


def _shown(path: object) -> str:
    """A file's name in characters that can be printed, whatever bytes it has."""
    return str(path).encode(errors="surrogateescape").decode(errors="replace")


def _tell(line: str) -> None:
    with _beside_the_bar():
        typer.echo(line, err=True)


def _with_progress(items: Sequence[_Job], *, to_files: bool) -> Iterator[_Job]:
    """Show how far it is where somebody sees it and nothing is printed beside it."""
    from tqdm import tqdm

    seen = len(items) > 1 and sys.stderr.isatty() and (to_files or not sys.stdout.isatty())
    return iter(tqdm(items, unit="file", dynamic_ncols=True, disable=not seen))


def _beside_the_bar() -> AbstractContextManager[None]:
    from tqdm import tqdm

    return tqdm.external_write_mode(file=sys.stderr)
