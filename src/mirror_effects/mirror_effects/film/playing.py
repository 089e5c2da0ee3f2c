"""Plays scenes beside the frame path: poses go in, whole pictures come out, and nobody waits for them.

A thread of its own loads the scenes, fits the poses, runs the network, and lays out and marks the picture in
the frame's size, so that the frame path has nothing left but to hand it on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

import cv2
import numpy as np

from mirror_core.frame import Image, read_only
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_effects.film.marks import draw_standing
from mirror_effects.film.player import Mode, Participation, Player
from mirror_effects.film.rounds import Rounds, Standing
from mirror_effects.film.sharp import SharpPicture
from mirror_effects.film.stage import Stage
from mirror_effects.film.views import Box, Layout

__all__ = ["Cue", "Playing", "Settings", "ShownScene"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How scenes are played and shown.

    Attributes:
        scenes: the name of each character's scene; empty: the first one.
        view, corner, share: as for `Layout.of`.
        mirrored: the picture is shown mirrored: then the scene is drawn the other way round, and its figure
            acts as a mirror image.
        attract_after_s, smoothing_s: as for `Player`.
        show_score: whether rounds of re-enactment are played.
        threads, network: as for `load_stage`.
    """

    scenes: tuple[str, ...] = ("",)
    view: str = "full"
    corner: str = "bottom_right"
    share: float = 0.25
    mirrored: bool = True
    attract_after_s: float = 8.0
    smoothing_s: float = 0.0
    show_score: bool = False
    threads: int = 2
    network: str = "litert"


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """What is to be played next.

    Attributes:
        stamp_ns: of the frame.
        size: its width and height.
        people: who plays each character, None where nobody does.
        settings: as they are now.
    """

    stamp_ns: int
    size: tuple[int, int]
    people: tuple[Participation | None, ...]
    settings: Settings


@dataclass(frozen=True, slots=True, eq=False)
class ShownScene:
    """A picture that was played.

    Attributes:
        picture: uint8 [h, w, 3], read-only, in the frame's size and the camera's left and right; black where
            no scene is.
        layout: where the scenes are and where the person belongs, as shown.
        names: of each character's scene.
        modes: what moves each character.
        standings: of each character's round.
        settings: that it was made with.
    """

    picture: Image
    layout: Layout
    names: tuple[str, ...]
    modes: tuple[Mode, ...]
    standings: tuple[Standing | None, ...]
    settings: Settings


class _Character:
    """A character, its picture and its round."""

    def __init__(self, stage: Stage, mirrored: bool) -> None:
        self.stage, self.mirrored = stage, mirrored
        self.player = Player(stage, mirrored=mirrored)
        self.rounds = Rounds(stage)
        self._sharp = SharpPicture(stage.background)

    @property
    def aspect(self) -> float:
        return self.stage.statistics.width / self.stage.statistics.height

    def play(
        self, person: Participation | None, time_s: float, settings: Settings, canvas: Image, box: Box
    ) -> tuple[Mode, Standing | None]:
        """Play one frame into a box of the canvas."""
        self.player.attract_after_s = settings.attract_after_s
        self.player.smoothing_s = settings.smoothing_s
        frame = self.player.next(person, time_s)
        place = canvas[box.slices]
        if self.mirrored:
            panel = np.empty_like(place, order="C")
            self._sharp.of(frame.colour, frame.alpha, panel)
            place[:] = cv2.flip(panel, 1)
        else:
            self._sharp.of(frame.colour, frame.alpha, place)
        if not settings.show_score:
            return frame.mode, None
        pose = person.pose if person is not None else None
        if pose is not None and person is not None and self.mirrored:
            pose = pose.mirrored(person.width)
        standing = self.rounds.add(pose, time_s)
        if standing is not None:
            size = (self.stage.statistics.width, self.stage.statistics.height)
            draw_standing(canvas, box, standing, size, mirrored=self.mirrored)
        return frame.mode, standing


class Playing:
    """Plays in a thread of its own; the newest cue wins.

    Args:
        load: makes a scene ready by name, threads and network (`load_stage`); called in that thread.

    Attributes:
        played: pictures so far.
    """

    def __init__(self, load: Callable[[str, int, str], Stage]) -> None:
        self._load = load
        self._stages: dict[tuple[str, int, str], Stage] = {}
        self._characters: list[_Character] = []
        self._error: Exception | None = None
        self._shown: ShownScene | None = None
        self._free = threading.Event()
        self._free.set()
        self.played = 0
        self._runner: ModelRunner[Cue, ShownScene] = ModelRunner(
            self._play, self._on_result, self._on_error, "film"
        )

    @property
    def is_free(self) -> bool:
        """Whether a cue would be taken at once."""
        return self._free.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the last cue is played, for tests and measurements; the frame path never does.

        Returns:
            False where it took longer than `timeout_s`.
        """
        return self._free.wait(timeout_s)

    def cue(self, cue: Cue) -> None:
        """Leave what is to be played next; never waits."""
        self._free.clear()
        self._runner.submit(cue.stamp_ns, cue)

    def shown(self) -> ShownScene | None:
        """The newest picture, None before the first.

        Raises:
            Exception: what the last cue raised, once.
        """
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._shown

    def close(self) -> None:
        """End the thread."""
        self._runner.close()

    # ---- in the thread

    def _play(self, cue: Cue) -> ShownScene:
        settings = cue.settings
        self._characters = self._cast(settings)
        aspects = tuple(character.aspect for character in self._characters)
        layout = Layout.of(settings.view, cue.size, aspects, settings.corner, settings.share)
        width, height = cue.size
        canvas = np.zeros((height, width, 3), np.uint8)
        modes: list[Mode] = []
        standings: list[Standing | None] = []
        for character, person, box in zip(self._characters, self._people(cue), layout.scenes, strict=True):
            place = box.mirrored(width) if settings.mirrored else box
            mode, standing = character.play(person, cue.stamp_ns / 1e9, settings, canvas, place)
            modes.append(mode)
            standings.append(standing)
        names = tuple(character.stage.name for character in self._characters)
        return ShownScene(read_only(canvas), layout, names, tuple(modes), tuple(standings), settings)

    def _people(self, cue: Cue) -> tuple[Participation | None, ...]:
        """As many as there are characters."""
        pairs = zip_longest(self._characters, cue.people[: len(self._characters)])
        return tuple(person for _, person in pairs)

    def _cast(self, settings: Settings) -> list[_Character]:
        """The characters; those whose scene stays go on."""
        wanted = [(name, settings.threads, settings.network) for name in settings.scenes]
        for key in wanted:
            if key not in self._stages:
                self._stages[key] = self._load(*key)
        self._stages = {key: self._stages[key] for key in wanted}
        result = []
        for before, key in zip_longest(self._characters[: len(wanted)], wanted):
            stage = self._stages[key]
            stays = before is not None and before.stage is stage and before.mirrored == settings.mirrored
            result.append(before if stays else _Character(stage, settings.mirrored))
        return result

    def _on_result(self, result: ModelResult[ShownScene]) -> None:
        self._shown = result.value
        self.played += 1
        self._free.set()

    def _on_error(self, error: Exception) -> None:
        self._error = error
        self._free.set()
