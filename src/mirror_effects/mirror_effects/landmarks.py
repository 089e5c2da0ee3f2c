"""The effect `landmarks`: the face mesh, the head's axes and the track ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.geometry import matrix_from_quaternion
from mirror_core.parameters import parameter
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.overlay import Colour, draw_axes, draw_label, draw_polylines
from mirror_tracking.topology import CONTOURS, LEFT_EYE_INNER, MESH_EDGES, RIGHT_EYE_INNER

__all__ = ["LandmarksEffect", "LandmarksParameters"]

# One colour for each person; the same id has the same colour as long as it lives.
PALETTE: tuple[Colour, ...] = ((230, 200, 60), (90, 210, 120), (80, 160, 250), (200, 120, 230))
STALE_DIM = 0.5
REFERENCE_FACE_PX = 240.0  # a face of this height gets lines of 1 px


@dataclass(frozen=True)
class LandmarksParameters:
    """What is drawn."""

    mesh: bool = parameter(True, "Draw the triangles of the face mesh.")
    contours: bool = parameter(True, "Draw the outlines of face, eyes, brows, lips and irises.")
    axes: bool = parameter(True, "Draw the head's axes: red out of the face, green to its left, blue up.")
    ids: bool = parameter(True, "Write the track id above each face.")
    mirrored_text: bool = parameter(
        True, "Write texts so that they read right in the mirror, which shows the picture mirrored."
    )
    mesh_opacity: float = parameter(0.35, "Opacity of the triangles.", minimum=0.0, maximum=1.0)


class LandmarksEffect(Effect):
    """Draws the face mesh, the head pose and the track ids."""

    name = "landmarks"
    needs = frozenset({"faces"})
    alters_faces = False
    Parameters = LandmarksParameters

    def apply(self, image: Image, scene: Scene) -> Image:
        """Draw every face; dimmed where the faces belong to an earlier frame."""
        if not scene.faces:
            return image
        image = writable(image)
        for face in reversed(scene.faces):  # the largest last, on top
            colour = PALETTE[face.track_id % len(PALETTE)]
            if scene.faces_are_stale:
                colour = tuple(int(c * STALE_DIM) for c in colour)  # type: ignore[assignment]
            self._draw(image, face, colour)
        return image

    def _draw(self, image: Image, face: Face, colour: Colour) -> None:
        parameters: Any = self.parameters
        points = face.landmarks[:, :2]
        width = max(1, round(face.roi.height / REFERENCE_FACE_PX))
        if parameters.mesh and parameters.mesh_opacity > 0:
            self._draw_mesh(image, face, colour)
        if parameters.contours:
            draw_polylines(image, [points[c] for c in CONTOURS.values()], colour, width, closed=True)
        if parameters.axes and face.head_pose is not None:
            origin = points[[LEFT_EYE_INNER, RIGHT_EYE_INNER]].mean(axis=0)
            rotation = matrix_from_quaternion(face.head_pose.quaternion)
            draw_axes(image, (origin[0], origin[1]), rotation, 0.45 * face.roi.height, width + 1)
        if parameters.ids:
            top = (face.roi.x + face.roi.width / 2, face.roi.y - 0.18 * face.roi.height)
            size = min(max(0.12 * face.roi.height, 16.0), 40.0)
            draw_label(image, f"#{face.track_id}", top, colour, size, mirrored=parameters.mirrored_text)

    def _draw_mesh(self, image: Image, face: Face, colour: Colour) -> None:
        rows, columns = image.shape[:2]
        roi = face.roi.clipped(columns, rows)
        x0, y0 = int(roi.x), int(roi.y)
        x1, y1 = min(columns, int(roi.x + roi.width) + 2), min(rows, int(roi.y + roi.height) + 2)
        if x1 <= x0 or y1 <= y0:
            return
        part = image[y0:y1, x0:x1]
        lines = part.copy()
        edges = (face.landmarks[:, :2] - np.array([x0, y0], np.float32))[MESH_EDGES]
        draw_polylines(lines, edges, colour)
        opacity = float(self.parameters.mesh_opacity)
        cv2.addWeighted(lines, opacity, part, 1.0 - opacity, 0.0, dst=part)
