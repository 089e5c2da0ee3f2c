"""What there is of films on this machine: scenes and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mirror_core.errors import MirrorError
from mirror_web.control import MirrorControl
from mirror_web.film_scenes import FilmScenes
from mirror_web.film_takes import FilmTakes

__all__ = ["FilmShelf", "shelf_of", "stop_take"]

FILM = "film"  # the effect


@dataclass(frozen=True, slots=True)
class FilmShelf:
    """Scenes and takes.

    Attributes:
        scenes: those that come with Mirror, and a person's own.
        takes: recordings.
    """

    scenes: FilmScenes = field(default_factory=FilmScenes)
    takes: FilmTakes = field(default_factory=FilmTakes)


def shelf_of(control: MirrorControl) -> FilmShelf:
    """The shelf of a mirror, whose effect may keep its takes elsewhere (`film.takes_folder`)."""

    def takes_folder() -> Path:
        from mirror_effects.film.takes import default_takes_folder

        try:
            values = {each.name: each.value for each in control.effect_parameters(FILM)}
        except MirrorError:
            values = {}
        named = str(values.get("takes_folder", ""))
        return Path(named).expanduser() if named else default_takes_folder()

    return FilmShelf(takes=FilmTakes(takes_folder))


def stop_take(control: MirrorControl) -> str | None:
    """End the take that is being recorded, if there is one; None or one sentence that says why not."""
    try:
        values = {each.name: each.value for each in control.effect_parameters(FILM)}
    except MirrorError:  # nothing plays, so nothing is recorded
        return None
    return control.set_effect_parameters(FILM, {"take": ""}) if values.get("take") else None
