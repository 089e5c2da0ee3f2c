"""The gallery's tables and the history of their versions."""

from __future__ import annotations

from pathlib import Path

from mirror_core.store.schema import Schema

__all__ = ["GALLERY"]

GALLERY = Schema(
    what="The gallery's database",
    version_table="gallery_schema",
    head="0001",  # newest migration in migrations/versions
    migrations=Path(__file__).parent / "migrations",
    application="mirror gallery",
)
