"""Give corrections their page in a column of its own, so that those of a page are found without reading all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it, and fill it with what the details tell."""
    op.add_column("corrections", sa.Column("page", sa.String(length=80), nullable=True))
    corrections = sa.table("corrections", sa.column("id"), sa.column("page"), sa.column("details", sa.JSON))
    page = corrections.c.details[("on_page", "page")].as_string()
    op.execute(sa.update(corrections).values(page=sa.func.substr(page, 1, 80)))
    op.create_index(op.f("ix_corrections_page"), "corrections", ["page"], unique=False)
