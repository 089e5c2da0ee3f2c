"""What the Settings page asks of the mirror: nodes' parameters, kept beyond a restart, and the cameras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mirror_camera.cameras import Camera
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts

__all__ = ["SettingsControl", "UnansweredSettings"]


class SettingsControl(Protocol):
    """The mirror's settings as the page sees them. Calls come from worker threads and may block."""

    def parameters(self, node: str) -> tuple[LiveParameter, ...]:
        """A node's parameters as they are now; empty where it does not run."""
        ...

    def defaults(self, node: str) -> Mapping[str, LiveValue]:
        """What a node would start with if nothing had been set here."""
        ...

    def set_parameters(self, node: str, values: Mapping[str, LiveValue]) -> str | None:
        """Set parameters of a node, all or none, and keep them; None, or a sentence that says what failed."""
        ...

    def changes(self) -> int:
        """Counts changes to parameters, by whomever; another number says: read them again."""
        ...

    def cameras(self) -> tuple[Camera, ...]:
        """The cameras of the mirror's machine."""
        ...

    def kept_in(self) -> str:
        """The file that settings are kept in; empty where they last until the mirror ends."""
        ...

    def kept(self) -> Mapping[str, Mapping[str, LiveValue]]:
        """What is kept, by full name of the node.

        Raises:
            MirrorError: if the file is damaged or cannot be read.
        """
        ...

    def reset(self) -> str | None:
        """Undo all that was set here, at once and for the next start; None or one sentence as above."""
        ...


class UnansweredSettings:
    """A `SettingsControl` for a page without a graph."""

    def parameters(self, node: str) -> tuple[LiveParameter, ...]:
        """No node runs."""
        return ()

    def defaults(self, node: str) -> Mapping[str, LiveValue]:
        """Nothing is known."""
        return {}

    def set_parameters(self, node: str, values: Mapping[str, LiveValue]) -> str | None:
        """Nothing can be set."""
        return Texts("settings")["no_answer"]

    def changes(self) -> int:
        """Nothing changes."""
        return 0

    def cameras(self) -> tuple[Camera, ...]:
        """None is known."""
        return ()

    def kept_in(self) -> str:
        """Nowhere."""
        return ""

    def kept(self) -> Mapping[str, Mapping[str, LiveValue]]:
        """Nothing is kept."""
        return {}

    def reset(self) -> str | None:
        """Nothing was set."""
        return Texts("settings")["no_answer"]
