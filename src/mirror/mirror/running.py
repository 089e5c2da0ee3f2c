"""Runs a graph without ROS's launch: renders the plan into processes and supervises them."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence

import psutil

from mirror.arguments import parse_arguments
from mirror.graph import NodeSpec, Plan, graph_named
from mirror.locations import config_file
from mirror.supervisor import Process, Supervisor
from mirror_core.environment import STARTED_VARIABLE, defaults
from mirror_core.errors import UsageError

__all__ = ["processes_of", "run_graph"]

# When this process began, on the monotonic clock: what Python and the imports took counts too.
STARTED_NS = round((time.monotonic() - (time.time() - psutil.Process().create_time())) * 1e9)


def _python_command(module: str) -> list[str]:
    """How to start a module's `main`; nothing needs to be on PATH.

    Until that has its own handlers, Ctrl-C simply ends the process: during the imports, which take seconds,
    Python's own handler would print where it was.
    """
    quiet = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
    return [sys.executable, "-c", f"{quiet}; from {module} import main; main()"]


def _node_command(spec: NodeSpec) -> list[str]:
    return _python_command(spec.factory.partition(":")[0])


def _rviz_command(plan: Plan) -> list[str]:
    program = shutil.which("rviz2")
    if program is None:
        raise UsageError(
            "rviz:=true needs rviz2, which is not installed: sudo apt install ros-$ROS_DISTRO-rviz2."
        )
    words = [program, "-d", str(config_file("mirror.rviz")), "--ros-args", "-r", f"__ns:=/{plan.namespace}"]
    return [*words, "-p", "use_sim_time:=true"] if plan.use_sim_time else words


def processes_of(name: str, words: Sequence[str]) -> list[Process]:
    """The processes of a graph.

    Args:
        name: of the graph.
        words: launch arguments, `name:=value`.

    Raises:
        UsageError: on a person's mistake.
    """
    graph = graph_named(name)
    plan = graph.plan(parse_arguments(graph.arguments, words))
    if plan.composed:
        command = [*_python_command("mirror.container"), "--child", name, *words]
        processes = [Process("The mirror", command)]
    else:
        processes = [
            # Closing the window ends the mirror; any other node is only missed.
            Process(spec.name, [*_node_command(spec), *plan.ros_arguments(spec)], spec.name == "display")
            for spec in plan.nodes
        ]
    if plan.rviz:
        processes.append(Process("rviz", _rviz_command(plan), essential=False))
    return processes


def run_graph(name: str, words: Sequence[str]) -> int:
    """Run a graph until it ends; returns the exit status."""
    processes = processes_of(name, words)
    environment = {**os.environ, **defaults()}
    environment.setdefault(STARTED_VARIABLE, str(STARTED_NS))
    return Supervisor(processes, environment).run()
