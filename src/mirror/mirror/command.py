"""The `mirror` command."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror import (
    audit_command,
    backup_command,
    bag_command,
    faces_command,
    film_command,
    inspection_command,
    keys_command,
    masks_command,
    mood_command,
    pair_command,
    settings_command,
    shape_command,
    sros2_command,
    train_command,
)
from mirror.graph import GRAPHS, graph_named
from mirror_core.errors import UsageError

__all__ = ["app", "main"]

EXIT_USAGE = 2

app = typer.Typer(
    name="mirror",
    help="Run, check and measure the mirror.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(bag_command.app, name="bag")
app.add_typer(faces_command.app, name="faces")
app.add_typer(film_command.app, name="film")
app.add_typer(keys_command.app, name="keys")
app.add_typer(masks_command.app, name="masks")
app.add_typer(mood_command.app, name="mood")
app.add_typer(settings_command.app, name="settings")
app.add_typer(shape_command.app, name="shape")
app.add_typer(sros2_command.app, name="sros2")
app.add_typer(train_command.train_app, name="train")
app.add_typer(train_command.evaluate_app, name="evaluate")
app.command()(audit_command.audit)
app.command()(backup_command.backup)
app.command()(bag_command.record)
app.command()(bag_command.replay)
app.command()(backup_command.restore)
app.command()(inspection_command.foxglove)
app.command()(pair_command.pair)
app.command()(inspection_command.top)


@app.command(context_settings={"ignore_unknown_options": False})
def run(
    graph: Annotated[str, typer.Argument(help="Which graph: " + ", ".join(GRAPHS) + ".")] = "full",
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments as name:=value, e.g. camera:=demo.")
    ] = None,
    show_args: Annotated[bool, typer.Option("--show-args", help="List the graph's arguments.")] = False,
) -> None:
    """Run a graph until Ctrl-C; the same as ros2 launch mirror GRAPH.launch.py."""
    words = list(arguments or [])
    if ":=" in graph:  # the graph was left out
        words.insert(0, graph)
        graph = "full"
    if show_args:
        show_arguments(graph)
        return
    from mirror.running import run_graph

    raise typer.Exit(run_graph(graph, words))


def show_arguments(name: str) -> None:
    """Print a graph's arguments as a table."""
    graph = graph_named(name)
    table = Table(title=f"{graph.name}: {graph.description}", title_justify="left")
    for heading in ("argument", "default", "allowed", "meaning"):
        table.add_column(heading, overflow="fold")
    for argument in graph.arguments:
        allowed = " | ".join(argument.choices) or "any"
        table.add_row(argument.name, argument.default or '""', allowed, argument.description)
    Console().print(table)


@app.command()
def doctor(
    report: Annotated[
        Path | None, typer.Option(help="Also make a fault report for others: a .zip file without secrets.")
    ] = None,
    bag: Annotated[Path | None, typer.Option(help="For the report: a bag that shows the fault.")] = None,
    config: Annotated[Path | None, typer.Option(help="For the report: the parameter file in use.")] = None,
) -> None:
    """Say what was found (ROS, cameras, screen, models, transport) and what to do about the rest."""
    from mirror.doctor import examine, print_findings

    findings = examine()
    print_findings(findings)
    if report is not None:
        from mirror.fault_report import report_fault

        report_fault(report, findings, bag, config)
    elif bag is not None or config is not None:
        raise UsageError("--bag and --config belong to a report: name its file with --report.")
    raise typer.Exit(1 if any(finding.is_error for finding in findings) else 0)


@app.command()
def bench(
    seconds: Annotated[float, typer.Option(help="Length of each measurement.", min=2.0)] = 8.0,
    only: Annotated[
        str, typer.Option(help="Part of the names of the measurements to make; empty: all.")
    ] = "",
    output: Annotated[
        str, typer.Option(help="Where the figures are written as JSON.")
    ] = "bench/results.json",
) -> None:
    """Measure latencies, stage times and start time beside their baselines; print one table."""
    from mirror.bench import run_bench

    raise typer.Exit(run_bench(seconds, only, output))


@app.command()
def soak(
    frames: Annotated[int, typer.Option(help="Frames that the window shows after the warm-up.")] = 100_000,
    warm_up: Annotated[int, typer.Option(help="Frames before, of which no slope is told.")] = 10_000,
    output: Annotated[Path, typer.Option(help="Folder of soak.json, soak.md and soak.png.")] = Path("soak"),
) -> None:
    """Run the whole mirror for long and quickly; say whether it grows or slows down meanwhile."""
    from mirror.soak import run_soak

    raise typer.Exit(run_soak(frames, warm_up, output))


def main() -> None:
    """Entry point; a person's mistake is one line and exit status 2."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] [%(name)s]: %(message)s")
    try:
        app()
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)


if __name__ == "__main__":
    main()
