"""`mirror mood`: look at what the mirror has learned of emotions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from mirror import mood_log_command
from mirror_core.errors import ModelError, UsageError
from mirror_core.frame import Image

__all__ = ["app"]

JPEG_QUALITY = 88

app = typer.Typer(help="What was learned of emotions, and the log of moods.", no_args_is_help=True)
mood_log_command.register(app)


@app.callback()
def _mood() -> None:
    """Keep `mirror mood COMMAND` a group while it holds one command."""


@app.command("view")
def view(
    out: Annotated[Path, typer.Option(help="The picture to write, .png or .jpg.")] = Path("moods.png"),
    photo: Annotated[
        Path | None, typer.Option(help="A photograph of one face: show it with each emotion too.")
    ] = None,
    directions: Annotated[
        Path | None, typer.Option(help="Directions of your own (.npz); the shipped ones if left out.")
    ] = None,
) -> None:
    """Draw the emotion directions and their opposites, on the mean face and on a photograph."""
    from mirror.mood_sheet import directions_sheet, photo_sheet
    from mirror_tracking.emotion_directions import EmotionDirections, shared_emotion_directions

    if out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise UsageError(f"{out} must end in .png or .jpg.")
    try:
        chosen = shared_emotion_directions() if directions is None else EmotionDirections.load(directions)
    except ModelError as error:
        raise UsageError(str(error)) from error
    sheet = directions_sheet(chosen) if photo is None else photo_sheet(*_face(photo), chosen)
    done, data = cv2.imencode(out.suffix, sheet, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    try:
        if not done:
            raise OSError("it does not encode")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data.tobytes())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    print(out)


def _face(path: Path) -> tuple[Image, NDArray[np.float32]]:
    """A photograph and the landmarks [478, 3] of the one face in it."""
    from mirror_gallery.photo import find_faces, read_photograph

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The photograph {path} cannot be read: {error.strerror or error}.") from error
    picture = read_photograph(data).image
    faces = find_faces(picture)
    if not faces:
        raise UsageError(f"No face was found in {path}: give a photograph that shows one from the front.")
    if len(faces) > 1:
        raise UsageError(f"{path} shows {len(faces)} faces: give a photograph of one person.")
    return picture, faces[0]
