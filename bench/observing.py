"""What noting every request costs: ids, figures and the log, as ``python -m bench.observing [PAGE]``."""

from __future__ import annotations

import asyncio
import logging.config
import os
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from starlette.types import Message

from app.api import create_app
from app.api.observing.observation import Observed
from app.config import Settings
from app.logs import log_config
from bench.load import BOUNDARY, Request

_TURNS = {"/livez": 3000, "/models": 400, "/ocr": 60}


async def call(app: FastAPI, path: str, body: bytes) -> None:
    """Send a request by ASGI, a body by POST and none by GET; whatever but 200 fails."""
    messages: list[Message] = [{"type": "http.request", "body": body}]
    statuses: list[int] = []

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()  # the client stays
        return messages.pop()

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "content-length": str(len(body))}
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST" if body else "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    await app(scope, receive, send)
    if statuses != [200]:
        raise RuntimeError(f"expected 200 of {path}, got {statuses}")


async def compare(state: Path, bodies: dict[str, bytes], report: Callable[[str], None]) -> None:
    """Send each body to its path, with and without notes in turns, and report the median times."""
    settings = Settings(state=state, rate_limit=0)
    noted, bare = create_app(settings), create_app(settings)
    kept = [each for each in bare.user_middleware if getattr(each.cls, "__name__", "") != Observed.__name__]
    bare.user_middleware = kept
    async with noted.router.lifespan_context(noted), bare.router.lifespan_context(bare):
        for path, body in bodies.items():
            seconds: dict[str, list[float]] = {"noted": [], "bare": []}
            for _ in range(_TURNS[path]):
                with patch.object(bare.state.metrics, "page_read", lambda page: 0):
                    for name, app in (("bare", bare), ("noted", noted)):
                        start = process_time()
                        await call(app, path, body)
                        seconds[name].append(process_time() - start)
            bare_ms, noted_ms = (median(seconds[name]) * 1e3 for name in ("bare", "noted"))
            report(f"{path}: {bare_ms:.3f} ms without, {noted_ms:.3f} ms with: {noted_ms / bare_ms:.3f}")


def main() -> None:
    """Measure processor time, in turns; the lines of the log are written, to nowhere."""
    parser = ArgumentParser(prog="python -m bench.observing", description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default=Path("samples/parts_label.png"), help="(%(default)s)")
    page = parser.parse_args().page
    config = log_config("info", "json")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        config["handlers"]["stderr"]["stream"] = nowhere
        logging.config.dictConfig(config)
        bodies = {"/livez": b"", "/models": b"", "/ocr": Request.upload(page.name, page.read_bytes()).body}
        with TemporaryDirectory() as state:
            asyncio.run(compare(Path(state), bodies, print))


if __name__ == "__main__":
    main()
