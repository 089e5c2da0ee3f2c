"""`mirror shape`: look at the shape model, and ask a classifier that was trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror.photographs import face_in, write_picture
from mirror_core.errors import ModelError, UsageError

__all__ = ["app"]

app = typer.Typer(help="Look at the shape model, and use what was learned on it.", no_args_is_help=True)


@app.command("view")
def view(
    out: Annotated[Path, typer.Option(help="The picture to write, .png or .jpg.")] = Path("shape.png"),
    sparse: Annotated[
        bool, typer.Option("--sparse", help="The model whose components move one part of the face each.")
    ] = False,
    photo: Annotated[
        Path | None, typer.Option(help="A photograph of a face: show what the model makes of it.")
    ] = None,
    components: Annotated[
        int | None, typer.Option(help="Draw only so many components, the first ones.", min=1)
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A model of your own (.npz); the shipped one if left out.")
    ] = None,
) -> None:
    """Draw the faces that the components stand for, or a photograph's reconstruction."""
    from mirror_tracking.shape_model import ShapeModel, shared_shape_model
    from mirror_tracking.shape_sheet import component_sheet, photo_sheet

    if model is not None and sparse:
        raise UsageError("--sparse names the shipped model and --model another one: give one of the two.")
    try:
        chosen = (
            shared_shape_model("sparse" if sparse else "pca") if model is None else ShapeModel.load(model)
        )
    except ModelError as error:
        raise UsageError(str(error)) from error
    if photo is None:
        sheet = component_sheet(chosen, components)
    else:
        picture, landmarks = face_in(photo)
        sheet = photo_sheet(picture, landmarks, chosen)
    write_picture(out, sheet)
    print(out)


@app.command("classify")
def classify(
    photo: Annotated[Path, typer.Option(help="A photograph of a face.")],
    classifier: Annotated[Path, typer.Option(help="What `mirror train classifier` wrote.")],
) -> None:
    """Say which class of a classifier of your own a photograph's face belongs to."""
    from mirror_tracking.shape_classifier import ShapeClassifier
    from mirror_tracking.shape_model import shared_shape_model

    try:
        chosen = ShapeClassifier.load(classifier)
    except ModelError as error:
        raise UsageError(str(error)) from error
    _, landmarks = face_in(photo)
    found = chosen.probabilities(shared_shape_model(chosen.shape_model).fit(landmarks).parameters)
    for label, share in sorted(zip(chosen.labels, found, strict=True), key=lambda pair: -pair[1]):
        print(f"{label}: {share:.0%}")
