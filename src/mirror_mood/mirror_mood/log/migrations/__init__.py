"""The history of the mood log's tables, run by Alembic."""
