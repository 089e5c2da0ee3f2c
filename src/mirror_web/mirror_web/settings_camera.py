"""The camera as the Settings page offers it: a choice among sources and cameras, common sizes and rates.

The camera node has the parameters `source`, `path`, `width`, `height` and `rate_hz`. People choose a camera,
a size and a rate; this goes from the one to the other and back.
"""

from __future__ import annotations

from collections.abc import Mapping

from mirror_camera.cameras import Camera, find_camera
from mirror_core.errors import SourceError
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts
from mirror_web.selection import plain_name

__all__ = ["CHOICE", "PATH", "RATE", "SIZE", "camera_changes", "camera_rows", "choice_words", "needs_path"]

CHOICE, PATH, SIZE, RATE = "choice", "path", "size", "rate_hz"
AUTO, DEVICES = "auto", "v4l2"
OWN = "0"  # size or rate of the source itself
SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))
RATES = (15, 24, 30, 60)
WITHOUT_PATH = (AUTO, DEVICES, "demo")
TEXTS, SOURCES = Texts("settings"), Texts("settings_sources")


def needs_path(choice: str) -> bool:
    """Whether a choice has to be told what to open: a clip, a folder, a topic."""
    return choice.partition(":")[0] not in WITHOUT_PATH


def chosen(parameters: Mapping[str, LiveParameter], cameras: tuple[Camera, ...]) -> str:
    """The choice that the camera node's parameters stand for: "auto", "demo", "v4l2:/dev/video0", …"""
    source, path = str(parameters["source"].value), str(parameters[PATH].value)
    if source != DEVICES:
        return source
    try:
        return f"{DEVICES}:{find_camera(path, cameras).device}"
    except SourceError:  # it was unplugged
        return f"{DEVICES}:{path}"


def camera_rows(
    parameters: Mapping[str, LiveParameter], cameras: tuple[Camera, ...]
) -> tuple[LiveParameter, ...]:
    """What is offered: choice, path where one is needed, size and rate; empty without a camera node."""
    if "source" not in parameters:
        return ()
    now = chosen(parameters, cameras)
    found = tuple(f"{DEVICES}:{camera.device}" for camera in cameras)
    others = tuple(name for name in parameters["source"].choices if name not in (AUTO, DEVICES))
    choices = tuple(dict.fromkeys((AUTO, *found, *others, now)))
    rows = [LiveParameter(CHOICE, now, choices=choices)]
    if needs_path(now):
        rows.append(LiveParameter(PATH, parameters[PATH].value))
    width, height = parameters["width"].value, parameters["height"].value
    size = f"{width}x{height}" if width else OWN
    sizes = tuple(dict.fromkeys((OWN, *(f"{w}x{h}" for w, h in SIZES), size)))
    rate = f"{float(parameters[RATE].value):g}"  # type: ignore[arg-type]
    rates = tuple(dict.fromkeys((OWN, *map(str, RATES), rate)))
    return (*rows, LiveParameter(SIZE, size, choices=sizes), LiveParameter(RATE, rate, choices=rates))


def camera_changes(
    name: str, value: str, parameters: Mapping[str, LiveParameter]
) -> Mapping[str, LiveValue] | None:
    """The camera node's parameters for what somebody chose; None where it is nothing that could be meant.

    Args:
        name: of the row.
        value: its new value.
        parameters: of the camera node, as they are now.
    """
    try:
        if name == CHOICE:
            source, _, path = value.partition(":")
            keeps = source == parameters["source"].value and needs_path(source)
            return {"source": source, PATH: str(parameters[PATH].value) if keeps else path}
        if name == PATH:
            return {PATH: value.strip()}
        if name == SIZE:
            width, height = (0, 0) if value == OWN else map(int, value.split("x"))
            return {"width": width, "height": height}
        return {RATE: float(value)} if name == RATE else None
    except ValueError:
        return None


def choice_words(cameras: tuple[Camera, ...], word: str) -> str:
    """A choice of a row for people."""
    if word == OWN:
        return TEXTS["camera_own"]
    source, _, path = word.partition(":")
    if source == DEVICES:
        camera = next((camera for camera in cameras if str(camera.device) == path), None)
        if camera is None:
            return TEXTS["camera_gone"].format(path=path)
        words = f"{camera.name} ({path})"
        return words if camera.accessible else TEXTS["camera_locked"].format(camera=words)
    width, cross, height = word.partition("x")
    if cross and width.isdigit() and height.isdigit():
        return f"{width} × {height}"
    if word.replace(".", "").isdigit():
        return TEXTS["camera_rate"].format(rate=word)
    return SOURCES.get(word) or plain_name(word)
