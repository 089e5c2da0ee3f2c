"""A stored face as textures: each of its views is laid out once on the chart that a worn face is drawn from.

What a view does not show well (the far cheek of a turned head) comes from the other views, then from the
view's own other half. A triangle's worth is how far it faces the camera that took the view. Worths are
smooth and kept at a quarter of the chart's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.face_openings import eye_opening, mouth_opening
from mirror_effects.face_turn import Turn, turn_of_view
from mirror_effects.fringe import fringe_share
from mirror_effects.mesh_facing import facing
from mirror_effects.mesh_warp import MeshWarper
from mirror_effects.uv_chart import FACE_OUTLINE, TEXTURE_SIZE, UV_POINTS
from mirror_gallery.portrait import FaceView, Portrait
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["CHART_POINTS", "CHART_PX", "LEVELS", "PortraitTexture", "ViewTexture"]

CHART_PX = 768  # side of a texture; the face on it is 720 px high, as large as a near face in full HD
CHART_POINTS = np.asarray(UV_POINTS * np.float32(CHART_PX / TEXTURE_SIZE), np.float32)
"""float32 [468, 2]: the mesh's points in a texture's pixels."""
LEVELS = 5  # 768 … 48 px: a face of 45 px and more is drawn without skipping pixels

COARSE = 4  # chart pixels per pixel of a worth
WELL_SEEN, BARELY_SEEN = 0.5, 0.12  # cosine of the angle between a triangle and the view's line of sight
SOFTNESS = 3.5  # standard deviation over which one view gives way to another, in coarse pixels
RIM_BEGIN_PX, RIM_END_PX = 60.0, 120.0  # depths inside the chart's outline: what is badly seen is cut before
HUE_PX = 5.0  # over which hues are smoothed: cameras and pictures store them more coarsely than brightness
LEAST_GAIN, MOST_GAIN = 0.7, 1.4  # of another view's colours, so that they meet the first one's
ENOUGH_PX = 100  # coarse pixels that two views must both show well before their colours are compared
LEAST_USE = 0.02  # share of another view below which it is left out

Floats = NDArray[np.float32]
Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ViewTexture:
    """One view, ready to be drawn.

    Attributes:
        levels: uint8 [768, 768, 4], BGR and opacity, then its half, quarter, …
        turn: how the head is turned in it.
        mouth: how far the mouth is open, as a share of its width.
        eyes: how far the eyes are open, as a share of their width (the narrower one's).
    """

    levels: tuple[NDArray[np.uint8], ...]
    turn: Turn
    mouth: float
    eyes: float


class PortraitTexture:
    """All views of a stored face. Making it takes some 50 ms a view: not on the frame path.

    Args:
        portrait: the face.

    Attributes:
        views: in the portrait's order.
    """

    def __init__(self, portrait: Portrait) -> None:
        turns = [turn_of_view(view) for view in portrait.views]
        layouts = [_laid_out(view) for view in portrait.views]
        self.views = tuple(
            ViewTexture(
                _levels(_completed(index, layouts, turns)),
                turns[index],
                mouth_opening(view.landmarks),
                eye_opening(view.landmarks),
            )
            for index, view in enumerate(portrait.views)
        )


def _levels(texture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """A texture and its halves. It has plausible colours where it is transparent: they may mix."""
    levels = [texture]
    while len(levels) < LEVELS:
        half = (levels[-1].shape[1] // 2, levels[-1].shape[0] // 2)
        levels.append(np.asarray(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA), np.uint8))
    return tuple(levels)


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """A view on the chart: colours, opacity, and coarsely how well each place is seen, 0 … 1."""

    colour: Image
    opacity: Plane
    worth: Floats

    @property
    def mirrored(self) -> _Layout:
        """The other half of the face in place of this one: the chart is symmetric."""
        return _Layout(
            *(np.ascontiguousarray(part[:, ::-1]) for part in (self.colour, self.opacity, self.worth))
        )

    def coarse(self) -> Floats:
        """The colours at the size of the worth, float32 [192, 192, 3]."""
        size = self.worth.shape[::-1]
        return np.asarray(cv2.resize(self.colour, size, interpolation=cv2.INTER_AREA), np.float32)


def _laid_out(view: FaceView) -> _Layout:
    points = view.landmarks
    chart = MeshWarper(points[:468, :2], FILLED_TRIANGLES).map(CHART_POINTS, (CHART_PX, CHART_PX))
    map_x, map_y = (np.full((CHART_PX, CHART_PX), -2, np.float32) for _ in range(2))
    rows = slice(chart.y0, chart.y0 + chart.coverage.shape[0])
    columns = slice(chart.x0, chart.x0 + chart.coverage.shape[1])
    map_x[rows, columns], map_y[rows, columns] = chart.map_x, chart.map_y
    colour = cv2.remap(view.image, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    opacity = np.asarray(cv2.remap(view.opacity, map_x, map_y, cv2.INTER_LINEAR), np.uint8)
    size = (CHART_PX // COARSE, CHART_PX // COARSE)
    kept = cv2.resize(opacity, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
    return _Layout(np.asarray(colour, np.uint8), opacity, np.asarray(_worth(points) * kept, np.float32))


def _worth(landmarks: Floats) -> Floats:
    """How well each place of the chart is seen in a view with these landmarks, float32 [192, 192]."""
    worth = np.clip((facing(landmarks) - BARELY_SEEN) / (WELL_SEEN - BARELY_SEEN), 0, 1)
    depth, covered = _chart()
    plane = np.zeros(depth.shape, np.float32)
    corners = np.rint(CHART_POINTS[FILLED_TRIANGLES] * np.float32(1 / COARSE) - np.float32(0.5)).astype(
        np.int32
    )
    for triangle, value in zip(corners, worth.tolist(), strict=True):
        cv2.fillConvexPoly(plane, triangle, (value,))
    blurred = cv2.GaussianBlur(plane, (0, 0), SOFTNESS)
    return np.asarray(blurred / np.maximum(covered, 1e-3), np.float32)


@cache
def _chart() -> tuple[Floats, Floats]:
    """Depth inside the chart's outline in chart pixels, and the covered part blurred like a view's worth."""
    inside = np.zeros((CHART_PX // COARSE, CHART_PX // COARSE), np.uint8)
    outline = FACE_OUTLINE * (CHART_PX / TEXTURE_SIZE / COARSE) - 0.5
    cv2.fillPoly(inside, [np.rint(outline).astype(np.int32)], (255,))
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * COARSE
    blurred = cv2.GaussianBlur((inside > 0).astype(np.float32), (0, 0), SOFTNESS)
    return np.asarray(depth, np.float32), np.asarray(blurred, np.float32)


def _completed(index: int, layouts: list[_Layout], turns: list[Turn]) -> NDArray[np.uint8]:
    """The view `index` with what it lacks from elsewhere: uint8 [768, 768, 4]."""
    own = layouts[index]
    nearest_first = sorted(
        (other for other in range(len(layouts)) if other != index),
        key=lambda other: turns[index].distance(turns[other]),
    )
    colour, opacity, seen = own.colour.copy(), own.opacity.copy(), own.worth.copy()
    for other in (own.mirrored, *(layouts[i] for i in reversed(nearest_first))):
        better = np.clip(2 * (other.worth - own.worth), 0, 1)
        if float(better.max()) < LEAST_USE:
            continue
        _mix(colour, opacity, other, better, _gain(own, other))
        seen += better * (other.worth - seen)
    # Towards the rim, where ears, hair and background begin, what no view shows well is left to the wearer.
    inner = (_chart()[0] - RIM_BEGIN_PX) / (RIM_END_PX - RIM_BEGIN_PX)
    kept = np.maximum(np.clip(2 * seen, 0, 1), np.clip(inner, 0, 1))
    opacity = _times(opacity, _enlarged((kept * 255 + 0.5).astype(np.uint8)))
    colour = _without_colour_noise(colour)
    hair = fringe_share(colour, CHART_POINTS)
    if hair is not None:
        opacity = _times(opacity, np.asarray(cv2.bitwise_not(hair), np.uint8))
    return np.dstack([colour, opacity])


def _mix(colour: Image, opacity: Plane, other: _Layout, share: Floats, gain: tuple[float, ...]) -> None:
    """Mix another view into colours and opacity, in place, as far as `share` (coarse) says."""
    used_rows, used_columns = np.flatnonzero(share.any(axis=1)), np.flatnonzero(share.any(axis=0))
    rows, columns = (
        slice(COARSE * int(used[0]), COARSE * (int(used[-1]) + 1)) for used in (used_rows, used_columns)
    )
    full = cv2.resize(share, colour.shape[1::-1], interpolation=cv2.INTER_LINEAR)[rows, columns]
    factors: Any = (*gain, 1.0)
    adapted = cv2.multiply(other.colour[rows, columns], factors)
    colour[rows, columns] = cv2.blendLinear(adapted, colour[rows, columns], full, 1 - full)
    opacity[rows, columns] = cv2.blendLinear(
        other.opacity[rows, columns], opacity[rows, columns], full, 1 - full
    )


def _times(one: Plane, other: Plane) -> Plane:
    return np.asarray(cv2.multiply(one, other, scale=1 / 255), np.uint8)


def _enlarged(coarse: Plane) -> Plane:
    return np.asarray(cv2.resize(coarse, (CHART_PX, CHART_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def _without_colour_noise(colours: Image) -> Image:
    """The same with smoothed hues: a dark skin's colour noise would be seen on a light wearer."""
    lab: Any = cv2.cvtColor(colours, cv2.COLOR_BGR2LAB)
    size = (CHART_PX // COARSE, CHART_PX // COARSE)
    hues = cv2.GaussianBlur(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), (0, 0), HUE_PX / COARSE)
    smooth: Any = cv2.resize(hues, colours.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    cv2.mixChannels([smooth], [lab], [1, 1, 2, 2])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


def _gain(own: _Layout, other: _Layout) -> tuple[float, ...]:
    """What the other view's B, G, R are multiplied by to meet this one's."""
    theirs, ours = other.coarse(), own.coarse()
    both = (np.minimum(own.worth, other.worth) > 0.5) & (theirs.min(axis=2) > 5)
    if int(both.sum()) < ENOUGH_PX:
        return (1.0, 1.0, 1.0)
    ratio = ours[both].mean(axis=0) / np.maximum(theirs[both].mean(axis=0), 1.0)
    return tuple(float(v) for v in np.clip(ratio, LEAST_GAIN, MOST_GAIN))
