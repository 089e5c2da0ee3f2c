"""Which view of a stored face is shown: the one nearest in head turn, without jumping to and fro."""

from __future__ import annotations

from collections.abc import Sequence

from mirror_effects.face_turn import Turn

__all__ = ["ViewChoice"]

MARGIN_DEG = 6.0  # another view has to be nearer by so much before it takes over
FADE_S = 0.2  # over which one view gives way to the other


class ViewChoice:
    """The views that one wearer shows, over time."""

    def __init__(self) -> None:
        self._current = 0
        self._before = 0
        self._since_ns: int | None = None
        self._started = False

    def choose(self, turns: Sequence[Turn], turn: Turn, stamp_ns: int) -> tuple[int, int, float]:
        """The views for this frame.

        Args:
            turns: of the stored views, one or more.
            turn: of the wearer's head.
            stamp_ns: of the frame, nanoseconds.

        Returns:
            (current, before, share): the view to show, the one that is still fading out, and the share
            0 … 1 of the current one; 1 where nothing fades.
        """
        distances = [turn.distance(other) for other in turns]
        nearest = min(range(len(turns)), key=distances.__getitem__)
        if not self._started or self._current >= len(turns):
            self._current, self._before, self._since_ns, self._started = nearest, nearest, None, True
        share = self._share(stamp_ns)
        if share >= 1 and distances[nearest] + MARGIN_DEG < distances[self._current]:
            self._before, self._current, self._since_ns = self._current, nearest, stamp_ns
            share = 0.0
        return self._current, self._before, share

    def _share(self, stamp_ns: int) -> float:
        if self._since_ns is None or not 0 <= stamp_ns - self._since_ns < FADE_S * 1e9:
            self._since_ns = None
            return 1.0
        t = (stamp_ns - self._since_ns) * 1e-9 / FADE_S
        return t * t * (3 - 2 * t)
