"""The page that people read with in a browser, `app.web`."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_PAGE = files("app.web") / "index.html"


@router.get("/")
async def show_page() -> Response:
    """Answer with the page, which is open to everybody; what it asks for then may take a key."""
    return HTMLResponse(_PAGE.read_text(encoding="utf-8"))


def mount_static(app: FastAPI) -> None:
    """Serve what the page is made of: style and scripts."""
    app.mount("/web", StaticFiles(packages=[("app.web", "static")]), name="web")
