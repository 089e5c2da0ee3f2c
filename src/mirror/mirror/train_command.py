"""`mirror train` and `mirror evaluate`: make the shipped models anew; measure them on held-out pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import ModelError, UsageError

__all__ = ["evaluate_app", "train_app"]

train_app = typer.Typer(help="Train a model that the mirror ships.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure a model that the mirror ships.", no_args_is_help=True)

Data = Annotated[Path, typer.Option(help="Folder with face crops, their landmarks and photographs.")]


@train_app.callback()
def _train() -> None:
    """Keep `mirror train MODEL` a group while it holds one model."""


@evaluate_app.callback()
def _evaluate() -> None:
    """Keep `mirror evaluate MODEL` a group while it holds one model."""


@train_app.command("occlusion")
def train_occlusion(
    data: Data,
    out: Annotated[Path, typer.Option(help="The .tflite file to write.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="A .weights.h5 file that is rewritten while training.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="A .weights.h5 file from which only the last round is run.")
    ] = None,
) -> None:
    """Train the network that sees what is in front of a face; needs requirements/train.txt."""
    from mirror_training.occlusion import train

    train(data, out, checkpoint=checkpoint, resume=resume)


@evaluate_app.command("occlusion")
def evaluate_occlusion(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="A .tflite file; the shipped one if left out.")] = None,
    per_kind: Annotated[int, typer.Option(help="Faces of each kind of occluder.", min=1)] = 200,
) -> None:
    """Paste occluders on held-out faces and print how well the visible part of the face is kept."""
    from mirror_effects.occlusion import OcclusionLayer
    from mirror_training.occlusion_evaluation import evaluate, load_held_out, summary

    try:
        layer = OcclusionLayer(model)
    except ModelError as error:
        raise UsageError(str(error)) from error
    rows = summary(evaluate(layer, load_held_out(data), per_kind))
    table = Table(title="Occlusion layer on held-out faces (means)", title_justify="left")
    for heading in ("in front", "faces", "kept IoU", "without layer", "covered IoU", "false", "missed"):
        table.add_column(heading, justify="left" if heading == "in front" else "right")
    for kind, (count, score) in rows.items():
        table.add_row(
            kind,
            str(count),
            f"{score.kept_iou:.3f}",
            f"{score.blind_iou:.3f}",
            f"{score.covered_iou:.3f}",
            f"{score.false_share:.1%}",
            f"{score.missed_share:.1%}",
        )
    Console().print(table)
