"""What effects share that give faces another shape by bending the picture."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image
from mirror_effects.bend import CELLS, Bend, bend_face
from mirror_effects.effect import Effect, Scene, Unmoved, writable
from mirror_effects.unflipped import unflipped

__all__ = ["BendingEffect"]

SURFACE_POINTS = 468

_OwnedBend: TypeAlias = tuple[Face, Bend, NDArray[np.floating[Any]]]
"""A bend, whose face it is for, and where that face's points were wanted."""


class BendingEffect(Effect):
    """Base of effects that bend the picture around faces.

    Class attributes:
        cells: of the bend's grid along the height of a face; more follow small movements better.
    """

    needs = frozenset({"faces"})
    cells: ClassVar[int] = CELLS

    def __init__(self) -> None:
        super().__init__()
        self._bends: list[_OwnedBend] = []
        self._unmoved: Unmoved | None = None

    @abstractmethod
    def wanted(self, face: Face, stamp_ns: int) -> NDArray[np.floating[Any]] | None:
        """Where the surface points of a face shall lie: [468, 2 or more], pixels; None to leave it alone."""

    @property
    @abstractmethod
    def reach(self) -> float | None:
        """How far around the face the picture is bent, in face heights; None where the rim stays fixed."""

    def keep(self, track_ids: set[int]) -> None:
        """Forget everybody else."""

    def apply(self, image: Image, scene: Scene) -> Image:
        """Bend the picture around each face."""
        self._bends, self._unmoved = [], None
        self.keep({face.track_id for face in scene.faces})
        size, reach = (image.shape[1], image.shape[0]), self.reach
        bends: list[_OwnedBend] = []
        for face in reversed(scene.faces):
            wanted = self.wanted(face, scene.stamp_ns)
            if wanted is None:
                continue
            bend = bend_face(
                face.landmarks, wanted, size, reach=reach or 0.0, rim_stays=reach is None, cells=self.cells
            )
            if bend is not None:
                bends.append((face, bend, wanted))
        if not bends:
            return image
        unmoved = scene.unmoved
        if unmoved is None:
            before = scene.camera if scene.camera is not None else _kept(image)
            unmoved = Unmoved(before, {face.track_id: face.landmarks for face in scene.faces}, ())
        image = writable(image)
        for _, bend, _ in bends:
            image[bend.rows, bend.columns] = bend.looked_up(image)
        unmoved = replace(unmoved, bends=(*unmoved.bends, *(bend for _, bend, _ in bends)))
        self._bends = bends
        self._unmoved = unmoved
        return image

    def scene_after(self, scene: Scene) -> Scene:
        """The scene with the faces where they are now."""
        if not self._bends:
            return scene
        faces = tuple(_moved(face, self._bends) for face in scene.faces)
        return replace(scene, faces=faces, unmoved=self._unmoved)


def _kept(image: Image) -> Image:
    """The picture as it is now: a copy, where the same array may be drawn on."""
    return image.copy() if image.flags.writeable else image


def _moved(face: Face, bends: list[_OwnedBend]) -> Face:
    """A face after all bends, also after those of others that reach it."""
    landmarks = face.landmarks.copy()
    for owner, bend, wanted in bends:
        guess = landmarks[:, :2].copy()
        if owner is face:
            guess[:SURFACE_POINTS] = wanted[:, :2]
        elif not _reaches(bend, face.roi):
            continue
        before = landmarks[:, :2].copy()
        landmarks[:, :2] = unflipped(before, bend.moved(before, guess))
    return replace(face, landmarks=landmarks, roi=Roi.around(landmarks))


def _reaches(bend: Bend, roi: Roi) -> bool:
    rows, columns = bend.rows, bend.columns
    beside = roi.x + roi.width < columns.start or roi.x > columns.stop
    return not (beside or roi.y + roi.height < rows.start or roi.y > rows.stop)
