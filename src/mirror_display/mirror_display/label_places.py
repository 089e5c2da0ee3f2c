"""Where labels stand beside rings: inside the canvas, off the faces and off each other.

Greedy, from ring to ring: each label has a place on every side of its ring, each place a cost for what it
would cover, and the cheapest is taken. A label that has a place keeps it unless another is clearly better,
so that labels do not jump to and fro.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mirror_display.layout import Rect, Size
from mirror_display.ring import Ring

__all__ = ["LabelPlace", "Side", "place_labels"]

GAP = 2.0  # between ring and label, in thicknesses of the ring
MARGIN = 2.0  # between label and the canvas's edge, in thicknesses of the ring
OWN_RING, OTHER_RING, LABEL = 10.0, 12.0, 12.0  # cost of covering one of these with the whole label
TOUCHED = 0.1  # cost of covering anything at all
SHORT = 0.1  # cost of a label without the next moods
INWARD, BELOW, ABOVE = 0.05, 0.12, 0.16  # cost of these places beside that at the outer side
KEPT = 0.15  # by so much cheaper is the place that a label has
STAIRS = ((1.0, 0.5), (0.866, 0.866), (0.5, 1.0))  # rectangles that together just cover an ellipse


class Side(StrEnum):
    """The side of its ring on which a label stands, as the person sees it."""

    RIGHT = "right"
    LEFT = "left"
    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where a label stands.

    Attributes:
        side: of its ring.
        choice: which of its sizes it has.
        rect: on the canvas.
    """

    side: Side
    choice: int
    rect: Rect


def place_labels(
    rings: Sequence[Ring],
    sizes: Sequence[Sequence[Size]],
    canvas: Size,
    kept: Sequence[LabelPlace | None] = (),
    without_label: Sequence[Ring] = (),
) -> list[LabelPlace | None]:
    """A place for each ring's label.

    Args:
        rings: on the canvas.
        sizes: for each ring its label's possible (width, height) in pixels, the preferred one first.
        canvas: (width, height) in pixels.
        kept: for each ring the place its label has had.
        without_label: further rings that should not be covered.

    Returns:
        For each ring a place wholly inside the canvas; None where no size fits into it, or the ring's
        middle is not seen.
    """
    placed: list[LabelPlace | None] = []
    for index, ring in enumerate(rings):
        others = [*rings[:index], *rings[index + 1 :], *without_label]
        before = kept[index] if index < len(kept) else None
        labels = [place.rect for place in placed if place is not None]
        best, least = None, float("inf")
        for place in _places(ring, sizes[index], canvas):
            cost = _preference(place, ring, others, canvas)
            covered = OWN_RING * _covered(place.rect, ring)
            covered += OTHER_RING * sum(_covered(place.rect, other) for other in others)
            covered += LABEL * sum(_common(place.rect, label) for label in labels)
            cost += covered + (TOUCHED if covered > 0 else 0.0)
            if before is not None and (place.side, place.choice) == (before.side, before.choice):
                cost -= KEPT
            if cost < least:
                best, least = place, cost
        placed.append(best)
    return placed


def _places(ring: Ring, sizes: Sequence[Size], canvas: Size) -> list[LabelPlace]:
    if not (0 <= ring.x <= canvas[0] and 0 <= ring.y <= canvas[1]):
        return []
    margin, gap = round(MARGIN * ring.thickness), GAP * ring.thickness
    places = []
    for choice, (width, height) in enumerate(sizes):
        if width > canvas[0] or height > canvas[1]:
            continue
        middle = (ring.x - width / 2, ring.y - height / 2)
        across, down = (ring.half_width + gap, ring.half_height + gap)
        corners = {
            Side.RIGHT: (ring.x + across, middle[1]),
            Side.LEFT: (ring.x - across - width, middle[1]),
            Side.BELOW: (middle[0], ring.y + down),
            Side.ABOVE: (middle[0], ring.y - down - height),
        }
        for side, (x, y) in corners.items():
            inside = (_inside(x, width, canvas[0], margin), _inside(y, height, canvas[1], margin))
            places.append(LabelPlace(side, choice, (*inside, width, height)))
    return places


def _inside(begin: float, length: int, limit: int, margin: int) -> int:
    """The begin next to the wanted one with which the length lies inside, with a margin if that fits."""
    room = limit - length
    spare = min(margin, room // 2)
    return min(max(round(begin), spare), room - spare)


def _preference(place: LabelPlace, ring: Ring, others: Sequence[Ring], canvas: Size) -> float:
    # A single face has its label where more room is; of several each has its own at the outer side.
    middle = sum(other.x for other in others) / len(others) if others else canvas[0] - ring.x
    is_outer_right = ring.x >= middle if others else ring.x <= middle
    outer = Side.RIGHT if is_outer_right else Side.LEFT
    costs = {Side.RIGHT: INWARD, Side.LEFT: INWARD, Side.BELOW: BELOW, Side.ABOVE: ABOVE, outer: 0.0}
    return costs[place.side] + SHORT * place.choice


def _covered(rect: Rect, ring: Ring) -> float:
    """The share of a rectangle that lies on a ring or within it, a little too large."""
    a, b = ring.half_width + ring.thickness, ring.half_height + ring.thickness
    return max(
        _overlap(rect, (ring.x - a * u, ring.y - b * v, 2 * a * u, 2 * b * v)) for u, v in STAIRS
    ) / max(rect[2] * rect[3], 1)


def _common(rect: Rect, other: Rect) -> float:
    """The share of a rectangle that another covers."""
    return _overlap(rect, other) / max(rect[2] * rect[3], 1)


def _overlap(rect: Rect, other: tuple[float, float, float, float]) -> float:
    width = min(rect[0] + rect[2], other[0] + other[2]) - max(rect[0], other[0])
    height = min(rect[1] + rect[3], other[1] + other[3]) - max(rect[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
