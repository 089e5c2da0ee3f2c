"""`mirror evaluate gestures`: how well head gestures are recognised on synthetic heads that move."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

__all__ = ["evaluate_gestures"]


def evaluate_gestures(
    per_kind: Annotated[int, typer.Option(help="Trajectories of each kind of movement.", min=1)] = 100,
    through_tracker: Annotated[
        bool, typer.Option(help="Also smooth landmarks and solve poses as the tracker does (slower).")
    ] = False,
) -> None:
    """Move synthetic heads, with gestures and without, and print what is recognised."""
    from mirror_training.gesture_evaluation import evaluate, precision, totals
    from mirror_training.head_movements import POSITIVES

    scores = evaluate(per_kind, track=through_tracker)
    table = Table(title="Head gestures on synthetic trajectories", title_justify="left")
    for heading in ("movement", "count", "found", "recall", "precision", "false", "delay"):
        table.add_column(heading, justify="left" if heading == "movement" else "right")
    for name, score in scores.items():
        is_gesture = name in POSITIVES
        figures = (
            [f"{score.hits}", f"{score.recall:.1%}", f"{precision(scores, name):.1%}"]
            if is_gesture
            else [""] * 3
        )
        table.add_row(
            name,
            str(score.count),
            *figures,
            str(len(score.false)),
            f"{score.delay_s:+.2f} s" if is_gesture else "",
            end_section=name in (list(POSITIVES)[-1], list(scores)[-1]),
        )
    total = totals(scores)
    figures = [str(total.hits), f"{total.recall:.1%}", f"{precision(scores):.1%}"]
    table.add_row("all gestures", str(total.count), *figures, str(len(total.false)), "")
    Console().print(table)
