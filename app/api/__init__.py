"""HTTP in front of the reader: FastAPI, routers, schemas, problem documents."""

from app.api.application import create_app
from app.api.serving import Serving, load_serving

__all__ = ["Serving", "create_app", "load_serving"]
