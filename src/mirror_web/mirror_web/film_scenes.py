"""The film scenes of this machine as the page shows them: found on disc, and erased from it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_web.catalogue import Texts
from mirror_web.film_takes import json_of

__all__ = ["FilmScene", "FilmScenes"]

TEXTS = Texts("film")


@dataclass(frozen=True, slots=True)
class FilmScene:
    """A scene as it stands in its folder.

    Attributes:
        name: of the folder; `title` is for people.
        side: of its picture in pixels.
        fps: frames per second of the film.
        licence, consent: whose the clip is, who is seen and has agreed.
        is_own: it is a person's own, which may be erased; else it comes with Mirror.
        problem: why it cannot be played, one sentence; empty where it can.
        has_preview: there is a film to look at.
        quality: report on its clip, `mirror_training.film_scene.quality.Quality` as JSON, or None.
        scores: how well its figure is drawn on frames that were kept aside, as the training's report has it.
    """

    name: str
    title: str
    side: int = 0
    fps: float = 0.0
    licence: str = ""
    consent: str = ""
    is_own: bool = False
    problem: str = ""
    has_preview: bool = False
    quality: Mapping[str, Any] | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)


class FilmScenes:
    """All scenes; calls come from worker threads.

    Args:
        folder: gives the folder of a person's own scenes; None: the usual one.
    """

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, ...], FilmScene]] = {}

    @property
    def folder(self) -> Path:
        """Where a person's own scenes are."""
        from mirror_effects.film.scene import default_scenes_folder

        return self._folder() if self._folder is not None else default_scenes_folder()

    def scenes(self) -> tuple[FilmScene, ...]:
        """All scenes by title, those that come with Mirror first; one that is damaged says why."""
        from mirror_effects.film.scene import scenes

        found = []
        for folder in scenes(self.folder).values():
            marks = tuple(_mark(folder / name) for name in ("scene.json", "report.json", "preview.mp4"))
            with self._lock:
                known = self._known.get(folder)
            if known is None or known[0] != marks:
                known = (marks, _scene_of(folder))
                with self._lock:
                    self._known[folder] = known
            found.append(known[1])
        return tuple(sorted(found, key=lambda scene: (scene.is_own, scene.title.casefold(), scene.name)))

    def folder_of(self, name: str) -> Path:
        """The folder of a scene.

        Raises:
            UsageError: if there is none of this name.
        """
        from mirror_effects.film.scene import scenes

        folder = scenes(self.folder).get(name)
        if folder is None:
            raise UsageError(TEXTS["scene_gone"].format(name=name))
        return folder

    def erase(self, name: str) -> None:
        """Erase a person's own scene with all that it was made from; one that is gone already is fine.

        Raises:
            UsageError: where it comes with Mirror.
            StoreError: where something of it stays.
        """
        from mirror_effects.film.scene import checked_name

        own = self.folder / checked_name(name)
        if not own.exists():
            if any(scene.name == name for scene in self.scenes()):
                raise UsageError(TEXTS["scene_shipped"])
            return
        for folder in (own, self.work_folder(name)):
            _remove_folder(folder)

    def work_folder(self, name: str) -> Path:
        """Where a scene is worked on, which holds every frame of its clip."""
        return self.folder.parent / "film_work" / name


def _mark(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _scene_of(folder: Path) -> FilmScene:
    from mirror_effects.film.scene import PREVIEW, REPORT, load_scene, shipped_scenes_folder

    is_own = folder.parent != shipped_scenes_folder()
    try:
        scene = load_scene(folder).scene
    except MirrorError as error:
        return FilmScene(folder.name, folder.name, is_own=is_own, problem=str(error))
    report = json_of(folder / REPORT)
    quality, training = report.get("clip_quality"), report.get("training")
    test = training.get("test") if isinstance(training, dict) else None
    return FilmScene(
        scene.name,
        scene.title,
        scene.side,
        scene.fps,
        scene.licence,
        scene.consent,
        is_own,
        "",
        (folder / PREVIEW).is_file(),
        quality if isinstance(quality, dict) else None,
        test if isinstance(test, dict) else {},
    )


def _remove_folder(folder: Path) -> None:
    """Remove a folder, first its name, so that nobody opens half of it.

    Raises:
        StoreError: where something of it stays.
    """
    if not folder.exists():
        return
    going = folder.with_name(f".{folder.name}.erased")
    try:
        shutil.rmtree(going, ignore_errors=True)
        folder.rename(going)
        shutil.rmtree(going)
    except OSError as error:
        raise StoreError(TEXTS["not_erased"].format(place=folder, error=error.strerror or error)) from error
