"""The pages for the browser, `app.web`."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_PAGES = files("app.web")


@router.get("/")
async def show_reading() -> Response:
    """Answer with the page to read with; it is open to everybody, what it asks for then may take a key."""
    return HTMLResponse((_PAGES / "index.html").read_text(encoding="utf-8"))


@router.get("/inside")
async def show_inside() -> Response:
    """Answer with the page that looks into the networks."""
    return HTMLResponse((_PAGES / "inside.html").read_text(encoding="utf-8"))


class _AskedAnew(StaticFiles):
    """Files that browsers may keep, but ask for each time: a new page never meets the scripts of an older one."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount_static(app: FastAPI) -> None:
    """Serve what the pages are made of: style and scripts."""
    app.mount("/web", _AskedAnew(packages=[("app.web", "static")]), name="web")
