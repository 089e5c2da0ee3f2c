"""Pictures of one host's camera on another host: raw and as JPEG, over cables of different speed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from mirror.bench.two_hosts import Hosts, two_hosts
from mirror.locations import config_file
from mirror_core.compressed import COMPRESSED
from mirror_core.environment import PROFILES_VARIABLE
from mirror_core.errors import MirrorError

__all__ = ["measure_network"]

NAMESPACE = "bench_eye"
TOPIC = f"/{NAMESPACE}/camera/image_raw"
SIZE, RATE_HZ = (1280, 720), 30.0
CABLES = (0.0, 100.0)  # megabits a second; 0: what the machine can
KINDS = {"raw": "", "jpeg": COMPRESSED}
STOP_TIMEOUT_S = 15.0
VIEWER_TIMEOUT_S = 90.0  # its start, and the wait for a first picture


def measure_network(seconds: float) -> dict[str, float]:
    """Measure for `seconds` how a camera of 1280 × 720 at 30 Hz is seen by a plain program on another host.

    Returns:
        For raw pictures and JPEG, over a cable as quick as the machine (`open`) and one of 100 Mbit/s: `…_hz`
        that arrive, `…_p50_ms` from stamp to array, and `…_mbit_s` over the cable. Empty, with a sentence on
        the standard error, where two hosts cannot be made (no root).
    """
    figures: dict[str, float] = {}
    for megabits in CABLES:
        try:
            with two_hosts(megabits) as hosts, _camera(hosts):
                for kind, ending in KINDS.items():
                    name = f"{kind}_{f'{megabits:.0f}_mbit' if megabits else 'open'}"
                    figures |= {
                        f"{name}_{key}": value for key, value in _seen(hosts, TOPIC + ending, seconds).items()
                    }
        except MirrorError as error:
            print(f"Pictures between two hosts are not measured: {error}", file=sys.stderr)
            return {}
    return figures


def _environment() -> dict[str, str]:
    profile = str(config_file("fastdds_network.xml"))
    reach = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET", PROFILES_VARIABLE: profile}
    return {**os.environ, **reach, "SDL_VIDEODRIVER": "dummy"}


@contextmanager
def _camera(hosts: Hosts) -> Iterator[None]:
    """A mirror that is a camera for others, on the near host."""
    camera = {"width": SIZE[0], "height": SIZE[1], "rate_hz": RATE_HZ}
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        path = Path(folder) / "bench.yaml"
        path.write_text(yaml.safe_dump({"/**/camera": {"ros__parameters": camera}}), encoding="utf-8")
        switches = ("camera:=bench", "effects:=none", "display:=false", "web:=false", "gallery:=false")
        words = ["run", "full", *switches, f"namespace:={NAMESPACE}", f"config:={path}"]
        process = subprocess.Popen(
            [*hosts.near, sys.executable, "-m", "mirror.command", *words],
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _seen(hosts: Hosts, topic: str, seconds: float) -> dict[str, float]:
    """What the far host sees of a topic; a viewer that hears nothing at all measures 0 Hz."""
    done = subprocess.run(
        [*hosts.far, sys.executable, "-m", "mirror.bench.viewer", topic, str(seconds)],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=seconds + VIEWER_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise MirrorError(f"the viewer of {topic} failed: {done.stderr.strip().splitlines()[-1:]}")
    seen: dict[str, float] = json.loads(done.stdout)
    return seen
