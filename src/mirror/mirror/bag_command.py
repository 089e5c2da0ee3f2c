"""`mirror record`, `mirror replay`, `mirror bag info`: record what runs, play it again, look into it."""

from __future__ import annotations

import shutil
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import UsageError

if TYPE_CHECKING:
    from mirror_core.bags.background import BackgroundWriter
    from mirror_core.bags.reader import BagSummary

__all__ = ["app", "record", "replay"]

app = typer.Typer(help="Look into recorded bags.", no_args_is_help=True)

MEBIBYTE = 2**20


def record(
    out: Annotated[Path, typer.Option("--out", help="Folder to make; the bag is named after it.")],
    topics: Annotated[
        list[str] | None,
        typer.Argument(help="Topics in place of the usual ones; relative names are the mirror's."),
    ] = None,
    *,
    also: Annotated[list[str] | None, typer.Option(help="A topic beside the usual ones, e.g. image.")] = None,
    compressed: Annotated[bool, typer.Option("--compressed", help="Images as JPEG: a twentieth.")] = False,
    zstd: Annotated[bool, typer.Option("--zstd", help="Pack all that is written, without loss.")] = False,
    seconds: Annotated[float, typer.Option(help="End after this time; 0: at Ctrl-C.", min=0.0)] = 0.0,
    keep_free: Annotated[
        int, typer.Option(help="MiB of the disk that stay free; recording stops before.", min=0)
    ] = 1024,
    namespace: Annotated[str, typer.Option(help="The mirror's namespace.")] = "mirror",
) -> None:
    """Record a running mirror into a bag (MCAP) until Ctrl-C: what its camera saw and what it found."""
    from mirror.recorder import DEFAULT_TOPICS, Recorder
    from mirror_core.bags.background import BackgroundWriter
    from mirror_core.bags.writer import BagWriter
    from mirror_core.errors import StoreError

    wanted = [*(topics or DEFAULT_TOPICS), *(also or [])]
    console = Console()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        writer = BackgroundWriter(BagWriter(out, compress=zstd, keep_free_bytes=keep_free * MEBIBYTE))
    except StoreError as error:
        raise UsageError(str(error)) from error
    trouble = ""
    missing: tuple[str, ...] = ()
    try:
        recorder = Recorder(writer, wanted, namespace, jpeg=compressed)
        try:
            console.print(f"Recording to {out}; Ctrl-C ends it.", highlight=False, soft_wrap=True)
            with console.status("Nothing has come yet.") as status:
                recorder.run(stop, seconds, lambda: status.update(f"{writer.written.total()} messages"))
            missing = recorder.missing
        finally:
            recorder.close()
    finally:
        try:
            writer.close()
        except StoreError as error:
            trouble = str(error)
        if not writer.written.total():
            shutil.rmtree(out, ignore_errors=True)
    _report(console, out, writer, missing)
    if trouble or not writer.written.total():
        console.print(trouble or "Nothing came, so nothing was kept: start a mirror with `mirror run` first.")
        raise typer.Exit(1)


def _report(console: Console, out: Path, writer: BackgroundWriter, missing: tuple[str, ...]) -> None:
    """Say what was recorded, and what was not."""
    from mirror_core.bags.reader import BagReader

    if writer.written.total():
        with BagReader(out) as bag:
            print_summary(console, bag.summary)
    for topic, count in sorted(writer.dropped.items()):
        console.print(f"{topic}: {count} messages were left out, because the disk did not keep up.")
    for topic, reason in sorted(writer.refused.items()):
        console.print(f"{topic}: {reason}")
    for topic in missing:
        console.print(f"{topic}: nobody published it.")


def replay(
    bag: Annotated[Path, typer.Argument(help="A folder of rosbag2, or its .mcap or .db3 file.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments as name:=value, e.g. rate:=0.5 loop:=true.")
    ] = None,
    *,
    step: Annotated[
        bool, typer.Option("--step", help="Frame by frame: all is waited for, nothing is shown.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="With --step: file for the results of every frame (JSON).")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="With --step: results to compare with, within their tolerances.")
    ] = None,
) -> None:
    """Play a bag's pictures into the mirror in place of a camera; the same as `mirror run replay bag:=…`."""
    if step:
        _step(bag, arguments or [], out, against)
        return
    if out is not None or against is not None:
        raise UsageError("--out and --against need --step: only a replay frame by frame has results.")
    from mirror.running import run_graph

    raise typer.Exit(run_graph("replay", [f"bag:={bag}", *(arguments or [])]))


def _step(bag: Path, arguments: list[str], out: Path | None, against: Path | None) -> None:
    """Play a bag frame by frame; exit status 1 where the results differ from those expected."""
    from mirror.native_noise import without_native_noise
    from mirror.replay_results import Tolerances, differences, read_results, write_results
    from mirror.step_replay import open_steps
    from mirror_core.hosting import leave

    expected = read_results(against) if against is not None else None
    console = Console(highlight=False, soft_wrap=True)
    with without_native_noise(), open_steps(bag, arguments) as steps:
        for note in steps.notes:
            console.print(note)
        frames = []
        with console.status("") as status:
            for result in steps:
                frames.append(result.as_json())
                status.update(f"{len(frames)} frames")
        for problem in steps.problems:
            console.print(problem)
        about = {"bag": bag.name, "effects": list(steps.effects)}
    if out is not None:
        write_results(out, frames, about)
    with_faces = sum(bool(frame.get("faces")) for frame in frames)
    console.print(f"{len(frames)} frames, {with_faces} with a face.")
    said = []
    if expected is not None:
        said = differences(frames, expected["frames"], Tolerances(**expected.get("tolerances", {})))
        console.print("\n".join(said) or f"All is as in {against}, within its tolerances.")
    leave(1 if said else 0)


@app.command()
def info(
    bag: Annotated[Path, typer.Argument(help="A folder of rosbag2, or its .mcap or .db3 file.")],
) -> None:
    """Print a bag's topics, counts, duration and size; also of one that is damaged or was not finished."""
    from mirror_core.bags.reader import BagReader
    from mirror_core.errors import StoreError

    try:
        with BagReader(bag) as reader:
            print_summary(Console(), reader.summary)
    except StoreError as error:
        raise UsageError(str(error)) from error


def print_summary(console: Console, summary: BagSummary) -> None:
    """A bag as a table."""
    begun = datetime.fromtimestamp(summary.start_ns * 1e-9).astimezone()
    parts = [
        f"{summary.storage}{', ' + summary.compression if summary.compression else ''}",
        f"{summary.size_bytes / MEBIBYTE:.1f} MiB",
        f"{summary.count} messages",
        f"{summary.duration_s:.1f} s" + (f" from {begun:%Y-%m-%d %H:%M:%S}" if summary.count else ""),
    ]
    table = Table(title=f"{summary.path}: {'; '.join(parts)}", title_justify="left", title_style="default")
    table.add_column("topic", overflow="fold")
    table.add_column("type", overflow="fold")
    table.add_column("count", justify="right")
    table.add_column("per second", justify="right")
    table.add_column("")
    for topic in summary.topics:
        rate = (
            f"{(topic.count - 1) / summary.duration_s:.1f}" if topic.count > 1 and summary.duration_s else ""
        )
        table.add_row(
            topic.name, topic.type_name, str(topic.count), rate, "latched" if topic.is_latched else ""
        )
    console.print(table)
    if summary.damage:
        console.print(summary.damage, style="yellow")
