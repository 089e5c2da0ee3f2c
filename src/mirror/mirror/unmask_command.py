"""`mirror train unmask` and `mirror evaluate unmask`: learn what is beneath a mask; measure it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mirror_core.errors import ModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mirror_training.unmask_detection import Detection
    from mirror_training.unmask_evaluation import Answering, Evaluation
    from mirror_training.unmask_faces import UnmaskFace

__all__ = ["evaluate_unmask", "train_unmask"]

LANDMARKS = "landmarks"  # folder beside what is written
Data = Annotated[
    list[Path],
    typer.Option(
        help="A folder of photographs (also LFW's, CelebA's) or of archives; may be given several times."
    ),
]
Masks = Annotated[
    Path | None,
    typer.Option(help="JSON or YAML file that says what masks are drawn (docs/medical_masks.md)."),
]


def _numbers(text: str, name: str) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"{name} = {text} is refused: whole numbers divided by commas are needed, such as 32,64,96."
        ) from error


def train_unmask(
    *,
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for models, checkpoint, landmarks and reports.")],
    epochs: Annotated[
        int,
        typer.Option(help="Rounds of all photographs or of 12,000 pairs; at most, with --minutes.", min=1),
    ] = 200,
    minutes: Annotated[
        float | None, typer.Option(help="Time to train: the schedule follows the clock.", min=0.05)
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="A .keras file to begin with: any side, and stages may be added on top."),
    ] = None,
    batch: Annotated[int, typer.Option(help="Pairs per step.", min=1)] = 32,
    rate: Annotated[float, typer.Option(help="Largest learning rate.", min=1e-7)] = 2e-3,
    loss: Annotated[str, typer.Option(help="mse, l1, ssim or ssim_l1.")] = "ssim_l1",
    features: Annotated[
        Path | None, typer.Option(help="A .keras network whose inner layers compare pictures, too.")
    ] = None,
    architecture: Annotated[str, typer.Option(help="residual, plain or pretrained.")] = "residual",
    encoder: Annotated[
        Path | None, typer.Option(help="The .keras network of the pretrained encoder.")
    ] = None,
    tune_encoder: Annotated[bool, typer.Option("--tune-encoder", help="Train the encoder, too.")] = False,
    side: Annotated[int, typer.Option(help="Of the network's square in pixels.", min=32)] = 192,
    filters: Annotated[str, typer.Option(help="Channels of each stage.")] = "16,32,64,96,160,224",
    kernels: Annotated[str, typer.Option(help="Size of each stage's first convolution.")] = "5,3,3,3,3,3",
    predicts: Annotated[str, typer.Option(help="colour, or difference from the input.")] = "colour",
    refine: Annotated[
        int, typer.Option(help="Blocks of a second network that refines the result; 0: none.", min=0)
    ] = 0,
    precision: Annotated[str, typer.Option(help="auto, bfloat16 or float32.")] = "auto",
    grey_chroma: Annotated[
        float, typer.Option(help="What errors of colour count in grey photographs.", min=0, max=1)
    ] = 0.2,
    masks: Masks = None,
    seed: Annotated[int, typer.Option(help="Of weights, order, masks and changes.", min=0)] = 5,
    workers: Annotated[
        int, typer.Option(help="Processes that make pairs; -1: one less than processors, at most 16.", min=-1)
    ] = -1,
    pictures: Annotated[int, typer.Option(help="Faces that the report measures on, at most.", min=1)] = 120,
) -> None:
    """Train the network that shows the face beneath a mask; needs requirements/train.txt. Resumes."""
    from mirror_effects.medical import MaskOptions, load_options
    from mirror_training.mood_network import require_keras
    from mirror_training.unmask_faces import parts_of
    from mirror_training.unmask_recipe import Design, Recipe
    from mirror_training.unmask_run import run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    design = Design(
        architecture=architecture,
        side=side,
        filters=_numbers(filters, "filters"),
        kernels=_numbers(kernels, "kernels"),
        predicts=predicts,
        refine=refine,
        encoder=str(encoder or ""),
        frozen=not tune_encoder,
    )
    recipe = Recipe(
        design=design,
        start=str(start or ""),
        epochs=epochs,
        minutes=minutes,
        batch=batch,
        learning_rate=rate,
        loss=loss,
        features=str(features or ""),
        precision=precision,
        grey_chroma=grey_chroma,
        seed=seed,
        workers=workers if workers >= 0 else min(16, max(0, (os.cpu_count() or 1) - 1)),
    )
    options = MaskOptions() if masks is None else load_options(masks)
    require_keras()  # before landmarks are looked for, which may take long
    parts = parts_of(_faces(data, out / LANDMARKS))
    result = run(parts, out, recipe, options, pictures)
    _print(result.evaluation, result.detection, f"{out / 'unmask.keras'} on people it was not trained on")
    console = Console()
    for file in result.files:
        console.print(f"Wrote {file}", highlight=False, soft_wrap=True)
    if result.problem:
        console.print(result.problem, style="yellow", markup=False, highlight=False, soft_wrap=True)


def evaluate_unmask(
    *,
    data: Data,
    model: Annotated[Path, typer.Option(help="A .tflite or .keras file that `mirror train unmask` wrote.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for report and pictures; none are written if left out.")
    ] = None,
    split: Annotated[str, typer.Option(help="test, validation, train, or all people.")] = "test",
    pictures: Annotated[int, typer.Option(help="Faces to measure on, at most.", min=1)] = 300,
    masks: Masks = None,
) -> None:
    """Measure a model on people it was not trained on, beside simpler ways to fill a mask."""
    from mirror_effects.medical import MaskOptions, load_options
    from mirror_tracking.mask_reading import load_card
    from mirror_training.unmask_answers import load_look
    from mirror_training.unmask_baselines import MeanFace
    from mirror_training.unmask_detection import on_pairs
    from mirror_training.unmask_evaluation import evaluate, test_pairs
    from mirror_training.unmask_faces import PARTS, parts_of
    from mirror_training.unmask_pictures import sheet, write_picture

    if split not in (*PARTS, "all"):
        raise UsageError(f"split = {split} is refused: allowed is {' | '.join((*PARTS, 'all'))}.")
    answering = load_look(model)
    cache = (out or model.parent) / LANDMARKS
    faces = _faces(data, cache)
    parts = parts_of(faces)
    judged = faces if split == "all" else parts[split]
    options = MaskOptions() if masks is None else load_options(masks)
    pairs = test_pairs(judged, answering.side, pictures, options)
    evaluation = evaluate(answering.look, pairs, MeanFace(parts["train"], answering.side))
    beside = model.with_name("unmask.json")
    card = load_card(beside) if beside.is_file() else None
    detection, card = on_pairs(answering.look, pairs, card)
    _print(evaluation, detection, f"{model} on {len(pairs)} faces ({split})")
    report = {"test": evaluation.as_json(), "mask_share": card.share, "detection": detection.as_json()}
    real = _real_masks(answering, data=data, cache=cache, judged=judged, share=card.share, out=out)
    if real is not None:
        report["real_masks"] = real.as_json()
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    file = out / "evaluation.json"
    file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    pictured = write_picture(out / "evaluation.jpg", sheet(evaluation.rows, ("input", "truth", "output")))
    for written in (file, pictured):
        Console().print(f"Wrote {written}", highlight=False, soft_wrap=True)


def _real_masks(
    answering: Answering,
    *,
    data: list[Path],
    cache: Path,
    judged: list[UnmaskFace],
    share: float,
    out: Path | None,
) -> Detection | None:
    """Figures on photographs of people who really wear masks, where a folder holds some."""
    from mirror_training.unmask_detection import MASKED_PHOTOS, on_photographs, real_masks
    from mirror_training.unmask_pictures import sheet, write_picture

    place = next((each for each in data if (each / f"{MASKED_PHOTOS}.tar").is_file()), None)
    console = Console()
    if place is None:
        return None
    try:
        with _progress() as tell:
            masks = real_masks(
                place,
                cache,
                answering.side,
                workers=os.cpu_count() or 1,
                progress=lambda done, total: tell("Real masks", done, total),
            )
    except ModelError as error:
        console.print(f"Real masks were not looked at: {error}", markup=False, soft_wrap=True)
        return None
    bare = [face for face in judged if face.name.startswith("colour_faces_dev/")]
    found, rows = on_photographs(answering, masks, bare, share)
    console.print(
        f"real masks: {found.found:.1%} of {found.masked} photographs with a mask, {found.false:.1%} of "
        f"{found.bare} without; accuracy {found.accuracy:.1%}",
        highlight=False,
        soft_wrap=True,
    )
    if out is not None and rows:
        file = write_picture(out / "real_masks.jpg", sheet(rows, ("input", "output", "alpha")))
        console.print(f"Wrote {file}", highlight=False, soft_wrap=True)
    return found


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("Reading photographs", total=None)

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield tell


def _faces(data: list[Path], cache: Path) -> list[UnmaskFace]:
    from mirror_training.unmask_faces import find_faces

    with _progress() as tell:
        try:
            return find_faces(data, cache, workers=os.cpu_count() or 1, progress=tell)
        except ModelError as error:
            raise UsageError(f"Landmarks cannot be looked for here: {error}") from error


def _print(evaluation: Evaluation, detection: Detection, title: str) -> None:
    from mirror_training.unmask_evaluation import ALL, MODEL

    table = Table(title=title, title_justify="left")
    for heading in ("", "pictures", "SSIM", "PSNR dB", "L1"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    rows = [(method, groups[ALL]) for method, groups in evaluation.scores.items() if ALL in groups]
    groups = evaluation.scores[MODEL]
    rows += [(f"  {MODEL}, {group}", groups[group]) for group in sorted(groups) if group != ALL]
    for name, score in rows:
        masked, face = score.masked, score.face
        table.add_row(
            name,
            str(score.pictures),
            f"{masked.ssim:.3f}, {face.ssim:.3f}",
            f"{masked.psnr_db:.1f}, {face.psnr_db:.1f}",
            f"{masked.l1:.1f}, {face.l1:.1f}",
        )
    console = Console()
    console.print(table)
    console.print(
        "Each number beneath the mask, then over the whole face; L1 in grey levels. The two fills are told\n"
        "where the mask is, the mean face also where the true landmarks are.",
        highlight=False,
    )
    console.print(
        f"drawn masks: {detection.found:.1%} of {detection.masked} found, {detection.false:.1%} of "
        f"{detection.bare} bare faces taken for masked; accuracy {detection.accuracy:.1%}",
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":  # on a machine that has a GPU but neither ROS nor a build of this workspace
    typer.run(train_unmask)
