"""Runs a graph without ROS's launch: renders the plan into processes and supervises them."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from mirror.arguments import parse_arguments
from mirror.graph import NodeSpec, Plan, graph_named
from mirror.locations import config_file
from mirror.supervisor import Process, Supervisor
from mirror.watchdog import Watchdog
from mirror_core.dead_segments import remove_dead_segments
from mirror_core.environment import STARTED_VARIABLE, defaults
from mirror_core.errors import UsageError
from mirror_core.settings import SETTINGS_VARIABLE, SettingsFile
from mirror_core.store.ram_only import ram_only
from mirror_web.welcome import WELCOME_VARIABLE, welcome_wish

__all__ = ["processes_of", "run_graph"]

logger = logging.getLogger("mirror.running")

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


def _plan(name: str, words: Sequence[str]) -> Plan:
    graph = graph_named(name)
    return graph.plan(parse_arguments(graph.arguments, words))


def processes_of(name: str, words: Sequence[str]) -> list[Process]:
    """The processes of a graph.

    Args:
        name: of the graph.
        words: launch arguments, `name:=value`.

    Raises:
        UsageError: on a person's mistake.
    """
    plan = _plan(name, words)
    if plan.composed:
        command = [*_python_command("mirror.container"), "--child", name, *words]
        processes = [Process("The mirror", command)]
    else:
        processes = [
            # Closing the window ends the mirror; any other node is only missed.
            Process(
                spec.name,
                [*_node_command(spec), *plan.ros_arguments(spec), *plan.enclave_words(spec)],
                spec.name == "display",
            )
            for spec in plan.nodes
        ]
    if plan.rviz:
        processes.append(Process("rviz", _rviz_command(plan), essential=False))
    return processes


def run_graph(name: str, words: Sequence[str]) -> int:
    """Run a graph until it ends; returns the exit status."""
    plan = _plan(name, words)
    with ram_only(plan.ram_only):
        return _run(name, words)


def _run(name: str, words: Sequence[str]) -> int:
    remove_dead_segments()  # before it is seen how much shared memory there is
    processes = processes_of(name, words)
    plan = _plan(name, words)
    environment = {**os.environ, **defaults(), **plan.settings_variables}
    environment.setdefault(STARTED_VARIABLE, str(STARTED_NS))
    environment.setdefault(WELCOME_VARIABLE, welcome_wish(plan.browser, environment, sys.stdin.isatty()))
    if plan.settings and (sentence := SettingsFile(Path(environment[SETTINGS_VARIABLE])).set_aside()):
        logger.warning(sentence)
    watchdog = Watchdog.of_environment(environment, any(spec.name == "display" for spec in plan.nodes))
    return Supervisor(processes, environment, watchdog=watchdog, before_start=remove_dead_segments).run()
