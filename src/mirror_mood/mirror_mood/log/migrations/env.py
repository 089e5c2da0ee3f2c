"""Run by Alembic: migrate over the connection that `mirror_core.store.schema` hands over."""

from alembic import context

from mirror_mood.log.models import METADATA
from mirror_mood.log.schema import MOOD_LOG

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=MOOD_LOG.version_table,
    render_as_batch=True,  # SQLite changes a column only by writing the table anew
)
with context.begin_transaction():
    context.run_migrations()
