"""What has to be remembered beside models: jobs, corrections and keys, in SQLite or PostgreSQL."""

from app.database.database import Database
from app.database.tables import METADATA

__all__ = ["METADATA", "Database"]
