"""`mirror top` and `mirror foxglove`: look into a mirror that runs."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from mirror.graph_plan import NAMESPACE
from mirror_core.diagnostic_messages import statuses_of
from mirror_core.errors import UsageError

__all__ = ["foxglove", "top"]

FIND_S = 6.0  # discovery takes up to 2.75 s, then a node speaks once a second
SETTLE_S = 2.5  # from the first word on: every node that runs has spoken twice
LONGEST_S = 10.0  # for which the others are waited for
TURN_S = 0.1
PIPED_WIDTH = 140  # characters of a line where nobody looks at a terminal

Namespace = Annotated[str, typer.Option(help="ROS namespace of the mirror.")]


def _checked(namespace: str) -> str:
    """The namespace without slashes around it.

    Raises:
        UsageError: if ROS allows no such name.
    """
    stripped = namespace.strip("/")
    if not NAMESPACE.fullmatch(stripped):
        raise UsageError(
            f"--namespace {namespace} is refused: allowed are letters, digits, _ and / (each part starts "
            "with a letter), e.g. mirror or hall/mirror2."
        )
    return stripped


class _Listener:
    """Hears what the nodes of a mirror say, while it is turned."""

    def __init__(self, namespace: str) -> None:
        from mirror_core.environment import apply_defaults

        apply_defaults()
        try:
            import rclpy
            from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
            from rclpy.executors import SingleThreadedExecutor
            from rclpy.signals import SignalHandlerOptions

            from mirror_core.qualities import LATCHED
        except ImportError as error:
            raise UsageError(f"ROS is not available ({error}); source the workspace first.") from error
        from mirror_inspection.graph_health import GraphHealth

        self._knows_all = False  # which nodes there are, told by the node health
        self._context = rclpy.Context()
        rclpy.init(context=self._context, args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node(
            "top",
            namespace=f"/{namespace}",
            context=self._context,
            start_parameter_services=False,
            enable_rosout=False,
            use_global_arguments=False,
        )
        self.namespace = self._node.get_namespace()
        self.graph = GraphHealth(self.namespace, now_s=time.monotonic())
        self._node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 50)
        self._node.create_subscription(DiagnosticStatus, "health", self._on_health, LATCHED)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)

    def _on_diagnostics(self, message: Any) -> None:
        for name, level, sentence, values in statuses_of(message):
            self.graph.take(name, level, sentence, values, time.monotonic())

    def _on_health(self, message: Any) -> None:
        self._knows_all = True
        self.graph.expect(value.key for value in message.values)

    def turn(self, seconds: float) -> None:
        """Take what comes meanwhile."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=min(left_s, TURN_S))

    def snapshot(self) -> Any:
        """What is known now, summed up as the health node does."""
        from mirror.top_tables import Snapshot
        from mirror_inspection.graph_health import summarised

        states = self.graph.states(time.monotonic())
        return Snapshot(summarised(states), states)

    def find(self) -> None:
        """Wait until somebody speaks, and then for the others.

        Raises:
            UsageError: if nobody does.
        """
        end_s = time.monotonic() + FIND_S
        while not any(self._has_spoken()):
            if time.monotonic() > end_s:
                raise UsageError(
                    f"No mirror runs in the namespace {self.namespace}; start one with `mirror run`, or name "
                    "another with --namespace."
                )
            self.turn(TURN_S)
        end_s = time.monotonic() + LONGEST_S  # a node that is busy, or has just been started, takes longer
        self.turn(SETTLE_S)
        while not (self._knows_all and all(self._has_spoken())) and time.monotonic() < end_s:
            self.turn(TURN_S)

    def _has_spoken(self) -> list[bool]:
        return [state.silent_s is not None for state in self.graph.states(time.monotonic())]

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
        self._context.try_shutdown()


def top(
    once: Annotated[bool, typer.Option("--once", help="Print the table once and end.")] = False,
    interval: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2, max=60.0)] = 1.0,
    namespace: Namespace = "mirror",
) -> None:
    """Show a running mirror's rates, latencies, drops, processor and memory, live; once where it is piped."""
    from mirror.top_tables import top_view

    listener = _Listener(_checked(namespace))
    is_terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if is_terminal else PIPED_WIDTH)
    try:
        listener.find()
        if once or not is_terminal:
            console.print(top_view(listener.snapshot()))
            return
        with Live(top_view(listener.snapshot()), console=console, screen=True, auto_refresh=False) as live:
            while True:
                listener.turn(interval)
                live.update(top_view(listener.snapshot()), refresh=True)
    except KeyboardInterrupt:
        return
    finally:
        listener.close()


def foxglove(
    host: Annotated[
        str, typer.Option(help="Address to serve at; 0.0.0.0 is the whole network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First port to try; 0 takes any.", min=0, max=65535)] = 8765,
    fps: Annotated[float, typer.Option(help="Most pictures a second.", min=0.5, max=60.0)] = 10.0,
    namespace: Namespace = "mirror",
) -> None:
    """Serve a running mirror to Foxglove until Ctrl-C."""
    place = _checked(namespace)
    try:
        from mirror_core.hosting import leave, run_node
        from mirror_inspection.foxglove_node import FoxgloveNode
    except ImportError as error:
        raise UsageError(f"Foxglove's server cannot start ({error}); run `make build` again.") from error
    words = ["--ros-args", "-r", f"__ns:=/{place}", "-r", "__node:=foxglove_command"]
    words += ["-p", f"host:='{host}'", "-p", f"port:={port}", "-p", f"fps:={fps!r}"]
    leave(run_node(FoxgloveNode, words))
