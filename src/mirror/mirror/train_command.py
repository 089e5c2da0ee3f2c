"""`mirror train` and `mirror evaluate`: make the shipped models anew; measure them on held-out pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror.gestures_command import evaluate_gestures
from mirror.mood_directions_command import train_mood_directions
from mirror.mood_fusion_command import evaluate_mood_fusion, train_mood_fusion
from mirror.mood_shape_command import evaluate_mood_shape, train_mood_shape
from mirror.mood_training_command import evaluate_mood, train_mood
from mirror.patches_command import evaluate_patches
from mirror.recognition_command import evaluate_recognition
from mirror.unmask_command import evaluate_unmask, train_unmask
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


evaluate_app.command("gestures")(evaluate_gestures)
evaluate_app.command("patches")(evaluate_patches)
evaluate_app.command("mood")(evaluate_mood)
evaluate_app.command("mood-shape")(evaluate_mood_shape)
evaluate_app.command("mood-fusion")(evaluate_mood_fusion)
evaluate_app.command("recognition")(evaluate_recognition)
evaluate_app.command("unmask")(evaluate_unmask)
train_app.command("mood")(train_mood)
train_app.command("mood-shape")(train_mood_shape)
train_app.command("mood-fusion")(train_mood_fusion)
train_app.command("mood-directions")(train_mood_directions)
train_app.command("unmask")(train_unmask)


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


@train_app.command("shape")
def train_shape(
    data: Data,
    out: Annotated[Path, typer.Option(help="The .npz file to write.")],
    sparse: Annotated[
        bool,
        typer.Option("--sparse", help="Components that move one part of the face each; needs scikit-learn."),
    ] = False,
) -> None:
    """Learn the shape model from face crops: mean face, components, standard deviations."""
    from mirror_training.shape import train

    train(data, out, sparse=sparse)


@train_app.command("presets")
def train_presets(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder that the .mirrorface files are written to.")],
) -> None:
    """Average many photographs into the faces that come with the mirror."""
    from mirror_training.presets import make_presets

    make_presets(data, out)


@train_app.command("classifier")
def train_own_classifier(
    images: Annotated[Path, typer.Option(help="Folder with the pictures, one face each.")],
    labels: Annotated[Path, typer.Option(help="CSV file: picture, label and, if wanted, person.")],
    out: Annotated[Path, typer.Option(help="The .npz file to write.")],
    method: Annotated[str, typer.Option(help="logistic or forest; the better one if left out.")] = "",
) -> None:
    """Train a classifier of your own on the shapes of faces that you have labelled; needs scikit-learn."""
    from mirror.classifier_report import print_report
    from mirror_training.classifier import train_classifier

    print_report(train_classifier(images, labels, out, method=method))


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


@evaluate_app.command("shape")
def evaluate_shape(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="A .npz file; both shipped models if left out.")] = None,
) -> None:
    """Reconstruct the faces of held-out people with the shape model and print the error that is left."""
    from mirror_tracking.shape_model import MODEL_NAMES, ShapeModel, shared_shape_model
    from mirror_training.shape_data import load_meshes
    from mirror_training.shape_evaluation import evaluate

    try:
        models = (
            {name: shared_shape_model(name) for name in MODEL_NAMES}
            if model is None
            else {model.name: ShapeModel.load(model)}
        )
    except ModelError as error:
        raise UsageError(str(error)) from error
    faces = load_meshes(data)
    scores = {name: evaluate(one, faces) for name, one in models.items()}
    first = next(iter(scores.values()))
    title = f"Shape model on {first.faces} faces of {first.people} held-out people"
    table = Table(title=title, title_justify="left")
    headings = (
        "model",
        "components",
        "error px",
        "95 %",
        "% of eyes",
        "95 %",
        "with depth",
        "mean face",
        "turn",
        "fit",
    )
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, score in scores.items():
        table.add_row(
            name,
            str(score.components),
            f"{score.mean_px:.2f}",
            f"{score.worst_px:.2f}",
            f"{score.mean_share:.2%}",
            f"{score.worst_share:.2%}",
            f"{score.mean_share_3d:.2%}",
            f"{score.without:.2%}",
            f"{score.turn_share:.1%}",
            f"{score.fit_ms:.2f} ms",
        )
    console = Console()
    console.print(table)
    console.print(
        "error px: rms over the points in the crops' pixels; % of eyes: over the distance between the outer "
        "corners of the eyes;\nmean face: what the mean alone leaves; turn: share of the shape that follows "
        "from how the head is turned."
    )
