"""Which cameras this machine has: the V4L2 devices that can capture video."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import SourceError

__all__ = ["Camera", "find_camera", "find_cameras", "query_capabilities"]

DEVICES = Path("/dev")
SYSFS = Path("/sys/class/video4linux")
VIDIOC_QUERYCAP = 0x80685600  # _IOR('V', 0, struct v4l2_capability), linux/videodev2.h
CAPABILITY_FORMAT = "16s32s32sIII12x"  # driver, card, bus, version, capabilities, device_caps
CAN_CAPTURE = 0x00000001 | 0x00001000  # V4L2_CAP_VIDEO_CAPTURE, …_MPLANE
HAS_DEVICE_CAPS = 0x80000000  # V4L2_CAP_DEVICE_CAPS: device_caps speaks for this node alone


@dataclass(frozen=True, slots=True)
class Camera:
    """A device that can capture video.

    Attributes:
        device: device file, for example /dev/video0.
        name: what the driver calls it.
        accessible: whether this user may open it.
    """

    device: Path
    name: str
    accessible: bool = True

    @property
    def number(self) -> int:
        """N of /dev/videoN."""
        return int(self.device.name.removeprefix("video"))

    def __str__(self) -> str:
        return f"{self.device} ({self.name})"


def query_capabilities(device: Path) -> int:
    """What the node `device` can do, as V4L2 capability bits.

    Raises:
        OSError: if it cannot be opened or is no V4L2 device.
    """
    handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        answer = fcntl.ioctl(handle, VIDIOC_QUERYCAP, bytes(struct.calcsize(CAPABILITY_FORMAT)))
    finally:
        os.close(handle)
    *_, capabilities, device_caps = struct.unpack(CAPABILITY_FORMAT, answer)
    return int(device_caps if capabilities & HAS_DEVICE_CAPS else capabilities)


def find_cameras(
    devices: Path = DEVICES, sysfs: Path = SYSFS, query: Callable[[Path], int] = query_capabilities
) -> tuple[Camera, ...]:
    """All cameras, by number. Metadata nodes, outputs and codecs are left out.

    A node that this user may not open is listed as not accessible, unless it is a camera's second
    node (index above 0), which is normally its metadata.
    """
    found = []
    for device in devices.glob("video*"):
        if not re.fullmatch(r"video\d+", device.name):
            continue
        name = _text(sysfs / device.name / "name") or device.name
        try:
            if query(device) & CAN_CAPTURE:
                found.append(Camera(device, name))
        except PermissionError:
            if _text(sysfs / device.name / "index") in ("", "0"):
                found.append(Camera(device, name, accessible=False))
        except OSError:
            continue  # gone again, or no V4L2 device at all
    return tuple(sorted(found, key=lambda camera: camera.number))


def find_camera(wanted: str, cameras: tuple[Camera, ...], devices: Path = DEVICES) -> Camera:
    """The camera that `wanted` names: its number, its device file or a link to it, or a part of its name.

    With "" the first usable one.

    Raises:
        SourceError: if there is none; lists those that exist.
    """
    if not wanted:
        usable = [camera for camera in cameras if camera.accessible] or list(cameras)
        if usable:
            return usable[0]
        raise SourceError(
            f"No camera was found as {devices}/video*: connect one, or use the demo source instead."
        )
    for camera in cameras:
        if _is_named(camera, wanted, devices):
            return camera
    matches = [camera for camera in cameras if wanted.casefold() in camera.name.casefold()]
    if matches:
        return matches[0]
    if not cameras:
        raise SourceError(
            f"The camera {wanted!r} was not found, nor any other: connect it, or use the demo source instead."
        )
    listed = ", ".join(map(str, cameras))
    raise SourceError(f"The camera {wanted!r} was not found: connect it, or choose one of {listed}.")


def _is_named(camera: Camera, wanted: str, devices: Path) -> bool:
    if wanted.isdecimal():
        return camera.number == int(wanted)
    if "/" in wanted:
        return Path(wanted).resolve() == camera.device.resolve()
    return devices / wanted == camera.device


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
