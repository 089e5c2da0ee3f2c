"""`mirror mood`: look at what the mirror has learned of emotions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror import mood_log_command
from mirror.photographs import face_in, require_picture_name, write_picture
from mirror_core.errors import ModelError, UsageError

__all__ = ["app"]

app = typer.Typer(help="What was learned of emotions, and the log of moods.", no_args_is_help=True)
mood_log_command.register(app)


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

    require_picture_name(out)
    try:
        chosen = shared_emotion_directions() if directions is None else EmotionDirections.load(directions)
    except ModelError as error:
        raise UsageError(str(error)) from error
    sheet = directions_sheet(chosen) if photo is None else photo_sheet(*face_in(photo, only_one=True), chosen)
    write_picture(out, sheet)
    print(out)
