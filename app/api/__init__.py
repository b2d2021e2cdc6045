"""HTTP in front of the reader: FastAPI, routers, schemas, problem documents."""

from app.api.application import create_app

__all__ = ["create_app"]
