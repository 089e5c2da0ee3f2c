"""`mirror train mood-shape` and `mirror evaluate mood-shape`: the second opinion on moods, from geometry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from mirror_training.mood_shape import MoodShapeReport

__all__ = ["evaluate_mood_shape", "print_mood_shape", "train_mood_shape"]

Data = Annotated[
    Path, typer.Option(help="Folder with faces_dev.tar and faces_dev_landmarks.npz, labelled with emotions.")
]
NAMES = {"logistic": "logistic regression", "forest": "random forest", "both": "both, averaged"}


def train_mood_shape(
    *, data: Data, out: Annotated[Path, typer.Option(help="The .npz file to write.")]
) -> None:
    """Train what tells moods apart by geometry, against each person's neutral face; needs scikit-learn."""
    from mirror_training.mood_shape import train

    print_mood_shape(train(data, out, Console().print))


def evaluate_mood_shape(*, data: Data) -> None:
    """Cross-validate the geometry of moods by person, with and without baselines; needs scikit-learn."""
    from mirror_training.classifier import need_scikit_learn
    from mirror_training.mood_shape import cross_validate
    from mirror_training.mood_shape_data import load_examples

    need_scikit_learn()
    report = Console().print
    print_mood_shape(cross_validate(load_examples(data, report), report))


def print_mood_shape(report: MoodShapeReport, console: Console | None = None) -> None:
    """Print balanced accuracies by method and situation, and what was taken for what."""
    from mirror_mood.shape_mood import SHAPE_MOODS
    from mirror_training.mood_shape import BOTH, SITUATIONS

    console = console or Console()
    table = Table(title="Balanced accuracy, cross-validated by person", title_justify="left")
    table.add_column("situation")
    table.add_column("pictures", justify="right")
    for name in NAMES.values():
        table.add_column(name, justify="right")
    for key, words in SITUATIONS.items():
        count = int(report.scores[BOTH][key].confusion.sum())
        values = (f"{report.scores[method][key].balanced:.1%}" for method in NAMES)
        table.add_row(words, str(count), *values)
    console.print(table)
    for key in ("all", "early"):
        score = report.scores[BOTH][key]
        classes = Table(title=f"{NAMES[BOTH]}: {SITUATIONS[key]}", title_justify="left")
        classes.add_column("mood", no_wrap=True)
        for heading in ("pictures", "precision", "recall", *(f"→ {n + 1}" for n in range(len(SHAPE_MOODS)))):
            classes.add_column(heading, justify="right")
        for number, label in enumerate(SHAPE_MOODS):
            classes.add_row(
                f"{number + 1} {label.word}",
                str(report.pictures[number]),
                f"{score.precision[number]:.1%}",
                f"{score.recall[number]:.1%}",
                *(str(count) for count in score.confusion[number]),
            )
        console.print(classes)
    console.print(
        f"{sum(report.pictures)} pictures of {report.people} people; guessing {1 / len(SHAPE_MOODS):.0%}; "
        f"→: how many were taken for which mood.\nexpected calibration error, moods weighing the same: "
        f"{report.before:.1%}, {report.after:.1%} with temperature {report.temperature:.2f}"
    )
