"""The history of the gallery's tables, for Alembic."""
