"""A portrait from a photograph: finds the one face in it, or takes points placed by hand."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageOps, UnidentifiedImageError

from mirror_core.errors import UsageError
from mirror_core.faces import LANDMARK_COUNT
from mirror_core.frame import Image
from mirror_core.geometry import CameraIntrinsics
from mirror_gallery.cut_out import cut_out
from mirror_gallery.point_fit import fit_mesh
from mirror_gallery.portrait import FaceView
from mirror_gallery.quality import face_height
from mirror_tracking.detector import FaceDetector, suppress_overlapping, views_of
from mirror_tracking.head_angles import head_angles
from mirror_tracking.head_pose import POSE_POINTS, solve_head_pose
from mirror_tracking.mesh import FaceMesh, region_from_detection, region_from_landmarks

__all__ = [
    "LEAST_FACE_PX",
    "NoFaceError",
    "Photograph",
    "find_faces",
    "read_photograph",
    "view_of_photograph",
]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
LARGEST_SIDE_PX = 6000  # larger photographs are scaled down when they are read
SEARCHED_SIDE_PX = 2560  # and again while faces are looked for
LEAST_FACE_PX = 96.0  # forehead to chin; a smaller face is blurred when it is worn
SEARCHED_FACE_PX = (
    48.0  # there, faces from this height on are found, so that "too small" can be told from "none"
)
LEAST_PRESENCE = 0.8  # of the mesh, as for new faces before the mirror
SAME_RANK = 0.5  # faces of at least this share of the largest one's height count as "several"
PADDING = 0.5  # of the picture's size on each side, for faces that fill it
FIELD_OF_VIEW_DEG = (
    40.0  # horizontal, of the camera: photographs rarely say; a wrong one costs a degree or two
)
BEHIND_TRANSPARENCY = (128, 128, 128)


class NoFaceError(UsageError):
    """The picture shows no face that is found; points placed by hand would help."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A picture that was read.

    Attributes:
        image: uint8 [height, width, 3], BGR, upright.
        size: (width, height) in pixels before it was scaled down, upright.
    """

    image: Image
    size: tuple[int, int]

    @property
    def scale(self) -> float:
        """Pixels of `image` for one of the photograph."""
        return float(self.image.shape[1] / self.size[0])


def read_photograph(data: bytes) -> Photograph:
    """Read a photograph, turned as its EXIF data say, at most 6000 px on its longer side.

    Raises:
        UsageError: if it is no picture, damaged, or larger than about 89 megapixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PilImage.DecompressionBombWarning)
            with PilImage.open(io.BytesIO(data), formats=FORMATS) as opened:
                turned = opened.getexif().get(0x0112, 1) >= 5  # EXIF orientation: width and height exchanged
                size = opened.size[::-1] if turned else opened.size
                opened.draft("RGB", (LARGEST_SIDE_PX, LARGEST_SIDE_PX))
                picture = ImageOps.exif_transpose(opened)
                if "A" in picture.getbands() or "transparency" in picture.info:
                    ground = PilImage.new("RGBA", picture.size, (*BEHIND_TRANSPARENCY, 255))
                    picture = PilImage.alpha_composite(ground, picture.convert("RGBA"))
                picture = picture.convert("RGB")
    except (PilImage.DecompressionBombWarning, PilImage.DecompressionBombError):
        limit = (PilImage.MAX_IMAGE_PIXELS or 0) // 10**6
        raise UsageError(
            f"The picture has more than {limit} megapixels; scale it down and try again."
        ) from None
    except UnidentifiedImageError:
        raise UsageError("This is no picture that can be read; JPEG, PNG and WebP are allowed.") from None
    except Exception as error:  # a damaged file may raise anything in one of a dozen decoders
        raise UsageError(
            f"The picture cannot be read ({error or type(error).__name__}); JPEG, PNG and WebP are allowed."
        ) from error
    picture.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX), PilImage.Resampling.LANCZOS)
    return Photograph(np.ascontiguousarray(np.asarray(picture, np.uint8)[..., ::-1]), size)


def find_faces(image: Image) -> list[NDArray[np.float32]]:
    """All faces in a still picture, the largest first: landmarks float32 [478, 3] in pixels.

    Raises:
        ModelError: if a model does not load.
    """
    scale = min(1.0, SEARCHED_SIDE_PX / max(image.shape[:2]))
    small = image
    if scale < 1:
        small = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    detector, mesh = FaceDetector(), FaceMesh(parallel=1)
    try:
        found = _found(small, detector, mesh)
        if not found:  # a face that fills the picture is found when there is something around it
            height, width = small.shape[:2]
            x, y = round(PADDING * width), round(PADDING * height)
            padded = cv2.copyMakeBorder(small, y, y, x, x, cv2.BORDER_REPLICATE)
            offset = np.array([x, y, 0], np.float32)
            found = [points - offset for points in _found(np.asarray(padded, np.uint8), detector, mesh)]
    finally:
        detector.close()
        mesh.close()
    faces = [np.asarray(points / np.float32(scale), np.float32) for points in found]
    return sorted(faces, key=face_height, reverse=True)


def _found(image: Image, detector: FaceDetector, mesh: FaceMesh) -> list[NDArray[np.float32]]:
    height, width = image.shape[:2]
    seen = [
        detection
        for view in views_of(width, height, SEARCHED_FACE_PX)
        for detection in detector.detect(image, view)
    ]
    faces = []
    for detection in suppress_overlapping(seen):
        (first,) = mesh.landmarks(image, [region_from_detection(detection)])
        # Once more, with the region where the mesh itself saw the face: exact also on turned heads.
        (second,) = mesh.landmarks(image, [region_from_landmarks(first.landmarks)])
        if min(first.presence, second.presence) >= LEAST_PRESENCE:
            faces.append(second.landmarks)
    return faces


def view_of_photograph(
    photograph: Photograph, points: Mapping[int, tuple[float, float]] | None = None
) -> FaceView:
    """The face in a photograph as a view for the gallery.

    Args:
        photograph: from `read_photograph`.
        points: placed by hand, as for `fit_mesh`, in pixels of the photograph before it was scaled; None:
            the face is looked for.

    Raises:
        NoFaceError: if no face is found.
        UsageError: if there are several faces, the one is too small, or the points are no face's.
    """
    image = photograph.image
    landmarks = _only_face(image) if points is None else _placed_face(points, photograph)
    tall, needed = face_height(landmarks) / photograph.scale, LEAST_FACE_PX / photograph.scale
    if tall < needed:
        raise UsageError(
            f"The face is {tall:.0f} px high from forehead to chin, and {needed:.0f} px or more are needed; "
            "use a larger picture."
        )
    return cut_out(image, landmarks, _angles(landmarks, image.shape[1], image.shape[0]))


def _only_face(image: Image) -> NDArray[np.float32]:
    faces = find_faces(image)
    if not faces:
        raise NoFaceError(
            "No face was found in the picture; use one that shows the face from the front, "
            "or place the points by hand."
        )
    tall = face_height(faces[0])
    several = sum(face_height(face) >= SAME_RANK * tall for face in faces)
    if several > 1:
        raise UsageError(f"The picture shows {several} faces; crop it to one and try again.")
    return faces[0]


def _placed_face(points: Mapping[int, tuple[float, float]], photograph: Photograph) -> NDArray[np.float32]:
    width, height = photograph.size
    outside = sum(not (0 <= x <= width and 0 <= y <= height) for x, y in points.values())
    if outside:
        raise UsageError(
            f"{outside} of {len(points)} points lie outside the picture, which has {width} × {height} px."
        )
    scale = photograph.scale
    return fit_mesh({index: (x * scale, y * scale) for index, (x, y) in points.items()})


def _angles(landmarks: NDArray[np.float32], width: int, height: int) -> tuple[float, float, float]:
    points = np.zeros((LANDMARK_COUNT, 3), np.float32)
    points[: len(landmarks)] = landmarks
    assert int(POSE_POINTS.max()) < len(
        landmarks
    )  # the irises, which drawings lack, do not count for the pose
    pose = solve_head_pose(points, CameraIntrinsics.from_field_of_view(width, height, FIELD_OF_VIEW_DEG))
    return (math.nan, math.nan, math.nan) if pose is None else head_angles(pose)
