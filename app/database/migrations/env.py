"""What Alembic runs for each change of the tables; `app.database.Database` hands it the connection."""

from alembic import context

from app.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
