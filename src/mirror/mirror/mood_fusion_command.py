"""`mirror train mood-fusion` and `mirror evaluate mood-fusion`: how both judges of moods are weighed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import ModelError, UsageError

if TYPE_CHECKING:
    from mirror_training.mood_fusion import FusionReport

__all__ = ["evaluate_mood_fusion", "print_mood_fusion", "train_mood_fusion"]

Data = Annotated[
    Path, typer.Option(help="Folder with faces_dev.tar and faces_dev_landmarks.npz, labelled with emotions.")
]
Network = Annotated[
    Path | None, typer.Option(help="A .tflite file of `mirror train mood`; the shipped one if left out.")
]


def train_mood_fusion(
    *,
    data: Data,
    out: Annotated[Path, typer.Option(help="The .json file to write.")],
    network: Network = None,
) -> None:
    """Fit how the look and the shape of a face are weighed together; needs scikit-learn."""
    from mirror_training.classifier import need_scikit_learn
    from mirror_training.mood_fusion import train

    need_scikit_learn()
    try:
        print_mood_fusion(train(data, out, network, Console().print))
    except ModelError as error:
        raise UsageError(str(error)) from error


def evaluate_mood_fusion(*, data: Data, network: Network = None) -> None:
    """Measure look, shape and both together on photographs, cross-validated by person; needs scikit-learn."""
    from mirror_training.classifier import need_scikit_learn
    from mirror_training.mood_fusion import evaluate
    from mirror_training.mood_fusion_data import judge

    need_scikit_learn()
    try:
        print_mood_fusion(evaluate(judge(data, network, Console().print)))
    except ModelError as error:
        raise UsageError(str(error)) from error


def print_mood_fusion(report: FusionReport, console: Console | None = None) -> None:
    """Print what each judge is worth alone and together, and what "sure" means."""
    from mirror_core.moods import MoodLabel

    console = console or Console()
    table = Table(title="Cross-validated by person", title_justify="left")
    for heading in ("judge", "five moods", "all seven", "accuracy", "calibration error"):
        table.add_column(heading, justify="left" if heading == "judge" else "right")
    for source, (five, seven) in report.balanced.items():
        accuracy, error = report.scores[source].accuracy, report.calibrations[source].error
        table.add_row(source, f"{five:.1%}", f"{seven:.1%}", f"{accuracy:.1%}", f"{error:.1%}")
    console.print(table)
    counts = ", ".join(f"{report.pictures[label]} {label.word}" for label in MoodLabel)
    console.print(
        f"{sum(report.pictures)} pictures of {report.people} people: {counts}.\n"
        "Five and seven moods: balanced accuracy (five: without disgust and fear). "
        "Accuracy: of all pictures. Calibration error: moods weighing the same."
    )
    without, shape, both = report.with_baseline
    console.print(
        f"People with other neutral pictures, five moods, fused: {without:.1%} without a baseline, "
        f"{shape:.1%} with the shape's, {both:.1%} with the look's too."
    )
    sure = report.sureness
    console.print(
        f"From a probability of {sure.threshold:.2f} on an answer is sure: {sure.share:.1%} are, "
        f"of which {sure.right:.1%} are right (moods weighing the same)."
    )
