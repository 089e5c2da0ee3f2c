"""The mirror's settings over ROS: what is set goes to the node, and into the file for its next start.

What a node takes only when it starts (an address, a name) is not told to it before: others read its
parameters to know what it does, and that has not changed yet.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from rcl_interfaces.msg import ParameterEvent
from rclpy.node import Node
from rclpy.qos import qos_profile_parameter_events

from mirror_camera.cameras import Camera, find_cameras
from mirror_core.errors import ParameterError, StoreError
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_core.parameters import ParameterSpec, specs_of, update
from mirror_core.settings import (
    PARAMETER_FILE_VARIABLE,
    SETTINGS_VARIABLE,
    SettingsFile,
    parameters_for,
)
from mirror_web.catalogue import Texts
from mirror_web.node_parameters import NodeParameters

__all__ = ["SettingsView"]

KNOWN_S = 2.0  # for so long cameras are not looked for again, however many browsers ask
CONFIGURATIONS = {  # of the nodes whose parameters stand on the page
    "camera": "mirror_camera.camera_node:CameraParameters",
    "display": "mirror_display.parameters:WindowParameters",
    "effects": "mirror_effects.effects_node:EffectsParameters",
    "gallery": "mirror_gallery.gallery_node:GalleryParameters",
    "mood_log": "mirror_mood.mood_log_node:MoodLogParameters",
    "web": "mirror_web.parameters:WebParameters",
}
ONLY = {"effects": ("language", "watermark")}  # what is read of a node that has very many
TEXTS = Texts("settings")


class SettingsView:
    """Implements `mirror_web.settings_control.SettingsControl`.

    Args:
        node: the owner; its executor must spin.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._nodes = {name: NodeParameters(node, name, ONLY.get(name, ())) for name in CONFIGURATIONS}
        path = os.environ.get(SETTINGS_VARIABLE, "")
        self._file = SettingsFile(Path(path)) if path else None
        self._lock = threading.Lock()  # guards what is remembered
        self._changes = 0
        self._known: dict[str, tuple[int, tuple[LiveParameter, ...]]] = {}
        self._specs: dict[str, Mapping[str, ParameterSpec]] = {}
        self._next: dict[str, dict[str, LiveValue]] = {}  # what counts from a node's next start on
        self._cameras: tuple[float, tuple[Camera, ...]] = (float("-inf"), ())
        self._full_names = {name: node.resolve_topic_name(name) for name in CONFIGURATIONS}
        self._short_names = {full: name for name, full in self._full_names.items()}
        self._events = node.create_subscription(
            ParameterEvent, "/parameter_events", self._on_change, qos_profile_parameter_events
        )

    def close(self) -> None:
        """Release everything; call it in the owner's thread."""
        self._node.destroy_subscription(self._events)
        for parameters in self._nodes.values():
            parameters.close()

    def _on_change(self, event: ParameterEvent) -> None:
        if event.node not in self._short_names:
            return
        only = ONLY.get(self._short_names[event.node], ())
        changed = (p.name.partition(".")[0] for p in (*event.new_parameters, *event.changed_parameters))
        if not only or any(name in only for name in changed):
            with self._lock:
                self._changes += 1

    def changes(self) -> int:
        """See `SettingsControl`."""
        return self._changes

    def parameters(self, node: str) -> tuple[LiveParameter, ...]:
        """See `SettingsControl`; asked once for all browsers while nothing changes."""
        with self._lock:
            changes, known = self._changes, self._known.get(node)
            coming = dict(self._next.get(node, {}))
        if known is not None and known[0] == changes:
            return known[1]
        found = tuple(replace(p, value=coming.get(p.name, p.value)) for p in self._nodes[node].read())
        with self._lock:
            if found:
                self._known[node] = (changes, found)
        return found

    def defaults(self, node: str) -> Mapping[str, LiveValue]:
        """See `SettingsControl`: the parameter file that the mirror was started with, else the code."""
        chosen = dict(_flat(parameters_for(self._parameter_file(), self._full_names[node])))
        return {
            name: spec.check(chosen[name]) if name in chosen else spec.default
            for name, spec in self._specs_of(node).items()
        }

    def _specs_of(self, node: str) -> Mapping[str, ParameterSpec]:
        if node not in self._specs:
            groups = {"": _configuration(node), **_groups(node)}
            self._specs[node] = {
                prefix + spec.name: spec for prefix, group in groups.items() for spec in specs_of(group)
            }
        return self._specs[node]

    @staticmethod
    def _parameter_file() -> Any:
        path = os.environ.get(PARAMETER_FILE_VARIABLE, "")
        # Whoever started the mirror has read it; what was done to it since then is not ours to tell.
        try:
            return yaml.safe_load(Path(path).read_text(encoding="utf-8")) if path else None
        except (OSError, yaml.YAMLError, UnicodeDecodeError):
            return None

    def set_parameters(self, node: str, values: Mapping[str, LiveValue]) -> str | None:
        """See `SettingsControl`."""
        specs = self._specs_of(node)
        later = {name: value for name, value in values.items() if name in specs and not specs[name].live}
        now = {name: value for name, value in values.items() if name not in later}
        try:
            update(_configuration(node)(), later)
        except ParameterError as error:
            return str(error)
        if later and self._file is None:
            return TEXTS["only_kept"]
        refusal = self._nodes[node].set(now) if now else None
        if refusal is None:
            self._coming(node, later)
        else:
            self._coming(node, {})
            return refusal or TEXTS["no_answer"]
        if self._file is None:
            return None
        try:
            if sentence := self._file.set_aside():
                self._node.get_logger().warning(sentence)
            self._file.keep(self._full_names[node], values)
        except StoreError as error:
            return TEXTS["not_kept"].format(reason=error)
        return None

    def _coming(self, node: str, values: Mapping[str, LiveValue]) -> None:
        """Something has been set; these values count from the node's next start on."""
        with self._lock:
            self._next.setdefault(node, {}).update(values)
            # The event that counts the change may come after the answer.
            self._known.pop(node, None)
            self._changes += 1

    def cameras(self) -> tuple[Camera, ...]:
        """See `SettingsControl`."""
        with self._lock:
            looked_s, found = self._cameras
        if time.monotonic() - looked_s >= KNOWN_S:
            found = find_cameras()
            with self._lock:
                self._cameras = (time.monotonic(), found)
        return found

    def kept_in(self) -> str:
        """See `SettingsControl`."""
        return str(self._file.path) if self._file is not None else ""

    def kept(self) -> Mapping[str, Mapping[str, LiveValue]]:
        """See `SettingsControl`."""
        return {} if self._file is None else self._file.nodes()

    def reset(self) -> str | None:
        """See `SettingsControl`."""
        if self._file is None:
            return TEXTS["nothing_kept"]
        problems = []
        try:
            kept = self._file.nodes()
            self._file.forget()
        except StoreError as error:
            return str(error)
        short = self._short_names
        for full, values in kept.items():
            if full in short:
                node = short[full]
                specs, defaults = self._specs_of(node), self.defaults(node)
                before = {name: defaults[name] for name in values if name in defaults}
                now = {name: value for name, value in before.items() if specs[name].live}
                refusal = self._nodes[node].set(now) if now else None
                if refusal:
                    problems.append(refusal)
                self._coming(node, {name: value for name, value in before.items() if name not in now})
        return " ".join(problems) or None


def _configuration(node: str) -> Any:
    """The configuration dataclass of a node; its package is loaded."""
    module, _, name = CONFIGURATIONS[node].partition(":")
    return getattr(import_module(module), name)


def _groups(node: str) -> Mapping[str, Any]:
    """The configurations that a node has besides its own and that stand on the page, by prefix."""
    if node == "effects":
        from mirror_effects.watermark import WatermarkParameters

        return {"watermark.": WatermarkParameters}
    if node == "display":
        from mirror_display.widgets.registry import find_widgets

        return {f"{name}.": widget.Parameters for name, widget in find_widgets().widgets.items()}
    return {}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values by full name; a parameter file may write those of a group below the group's name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
