"""Tables about a classifier that was just trained."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from mirror_training.classifier import Trained

__all__ = ["print_report"]

NAMES = {"logistic": "logistic regression", "forest": "random forest"}


def print_report(trained: Trained, console: Console | None = None) -> None:
    """Print balanced accuracy, precision and recall of each label, and the confusions of both methods."""
    console = console or Console()
    chance = 1 / len(trained.labels)
    for method, score in trained.scores.items():
        best = ", the better one" if method == trained.best else ""
        table = Table(
            title=f"{NAMES[method]}{best}: balanced accuracy {score.balanced:.1%} (chance {chance:.1%})",
            title_justify="left",
        )
        table.add_column("label", no_wrap=True)
        for heading in ("pictures", "precision", "recall"):
            table.add_column(heading, justify="right")
        for number in range(1, len(trained.labels) + 1):
            table.add_column(f"→ {number}", justify="right")
        for number, label in enumerate(trained.labels):
            table.add_row(
                f"{number + 1} {label}",
                str(trained.counts[number]),
                f"{score.precision[number]:.1%}",
                f"{score.recall[number]:.1%}",
                *(str(count) for count in score.confusion[number]),
            )
        console.print(table)
    console.print(
        f"{sum(trained.counts)} pictures of {trained.people} people; →: how many were taken for which label; "
        "cross-validated, all pictures of a person in one part."
    )
