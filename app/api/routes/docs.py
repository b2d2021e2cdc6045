"""The documentation in the browser, from this server alone.

FastAPI's own page loads Swagger UI from another server and starts it by a script within the page: that fails offline
and under our Content-Security-Policy.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

# Addresses are relative, so that the page also works below a path of some other server.
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inkrow</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""

_START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


@router.get("/docs")
async def show_docs() -> Response:
    """Answer with the page that Swagger UI fills."""
    return HTMLResponse(_PAGE)


@router.get("/docs/start.js")
async def start_docs() -> Response:
    """Answer with the script that starts Swagger UI."""
    return Response(_START, media_type="text/javascript")


def mount_assets(app: FastAPI) -> None:
    """Serve Swagger UI's own files, which the package fastapi-swagger carries unchanged."""
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs-assets")
