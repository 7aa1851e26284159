"""Alembic's environment: the caller (``shopctl.database.schema``) brings the connection and its one transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
