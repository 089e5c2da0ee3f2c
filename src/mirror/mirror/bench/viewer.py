"""`python -m mirror.bench.viewer TOPIC SECONDS`: how pictures arrive in a plain ROS program, as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import psutil
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image

from mirror_core.compressed import COMPRESSED
from mirror_core.compressed import message_to_frame as unpacked
from mirror_core.conversions import message_to_frame
from mirror_core.frame import Frame
from mirror_core.tracing import Quantiles

__all__ = ["view"]

FIRST_S = 40.0  # until the first picture
SETTLE = 10  # pictures before the measurement: the first ones come in a heap


def view(topic: str, seconds: float) -> dict[str, float]:
    """Subscribe as a viewer does (best effort, sensor data) and count.

    Args:
        topic: of `sensor_msgs/Image`, or with "/compressed" at its end of `sensor_msgs/CompressedImage`.
        seconds: after the first pictures.

    Returns:
        `hz`: pictures a second; `p50_ms`, `p99_ms`: from a picture's stamp until it is an array here, JPEG
        decoded; `mbit_s`: what came over this host's network interfaces. NaN and 0 where nothing came.
    """
    packed = topic.endswith(COMPRESSED)
    ages, count, begin = Quantiles(100_000), 0, 0.0
    heard = [0, 0]  # bytes at the measurement's begin and end

    def take(message: Any) -> None:
        nonlocal count, begin
        frame: Frame = unpacked(message) if packed else message_to_frame(message)
        if frame.is_placeholder:
            return
        count += 1
        if count == SETTLE:
            begin, heard[0] = time.monotonic(), _received_bytes()
        elif count > SETTLE:
            ages.add((time.time_ns() - frame.stamp_ns) * 1e-9)

    rclpy.init()
    node = rclpy.create_node("bench_viewer")
    try:
        node.create_subscription(CompressedImage if packed else Image, topic, take, qos_profile_sensor_data)
        start = time.monotonic()
        while begin == 0.0 and time.monotonic() < start + FIRST_S:
            rclpy.spin_once(node, timeout_sec=0.1)
        while begin > 0.0 and time.monotonic() < begin + seconds:
            rclpy.spin_once(node, timeout_sec=0.1)
        heard[1] = _received_bytes()
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    hz = max(0, count - SETTLE) / seconds
    megabits = (heard[1] - heard[0]) * 8e-6 / seconds if begin > 0.0 else 0.0
    return {"hz": hz, "p50_ms": ages.p50 * 1e3, "p99_ms": ages.p99 * 1e3, "mbit_s": megabits}


def _received_bytes() -> int:
    """What has come over all interfaces but the loopback so far."""
    counters = psutil.net_io_counters(pernic=True)
    return sum(each.bytes_recv for name, each in counters.items() if name != "lo")


if __name__ == "__main__":
    print(json.dumps(view(sys.argv[1], float(sys.argv[2]))))
