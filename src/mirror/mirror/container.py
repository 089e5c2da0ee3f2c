"""The container: all nodes of a graph in one process, watched by a small parent.

    ros2 run mirror container full camera:=demo

is what the launch files start when `composed:=true`.
"""

from __future__ import annotations

import importlib
import logging
import signal
import sys
from collections.abc import Sequence
from typing import Any

from mirror_core.errors import UsageError

__all__ = ["main", "run_container"]

CHILD_FLAG = "--child"
STAGES = (("camera", "effects", "display"), ("faces",))  # the first picture, then faces in it, then all else


def split_arguments(words: Sequence[str]) -> tuple[str, list[str]]:
    """The graph's name and its arguments from a command line; ROS's own arguments are left out.

    Raises:
        UsageError: if no graph is named.
    """
    own = list(words[: words.index("--ros-args")] if "--ros-args" in words else words)
    if not own:
        raise UsageError("Name the graph to run, e.g. container full camera:=demo.")
    return own[0], own[1:]


def run_container(words: Sequence[str]) -> int:
    """Run the nodes in this process until Ctrl-C; returns the exit status."""
    from mirror.arguments import parse_arguments
    from mirror.graph import NodeSpec, graph_named

    name, arguments = split_arguments(words)
    graph = graph_named(name)
    plan = graph.plan(parse_arguments(graph.arguments, arguments))

    from mirror_core.hosting import run_hosts

    def factory(spec: NodeSpec) -> Any:
        module, _, attribute = spec.factory.partition(":")

        def create() -> Any:
            # Imported in the node's own thread: the camera need not wait for the page's libraries.
            node_class = getattr(importlib.import_module(module), attribute)
            return node_class(cli_args=plan.ros_arguments(spec))

        return create

    return run_hosts([(spec.name, factory(spec)) for spec in plan.nodes], arguments=[], stages=STAGES)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the `container` executable."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] [%(name)s]: %(message)s")
    try:
        if CHILD_FLAG in words:
            words.remove(CHILD_FLAG)
            status = run_container(words)
            from mirror_core.hosting import leave

            leave(status)
        else:
            from mirror.running import run_graph

            name, arguments_of_graph = split_arguments(words)
            status = run_graph(name, [*arguments_of_graph, "composed:=true", "rviz:=false"])
    except UsageError as error:
        print(error, file=sys.stderr)
        status = 2
    except KeyboardInterrupt:  # before anything runs that would handle it
        status = 128 + signal.SIGINT
    sys.exit(status)


if __name__ == "__main__":
    main()
