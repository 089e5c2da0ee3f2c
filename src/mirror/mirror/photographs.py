"""Photographs that commands read and sheets that they write, with one sentence for what goes wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image

__all__ = ["face_in", "require_picture_name", "write_picture"]

JPEG_QUALITY = 88
ENDINGS = (".png", ".jpg", ".jpeg")


def face_in(path: Path, *, only_one: bool = False) -> tuple[Image, NDArray[np.float32]]:
    """A photograph and the landmarks float32 [478, 3] of its largest face.

    Args:
        path: of the photograph.
        only_one: refuse a photograph of several people.

    Raises:
        UsageError: if it cannot be read, shows no face, or several where one is wanted.
    """
    from mirror_gallery.photo import find_faces, read_photograph

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The photograph {path} cannot be read: {error.strerror or error}.") from error
    picture = read_photograph(data).image
    faces = find_faces(picture)
    if not faces:
        raise UsageError(f"No face was found in {path}: give a photograph that shows one from the front.")
    if only_one and len(faces) > 1:
        raise UsageError(f"{path} shows {len(faces)} faces: give a photograph of one person.")
    return picture, faces[0]


def require_picture_name(path: Path) -> None:
    """Refuse a name that no picture is written to; before long work, so that it is not in vain.

    Raises:
        UsageError: unless it ends in .png, .jpg or .jpeg.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"{path} must end in .png or .jpg.")


def write_picture(path: Path, picture: Image) -> None:
    """Write a picture by its name's ending; its folder is made where it is missing.

    Raises:
        UsageError: if the name has another ending, or cannot be written.
    """
    require_picture_name(path)
    done, data = cv2.imencode(path.suffix, picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    try:
        if not done:
            raise OSError("it does not encode")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
