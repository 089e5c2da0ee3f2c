"""The recordings of film scenes, each of somebody who agreed to it: found on disc, and erased from it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_web.catalogue import Texts

__all__ = ["FilmTake", "FilmTakes", "json_of"]

TEXTS = Texts("film")
TAKE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
WRITTEN_S = 5.0  # a take's file that has grown in the last seconds is being written
END_PATIENCE_S = 20.0  # for a take to be complete once it is ended
TURN_S = 0.1


@dataclass(frozen=True, slots=True)
class FilmTake:
    """A recording of somebody who agreed to it.

    Attributes:
        id: of its files, without ending.
        name: of who agreed.
        date: when it was begun.
        seconds: how long it is.
        size: (width, height) in pixels.
        megabytes: of the video.
        scenes: that were played.
        is_complete: the video is whole; else it is being written, or its writing was cut off.
    """

    id: str
    name: str
    date: datetime
    seconds: float
    size: tuple[int, int]
    megabytes: float
    scenes: tuple[str, ...]
    is_complete: bool


class FilmTakes:
    """All takes; calls come from worker threads.

    Args:
        folder: gives their folder; None: the usual one.
    """

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the takes are."""
        from mirror_effects.film.takes import default_takes_folder

        return self._folder() if self._folder is not None else default_takes_folder()

    def takes(self) -> tuple[FilmTake, ...]:
        """All takes, the newest first; what is no take is left out."""
        found = []
        folder = self.folder
        try:
            entries = sorted(folder.glob("*.json"))
        except OSError:
            return ()
        for entry in entries:
            take = _take_of(entry)
            if take is not None:
                found.append(take)
        return tuple(sorted(found, key=lambda take: take.date, reverse=True))

    def file_of(self, take_id: str) -> Path:
        """The video of a take.

        Raises:
            UsageError: if there is none.
        """
        if TAKE_ID.fullmatch(take_id):
            file = self.folder / f"{take_id}.mp4"
            if file.is_file():
                return file
        raise UsageError(TEXTS["take_gone"])

    def is_being_written(self, take: FilmTake) -> bool:
        """Whether a take is being recorded at the moment."""
        if take.is_complete:
            return False
        try:
            age_s = time.time() - (self.folder / f"{take.id}.mp4").stat().st_mtime
        except OSError:
            return False
        return age_s < WRITTEN_S

    def erase(self, take_id: str) -> None:
        """Erase a take; one that is gone already is fine.

        Raises:
            UsageError: while it is being recorded.
            StoreError: where something of it stays.
        """
        if not TAKE_ID.fullmatch(take_id):
            raise UsageError(TEXTS["take_gone"])
        take = _take_of(self.folder / f"{take_id}.json")
        if take is not None and self.is_being_written(take):
            raise UsageError(TEXTS["take_running"])
        # Video first: while the other file is there, the take is listed and can be erased again.
        for ending in (".mp4", ".json.partial", ".json"):
            file = self.folder / f"{take_id}{ending}"
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(
                    TEXTS["not_erased"].format(place=file, error=error.strerror or error)
                ) from error

    def erase_all(self, patience_s: float = END_PATIENCE_S) -> int:
        """Erase all takes; one that has just been ended is waited for. Returns how many.

        Raises:
            MirrorError: where one stays; the others are erased all the same.
        """
        deadline = time.monotonic() + patience_s
        while any(map(self.is_being_written, self.takes())) and time.monotonic() < deadline:
            time.sleep(TURN_S)
        problems: list[MirrorError] = []
        found = self.takes()
        for take in found:
            try:
                self.erase(take.id)
            except MirrorError as error:
                problems.append(error)
        if problems:
            raise problems[0]
        return len(found)


def _take_of(entry: Path) -> FilmTake | None:
    values = json_of(entry)
    take_id = entry.name.removesuffix(".json")
    if not TAKE_ID.fullmatch(take_id) or not values:
        return None
    try:
        size = (entry.parent / f"{take_id}.mp4").stat().st_size
    except OSError:
        size = 0
    try:
        scenes = values.get("scenes", ())
        return FilmTake(
            take_id,
            str(values["name"]),
            datetime.fromisoformat(str(values["date"])).astimezone(),
            float(values.get("seconds", 0.0)),
            (int(values.get("width", 0)), int(values.get("height", 0))),
            size / 1e6,
            tuple(map(str, scenes)) if isinstance(scenes, list) else (),
            values.get("complete") is True,
        )
    except (KeyError, ValueError, TypeError):
        return None


def json_of(file: Path) -> dict[str, Any]:
    """A JSON file's names and values; empty where it is missing or damaged."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
