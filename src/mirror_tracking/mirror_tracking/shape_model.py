"""The shape model: what kind of face it is and what it does, apart from where it is and how it is turned.

A face's 468 surface points are brought onto the mean face by weighted Procrustes analysis in space, which
removes place, size and turn of the head. What remains is described by a few numbers, one for each
component (Cootes et al., "Active Shape Models", 1995), in standard deviations of a population of faces.

The mesh itself distorts a face that looks aside, by more than any expression but a wide open mouth. How,
was learned from photographs of the same people (`pose_distortion`); it is taken out before the numbers
are read, and put back in reconstructions.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.faces import LANDMARK_COUNT
from mirror_tracking.procrustes import Placement, place
from mirror_tracking.topology import LEFT_EYE, LEFT_IRIS_CENTRE, RIGHT_EYE, RIGHT_IRIS_CENTRE

__all__ = [
    "DISTORTIONS",
    "MODEL_NAMES",
    "POINTS",
    "Placement",
    "ShapeFit",
    "ShapeModel",
    "pose_terms",
    "shared_shape_model",
]

POINTS = 468  # of the mesh's surface; irises are not part of a shape
FORMAT = 1  # of the file
MODEL_NAMES = ("pca", "sparse")
DISTORTIONS = 5  # terms of `pose_terms`
LARGEST_YAW, LARGEST_PITCH = math.radians(45), math.radians(30)  # beyond, the distortion is not known
SMALLEST_SCALE = 1e-3  # px per unit of the model; a face smaller than this is none

Array = NDArray[np.float32]
Points = NDArray[np.floating[Any]]


def pose_terms(placement: Placement) -> NDArray[np.float64]:
    """float64 [5]: with both turns bounded, sin yaw, sin² yaw, sin pitch, sin² pitch, sin yaw · sin pitch.

    Here yaw and pitch say where the camera is, seen from the head, so that a lean changes neither.
    """
    aside, up, ahead = placement.rotation[2]
    yaw = min(LARGEST_YAW, max(-LARGEST_YAW, math.atan2(aside, ahead)))
    pitch = min(LARGEST_PITCH, max(-LARGEST_PITCH, math.asin(min(1.0, max(-1.0, -up)))))
    sideways, upwards = math.sin(yaw), math.sin(pitch)
    return np.array([sideways, sideways**2, upwards, upwards**2, sideways * upwards])


@dataclass(frozen=True, slots=True, eq=False)
class ShapeFit:
    """A face in terms of the shape model.

    Attributes:
        parameters: float32 [k] in standard deviations.
        placement: how the head lies in the picture.
    """

    parameters: Array
    placement: Placement


class ShapeModel:
    """A mean face and the ways in which faces differ from it.

    Attributes:
        name: "pca" or "sparse".
        mean: float32 [468, 3] in units of its own: root mean square distance from the centre 1; x to the
            right of the picture, y down, z away from the camera.
        components: float32 [k, 468, 3], each of length 1; sorted by how much they explain.
        deviations: float32 [k], standard deviation of each component's coefficient, in the model's units.
        weights: float32 [468], how much each point says about the turn of the head.
        pose_distortion: float32 [5, 468, 3], what the mesh does to a turned head, per `pose_terms`.
        labels: what each component moves, for people.
    """

    def __init__(
        self,
        name: str,
        mean: Points,
        components: Points,
        deviations: Points,
        *,
        weights: Points | None = None,
        pose_distortion: Points | None = None,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Build a model from its parts.

        Raises:
            ShapeError: on other shapes, numbers that are not finite, or deviations that are not above 0.
        """
        count = len(components)
        self.name = name
        self.mean = _checked("mean", mean, (POINTS, 3))
        self.components = _checked("components", components, (count, POINTS, 3))
        self.deviations = _checked("deviations", deviations, (count,))
        self.weights = _checked("weights", np.ones(POINTS) if weights is None else weights, (POINTS,))
        self.pose_distortion = _checked(
            "pose_distortion",
            np.zeros((DISTORTIONS, POINTS, 3)) if pose_distortion is None else pose_distortion,
            (DISTORTIONS, POINTS, 3),
        )
        self.labels = labels or tuple(f"component {number}" for number in range(1, count + 1))
        if count < 1 or not (self.deviations > 0).all():
            raise ShapeError("A shape model needs one component or more, with deviations above 0.")
        if len(self.labels) != count:
            raise ShapeError(f"A shape model needs {count} labels or none, not {len(self.labels)}.")
        if not (self.weights >= 0).all() or not self.weights.any():
            raise ShapeError("The weights of a shape model must be 0 or more, and not all 0.")
        flat = self.components.reshape(count, -1).astype(np.float64)
        # Components of the sparse model are not orthogonal: the least-squares solution serves for both.
        self._reader = np.linalg.pinv(flat).T / self.deviations[:, None].astype(np.float64)
        self._writer = flat * self.deviations[:, None].astype(np.float64)
        self._mean = self.mean.astype(np.float64)
        self._distortion = self.pose_distortion.reshape(DISTORTIONS, -1).astype(np.float64)

    @property
    def count(self) -> int:
        """Number of components."""
        return len(self.components)

    def fit(self, landmarks: Points, limit: float | None = None) -> ShapeFit:
        """A face's parameters and placement.

        Args:
            landmarks: [468 or 478, 3]; x, y in pixels, z in the same scale. Irises are not used.
            limit: the largest size of a parameter in standard deviations; None: as found.

        Raises:
            ShapeError: on other shapes or numbers that are not finite.
        """
        points = _surface(landmarks)
        placement = place(self._mean, points, self.weights)
        if placement.scale < SMALLEST_SCALE:
            return ShapeFit(np.zeros(self.count, np.float32), placement)
        own = placement.to_model(points) - self._mean
        # einsum and not @: BLAS gives this to several threads, and waiting for them can take milliseconds.
        turned = np.einsum("t,tp->p", pose_terms(placement), self._distortion)
        parameters = np.einsum("kp,p->k", self._reader, own.ravel() - turned)
        if limit is not None:
            parameters = np.clip(parameters, -limit, limit)
        return ShapeFit(parameters.astype(np.float32), placement)

    def shape(self, parameters: Points) -> Array:
        """The face [468, 3], in the model's units, that has these parameters [k or fewer]; others are 0.

        Raises:
            ShapeError: if there are more than k, or another layout.
        """
        values = np.asarray(parameters, np.float64)
        if values.ndim != 1 or len(values) > self.count or not np.isfinite(values).all():
            raise ShapeError(
                f"Shape parameters must be up to {self.count} finite numbers, not {list(values.shape)}."
            )
        offset = np.einsum("k,kp->p", values, self._writer[: len(values)])
        return np.asarray(self._mean + offset.reshape(POINTS, 3), np.float32)

    def seen(self, fit: ShapeFit) -> Array:
        """The surface that the mesh would find for this face in the picture: float32 [468, 3], pixels."""
        offset = np.einsum("t,tp->p", pose_terms(fit.placement), self._distortion)
        shape = self.shape(fit.parameters) + offset.reshape(POINTS, 3)
        return fit.placement.to_image(shape)

    def reconstruct(self, landmarks: Points, fit: ShapeFit | None = None) -> Array:
        """The landmarks as the model explains them, float32 [468 or 478, 3] as they came.

        Irises, which the model does not know, keep their place in the eye.

        Args:
            landmarks: as for `fit`.
            fit: what `fit` gave for them, where it is known.

        Raises:
            ShapeError: on other shapes or numbers that are not finite.
        """
        surface = self.seen(fit if fit is not None else self.fit(landmarks))
        if len(landmarks) == POINTS:
            return surface
        irises = np.array(landmarks[POINTS:], np.float32)
        split = LEFT_IRIS_CENTRE - RIGHT_IRIS_CENTRE
        for part, eye in ((slice(None, split), RIGHT_EYE), (slice(split, None), LEFT_EYE)):
            irises[part] += (surface[eye] - landmarks[eye]).mean(axis=0)
        return np.concatenate([surface, irises])

    def to_bytes(self) -> bytes:
        """The model as the content of a .npz file; the same model gives the same bytes."""
        arrays = {
            "format": np.array(FORMAT),
            "name": np.array(self.name),
            "mean": self.mean,
            "components": self.components,
            "deviations": self.deviations,
            "weights": self.weights,
            "pose_distortion": self.pose_distortion,
            "labels": np.array(self.labels),
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "the file") -> ShapeModel:
        """A model from the content of a .npz file.

        Raises:
            ModelError: if it is none of this format.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            if int(arrays["format"]) != FORMAT:
                raise ModelError(
                    f"The shape model in {source} has format {int(arrays['format'])}; "
                    f"this version of the mirror reads {FORMAT}: train it again."
                )
            return cls(
                str(arrays["name"]),
                arrays["mean"],
                arrays["components"],
                arrays["deviations"],
                weights=arrays["weights"],
                pose_distortion=arrays["pose_distortion"],
                labels=tuple(str(label) for label in arrays["labels"]),
            )
        except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ModelError(f"There is no shape model in {source} ({error}): train it again.") from error

    @classmethod
    def load(cls, path: Path) -> ShapeModel:
        """Read a model's file.

        Raises:
            ModelError: if it is missing or holds no shape model.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(f"The shape model {path} cannot be read: {error.strerror or error}.") from error
        return cls.from_bytes(data, str(path))


@cache
def shared_shape_model(name: str = "pca") -> ShapeModel:
    """The shipped model, read once: "pca" or "sparse".

    Raises:
        ModelError: for another name, or if the file is damaged.
    """
    if name not in MODEL_NAMES:
        raise ModelError(f"There is no shape model {name!r}: allowed are {', '.join(MODEL_NAMES)}.")
    file_name = "shape_model.npz" if name == "pca" else "shape_model_sparse.npz"
    file = resources.files("mirror_tracking").joinpath("data", file_name)
    try:
        return ShapeModel.from_bytes(file.read_bytes(), file_name)
    except OSError as error:
        raise ModelError(f"The shape model {file_name} is missing: build the mirror again.") from error


def _surface(landmarks: Points) -> NDArray[np.float64]:
    if landmarks.ndim != 2 or landmarks.shape[0] not in (POINTS, LANDMARK_COUNT) or landmarks.shape[1] != 3:
        raise ShapeError(
            f"A shape is fitted to landmarks [{POINTS} or {LANDMARK_COUNT}, 3], not {list(landmarks.shape)}."
        )
    return np.asarray(landmarks[:POINTS], np.float64)


def _checked(what: str, values: Points, shape: tuple[int, ...]) -> Array:
    array = np.array(values, np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise ShapeError(
            f"The {what} of a shape model must be finite numbers {list(shape)}, not {list(array.shape)}."
        )
    array.flags.writeable = False
    return array
