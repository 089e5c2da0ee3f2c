"""Writes the parts of the documentation that come from the code: tables, the graph's drawing, figures."""

from mirror.reference.documents import documents, write

__all__ = ["documents", "write"]
