"""`mirror train mood` and `mirror evaluate mood`: train the network that reads expressions; measure it."""

from __future__ import annotations

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
    from mirror_training.mood_data import MoodData
    from mirror_training.mood_report import Evaluation

__all__ = ["evaluate_mood", "train_mood"]

Data = Annotated[
    Path,
    typer.Option(help="Pictures: an .npz file, FER2013's .csv, or a folder of split/class/picture."),
]
Votes = Annotated[Path | None, typer.Option(help="FER+'s fer2013new.csv, beside FER2013's .csv.")]


def train_mood(
    *,
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for model, checkpoint and reports.")],
    votes: Votes = None,
    epochs: Annotated[
        int, typer.Option(help="Passes over the pictures; at most, with --minutes.", min=1)
    ] = 300,
    minutes: Annotated[
        float | None, typer.Option(help="Time to spend: the schedule follows the clock.", min=0.1)
    ] = None,
    batch: Annotated[int, typer.Option(help="Pictures per step.", min=8)] = 64,
    rate: Annotated[
        float, typer.Option(help="Largest learning rate, for 64 pictures per step.", min=1e-6)
    ] = 0.06,
    precision: Annotated[str, typer.Option(help="bfloat16 or float32.")] = "bfloat16",
    seed: Annotated[int, typer.Option(help="Of weights, order and augmentation.")] = 5,
    workers: Annotated[int, typer.Option(help="Processes that augment; 0: none beside this one.", min=0)] = 0,
    width: Annotated[float, typer.Option(help="Of the network; 1 is what is shipped.", min=0.25)] = 1.0,
    start: Annotated[Path | None, typer.Option(help="A mood.keras whose weights to begin with.")] = None,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="A mood.keras to learn from; may be given several times.")
    ] = None,
) -> None:
    """Train the network that reads expressions; needs requirements/train.txt. Resumes where it was killed."""
    from mirror_training.mood_recipe import Recipe
    from mirror_training.mood_run import run

    if precision not in ("bfloat16", "float32"):
        raise UsageError(f"There is no precision {precision!r}: choose bfloat16 or float32.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    training = _load(data, "train", votes)
    try:
        tests = {"public": _load(data, "public", votes)}
    except UsageError:
        tests = {}  # a folder of one's own pictures may have no test
    recipe = Recipe(
        epochs=epochs,
        minutes=minutes,
        batch=batch,
        learning_rate=rate * batch / 64,
        precision=precision,
        width=width,
        seed=seed,
        workers=workers,
    )
    for name, evaluation in run(training, tests, out, recipe, start=start, teachers=teacher or ()).items():
        _print(evaluation, f"{out / 'mood.tflite'} on {name}")


def evaluate_mood(
    *,
    data: Data,
    split: Annotated[str, typer.Option(help="train, public or private.")] = "public",
    model: Annotated[Path | None, typer.Option(help="A .tflite file; the shipped one if left out.")] = None,
    training: Annotated[
        Path | None, typer.Option(help="Where the training pictures lie, if not beside the others in --data.")
    ] = None,
    votes: Votes = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report and its two pictures; none if left out.")
    ] = None,
) -> None:
    """Print accuracy, macro-F1, each class and calibration, with and without pictures known from training."""
    from mirror_mood.classifier import MoodClassifier
    from mirror_training.mood_report import evaluate, write

    try:
        classifier = MoodClassifier(model)
    except ModelError as error:
        raise UsageError(str(error)) from error
    test = _load(data, split, votes)
    try:
        known = _load(training or data, "train").images if split != "train" else None
    except UsageError:
        if training is not None:
            raise
        known = None
    evaluation = evaluate(classifier.logits(test.images), test, classifier.card.temperature, known)
    _print(evaluation, f"{model or 'The shipped model'} on {data.name}, {split}")
    if out is not None:
        for file in write(evaluation, out, split):
            Console().print(f"Wrote {file}")


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        yield progress


def _load(place: Path, split: str, votes: Path | None = None) -> MoodData:
    from mirror_training.mood_files import load

    with _bar(f"Preparing {split}") as progress:
        task = progress.add_task("", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return load(place, split, votes, workers=os.cpu_count() or 1, progress=tell)


def _print(evaluation: Evaluation, title: str) -> None:
    from mirror_training.mood_data import EMOTIONS

    scores, unseen = evaluation.scores, evaluation.unseen
    table = Table(title=title, title_justify="left")
    for heading in ("", "pictures", "precision", "recall", "F1", "mostly taken for"):
        table.add_column(heading, justify="left" if heading in ("", "mostly taken for") else "right")
    for number, name in enumerate(EMOTIONS):
        row = scores.confusion[number].copy()
        total = int(row.sum())
        row[number] = 0
        other = int(row.argmax())
        taken = f"{EMOTIONS[other]} ({row[other] / total:.0%})" if total and row[other] else "–"
        values = (scores.precision[number], scores.recall[number], scores.f1[number])
        table.add_row(name, str(total), *(f"{value:.1%}" for value in values), taken)
    console = Console()
    console.print(table)
    console.print(
        f"all {int(scores.confusion.sum())}: accuracy {scores.accuracy:.2%}, macro-F1 {scores.macro_f1:.3f}"
    )
    if unseen is not None:
        console.print(
            f"without pictures identical to a training picture, {evaluation.unseen_count}: "
            f"accuracy {unseen.accuracy:.2%}, macro-F1 {unseen.macro_f1:.3f}"
        )
    console.print(
        f"expected calibration error {evaluation.before.error:.1%}, "
        f"{evaluation.after.error:.1%} with temperature {evaluation.temperature:.2f}"
    )


if __name__ == "__main__":  # on a machine that has a GPU but neither ROS nor a build of this workspace
    typer.run(train_mood)
