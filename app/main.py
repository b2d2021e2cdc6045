"""The application that a server runs: ``uvicorn app.main:app``."""

from app.api import create_app
from app.config import read_settings

app = create_app(read_settings())
