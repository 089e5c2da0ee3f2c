"""A graph that exists only in memory, for tests and for work on the pages without ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mirror_camera.cameras import Camera
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_core.parameters import specs_of
from mirror_web.control import CameraState, Status
from mirror_web.privacy_control import Deed, Destination

__all__ = ["FakeControl", "FakePrivacy", "FakeSettings", "live_parameters"]


def live_parameters(config: Any, prefix: str = "") -> tuple[LiveParameter, ...]:
    """The parameters of a configuration as a running node that has just begun tells them.

    Args:
        config: class with `parameter` fields.
        prefix: of its group, such as "clock.".
    """
    return tuple(
        LiveParameter(
            prefix + spec.name,
            spec.default,
            spec.description,
            spec.minimum,
            spec.maximum,
            () if spec.choices is None else tuple(map(str, spec.choices())),
        )
        for spec in specs_of(config)
    )


class FakeControl:
    """A `MirrorControl` that remembers what it was asked.

    Args:
        effects: the effects there are.
        refusal: the sentence with which everything is refused, None to accept.
    """

    def __init__(self, effects: tuple[str, ...] = ("none", "landmarks"), refusal: str | None = None) -> None:
        self.available = effects
        self.active: tuple[str, ...] = effects[:1]
        self.refusal = refusal
        self.current = Status(CameraState.RUNNING, fps=30.0, latency_ms=6.0)
        self.asked: list[tuple[str, ...]] = []
        self.parameters: dict[str, tuple[LiveParameter, ...]] = {}
        self.changes = 0

    def effects(self) -> tuple[str, ...]:
        """See `MirrorControl`."""
        return self.available

    def active_effects(self) -> tuple[str, ...]:
        """See `MirrorControl`."""
        return self.active

    def set_effects(self, names: tuple[str, ...]) -> str | None:
        """See `MirrorControl`."""
        self.asked.append(names)
        if self.refusal is None:
            self.active = names
        return self.refusal

    def effect_parameters(self, effect: str) -> tuple[LiveParameter, ...]:
        """See `MirrorControl`."""
        return self.parameters.get(effect, ())

    def set_effect_parameters(self, effect: str, values: Mapping[str, LiveValue]) -> str | None:
        """See `MirrorControl`."""
        if self.refusal is None:
            now = self.parameters.get(effect, ())
            self.parameters[effect] = tuple(replace(p, value=values.get(p.name, p.value)) for p in now)
            self.changes += 1
        return self.refusal

    def parameter_changes(self) -> int:
        """See `MirrorControl`."""
        return self.changes

    def status(self) -> Status:
        """See `MirrorControl`."""
        return self.current

    def set_shutter(self, closed: bool) -> str | None:
        """See `MirrorControl`."""
        if self.refusal is None:
            self.current = Status(CameraState.OFF if closed else CameraState.RUNNING)
        return self.refusal


class FakePrivacy:
    """A `PrivacyControl` that says what tests give it."""

    def __init__(self) -> None:
        self.told: tuple[Destination, ...] = ()
        self.done: tuple[Deed, ...] = ()

    def destinations(self) -> tuple[Destination, ...]:
        """See `PrivacyControl`."""
        return self.told

    def deeds(self, count: int) -> tuple[Deed, ...]:
        """See `PrivacyControl`."""
        return self.done[-count:]


class FakeSettings:
    """A `SettingsControl` of nodes that exist only here; what is set is kept in memory.

    Attributes:
        nodes: parameters by node.
        found: the cameras there are.
        refusal: the sentence with which everything is refused, None to accept.
        stored: what was set, by node.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, tuple[LiveParameter, ...]] = {}
        self.found: tuple[Camera, ...] = ()
        self.refusal: str | None = None
        self.stored: dict[str, dict[str, LiveValue]] = {}
        self.began: dict[str, dict[str, LiveValue]] = {}
        self._changes = 0

    def begin(self, node: str, *parameters: LiveParameter) -> None:
        """Let a node run with these parameters, which are its defaults."""
        self.nodes[node] = parameters
        self.began[node] = {parameter.name: parameter.value for parameter in parameters}
        self._changes += 1

    def parameters(self, node: str) -> tuple[LiveParameter, ...]:
        """See `SettingsControl`."""
        return self.nodes.get(node, ())

    def defaults(self, node: str) -> Mapping[str, LiveValue]:
        """See `SettingsControl`."""
        return self.began.get(node, {})

    def set_parameters(self, node: str, values: Mapping[str, LiveValue]) -> str | None:
        """See `SettingsControl`."""
        if self.refusal is None:
            self.stored.setdefault(node, {}).update(values)
            self._set(node, values)
        return self.refusal

    def _set(self, node: str, values: Mapping[str, LiveValue]) -> None:
        now = self.nodes.get(node, ())
        self.nodes[node] = tuple(replace(p, value=values.get(p.name, p.value)) for p in now)
        self._changes += 1

    def changes(self) -> int:
        """See `SettingsControl`."""
        return self._changes

    def cameras(self) -> tuple[Camera, ...]:
        """See `SettingsControl`."""
        return self.found

    def kept_in(self) -> str:
        """See `SettingsControl`."""
        return "settings.yaml"

    def kept(self) -> Mapping[str, Mapping[str, LiveValue]]:
        """See `SettingsControl`."""
        return self.stored

    def reset(self) -> str | None:
        """See `SettingsControl`."""
        self.stored = {}
        for node, values in self.began.items():
            self._set(node, values)
        return self.refusal
