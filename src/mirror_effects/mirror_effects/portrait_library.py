"""The textures of stored faces: made in the background, kept while somebody wears them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from mirror_core.errors import MirrorError
from mirror_core.settling import settles
from mirror_effects.portrait_texture import PortraitTexture
from mirror_gallery.portrait import Portrait
from mirror_gallery.presets import load_preset

__all__ = ["PortraitLibrary"]

logger = logging.getLogger("mirror.effects")


@dataclass(slots=True, eq=False)
class _Entry:
    """A face's textures: those that are ready, and those that are being made.

    Attributes:
        wanted: the portrait that they shall show; None for a preset.
        ready: None until the first is made, or where it cannot be.
        coming: what the thread works on.
    """

    wanted: Portrait | None
    ready: PortraitTexture | None = None
    coming: Future[PortraitTexture | None] | None = None


class PortraitLibrary:
    """Textures by portrait. Asking never waits: a thread lays the portraits out."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._worker: ThreadPoolExecutor | None = None
        settles(self)

    def get(self, portrait: Portrait) -> PortraitTexture | None:
        """The textures of a stored face; None until they are ready.

        A newer version of the same face is made ready first and takes over then.
        """
        entry = self._entries.get(portrait.id)
        if entry is None or entry.wanted is not portrait:
            entry = _Entry(portrait, entry.ready if entry is not None else None)
            self._entries[portrait.id] = entry
            self._begin(portrait.id, entry, lambda: portrait)
        return self._ready(entry)

    def get_preset(self, name: str) -> PortraitTexture | None:
        """The textures of a preset; None until they are ready, or where there is none of this name."""
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = _Entry(None)
            self._begin(name, entry, lambda: load_preset(name))
        return self._ready(entry)

    def wait(self) -> None:
        """Wait until all that was asked for is ready."""
        for entry in self._entries.values():
            if entry.coming is not None:
                entry.coming.result()

    def settle(self, timeout_s: float) -> bool:
        """The same with a limit; see `mirror_core.settling`."""
        coming = [entry.coming for entry in list(self._entries.values()) if entry.coming is not None]
        return not wait(coming, timeout_s).not_done

    def keep(self, names: Iterable[str]) -> None:
        """Forget all faces but those with these ids and preset names: nothing stays of one that is erased."""
        kept = set(names)
        for name in [name for name in self._entries if name not in kept]:
            coming = self._entries.pop(name).coming
            if coming is not None:
                coming.cancel()

    def close(self) -> None:
        """Forget everything and end the thread."""
        self.keep(())
        if self._worker is not None:
            self._worker.shutdown()
            self._worker = None

    def _begin(self, name: str, entry: _Entry, load: Callable[[], Portrait]) -> None:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, "portraits")
        entry.coming = self._worker.submit(_made, name, entry, load)

    @staticmethod
    def _ready(entry: _Entry) -> PortraitTexture | None:
        if entry.coming is not None and entry.coming.done():
            entry.ready = entry.coming.result() or entry.ready
            entry.coming = None
        return entry.ready


def _made(name: str, entry: _Entry, load: Callable[[], Portrait]) -> PortraitTexture | None:
    """The textures of a face; in the worker's thread. The frontal view is shown until all are ready."""
    try:
        portrait = load()
        if entry.ready is None and len(portrait.views) > 1:
            entry.ready = PortraitTexture(replace(portrait, views=portrait.views[:1]))
        return PortraitTexture(portrait)
    except MirrorError as error:
        logger.warning("The face %s cannot be worn: %s", name, error)
        return None
