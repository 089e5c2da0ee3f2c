"""The masks that can be worn now: loaded in the background, looked for again when files change."""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_core.settling import settles
from mirror_effects.mask_names import PRESETS, mask_files
from mirror_effects.mask_texture import Cut, finished, read_mask, read_preset
from mirror_effects.texture_pyramid import TexturePyramid

__all__ = ["MaskLibrary"]

logger = logging.getLogger("mirror.effects")

LOOK_EVERY_S = 1.0  # how often the folder is looked at
MOST_TEXTURES = 24  # 5.6 MB each; the one unused for longest goes first

Version = tuple[int, int]
"""Change time in nanoseconds and size of a file; (0, 0) of a preset."""


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    cut: Cut


class MaskLibrary:
    """Masks by name. `get` never waits: a thread reads, decodes and watches the folder.

    Args:
        folder: with a person's own PNG files; it may be missing and may appear later.
        look_every_s: pause between two looks at the folder.
    """

    def __init__(self, folder: Path, look_every_s: float = LOOK_EVERY_S) -> None:
        self.folder = folder
        self._look_every_s = look_every_s
        self._wake = threading.Condition()
        self._files: dict[str, tuple[Path, Version]] = _versions(folder)
        self._ready: dict[_Key, tuple[Version, TexturePyramid]] = {}
        self._wanted: dict[_Key, None] = {}
        self._problems: dict[str, tuple[Version, str]] = {}
        self._closed = False
        self._thread: threading.Thread | None = None
        settles(self)

    @property
    def names(self) -> tuple[str, ...]:
        """All masks: the presets, then the files."""
        return tuple(dict.fromkeys([*PRESETS, *self._files]))

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each mask that cannot be read."""
        with self._wake:
            return tuple(sentence for _, sentence in self._problems.values())

    def get(self, name: str, cut: Cut) -> TexturePyramid | None:
        """The mask if it is ready; else it is made ready in the background."""
        key = _Key(name, cut)
        with self._wake:
            found = self._found(key)
            if found is None and key not in self._wanted and not self._closed and not self._is_bad(name):
                self._wanted[key] = None
                self._start()
                self._wake.notify_all()
            return found

    def load(self, name: str, cut: Cut) -> TexturePyramid | None:
        """The mask, waiting until it is read; None where it cannot be."""
        key = _Key(name, cut)
        with self._wake:
            found = self._found(key)
        if found is None:
            self._make(key)
            with self._wake:
                found = self._found(key)
        return found

    def settle(self, timeout_s: float) -> bool:
        """Wait until all that was asked for is ready; see `mirror_core.settling`."""
        with self._wake:
            return self._wake.wait_for(lambda: self._closed or not self._wanted, timeout_s)

    def close(self) -> None:
        """End the thread; `get` finds only what is ready."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    # ---- the thread

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="masks", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._wake:
                if not self._wanted and not self._closed:
                    self._wake.wait(self._look_every_s)
                if self._closed:
                    return
                wanted = next(iter(self._wanted), None)
            if wanted is not None:
                self._make(wanted)
            else:
                self._look()

    def _look(self) -> None:
        """Find new, changed and removed files; what was shown stays until its new version is ready."""
        files = _versions(self.folder)
        with self._wake:
            if files == self._files:
                return
            self._files = files
            stale = [key for key, (version, _) in self._ready.items() if version != self._version(key.name)]
            for name in [n for n, (version, _) in self._problems.items() if version != self._version(n)]:
                del self._problems[name]
        for key in stale:
            self._make(key)

    def _make(self, key: _Key) -> None:
        with self._wake:
            entry = self._files.get(key.name)
            version = self._version(key.name)
        problem, texture = "", None
        try:
            picture = read_preset(key.name) if entry is None else read_mask(entry[0])
            texture = finished(picture, key.cut)
        except UsageError as error:
            problem = str(error)
        with self._wake:
            self._wanted.pop(key, None)
            self._wake.notify_all()
            if texture is not None:
                self._ready.pop(key, None)
                self._ready[key] = (version, texture)
                while len(self._ready) > MOST_TEXTURES:
                    del self._ready[next(iter(self._ready))]
            elif self._problems.get(key.name) != (version, problem):
                self._problems[key.name] = (version, problem)
                logger.warning(problem)

    # ---- under the lock

    def _found(self, key: _Key) -> TexturePyramid | None:
        found = self._ready.pop(key, None)
        if found is None:
            return None
        self._ready[key] = found  # used last
        return found[1]

    def _version(self, name: str) -> Version:
        return self._files[name][1] if name in self._files else (0, 0)

    def _is_bad(self, name: str) -> bool:
        return name in self._problems and self._problems[name][0] == self._version(name)


def _versions(folder: Path) -> dict[str, tuple[Path, Version]]:
    """Name → file and its version."""
    found = {}
    for name, path in mask_files(folder).items():
        with contextlib.suppress(OSError):  # removed between the two looks
            state = path.stat()
            found[name] = (path, (state.st_mtime_ns, state.st_size))
    return found
