"""A graph that exists only in memory, for tests and for work on the pages without ROS."""

from __future__ import annotations

from mirror_web.control import CameraState, Status

__all__ = ["FakeControl"]


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

    def status(self) -> Status:
        """See `MirrorControl`."""
        return self.current

    def set_shutter(self, closed: bool) -> str | None:
        """See `MirrorControl`."""
        if self.refusal is None:
            self.current = Status(CameraState.OFF if closed else CameraState.RUNNING)
        return self.refusal
