"""Runs the real graph in its own processes and reads its latency from /diagnostics."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import rclpy
import yaml
from diagnostic_msgs.msg import DiagnosticArray

from mirror_core.environment import PROFILES_VARIABLE, defaults
from mirror_core.errors import MirrorError

__all__ = ["Measure", "PipelineResult", "Setup", "measure_pipeline", "running_pipeline"]

START_TIMEOUT_S = 30.0
WARM_UP_S = 6.0  # models that load in the background are ready by then
STOP_TIMEOUT_S = 15.0
MISSING_SHARE = 0.95  # of the camera's rate; a lower one in the window is not only the reports' phase
DISPLAY = "display"
FRAME_PATH = ("camera", "effects", DISPLAY)  # a frame that the face tracker leaves out is still shown


@dataclass(frozen=True)
class Setup:
    """One way to run the graph.

    Attributes:
        name: row in the table.
        composed: one process, or one for each node.
        tuned: with Mirror's Fast DDS profile; False: Fast DDS's own transports and ROS's default
            (reliable) subscriptions, as best-effort ones lose nearly every picture there.
        rate_hz: pictures a second.
        size: (width, height) in pixels.
        effects: the stack.
        camera: source of the pictures: bench, or bench_masked where the face wears a mask.
        web: whether the page is served, at any free port.
    """

    name: str
    composed: bool = True
    tuned: bool = True
    rate_hz: float = 60.0
    size: tuple[int, int] = (1280, 720)
    effects: str = "landmarks"
    camera: str = "bench"
    web: bool = False


@dataclass(frozen=True)
class PipelineResult:
    """What was measured; NaN where nothing arrived.

    Attributes:
        p50_ms, p99_ms: camera stamp → frame handed to the window.
        shown_hz: frames a second in the window.
        dropped: frames lost between the camera and the window during the measurement.
        sent: frames the camera sent in that time.
        cpu_percent: of one core, all processes together.
        rss_mb: resident memory, all processes together.
        first_picture_s: from the start of the processes to the first picture in the window.
        stages_ms: p50 by "node stage".
    """

    setup: Setup
    p50_ms: float
    p99_ms: float
    shown_hz: float
    dropped: int
    sent: int
    cpu_percent: float
    rss_mb: float
    first_picture_s: float
    stages_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """One node's diagnostics: when they arrived (monotonic seconds) and their figures."""

    received_s: float = 0.0
    values: Mapping[str, str] = field(default_factory=dict)


class _Diagnostics:
    """Listens to /diagnostics of the measured graph."""

    def __init__(self) -> None:
        self._context = rclpy.Context()
        self._context.init()
        self._node = rclpy.create_node("bench", context=self._context)
        self._executor = rclpy.executors.SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._node.create_subscription(DiagnosticArray, "/diagnostics", self._take, 50)
        self.newest: dict[str, Report] = {}

    def _take(self, message: DiagnosticArray) -> None:
        for status in message.status:
            node = status.name.rpartition("/")[2]
            values = {value.key: value.value for value in status.values}
            self.newest[node] = Report(time.monotonic(), values)

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.1)

    def wait_for_picture(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while not _number(self.newest.get(DISPLAY, Report()).values, "frames") >= 1:  # NaN too
            if time.monotonic() > end:
                raise MirrorError(f"No picture reached the window within {START_TIMEOUT_S:.0f} s.")
            self.wait(0.2)

    def close(self) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.try_shutdown()


def _number(values: Mapping[str, str], key: str) -> float:
    try:
        return float(values[key])
    except (KeyError, ValueError):
        return float("nan")


@contextmanager
def _parameter_file(setup: Setup) -> Iterator[Path]:
    camera = {"width": setup.size[0], "height": setup.size[1], "rate_hz": setup.rate_hz}
    window = {"width": setup.size[0], "height": setup.size[1]}
    content: dict[str, Any] = {
        "/**/camera": {"ros__parameters": camera},
        "/**/display": {"ros__parameters": window},
        "/**/web": {"ros__parameters": {"port": 0}},
        "/**/effects": {"ros__parameters": {"governor.on": False}},  # it would change what is measured
    }
    if not setup.tuned:
        overrides = {
            topic: {"subscription": {"reliability": "reliable", "depth": 10}}
            for topic in ("/mirror/camera/image_raw", "/mirror/image", "/mirror/faces")
        }
        content["/**"] = {"ros__parameters": {"qos_overrides": overrides}}
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        path = Path(folder) / "bench.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        yield path


def _environment(setup: Setup) -> dict[str, str]:
    environment = {**os.environ, **defaults(), "SDL_VIDEODRIVER": "dummy"}
    if not setup.tuned:
        environment.pop(PROFILES_VARIABLE, None)
        environment["FASTDDS_BUILTIN_TRANSPORTS"] = "DEFAULT"
    return environment


def measure_pipeline(setup: Setup, seconds: float) -> PipelineResult:
    """Run the graph as `setup` says and measure for `seconds`."""
    with running_pipeline(setup) as measure:
        return measure(seconds)


@contextmanager
def running_pipeline(setup: Setup) -> Iterator[Measure]:
    """The graph as `setup` says, warm; gives a function that measures it for some seconds."""
    with _parameter_file(setup) as parameters:
        words = [
            f"camera:={setup.camera}",
            f"effects:={setup.effects}",
            f"composed:={json.dumps(setup.composed)}",
            f"web:={json.dumps(setup.web)}",
            "settings:=false",
            "browser:=false",
            f"config:={parameters}",
        ]
        command = [sys.executable, "-m", "mirror.command", "run", "full", *words]
        process = subprocess.Popen(
            command, env=_environment(setup), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        diagnostics = _Diagnostics()
        try:
            diagnostics.wait_for_picture()
            diagnostics.wait(WARM_UP_S)
            yield Measure(setup, diagnostics, psutil.Process(process.pid))
        finally:
            diagnostics.close()
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Measure:
    """Measures a graph that runs, as often as wanted."""

    def __init__(self, setup: Setup, diagnostics: _Diagnostics, root: psutil.Process) -> None:
        self._setup = setup
        self._diagnostics = diagnostics
        self._root = root

    @property
    def page(self) -> str:
        """The page's address.

        Raises:
            MirrorError: if there is none in time.
        """
        end = time.monotonic() + START_TIMEOUT_S
        while not (url := self._diagnostics.newest.get("web", Report()).values.get("page", "")):
            if time.monotonic() > end:
                raise MirrorError(f"No page was served within {START_TIMEOUT_S:.0f} s.")
            self._diagnostics.wait(0.2)
        return url

    def __call__(self, seconds: float) -> PipelineResult:
        """What the graph does in these seconds."""
        return _measure(self._setup, self._diagnostics, self._root, seconds)


def _family(root: psutil.Process) -> list[psutil.Process]:
    return [root, *root.children(recursive=True)]


def _cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())


def _measure(setup: Setup, diagnostics: _Diagnostics, root: psutil.Process, seconds: float) -> PipelineResult:
    family = _family(root)
    before = dict(diagnostics.newest)
    cpu_before, time_before = _cpu_seconds(family), time.monotonic()
    diagnostics.wait(seconds)
    elapsed = time.monotonic() - time_before
    cpu = (_cpu_seconds(family) - cpu_before) / elapsed * 100
    after = diagnostics.newest
    display = after.get(DISPLAY, Report())
    stages: dict[str, Any] = {
        f"{node} {key.removesuffix(' p50 [ms]')}": _number(report.values, key)
        for node, report in after.items()
        for key in report.values
        if key.endswith(" p50 [ms]")
    }
    sent_hz, shown_hz = (_rate(before, after, node) for node in ("camera", DISPLAY))
    counted = sum(_difference(before, after, node, "dropped") for node in FRAME_PATH)
    # Nobody counts what never arrives: then the rates tell.
    missing = round((sent_hz - shown_hz) * seconds) if shown_hz < MISSING_SHARE * sent_hz else 0
    return PipelineResult(
        setup=setup,
        p50_ms=_number(display.values, "latency p50 [ms]"),
        p99_ms=_number(display.values, "latency p99 [ms]"),
        shown_hz=shown_hz,
        dropped=max(counted, missing),
        sent=round(sent_hz * seconds),
        cpu_percent=cpu,
        rss_mb=sum(process.memory_info().rss for process in _family(root)) / 2**20,
        first_picture_s=_number(display.values, "first picture [s]"),
        stages_ms=stages,
    )


def _rate(before: Mapping[str, Report], after: Mapping[str, Report], node: str) -> float:
    """Frames a second of a node between two of its reports; 0 where it sent no second one."""
    elapsed = after.get(node, Report()).received_s - before.get(node, Report()).received_s
    return _difference(before, after, node, "frames") / elapsed if elapsed > 0 else 0.0


def _difference(before: Mapping[str, Report], after: Mapping[str, Report], node: str, key: str) -> int:
    values = [_number(reports.get(node, Report()).values, key) for reports in (before, after)]
    return 0 if any(math.isnan(value) for value in values) else int(values[1] - values[0])
