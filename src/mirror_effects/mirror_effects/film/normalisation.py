"""Fits a participant's pose into a scene: the character's size, place and proportions, the participant's
posture.

After the global pose normalisation of Chan, Ginosar, Zhou, Efros, "Everybody Dance Now", ICCV 2019. There,
source and target clip are known whole; here the participant is learned while playing (`Participant`), may
be seen from the waist up only, and must never be where the character never was.

- **Posture.** Each bone keeps the participant's direction and foreshortening. Its length is scaled by the
  character's usual length over the participant's (`bones`), or all bones by the ratio of heights (`whole`).
- **What is not seen** comes from the moments of the film that look most alike (`PoseLibrary`).
- **Size.** Who comes closer than usual grows, within the sizes that the character has in the scene.
- **Place across.** The distance from the middle of the mirror, in body heights, is the distance from the
  character's usual place, within the places that it takes in the scene.
- **Height in the picture.** Feet stand where the character's feet stand at that size, and leave the ground
  as far as the participant's do. Without feet, the chest rises and sinks as the participant's chest does.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.errors import UsageError
from mirror_effects.film.participant import Participant
from mirror_effects.film.pose import Pose, trust
from mirror_effects.film.pose_library import PoseLibrary
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.similarity import directions
from mirror_effects.film.skeleton import (
    BONE_CHILD,
    BONE_KIND,
    CHEST,
    bone_vectors,
    bone_visibility,
    joints,
    points_from,
)

__all__ = ["Lengths", "Normaliser", "PoseStatistics"]

Floats = NDArray[np.float64]

COMPLETION_S = 0.15  # time constant in which supplied limbs follow the nearest moments of the film
LEAST_ROOM = 0.03  # of the height: how far the figure may move to each side and up and down in any scene
HIGHEST_JUMP, LOWEST_SINK = 0.5, 0.05  # of the height: how far feet leave the ground line
SMALLEST_RATIO, LARGEST_RATIO = 0.4, 2.5  # of a bone's length over that of the whole body's scale
_ANKLES: Final = [int(BodyPoint.LEFT_ANKLE), int(BodyPoint.RIGHT_ANKLE)]


def _sinking() -> Floats:
    """[33, 1]: how far each point goes along when the trunk sinks and the feet stay: 0 at the feet."""
    share = np.ones((len(BodyPoint), 1))
    for side in ("LEFT", "RIGHT"):
        share[BodyPoint[f"{side}_KNEE"]] = 0.5
        for name in ("ANKLE", "HEEL", "FOOT_INDEX"):
            share[BodyPoint[f"{side}_{name}"]] = 0.0
    return share


_SINKING: Final = _sinking()


class Lengths(Enum):
    """What bone lengths the fitted pose has."""

    BONES = "bones"
    """The character's: each bone is scaled by its own ratio."""
    WHOLE = "whole"
    """The participant's: the whole body is scaled to the character's height."""


class Normaliser:
    """Fits one participant's poses, frame by frame, into a scene."""

    def __init__(
        self,
        scene: PoseStatistics,
        library: PoseLibrary | None = None,
        *,
        lengths: Lengths = Lengths.BONES,
        mirrored: bool = True,
    ) -> None:
        """Begin with an unknown participant.

        Args:
            scene: statistics of the film's poses.
            library: the film's poses; without them, what is not seen stays unseen.
            lengths: whose bone lengths the result has.
            mirrored: whether the figure acts as a mirror image: who raises the right hand sees the figure's
                hand on the same side of the mirror go up. False for pictures that are flipped later anyway.
        """
        self.scene = scene
        self.participant = Participant()
        self.mirrored = mirrored
        self.lengths = lengths
        self._library = library
        self._proportions = np.array(scene.proportions)
        self._supplied: Floats | None = None  # bones that the library supplies, as shares of the height
        self._last_s = -math.inf

    def fit(self, pose: Pose, time_s: float, width: int) -> Pose | None:
        """The pose in the scene's picture.

        Args:
            pose: in the pixels of the participant's picture.
            time_s: of the frame in seconds, in the order of time; a gap of more than 2 s begins anew.
            width: of the participant's picture in pixels.

        Returns:
            The fitted pose; None where less than shoulders and head are seen.

        Raises:
            UsageError: if the width is not above 0.
        """
        if width <= 0:
            raise UsageError(f"The participant's picture must have a width above 0, not {width}.")
        if self.mirrored:
            pose = pose.mirrored(width)
        person = self.participant
        if not person.learn(pose, time_s):
            return None
        size = self.scene.size.limited(self.scene.size.usual * person.size / person.usual_size)
        vectors, known = self._posture(pose, size, time_s)
        points = points_from(np.zeros(3), vectors)
        visibility = np.zeros(len(BodyPoint) + 3)  # with the middles, which are bones' children, too
        visibility[BONE_CHILD] = known
        points[:, 0] += self._across(pose, size, width)
        points[:, 1:2] += self._heights(pose, size, float(points[_ANKLES, 1].max()))
        return Pose.of(points, visibility[: len(BodyPoint)])

    def _posture(self, pose: Pose, size: float, time_s: float) -> tuple[Floats, Floats]:
        """Bones [bones, 3] in the scene's pixels and how well each is known."""
        person = self.participant
        scale = size / person.present_size
        ratio = np.ones(len(self._proportions))
        if self.lengths is Lengths.BONES:
            ratio = np.clip(self._proportions / person.proportions, SMALLEST_RATIO, LARGEST_RATIO)
        own = bone_vectors(pose.points) * (scale * ratio[BONE_KIND])[:, None]
        seen = bone_visibility(pose.visibility)
        if self._library is None:
            return own, seen
        share = trust(seen)
        supplied, supplied_known = self._library.completed(directions(pose.points), share)
        step = time_s - self._last_s
        self._last_s = time_s
        if self._supplied is None or not 0.0 <= step <= 1.0:
            self._supplied = supplied
        else:
            self._supplied += (1.0 - math.exp(-step / COMPLETION_S)) * (supplied - self._supplied)
        part = share[:, None]
        return part * own + (1.0 - part) * size * self._supplied, share * seen + (
            1.0 - share
        ) * supplied_known

    def _across(self, pose: Pose, size: float, width: int) -> float:
        """x of the chest in the scene."""
        beside = (float(joints(pose.points)[CHEST, 0]) - width / 2) / self.participant.size
        return self.scene.across.limited(self.scene.across.usual + beside * size, LEAST_ROOM * size)

    def _heights(self, pose: Pose, size: float, ankle: float) -> Floats | float:
        """What to add to each point's y [33, 1], or to all; `ankle`: the lower ankle's y below the chest."""
        person, scene = self.participant, self.scene
        closeness = scene.closeness(size)
        below = person.chest_below(float(joints(pose.points)[CHEST, 1]))
        bob = scene.chest_rise.limited(scene.chest_rise.usual + below, LEAST_ROOM) * size
        if scene.ankles is None:
            return scene.chest.at(closeness) + bob
        seen = pose.visibility[_ANKLES]
        lower = float(pose.points[_ANKLES, 1][seen >= 0.5 * seen.max()].max())
        lift = min(max(person.ankles_below(lower), -HIGHEST_JUMP), LOWEST_SINK) * size
        standing = scene.ankles.at(closeness) - ankle
        feet = float(trust(np.array(person.feet)))
        return standing + feet * lift + (1.0 - feet) * bob * _SINKING
