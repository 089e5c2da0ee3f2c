"""A scene made ready to be played: its network, its background and its movement, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, UsageError
from mirror_core.frame import Image
from mirror_effects.film.keras_model import open_film_model
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_library import PoseLibrary
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import KERAS_MODEL, MODEL, Movement, SceneFolder, load_scene, scenes

__all__ = ["NETWORKS", "FilmNetwork", "Stage", "chosen_scene", "load_stage"]

Floats = NDArray[np.float32]

NETWORKS: Final = {"litert": MODEL, "keras": KERAS_MODEL}
"""What runs a network → its file in the scene's folder."""
NO_SCENE = "No film scene is installed: make one with `mirror film make CLIP --name NAME`."


class FilmNetwork(Protocol):
    """What draws the figure: of `film.keras_model.open_film_model`, or a fake in tests."""

    @property
    def side(self) -> int:
        """Of the network's square in pixels."""

    def next(self, pose_map: Image, previous: Image) -> tuple[Floats, Floats]:
        """Colour float32 [side, side, 3] and alpha float32 [side, side] of a pose."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A scene that can be played.

    Attributes:
        name: of the scene.
        network: draws its figure.
        background: uint8 [h, w, 3], BGR, the picture without the figure.
        background_small: the same at the network's size.
        statistics: of the figure's poses, in pixels of a picture of their width and height.
        movement: of the figure in the film.
        library: the movement's poses, to complete others from.
    """

    name: str
    network: FilmNetwork
    background: Image
    background_small: Image
    statistics: PoseStatistics
    movement: Movement
    library: PoseLibrary

    @classmethod
    def of(
        cls,
        name: str,
        network: FilmNetwork,
        background: Image,
        statistics: PoseStatistics,
        movement: Movement,
    ) -> Stage:
        """From a scene's parts."""
        side = network.side
        small = background
        if background.shape[:2] != (side, side):
            shrinks = max(background.shape[:2]) > side
            how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            small = np.asarray(cv2.resize(background, (side, side), interpolation=how), np.uint8)
        library = PoseLibrary(movement.points, movement.visibility, np.array(statistics.proportions))
        return cls(name, network, background, small, statistics, movement, library)

    @property
    def duration_s(self) -> float:
        """Of the film, from its first to its last pose."""
        return float(self.movement.times[-1] - self.movement.times[0])

    def film_pose(self, time_s: float) -> Pose:
        """The figure's pose in the film, as a loop that runs to and fro, so that it never jumps.

        Args:
            time_s: since the loop began.
        """
        length = self.duration_s
        if length <= 0:
            return Pose.of(self.movement.points[0], self.movement.visibility[0])
        return self.pose_at(length - abs(time_s % (2 * length) - length))

    def pose_at(self, time_s: float) -> Pose:
        """The figure's pose in the film, between two frames of it where the time is.

        Args:
            time_s: since the film began; before it the first pose, after it the last.
        """
        times = self.movement.times
        at = min(max(time_s, 0.0), self.duration_s) + float(times[0])
        after = min(int(np.searchsorted(times, at, side="right")), len(times) - 1)
        before = max(after - 1, 0)
        gap = float(times[after] - times[before])
        share = min(max((at - float(times[before])) / gap, 0.0), 1.0) if gap > 0 else 0.0
        poses = [Pose.of(self.movement.points[i], self.movement.visibility[i]) for i in (before, after)]
        return poses[0].blended(poses[1], share)

    def on_network(self, pose: Pose) -> Pose:
        """A pose of the scene's picture in pixels of the network's square."""
        side = self.network.side
        across, down = side / self.statistics.width, side / self.statistics.height
        scale = np.array([across, down, (across + down) / 2], np.float32)
        return Pose.of(pose.points * scale, pose.visibility)


def chosen_scene(name: str) -> SceneFolder:
    """The scene of this name; the first one where the name is empty.

    Raises:
        ModelError: where there is none, or it is damaged; in one sentence that says what to do.
    """
    found = scenes()
    if not found:
        raise ModelError(NO_SCENE)
    if name and name not in found:
        raise ModelError(f"{name} is not a film scene: installed are {', '.join(found)}.")
    try:
        return load_scene(found[name or next(iter(found))])
    except UsageError as error:
        raise ModelError(str(error)) from error


def load_stage(name: str, threads: int, network: str = "litert") -> Stage:
    """Load a scene; takes a second.

    Args:
        name: as for `chosen_scene`.
        threads: of the network.
        network: of `NETWORKS`: what runs it.

    Raises:
        ModelError: where it is missing or damaged.
    """
    folder = chosen_scene(name)
    try:
        return Stage.of(
            folder.scene.name,
            open_film_model(folder.folder / NETWORKS[network], threads),
            folder.background(),
            folder.scene.statistics,
            folder.movement(),
        )
    except UsageError as error:
        raise ModelError(str(error)) from error
