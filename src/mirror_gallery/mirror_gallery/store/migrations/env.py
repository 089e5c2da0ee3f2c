"""Run by Alembic: migrate over the connection that `mirror_core.store.schema` hands over."""

from alembic import context

from mirror_gallery.store.models import Base
from mirror_gallery.store.schema import GALLERY

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=GALLERY.version_table,
    render_as_batch=True,  # SQLite changes a column only by writing the table anew
)
with context.begin_transaction():
    context.run_migrations()
