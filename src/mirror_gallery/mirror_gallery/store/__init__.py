"""Where stored faces are kept: SQLite or PostgreSQL, pictures in a folder or in S3."""

from mirror_gallery.store.entry import Entry
from mirror_gallery.store.face_store import LONGEST_VISIT, FaceStore

__all__ = ["LONGEST_VISIT", "Entry", "FaceStore"]
