"""Faces of the people in front of the mirror as textures for each other: the live exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image
from mirror_effects.fringe import fringe_share
from mirror_effects.mesh_facing import at_rim, facing, mirror_image
from mirror_effects.mesh_warp import MeshWarper, WarpMap
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["LiveFace", "LiveFaces", "draw_live", "partners"]

Picture = NDArray[np.uint8]

BARELY_SEEN = 0.12  # cosine of the angle to the line of sight: a triangle seen so badly is as good as hidden
WELL_SEEN = 0.3  # below this the face's rim shows hair and background
MUCH_BETTER = 0.3  # by so much the other half of the face must be seen better to stand in
MARGIN_PX = 2  # of the cut-out around a face
COARSE_SCALE = 1.5  # source pixels per drawn pixel from which on the source is averaged first
HOLD_S = 3.0  # how long a face that is hidden or lost is still shown as it was
HEAD = 0.45  # how much farther than the face a head with its hair reaches on each side, in face sizes
COVERED = 0.03  # share of a face that may be behind another's head before it counts as hidden


def partners(track_ids: Iterable[int]) -> dict[int, int]:
    """Who wears whose face: each person that of the next in order of arrival, the last that of the first.

    So two people exchange faces, three or more pass them on in a ring, and one keeps the own. It hangs on the
    track ids alone, so that nothing changes when people cross.
    """
    ring = sorted(track_ids)
    if len(ring) < 2:
        return {}
    return dict(zip(ring, [*ring[1:], ring[0]], strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class LiveFace:
    """One person's face, cut out of the picture.

    Attributes:
        picture: uint8 [h, w, 4], BGR and opacity.
        landmarks: float32 [478, 3] in pixels of it.
        stamp_ns: of the frame it was seen in.
    """

    picture: Picture
    landmarks: NDArray[np.float32]
    stamp_ns: int


class LiveFaces:
    """The faces of everybody in front of the mirror, as they were last seen without somebody before them."""

    def __init__(self) -> None:
        self._faces: dict[int, LiveFace] = {}

    def update(
        self,
        image: Image,
        faces: Sequence[Face],
        visible: Callable[[Face, Roi], Picture | None],
        stamp_ns: int,
    ) -> None:
        """Take in the next frame.

        Args:
            image: uint8 [height, width, 3], BGR, before anything is drawn.
            faces: the nearest first.
            visible: gives uint8 [h, w] of a face's part of the picture, where it is seen; None for
                everywhere.
            stamp_ns: of the frame.
        """
        self._faces = {
            track: live
            for track, live in self._faces.items()
            if 0 <= stamp_ns - live.stamp_ns <= HOLD_S * 1e9
        }
        for number, face in enumerate(faces):
            before = [_head(other.roi) for other in faces[:number]]
            covered = sum(_common(head, face.roi) for head in before)
            if face.track_id in self._faces and covered > COVERED * face.roi.area:
                continue
            part = _part(face.roi, image.shape)
            if part.area == 0:
                continue
            rows, columns = _slices(part)
            picture = np.asarray(cv2.cvtColor(image[rows, columns], cv2.COLOR_BGR2BGRA), np.uint8)
            seen = visible(face, part)
            if seen is not None:
                cv2.insertChannel(seen, picture, 3)
            for head in before:
                hidden_rows, hidden_columns = _slices(_inside(head, part))
                picture[hidden_rows, hidden_columns, 3] = 0
            landmarks = face.landmarks - np.array([part.x, part.y, 0], np.float32)
            bare = fringe_share(picture, landmarks)
            if bare is not None:
                alpha = cv2.extractChannel(picture, 3)
                cv2.insertChannel(cv2.multiply(alpha, cv2.bitwise_not(bare), scale=1 / 255), picture, 3)
            self._faces[face.track_id] = LiveFace(picture, landmarks, stamp_ns)

    def partner_of(self, track_id: int) -> LiveFace | None:
        """The face that this person wears; None for somebody who is alone."""
        partner = partners(self._faces).get(track_id)
        return None if partner is None else self._faces[partner]

    def __len__(self) -> int:
        """How many people take part."""
        return len(self._faces)

    def clear(self) -> None:
        """Forget everybody."""
        self._faces.clear()


def _head(face: Roi) -> Roi:
    dx, dy = HEAD * face.width, HEAD * face.height
    return Roi(face.x - dx, face.y - dy, face.width + 2 * dx, face.height + 2 * dy)


def _common(one: Roi, other: Roi) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(width, 0.0) * max(height, 0.0)


def _part(face: Roi, shape: tuple[int, ...]) -> Roi:
    """The whole pixels of the picture [height, width, …] that hold a face and a small margin."""
    x0, y0 = int(face.x) - MARGIN_PX, int(face.y) - MARGIN_PX
    x1, y1 = int(face.x + face.width) + MARGIN_PX + 1, int(face.y + face.height) + MARGIN_PX + 1
    return Roi(x0, y0, x1 - x0, y1 - y0).clipped(shape[1], shape[0])


def _inside(roi: Roi, part: Roi) -> Roi:
    """A rectangle in pixels of a part of the picture, clipped to it."""
    moved = Roi(roi.x - part.x, roi.y - part.y, roi.width, roi.height)
    return moved.clipped(int(part.width), int(part.height))


def _slices(roi: Roi) -> tuple[slice, slice]:
    return slice(int(roi.y), int(roi.y + roi.height)), slice(int(roi.x), int(roi.x + roi.width))


def draw_live(
    warper: MeshWarper, source: LiveFace, landmarks: NDArray[np.float32], image_size: tuple[int, int]
) -> tuple[WarpMap, Picture]:
    """The source's face as the wearer's landmarks bend it.

    Args:
        warper: of FILLED_TRIANGLES.
        source: whose face is drawn.
        landmarks: float32 [478, 3] of the wearer, in pixels.
        image_size: (width, height) of the picture.

    Returns:
        The map, and uint8 [h, w, 4] of the map's part, BGR and opacity.
    """
    corners, hidden = _corners(source.landmarks)
    warp_map = warper.with_texture(corners).map(landmarks, image_size, hidden=hidden)
    if warp_map.is_empty:
        return warp_map, np.zeros((*warp_map.coverage.shape, 4), np.uint8)
    picture, map_x, map_y = source.picture, warp_map.map_x, warp_map.map_y
    if warp_map.scale > COARSE_SCALE:
        size = picture.shape[1::-1]
        small = [max(1, round(length / warp_map.scale)) for length in size]
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        ratio = [np.float32(s / length) for s, length in zip(small, size, strict=True)]
        map_x, map_y = ((m + 0.5) * r - np.float32(0.5) for m, r in zip((map_x, map_y), ratio, strict=True))
    warped = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return warp_map, np.asarray(warped, np.uint8)


def _corners(landmarks: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each triangle's corners in the cut-out [t, 3, 2], and which are left to the wearer [t].

    Where the head is turned so far that one half is hardly seen, the other half stands in.
    """
    points = landmarks[:468, :2].astype(np.float64)
    seen = facing(landmarks)
    mirror, mirrored_triangle = mirror_image()
    corners = points[FILLED_TRIANGLES]
    better = seen[mirrored_triangle] > np.maximum(seen, BARELY_SEEN) + MUCH_BETTER
    corners[better] = points[mirror][FILLED_TRIANGLES[better]]
    return corners, at_rim() & ~better & (seen < WELL_SEEN)
