"""Where the pictures of stored faces lie: a folder of this machine, or elsewhere through fsspec (S3)."""

from __future__ import annotations

from mirror_core.store.objects import Objects, open_objects
from mirror_core.store.sealing import SealedObjects, Sealer
from mirror_gallery.locations import default_pictures

__all__ = ["Pictures", "open_pictures", "open_sealed_pictures"]

Pictures = Objects
WHAT = "A picture"


def open_sealed_pictures(url: str, sealer: Sealer) -> SealedObjects:
    """The picture store of a URL, encrypted where a key is set.

    Args:
        url: see `open_pictures`.
        sealer: has the keys.

    Raises:
        UsageError: if the URL is not understood.
    """
    return SealedObjects(open_pictures(url), sealer, WHAT)


def open_pictures(url: str = "") -> Pictures:
    """The picture store of a URL, with its bytes as they lie there.

    Args:
        url: a folder (also as `file:///path`), empty for the default one, `s3://bucket/prefix`, or the
            URL of any other file system that fsspec knows and that is installed.

    Raises:
        UsageError: if the URL is not understood.
    """
    return open_objects(url or str(default_pictures()), WHAT, "The pictures' URL")
