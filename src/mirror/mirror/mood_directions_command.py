"""`mirror train mood-directions`: learn which way faces go when people feel something."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["train_mood_directions"]


def train_mood_directions(
    *,
    data: Annotated[
        Path,
        typer.Option(help="Folder with labelled face crops and, if there are, small pictures with votes."),
    ],
    out: Annotated[Path, typer.Option(help="The .npz file to write.")],
) -> None:
    """Learn from labelled photographs how each emotion changes the shape of a face."""
    from mirror_training.mood_directions import train

    train(data, out)
