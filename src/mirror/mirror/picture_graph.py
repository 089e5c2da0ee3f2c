"""Makes the picture of the running graph: starts a mirror, waits until it is connected, draws it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mirror.graph import graph_named
from mirror.reference.drawing import drawing
from mirror.reference.nodes import NodeEntry
from mirror.running_graph import connected, running_nodes
from mirror_core.environment import apply_defaults
from mirror_core.errors import MirrorError

__all__ = ["running_graph_drawing"]

DOMAIN = 101  # beyond those that people and tests use
PATIENCE_S = 180.0
SETTLED_S = 8.0  # without a change: whoever waits for a demand has had its turn
STOP_S = 30.0
# Separate processes: inside one, frames do not pass through ROS, which would then know nothing of them.
ARGUMENTS = ("camera:=demo", "composed:=false", "web:=true")
PARAMETERS = """
/**/camera: {ros__parameters: {width: 640, height: 360}}
/**/display: {ros__parameters: {mood_ring: true}}
/**/web: {ros__parameters: {port: 0}}
"""


def running_graph_drawing() -> str:
    """SVG of the full graph with the moods shown in the window, as it runs.

    Raises:
        MirrorError: if not all of its nodes come up.
    """
    import rclpy

    apply_defaults()
    order = [spec.name for spec in graph_named("full").plan({}).nodes]
    context = rclpy.Context()
    rclpy.init(context=context, args=[], domain_id=DOMAIN)
    observer = rclpy.create_node("observer", context=context, namespace="/observer")
    with tempfile.TemporaryDirectory() as folder:
        parameters = Path(folder, "parameters.yaml")
        parameters.write_text(PARAMETERS)
        mirror = subprocess.Popen(
            [sys.executable, "-m", "mirror.command", "run", "full", *ARGUMENTS, f"config:={parameters}"],
            env={**os.environ, "ROS_DOMAIN_ID": str(DOMAIN), "SDL_VIDEODRIVER": "dummy"},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return drawing(_settled(observer, order))
        finally:
            mirror.send_signal(signal.SIGINT)
            try:
                mirror.wait(STOP_S)
            except subprocess.TimeoutExpired:
                mirror.kill()
            observer.destroy_node()
            context.try_shutdown()


def _settled(observer: Any, order: list[str]) -> tuple[NodeEntry, ...]:
    began_s = changed_s = time.monotonic()
    before: tuple[NodeEntry, ...] = ()
    while time.monotonic() - began_s < PATIENCE_S:
        time.sleep(0.5)
        nodes = running_nodes(observer, "/mirror", order)
        if nodes != before:
            before, changed_s = nodes, time.monotonic()
        is_complete = {node.spec.name for node in nodes} >= set(order)
        if is_complete and time.monotonic() - changed_s > SETTLED_S:
            return connected(nodes)
    missing = set(order) - {node.spec.name for node in before}
    raise MirrorError(f"The graph did not come up within {PATIENCE_S:.0f} s; missing: {sorted(missing)}.")
