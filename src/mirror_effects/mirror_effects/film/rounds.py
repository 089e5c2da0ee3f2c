"""Rounds of re-enactment: the film's movement runs through once, and whoever plays follows it for points."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_effects.film.pose import Pose
from mirror_effects.film.reenactment import ReenactmentScore
from mirror_effects.film.stage import Stage

__all__ = ["Rounds", "Standing"]

READY_S = 2.0  # from somebody's coming to the beginning of their round
GONE_S = 2.0  # without anybody, after which a round is given up
SHOWN_S = 5.0  # for which the points of a round that is over stand
LONGEST_S = 60.0  # of the film that a round takes


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How a round stands.

    Attributes:
        points: 0 … 100 so far.
        guide: the pose to take now, in the scene's picture.
        is_over: whether these points stand.
        has_begun: False while the guide waits in its first pose.
    """

    points: int
    guide: Pose
    is_over: bool
    has_begun: bool


class Rounds:
    """Keeps the points of one character.

    Args:
        stage: the scene whose movement is re-enacted.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._length_s = min(stage.duration_s, LONGEST_S)
        self._score: ReenactmentScore | None = None
        self._began_s = 0.0
        self._seen_s = float("-inf")

    def add(self, pose: Pose | None, time_s: float) -> Standing | None:
        """Take in a frame.

        Args:
            pose: of whoever plays, as it is to be seen (mirrored, where the figure is); None for nobody.
            time_s: in seconds, in the order of time; a step back begins anew.

        Returns:
            None while nobody plays.
        """
        since_seen = time_s - self._seen_s
        if not 0.0 <= since_seen <= GONE_S:
            self._score = None
        if pose is not None:
            self._seen_s = time_s
        if self._score is None:
            if pose is None:
                return None
            self._begin(time_s)
        at = time_s - self._began_s
        if at > self._length_s + SHOWN_S:
            self._begin(time_s)
            at = time_s - self._began_s
        assert self._score is not None
        if 0.0 <= at <= self._length_s:
            self._score.add(pose, at)
        return Standing(
            round(self._score.score), self._stage.pose_at(at), at > self._length_s, has_begun=at >= 0.0
        )

    def _begin(self, time_s: float) -> None:
        movement = self._stage.movement
        since = movement.times - movement.times[0]
        taken = since <= self._length_s
        self._score = ReenactmentScore(movement.points[taken], movement.visibility[taken], since[taken])
        self._began_s = time_s + READY_S
