"""Where the pictures of stored faces lie: a folder of this machine, or elsewhere through fsspec (S3)."""

from __future__ import annotations

from mirror_core.store.objects import Objects, open_objects
from mirror_gallery.locations import default_pictures

__all__ = ["Pictures", "open_pictures"]

Pictures = Objects


def open_pictures(url: str = "") -> Pictures:
    """The picture store of a URL.

    Args:
        url: a folder (also as `file:///path`), empty for the default one, `s3://bucket/prefix`, or the
            URL of any other file system that fsspec knows and that is installed.

    Raises:
        UsageError: if the URL is not understood.
    """
    return open_objects(url or str(default_pictures()), "A picture", "The pictures' URL")
