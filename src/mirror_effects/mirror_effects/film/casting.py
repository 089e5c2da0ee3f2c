"""Who plays: gives the people before the mirror the film's characters, and takes turns."""

from __future__ import annotations

from collections.abc import Sequence

from mirror_core.bodies import Body

__all__ = ["Casting"]

ABSENT_S = 1.0  # after which a character is given to somebody else
GAP_S = 2.0  # without any look: everything begins anew


class Casting:
    """Gives each character a person, who keeps it while they are seen.

    Args:
        characters: how many people play at once.
        turn_s: seconds after which a character goes on to somebody who waits; 0: never.
    """

    def __init__(self, characters: int = 1, turn_s: float = 0.0) -> None:
        self.turn_s = turn_s
        self._players: list[int | None] = [None] * characters
        self._seen_s = [0.0] * characters
        self._since_s = [0.0] * characters
        self._played: dict[int, float] = {}  # track id → when they played last
        self._last_s = float("-inf")

    def cast(self, bodies: Sequence[Body], time_s: float) -> tuple[Body | None, ...]:
        """Who plays each character now; None where nobody does, or its player is out of sight for a moment.

        A free character goes to who has waited longest, of those to the largest. Two who come at once are
        given theirs in the order in which they stand, from the right of the camera's picture to the left: as
        a mirror shows them, from left to right.

        Args:
            bodies: all that are seen.
            time_s: of the frame, in seconds.
        """
        if not 0.0 <= time_s - self._last_s <= GAP_S:
            self._players = [None] * len(self._players)
            self._played.clear()
        self._last_s = time_s
        seen = {body.track_id: body for body in bodies}
        self._played = {track: at for track, at in self._played.items() if track in seen}
        for seat, track in enumerate(self._players):
            if track in seen:
                self._seen_s[seat] = time_s
        free = [seat for seat, track in enumerate(self._players) if track is None or self._is_over(seat)]
        waiting = sorted(
            (body for body in bodies if body.track_id not in self._players),
            key=lambda body: (self._played.get(body.track_id, float("-inf")), -_area(body)),
        )[: len(free)]
        if len(waiting) == len(self._players):
            waiting.sort(key=lambda body: -body.roi.centre[0])
        for seat, body in zip(free, waiting, strict=False):
            self._players[seat] = body.track_id
            self._seen_s[seat] = self._since_s[seat] = time_s
        for track in self._players:
            if track in seen and track is not None:
                self._played[track] = time_s
        return tuple(seen.get(track) if track is not None else None for track in self._players)

    def _is_over(self, seat: int) -> bool:
        """Whether somebody else may have this character."""
        if self._last_s - self._seen_s[seat] > ABSENT_S:
            return True
        return self.turn_s > 0 and self._last_s - self._since_s[seat] >= self.turn_s


def _area(body: Body) -> float:
    return float(body.roi.width * body.roi.height)
