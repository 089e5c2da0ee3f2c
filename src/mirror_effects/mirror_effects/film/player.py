"""Plays one character: from the poses of whoever plays it to its frames, one after the other.

Pure and without threads: `Player.next` is called once for each frame.

- While somebody plays, the character has their pose, fitted into the scene.
- When they leave, it keeps the last pose.
- After a while it moves as in the film (the attract loop), until somebody comes.
- Where its pose would jump from one of these to another, or from one person to the next, it glides: in a
  time that grows with the way, up to 0.7 s.

Each frame is made from the frame before. That begins with the bare background.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.composer import composed
from mirror_effects.film.normalisation import Normaliser
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.stage import Stage

__all__ = ["CharacterFrame", "Mode", "Participation", "Player"]

GLIDE_S: Final = 0.7  # for the longest way
FAR: Final = 0.5  # of the body's height: mean way of the points from which a glide takes so long
FAST: Final = 0.5  # heights a second at which a point's memory is halved
GAP_S: Final = 2.0  # between two frames, after which nothing is smoothed or glides
STILL_FRAMES = 12  # after so many frames of the same pose the network's own recursion rests, too
KNOWN_PEOPLE = 8  # whose sizes and proportions are kept


class Mode(Enum):
    """What moves the character."""

    PLAYED = "played"
    HELD = "held"
    ATTRACT = "attract"


@dataclass(frozen=True, slots=True, eq=False)
class Participation:
    """Somebody who plays.

    Attributes:
        track_id: of the person.
        pose: in the pixels of the camera's picture.
        width: of that picture.
    """

    track_id: int
    pose: Pose
    width: int


@dataclass(frozen=True, slots=True, eq=False)
class CharacterFrame:
    """One frame of the character.

    Attributes:
        picture: uint8 [side, side, 3], BGR: the figure over the background, at the network's size.
        colour, alpha: of the figure alone, float32 [side, side, 3] and [side, side] in 0 … 1.
        pose: that it was made from, in the scene's picture.
        mode: what moves it.
    """

    picture: Image
    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    pose: Pose
    mode: Mode


class Player:
    """Plays a character of a scene.

    Args:
        stage: the scene.
        mirrored: whether the figure acts as a mirror image, as for `Normaliser`.

    Attributes:
        attract_after_s: seconds without a player until the film's own movement begins.
        smoothing_s: time constant of a point's running mean while it rests; 0: none.
    """

    def __init__(self, stage: Stage, *, mirrored: bool = True) -> None:
        self.stage = stage
        self.attract_after_s = 8.0
        self.smoothing_s = 0.0
        self._mirrored = mirrored
        self._people: dict[int, Normaliser] = {}
        self._previous: Image = stage.background_small
        self._frame: CharacterFrame | None = None
        self._same = 0
        self._last_s = -math.inf
        self._source: object = None  # what the pose comes from: a person's id or a mode
        self._fitted: Pose | None = None  # of the person, smoothed
        self._free_since_s = -math.inf
        self._attract_since_s = 0.0
        self._glide: tuple[Pose, float, float] | None = None  # from which pose, since when, how long

    def next(self, person: Participation | None, time_s: float) -> CharacterFrame:
        """The character's next frame.

        Args:
            person: who plays it; None where nobody is seen.
            time_s: of the frame in seconds, in the order of time.
        """
        step = time_s - self._last_s
        if not 0.0 <= step <= GAP_S:
            self._begin_anew(time_s)
            step = 0.0
        self._last_s = time_s
        target, source, mode = self._target(person, time_s, step)
        pose = self._glided(target, source, time_s)
        return self._drawn(pose, mode)

    # ---- which pose

    def _begin_anew(self, time_s: float) -> None:
        self._source = self._fitted = self._glide = None
        self._free_since_s = time_s

    def _target(self, person: Participation | None, time_s: float, step: float) -> tuple[Pose, object, Mode]:
        fitted = self._fit(person, time_s)
        if fitted is not None and person is not None:
            self._free_since_s = time_s
            same = self._source == person.track_id
            self._fitted = self._smoothed(fitted, step) if same else fitted
            return self._fitted, person.track_id, Mode.PLAYED
        if self._fitted is not None and time_s - self._free_since_s < self.attract_after_s:
            return self._fitted, Mode.HELD, Mode.HELD
        if self._source is not Mode.ATTRACT:
            self._attract_since_s = time_s
            self._fitted = None
        return self.stage.film_pose(time_s - self._attract_since_s), Mode.ATTRACT, Mode.ATTRACT

    def _fit(self, person: Participation | None, time_s: float) -> Pose | None:
        if person is None:
            return None
        normaliser = self._people.pop(person.track_id, None)
        if normaliser is None:
            normaliser = Normaliser(self.stage.statistics, self.stage.library, mirrored=self._mirrored)
        self._people[person.track_id] = normaliser  # the latest last
        while len(self._people) > KNOWN_PEOPLE:
            del self._people[next(iter(self._people))]
        return normaliser.fit(person.pose, time_s, person.width)

    def _smoothed(self, pose: Pose, step: float) -> Pose:
        """Each point by itself: slow ones are averaged, fast ones are left alone."""
        before = self._fitted
        if before is None or self.smoothing_s <= 0 or step <= 0:
            return pose
        way = pose.points - before.points
        speed = np.linalg.norm(way[:, :2], axis=1) / (step * self.stage.statistics.size.usual * FAST)
        # Squared, so that the trembling of a point at rest shortens its memory hardly at all.
        share = 1.0 - np.exp(-step * (1.0 + speed * speed) / self.smoothing_s)
        return Pose.of(before.points + share[:, None] * way, pose.visibility)

    def _glided(self, target: Pose, source: object, time_s: float) -> Pose:
        """The pose on its way from what was shown to what is to be shown."""
        if self._frame is not None and source != self._source and self._source is not None:
            shown = self._frame.pose
            way = np.linalg.norm(target.points - shown.points, axis=1)
            known = np.minimum(target.visibility, shown.visibility) + 1e-6
            height = self.stage.statistics.size.usual
            far = float((way * known).sum() / known.sum()) / height
            self._glide = (shown, time_s, GLIDE_S * min(far / FAR, 1.0))
        self._source = source
        if self._glide is None:
            return target
        start, since_s, length_s = self._glide
        share = min(max((time_s - since_s) / length_s, 0.0), 1.0) if length_s > 0 else 1.0
        if share >= 1.0:
            self._glide = None
            return target
        return start.blended(target, share * share * (3.0 - 2.0 * share))

    # ---- its picture

    def _drawn(self, pose: Pose, mode: Mode) -> CharacterFrame:
        before = self._frame
        self._same = self._same + 1 if before is not None and before.pose is pose else 0
        if before is not None and self._same > STILL_FRAMES:
            return before if before.mode is mode else self._keep(before, mode)
        side = self.stage.network.side
        colour, alpha = self.stage.network.next(draw(self.stage.on_network(pose), side, side), self._previous)
        self._previous = composed(self.stage.background_small, colour, alpha)
        self._frame = CharacterFrame(self._previous, colour, alpha, pose, mode)
        return self._frame

    def _keep(self, frame: CharacterFrame, mode: Mode) -> CharacterFrame:
        self._frame = CharacterFrame(frame.picture, frame.colour, frame.alpha, frame.pose, mode)
        return self._frame
