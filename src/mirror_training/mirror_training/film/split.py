"""Which frames of a clip are learned from and which are kept aside: long pieces with gaps between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mirror_core.errors import UsageError
from mirror_training.film.recipe import Splitting

__all__ = ["LEAST_PIECE", "Split", "split_clip"]

LEAST_PIECE = 4  # frames: a shorter piece shows no movement


@dataclass(frozen=True, slots=True)
class Split:
    """The pieces of a clip.

    Attributes:
        train: frames that are learned from; each piece lies in one shot.
        held: frames that are measured on; likewise.
    """

    train: tuple[range, ...]
    held: tuple[range, ...]


def split_clip(shots: Sequence[int], splitting: Splitting) -> Split:
    """Keep pieces of a clip aside, spread evenly over it.

    Args:
        shots: number of the shot of each frame, never falling; frames of one shot follow each other.
        splitting: how much, in how many pieces.

    Raises:
        UsageError: where the clip is too short for that.
    """
    count = len(shots)
    length = max(LEAST_PIECE, round(splitting.share * count / splitting.pieces))
    held: list[range] = []
    away = [False] * count  # held or in a gap
    for number in range(splitting.pieces):
        middle = (number + 0.5) * count / splitting.pieces
        begin = max(0, round(middle - length / 2))
        piece = _longest(shots, range(begin, min(count, begin + length)))
        if len(piece) < LEAST_PIECE:
            continue
        held.append(piece)
        for frame in range(max(0, piece.start - splitting.gap), min(count, piece.stop + splitting.gap)):
            away[frame] = True
    train = [piece for piece in _runs(shots, away) if len(piece) >= LEAST_PIECE]
    if not held or not train:
        raise UsageError(
            f"A clip of {count} frames is too short to keep {splitting.pieces} pieces of {length} frames "
            f"aside, with gaps of {splitting.gap}: give a longer clip, or fewer pieces and smaller gaps."
        )
    return Split(tuple(train), tuple(held))


def _longest(shots: Sequence[int], piece: range) -> range:
    """The longest part of a piece that lies in one shot."""
    best, begin = range(0), piece.start
    for frame in piece:
        if shots[frame] != shots[begin]:
            begin = frame
        if frame + 1 - begin > len(best):
            best = range(begin, frame + 1)
    return best


def _runs(shots: Sequence[int], away: Sequence[bool]) -> list[range]:
    """The longest pieces that are not away and lie in one shot."""
    runs: list[range] = []
    begin: int | None = None
    for frame in range(len(shots) + 1):
        ends = frame == len(shots) or away[frame] or (begin is not None and shots[frame] != shots[begin])
        if ends and begin is not None:
            runs.append(range(begin, frame))
            begin = None
        if frame < len(shots) and not away[frame] and begin is None:
            begin = frame
    return runs
