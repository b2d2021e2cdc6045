"""Writes readings into the body of an answer, in the format that was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response, UploadFile

from app.api.answers import negotiate
from app.api.corrections.keep_upload import KeptSheet
from app.api.observing.metrics import Metrics
from app.api.observing.observation import observation
from app.api.problems import problem_members
from app.api.reading.files import Unreadable
from app.errors import NothingReadable
from app.formats import FORMATS, Format, Model, Sheet, as_sourced_document, find_format, to_json, writable

_LONGEST_NAME = 100  # characters of up to twelve bytes in a header

Results = Iterable[Sheet | Unreadable]


def choose_format(request: Request, name: str | None, stage: str | None) -> Format:
    """Choose the format of an answer as `negotiate` does; `stage` is what a picture shows."""
    return find_format(negotiate(request, name, {key: each.media_type for key, each in FORMATS.items()}), stage)


def answer(request: Request, results: Results, files: Sequence[UploadFile], model: Model, format_: Format) -> Response:
    """Answer with all pages. They are read here, as `results` is gone through.

    Raises
    ------
    InvalidInput : the only file cannot be read, or in formats other than JSON any file.
    NothingReadable : none of several files can be read.
    """
    timing_ms: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    timed = _noted(results, timing_ms, warned, request.app.state.metrics)
    if format_.name == "json":
        body = to_json(_document(request, timed, len(files), model))
    else:
        body = format_.write(_all_or_nothing(timed, len(files)), model)
    headers = {
        "Content-Disposition": _disposition(files, format_),
        "Server-Timing": ", ".join(f"{stage};dur={duration_ms:.1f}" for stage, duration_ms in timing_ms.items()),
        "Vary": "Accept",
    }
    if warned:
        headers["Inkrow-Warnings"] = ", ".join(f"{code};n={times}" for code, times in sorted(warned.items()))
    return Response(body, headers=headers, media_type=format_.content_type)


def _document(request: Request, results: Results, files: int, model: Model) -> dict[str, Any]:
    """Return a single page of a single file as it is, and anything else as a list, problems in their places."""
    pages: list[dict[str, Any]] = []
    failures: list[Unreadable] = []
    for result in results:
        if isinstance(result, Sheet):
            pages.append(as_sourced_document(result, model))
            if isinstance(result, KeptSheet):
                pages[-1]["kept"] = result.document()
        else:
            failures.append(result)
            source = {"file": writable(result.file), "page": result.number}
            pages.append({"source": source, "problem": problem_members(request, result.why)})
    if len(failures) == len(pages):
        if files == 1:
            raise failures[0].why
        raise NothingReadable(f"none of {files} files can be read; each one's problem is in its place", pages=pages)
    if files == len(pages) == 1:
        del pages[0]["source"]
        return pages[0]
    return {"pages": pages}


def _all_or_nothing(results: Results, files: int) -> Iterator[Sheet]:
    """Pass on sheets, and raise the first problem, for formats that cannot hold one."""
    for result in results:
        if isinstance(result, Unreadable):
            why, file = result.why, writable(result.file)
            raise why if files == 1 else type(why)(f"{file}: {why.detail}", **{**why.context, "file": file})
        yield result


def _noted(
    results: Results, timing_ms: Counter[str], warned: Counter[str], metrics: Metrics
) -> Iterator[Sheet | Unreadable]:
    """Add up what the stages of each page took, and its warnings; note each page for the log and the figures."""
    noted = observation()
    for result in results:
        noted.pages += 1
        if isinstance(result, Sheet):
            timing_ms.update(result.page.timing_ms)
            warned.update(notice.code for notice in result.page.warnings)
            noted.glyphs += metrics.page_read(result.page)
        else:
            metrics.page_unreadable()
        yield result


def _disposition(files: Sequence[UploadFile], format_: Format) -> str:
    """Name the answer after the only file; browsers show what they can and save the rest under this name."""
    uploaded = PurePosixPath((files[0].filename or "").replace("\\", "/")).stem if len(files) == 1 else "pages"
    name = (uploaded or "page")[:_LONGEST_NAME] + format_.suffix
    return f"inline; filename*=utf-8''{quote(writable(name), safe='')}"
