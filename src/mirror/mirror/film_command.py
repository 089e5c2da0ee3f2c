"""`mirror film`: make a scene from a clip, list the scenes, show the report on one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mirror.film_progress import Bars, JsonLines, Shown
from mirror_core.errors import UsageError

if TYPE_CHECKING:
    from mirror_training.film_scene.maker import Made, Order
    from mirror_training.film_scene.quality import Quality

__all__ = ["app"]

app = typer.Typer(help="Make film scenes from clips, list them, show reports.", no_args_is_help=True)

EXIT_WAITING = 3  # the scene is not finished: something has to be done first
SCENES_HELP = "Folder of your own scenes; empty: ~/.local/share/mirror/scenes."
PROGRESS = ("bar", "json")


def _folder(text: str) -> Path | None:
    return Path(text).expanduser() if text else None


@app.command("make")
def make(
    clip: Annotated[Path, typer.Argument(help="The film, with one figure before a still background.")],
    *,
    name: Annotated[str, typer.Option(help="Of the scene: small letters, digits, underscores.")],
    licence: Annotated[str, typer.Option(help="Of the clip, or whose it is.")] = "",
    consent: Annotated[str, typer.Option(help="Who is seen and has agreed, or that nobody is seen.")] = "",
    title: Annotated[str, typer.Option(help="For people; empty: the name.")] = "",
    crop: Annotated[
        str, typer.Option(help="The square that is used: auto (where the body is), centre, or x,y,side.")
    ] = "auto",
    fps: Annotated[float, typer.Option(help="Frames per second that are used.", min=1, max=120)] = 25.0,
    size: Annotated[str, typer.Option(help="Of the network: fast (256², CPU) or full (512², GPU).")] = "fast",
    minutes: Annotated[float | None, typer.Option(help="Time to train.", min=0.05)] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also train without the frame before, to measure beside.")
    ] = False,
    processes: Annotated[
        int, typer.Option(help="That look for poses; 0: one for each processor.", min=0)
    ] = 0,
    only_report: Annotated[
        bool, typer.Option("--only-report", help="End after the report on the clip.")
    ] = False,
    scenes: Annotated[str, typer.Option(help=SCENES_HELP)] = "",
    work: Annotated[
        str, typer.Option(help="Folder to work in; empty: film_work/NAME beside the scenes.")
    ] = "",
    progress: Annotated[
        str, typer.Option(help="bar, for a person, or json, for a program: one line of JSON for each step.")
    ] = "bar",
) -> None:
    """Make a scene from a clip; repeat the command to go on where it was ended."""
    if progress not in PROGRESS:
        raise UsageError(f"--progress {progress} is refused: allowed is {' or '.join(PROGRESS)}.")
    from mirror_training.film_scene.assembly import Naming
    from mirror_training.film_scene.maker import Order
    from mirror_training.film_scene.training import WaitingError

    console = Console()
    try:
        with JsonLines.on() if progress == "json" else Bars.on(console) as shown:
            if not only_report and not (licence.strip() and consent.strip()):
                raise UsageError(
                    "A scene needs --licence, whose the clip is, and --consent, who is seen and has agreed "
                    "to it."
                )
            order = Order(
                clip=clip,
                naming=Naming(name, title.strip() or name, licence.strip(), consent.strip()),
                crop=crop,
                fps=fps,
                size=size,
                minutes=minutes,
                compare=compare,
                processes=processes or os.cpu_count() or 1,
                scenes=_folder(scenes),
                work=_folder(work),
            )
            quality, made = _worked(order, shown, only_report=only_report)
    except WaitingError as waiting:
        if progress == "bar":
            console.print(str(waiting), style="yellow", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT_WAITING) from waiting
    if progress == "json":
        return
    _print_quality(console, quality)
    if made is not None:
        _print_scores(console, made.training)
        console.print(f"Wrote {made.folder}", highlight=False, soft_wrap=True)


def _worked(order: Order, shown: Shown, *, only_report: bool) -> tuple[Quality, Made | None]:
    """Do the work and show how it goes; the report on the clip as soon as it is there."""
    from mirror_training.film_scene.maker import footage_of, make_scene, quality_file
    from mirror_training.film_scene.quality import Quality
    from mirror_training.film_scene.steps import Steps

    report = quality_file(order.work_folder)

    def told(step: str, done: int, total: int | None) -> None:
        if step == "training":
            shown.result("quality", Quality.read(report).as_json())
        shown.told(step, done, total)

    try:
        if only_report:
            _, quality = footage_of(order, Steps(order.work_folder), told)
            shown.result("quality", quality.as_json())
            return quality, None
        made = make_scene(order, told)
    except UsageError:
        if report.is_file():  # why too little of it can be used
            shown.result("quality", Quality.read(report).as_json())
        raise
    shown.result("scene", {"name": order.naming.name, "folder": str(made.folder)})
    shown.result("scores", made.training.get("test", {}))
    return made.quality, made


@app.command("list")
def list_scenes(scenes: Annotated[str, typer.Option(help=SCENES_HELP)] = "") -> None:
    """List the scenes that come with Mirror and your own, and say what is wrong with any."""
    from mirror_effects.film.scene import (
        default_scenes_folder,
        load_scene,
        shipped_scenes_folder,
    )
    from mirror_effects.film.scene import scenes as found_scenes

    place = _folder(scenes) or default_scenes_folder()
    table = Table("scene", "title", "picture", "licence", "whose", title="Scenes", title_justify="left")
    problems = []
    for name, folder in found_scenes(place).items():
        whose = "comes with Mirror" if folder.parent == shipped_scenes_folder() else "your own"
        try:
            scene = load_scene(folder).scene
        except UsageError as error:
            problems.append(str(error))
            continue
        table.add_row(name, scene.title, f"{scene.side}², {scene.fps:g} fps", scene.licence, whose)
    console = Console()
    console.print(table)
    console.print(f"Your own: {place}" + ("" if place.is_dir() else " (not there yet)"), soft_wrap=True)
    for problem in problems:
        console.print(problem, style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(1 if problems else 0)


@app.command("report")
def report(
    name: Annotated[str, typer.Argument(help="Of the scene, also of one that is being made.")],
    scenes: Annotated[str, typer.Option(help=SCENES_HELP)] = "",
) -> None:
    """Show what a scene's clip is worth and how well its figure is drawn."""
    from mirror_effects.film.scene import REPORT, checked_name, default_scenes_folder
    from mirror_effects.film.scene import scenes as found_scenes
    from mirror_training.film_scene.maker import quality_file, read_report, work_folder
    from mirror_training.film_scene.quality import Quality

    own = _folder(scenes)
    console = Console()
    folder = found_scenes(own or default_scenes_folder()).get(checked_name(name))
    if folder is not None:
        values = read_report(folder / REPORT)
        if values.get("clip_quality") is not None:
            _print_quality(console, Quality.read(folder / REPORT))
        _print_scores(console, values.get("training", {}))
        return
    file = quality_file(work_folder(name, own))
    if not file.is_file():
        raise UsageError(f"There is no scene {name}: `mirror film list` shows which there are.")
    _print_quality(console, Quality.read(file))
    console.print("The scene is not finished yet.", highlight=False)


def _print_quality(console: Console, quality: Quality) -> None:
    table = Table("what", "how it is", title="The clip", title_justify="left")
    for line in quality.lines():
        table.add_row(*line)
    console.print(table)
    for sentence in quality.advice:
        console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _print_scores(console: Console, training: Mapping[str, Any]) -> None:
    """How well the figure is drawn, on frames that were kept aside."""
    scores = training.get("test", {}).get("as they are", {})
    if not scores:
        return
    table = Table(
        "way",
        "SSIM",
        "PSNR, dB",
        "L1",
        "flicker",
        title="The figure on frames that were kept aside",
        title_justify="left",
    )
    for way, score in scores.items():
        moving = score["moving"]
        numbers = (f"{moving['ssim']:.3f}", f"{moving['psnr_db']:.1f}", f"{moving['l1']:.1f}")
        table.add_row(way, *numbers, f"{score['flicker']:.2f}")
    console.print(table)
    film, nearest = scores.get("film"), scores.get("nearest frame")
    if film and nearest and film["moving"]["ssim"] <= nearest["moving"]["ssim"]:
        console.print(
            "The network is no better than the clip's nearest frame: train for longer, or give more film.",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )
