"""The graph as the page sees it: `MirrorControl` over ROS services and diagnostics."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from mirror_core.graph_control import GraphControl
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.control import CameraState, Status

__all__ = ["GraphView"]

SILENT_AFTER_S = 5.0  # diagnostics come once a second; a node that is silent longer is gone


class GraphView:
    """Implements `mirror_web.control.MirrorControl`.

    Args:
        control: effects and shutter.
        namespace: of the graph, without the leading slash; diagnostics of other graphs are ignored.
    """

    def __init__(self, control: GraphControl, namespace: str) -> None:
        self._control = control
        self._prefix = f"{namespace}/" if namespace else ""
        self._seen: dict[str, tuple[float, DiagnosticStatus]] = {}
        self._asking = threading.Lock()  # one browser asks for all
        self._parameters: dict[str, tuple[int, tuple[LiveParameter, ...]]] = {}

    def on_diagnostics(self, message: DiagnosticArray) -> None:
        """Take what the nodes say about themselves."""
        for status in message.status:
            if status.name.startswith(self._prefix):
                self._seen[status.name.removeprefix(self._prefix)] = (time.monotonic(), status)

    def effects(self) -> tuple[str, ...]:
        """Names of all effects."""
        return self._control.effects

    def active_effects(self) -> tuple[str, ...]:
        """The stack in order."""
        return self._control.active_effects

    def set_effects(self, names: tuple[str, ...]) -> str | None:
        """Set the stack; one sentence if that was refused."""
        return self._control.set_effects(names) or None

    def effect_parameters(self, effect: str) -> tuple[LiveParameter, ...]:
        """An effect's parameters as they are now; asked once for all browsers while nothing changes."""
        with self._asking:
            changes = self._control.parameter_changes
            known = self._parameters.get(effect)
            if known is not None and known[0] == changes:
                return known[1]
            found = self._control.effect_parameters(effect)
            if found:
                self._parameters[effect] = (changes, found)
            return found

    def set_effect_parameters(self, effect: str, values: Mapping[str, LiveValue]) -> str | None:
        """Set an effect's parameters; one sentence if that was refused."""
        refusal = self._control.set_effect_parameters(effect, values)
        with self._asking:
            # The event that counts the change may come after the answer.
            self._parameters.pop(effect, None)
        return refusal or None

    def parameter_changes(self) -> int:
        """Counts changes to effects' parameters."""
        return self._control.parameter_changes

    def set_shutter(self, closed: bool) -> str | None:
        """Close or open the shutter; one sentence if that was refused."""
        return self._control.set_shutter(closed) or None

    def _newest(self, node: str) -> DiagnosticStatus | None:
        seen_s, status = self._seen.get(node, (float("-inf"), None))
        return status if time.monotonic() - seen_s < SILENT_AFTER_S else None

    def status(self) -> Status:
        """How the mirror is doing, from the camera's and the effects' diagnostics."""
        camera, effects = self._newest("camera"), self._newest("effects")
        values = {value.key: value.value for value in effects.values} if effects is not None else {}
        troubles = [
            status.message
            for status in (camera, effects)
            if status is not None and status.level != DiagnosticStatus.OK
        ]
        return Status(
            camera=self._camera_state(camera),
            detail=" ".join(troubles),
            fps=_number(values, "rate [Hz]") or 0.0,
            latency_ms=_number(values, "latency p50 [ms]"),
        )

    def _camera_state(self, camera: DiagnosticStatus | None) -> CameraState:
        if self._control.camera_is_on is False:
            return CameraState.OFF
        if camera is None:
            return CameraState.STARTING
        return CameraState.RUNNING if camera.level == DiagnosticStatus.OK else CameraState.LOST


def _number(values: Mapping[str, str], key: str) -> float | None:
    try:
        return float(values[key])
    except (KeyError, ValueError):
        return None
