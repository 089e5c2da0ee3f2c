"""`mirror sros2`: what keeps strangers out of the graph, for ROS's own security tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror.arguments import parse_arguments
from mirror.graph import GRAPHS, graph_named
from mirror_core.errors import UsageError

__all__ = ["app"]

app = typer.Typer(help="Policies for ROS's security (SROS2).", no_args_is_help=True)


@app.callback()
def sros2() -> None:
    """Policies for ROS's security (SROS2)."""


@app.command()
def policy(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="The graph's arguments as name:=value, e.g. composed:=false foxglove:=true."),
    ] = None,
    *,
    graph: Annotated[str, typer.Option(help="Which graph: " + ", ".join(GRAPHS) + ".")] = "full",
    out: Annotated[Path | None, typer.Option(help="File to write; default: the terminal.")] = None,
    tools: Annotated[
        bool, typer.Option(help="Also an enclave for ROS's commands, rviz and `mirror faces`.")
    ] = True,
) -> None:
    """Write the policy of a graph: an enclave for each process, and what each node in it may do."""
    from mirror.reference.nodes import described_nodes
    from mirror.sros2_policy import policy_xml, profiles_of

    chosen = graph_named(graph)
    values = parse_arguments(chosen.arguments, arguments or [])
    text = policy_xml(chosen.plan(values), profiles_of(described_nodes(graph, **values)), with_tools=tools)
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    print(f"The policy is written to {out}; `ros2 security generate_artifacts -p {out}` takes it.")
