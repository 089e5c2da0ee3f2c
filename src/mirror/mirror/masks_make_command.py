"""`mirror masks make`: medical masks on the faces of a folder of photographs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from mirror_effects.medical.folder import Result

__all__ = ["make"]


def make(
    *,
    images: Annotated[
        Path, typer.Option(help="Folder with photographs, looked through with its sub-folders.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the masked pictures and manifest.jsonl.")],
    options: Annotated[
        Path | None, typer.Option(help="JSON or YAML file that says what masks are drawn.")
    ] = None,
    kind: Annotated[str, typer.Option(help="The kind of all masks, whatever the options' weights say.")] = "",
    seed: Annotated[int, typer.Option(help="Another seed gives other masks.", min=0)] = 0,
    alpha: Annotated[
        bool, typer.Option("--alpha", help="Also write each picture's opacity, as NAME.alpha.png.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Make also what is there already.")] = False,
    landmarks: Annotated[
        Path | None,
        typer.Option(help="An .npz file with names and landmarks; faces of other pictures are looked for."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Pictures at once; 0: one for each processor.", min=0)] = 0,
) -> None:
    """Put medical masks on the faces of photographs; what is there already is kept."""
    from mirror_effects.medical.folder import MANIFEST, FolderJob, mask_folder, read_landmarks
    from mirror_effects.medical.options import MaskOptions, load_options

    job = FolderJob(
        images,
        out,
        MaskOptions() if options is None else load_options(options),
        kind,
        seed,
        alpha=alpha,
        overwrite=overwrite,
        landmarks={} if landmarks is None else read_landmarks(landmarks),
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("masks", total=None)

        def show(result: Result, done: int, total: int) -> None:
            if result.problem:
                console.print(result.problem, style="yellow", markup=False, highlight=False, soft_wrap=True)
            bar.update(task, completed=done, total=total)

        summary = mask_folder(job, jobs or os.cpu_count() or 1, show)
    console.print(
        f"{summary.made} made, {summary.kept} kept, {len(summary.problems)} without a mask; {out / MANIFEST}",
        highlight=False,
        soft_wrap=True,
    )
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(summary.kinds.items()))
    if kinds:
        console.print(f"Masks: {kinds}", highlight=False, soft_wrap=True)
