"""`mirror evaluate recognition`: how often the mirror errs about who somebody is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mirror_core.errors import ModelError, UsageError

if TYPE_CHECKING:
    from mirror_training.named_faces import FacePicture
    from mirror_training.recognition_evaluation import Described

__all__ = ["evaluate_recognition"]

LEAST = 4  # pictures of those who are enrolled with several views: three to enrol, one to look at
VIEWS = (1, 2, 3)
THRESHOLDS = (0.28, 0.30, 0.32, 0.34, 0.36, 0.38, 0.40)
GALLERIES = (10, 100)
GROUPS = ("darkest", "middle", "brightest"), ("even light", "some", "light from one side")


def evaluate_recognition(
    data: Annotated[Path, typer.Option(help="Folder with face crops of people whose names are known.")],
    pictures: Annotated[
        int | None, typer.Option(help="Look at so many pictures only; all take ten minutes or more.", min=2)
    ] = None,
    closest: Annotated[
        int, typer.Option(help="List so many of the nearest pairs under two names, to be looked at.", min=0)
    ] = 0,
) -> None:
    """Compare people with themselves and with everybody else; print how often the mirror errs."""
    from mirror_gallery.embeddings import MARGIN, THRESHOLD
    from mirror_gallery.recognition import Recogniser
    from mirror_training.named_faces import load_people
    from mirror_training.recognition_evaluation import closest_impostors, describe

    try:
        recogniser = Recogniser()
    except ModelError as error:
        raise UsageError(str(error)) from error
    people = load_people(data, pictures)
    several = sum(count >= LEAST for count in Counter(picture.person for picture in people).values())
    if several < GALLERIES[0]:
        raise UsageError(
            f"{several} people have {LEAST} pictures among these {len(people)}, and {GALLERIES[0]} are "
            "needed; take more --pictures."
        )
    started_s = time.process_time()
    described = describe(people, recogniser, lambda all_: track(all_, "Looking at faces …", transient=True))
    spent_s = time.process_time() - started_s
    console = Console()
    console.print(_thresholds(described))
    console.print(_galleries(described, [size for size in GALLERIES if size <= several], THRESHOLD, MARGIN))
    console.print(_groups(described, people, THRESHOLD))
    _print_people(console, described, THRESHOLD)
    console.print(f"{spent_s / len(people):.3f} s of one core for each picture, enrolling included.")
    for distance, first, second in closest_impostors(described, closest) if closest else ():
        console.print(f"{distance:.3f}  {people[first].person}  {people[second].person}", highlight=False)


def _share(value: float) -> str:
    return f"{value:.1%}" if value >= 0.01 else f"{value:.3%}"


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _thresholds(described: Described) -> Table:
    """False accepts and false rejects over thresholds."""
    from mirror_training.recognition_evaluation import enrolled_pairs, errors, pairs

    enrolled = [pairs(described), *(enrolled_pairs(described, views, LEAST) for views in VIEWS)]
    first = enrolled[0]
    table = _table(
        f"False accepts / false rejects; {len(first.impostor):,} pairs of two people, "
        f"{len(first.genuine):,} of one;\nwith views enrolled {len(enrolled[1].impostor):,} and "
        f"{len(enrolled[1].genuine):,}",
        "threshold",
        "all pairs",
        *(f"{views} view{'s' * (views > 1)}" for views in VIEWS),
    )
    for threshold in THRESHOLDS:
        found = [errors(measured, threshold) for measured in enrolled]
        table.add_row(
            f"{threshold:.2f}",
            *(f"{_share(each.false_accepts)} / {_share(each.false_rejects)}" for each in found),
        )
    return table


def _galleries(described: Described, sizes: Sequence[int], threshold: float, margin: float) -> Table:
    """What a look does in whole galleries."""
    from mirror_training.recognition_evaluation import gallery_errors

    table = _table(
        f"One look, threshold {threshold}, margin {margin}",
        "people",
        "views",
        "strangers named",
        "misnamed",
        "not named",
        "strangers with one name 4 times",
    )
    for size in sizes:
        for views in (VIEWS[0], VIEWS[-1]):
            found = gallery_errors(
                described, size=size, views=views, threshold=threshold, margin=margin, least=LEAST
            )
            shares = (found.strangers_named, found.misnamed, found.unnamed, found.strangers_kept)
            table.add_row(str(size), str(views), *map(_share, shares))
    return table


def _groups(described: Described, people: Sequence[FacePicture], threshold: float) -> Table:
    """Errors by light."""
    from mirror_training.named_faces import side_light, skin_brightness
    from mirror_training.recognition_evaluation import errors_by_group

    table = _table(f"Thirds of the pictures, threshold {threshold}", "pictures", "from", "accepts", "rejects")
    for names, measure in zip(GROUPS, (skin_brightness, side_light), strict=True):
        values = np.array([measure(picture) for picture in people])
        edges = np.quantile(values, (1 / 3, 2 / 3))
        groups = np.searchsorted(edges, values)
        found = errors_by_group(described, groups, threshold)
        for name, edge, each in zip(names, (values.min(), *edges), found, strict=True):
            shares = _share(each.false_accepts), _share(each.false_rejects)
            table.add_row(name, f"{edge:.2f}", *shares, end_section=name == names[-1])
    return table


def _print_people(console: Console, described: Described, threshold: float) -> None:
    """How unevenly false accepts are spread."""
    from mirror_training.recognition_evaluation import false_accepts_per_person

    shares = false_accepts_per_person(described, threshold)
    worst = shares[-max(len(shares) // 10, 1) :]
    console.print(
        f"False accepts per person: median {_share(float(np.median(shares)))}, "
        f"worst {_share(float(shares[-1]))}; a tenth of the people has "
        f"{worst.sum() / max(shares.sum(), 1e-12):.0%} of them."
    )
