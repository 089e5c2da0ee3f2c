"""One ROS domain on two hosts: a camera on the one, effects on the other; and nothing without being asked.

The hosts are two network namespaces with a cable (veth) between them, which only root may lay.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.bench import network
from mirror.bench.two_hosts import two_hosts
from mirror_core.errors import MirrorError

HEIGHT, WIDTH = 120, 160
COLOUR = (20, 30, 220)  # B, G, R
PICTURES = {"rate_hz": 20.0, "width": WIDTH, "height": HEIGHT}
NEAR = 3  # grey levels that JPEG may change

# As the README says it for several hosts.
REACH = {
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET",
    "FASTDDS_DEFAULT_PROFILES_FILE": str(
        Path(__file__).resolve().parent.parent / "config" / "fastdds_network.xml"
    ),
}
VIEWER = """
import sys, time
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node("viewer")
topic, until = sys.argv[1], time.monotonic() + float(sys.argv[2])
seen = []
node.create_subscription(Image, topic, seen.append, qos_profile_sensor_data)
wanted = lambda m: m.header.frame_id != "placeholder"
while time.monotonic() < until and sum(map(wanted, seen)) < 5:
    rclpy.spin_once(node, timeout_sec=0.1)
for m in [m for m in seen if wanted(m)][-1:]:
    print("picture", m.width, m.height, m.header.frame_id, *m.data[:3])
print("publishers", node.count_publishers(topic))
rclpy.shutdown()
"""


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What runs a command on the one and on the other host."""
    with contextlib.ExitStack() as stack:
        try:
            both = stack.enter_context(two_hosts())
        except MirrorError as error:
            pytest.skip(str(error))
        yield both.near, both.far


def viewed(
    host: tuple[str, ...], domain: int, topic: str, reach: dict[str, str], seconds: float
) -> list[list[str]]:
    """The lines that a plain ROS program on a host prints, split into words."""
    environment = {**os.environ, "ROS_DOMAIN_ID": str(domain), **reach}
    words = [*host, sys.executable, "-c", VIEWER, topic, str(seconds)]
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def camera_folder(picture_folder: Callable[..., Path]) -> Path:
    return picture_folder(still=np.full((HEIGHT, WIDTH, 3), COLOUR, np.uint8))


def test_another_host_sees_nothing_until_it_is_switched_on(
    hosts: Any, start_mirror: Callable[..., Any], claim_domain: Callable[[], int], camera_folder: Path
) -> None:
    domain = claim_domain()
    near, far = hosts
    mirror = start_mirror(
        "camera:=images",
        f"path:={camera_folder}",
        "namespace:=eye",
        "display:=false",
        "web:=false",
        parameters={"camera": PICTURES},
        domain=domain,
        host=near,
    )
    # On its own host it is seen, so that there is something to be hidden.
    here = viewed(near, domain, "/eye/camera/image_raw", {}, 60)
    assert here[0] == ["picture", str(WIDTH), str(HEIGHT), "camera_optical", *map(str, COLOUR)], mirror.tail
    assert viewed(far, domain, "/eye/camera/image_raw", REACH, 8) == [["publishers", "0"]]
    mirror.interrupt()
    mirror.assert_clean_end()


@pytest.mark.parametrize("topic", ["image_raw", "image_raw/compressed"])
def test_a_mirror_shows_the_camera_of_another_host(
    topic: str,
    hosts: Any,
    start_mirror: Callable[..., Any],
    claim_domain: Callable[[], int],
    camera_folder: Path,
) -> None:
    domain = claim_domain()
    near, far = hosts
    eye = start_mirror(
        "camera:=images",
        f"path:={camera_folder}",
        "namespace:=eye",
        "display:=false",
        "web:=false",
        parameters={"camera": PICTURES},
        domain=domain,
        host=near,
        **REACH,
    )
    mirror = start_mirror(
        "camera:=ros",
        f"path:=/eye/camera/{topic}",
        "effects:=none",
        "display:=false",
        "web:=false",
        parameters={"camera": {"width": 0, "height": 0}},
        domain=domain,
        host=far,
        **REACH,
    )
    picture = viewed(far, domain, "/mirror/image", REACH, 90)[0]
    assert picture[:4] == ["picture", str(WIDTH), str(HEIGHT), "camera_optical"], (eye.tail, mirror.tail)
    assert np.abs(np.array(picture[4:], int) - COLOUR).max() <= (NEAR if "compressed" in topic else 0)
    for each in (mirror, eye):
        each.interrupt()
        each.assert_clean_end()


@pytest.mark.usefixtures("hosts")  # skips where none can be made
def test_the_bench_measures_pictures_over_a_slow_cable(
    monkeypatch: pytest.MonkeyPatch, claim_domain: Callable[[], int]
) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(claim_domain()))
    monkeypatch.setattr(network, "CABLES", (50.0,))
    monkeypatch.setattr(network, "KINDS", {"jpeg": "/compressed"})
    monkeypatch.setattr(network, "SIZE", (WIDTH, HEIGHT))
    figures = network.measure_network(2.0)
    assert set(figures) == {f"jpeg_50_mbit_{key}" for key in ("hz", "p50_ms", "p99_ms", "mbit_s")}
    assert figures["jpeg_50_mbit_hz"] > 1
    assert 0 < figures["jpeg_50_mbit_p50_ms"] <= figures["jpeg_50_mbit_p99_ms"]
    assert 0 < figures["jpeg_50_mbit_mbit_s"] < 50 * 1.1
