"""The effect `caricature`: what makes your face yours, exaggerated, or taken back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_core.parameters import parameter
from mirror_effects.face_bending import BendingEffect
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

__all__ = ["CaricatureEffect", "CaricatureParameters", "OwnShape"]

HORIZON_S = 20.0  # over which a face's own shape is averaged
EXPRESSION_S = 0.08  # time constant with which the moment's shape is smoothed: exaggerated, noise would show
LONGEST_GAP_S = 1.0
LARGEST_SD = 4.0  # of a single parameter: more is a face that was found badly
AROUND = 0.35  # how far around the face the picture bends, in face heights


@dataclass(frozen=True)
class CaricatureParameters:
    """How much, and of what."""

    factor: float = parameter(
        2.5,
        "1 is you, more exaggerates what tells you from the mean face, 0 is the mean face's shape, less than "
        "0 the opposite of you.",
        minimum=-2.0,
        maximum=7.0,
    )
    expression: bool = parameter(
        False, "Exaggerate the expression of the moment too; otherwise it stays as it is."
    )
    around: str = parameter(
        "stays",
        "What happens around the face: stays (the face's outline is fixed) or bends (its outline is "
        "exaggerated too, and the picture around follows).",
        choices=("stays", "bends"),
    )


class OwnShape:
    """One face's parameters in the shape model over time: what stays, and what is of the moment."""

    def __init__(self) -> None:
        self._stamp_ns: int | None = None
        self._known_s = 0.0
        self.own: NDArray[np.float64] = np.zeros(0)
        self.now: NDArray[np.float64] = np.zeros(0)

    def update(self, parameters: NDArray[np.floating], stamp_ns: int) -> None:  # type: ignore[type-arg]
        """Take in the next frame.

        Args:
            parameters: [k], standard deviations.
            stamp_ns: of the frame; after a long pause or a step back everything begins anew.
        """
        values = np.asarray(parameters, np.float64)
        passed_s = math.inf if self._stamp_ns is None else (stamp_ns - self._stamp_ns) * 1e-9
        self._stamp_ns = stamp_ns
        if not 0 <= passed_s <= LONGEST_GAP_S or values.shape != self.own.shape:
            self._known_s, self.own, self.now = 0.0, values, values
            return
        if passed_s == 0:
            return
        self._known_s = min(self._known_s + passed_s, HORIZON_S)
        self.own = self.own + passed_s / max(self._known_s, passed_s) * (values - self.own)
        self.now = self.now + (1 - math.exp(-passed_s / EXPRESSION_S)) * (values - self.now)


class CaricatureEffect(BendingEffect):
    """Exaggerates what tells your face from the mean face, or turns it into its opposite."""

    name = "caricature"
    Parameters = CaricatureParameters

    def __init__(self, model: ShapeModel | None = None) -> None:
        super().__init__()
        self._model = model
        self._shapes: dict[int, OwnShape] = {}

    def keep(self, track_ids: set[int]) -> None:
        """Forget everybody else."""
        self._shapes = {track: shape for track, shape in self._shapes.items() if track in track_ids}

    @property
    def reach(self) -> float | None:
        """None while the outline stays."""
        return AROUND if self.parameters.around == "bends" else None

    def wanted(self, face: Face, stamp_ns: int) -> NDArray[np.float32] | None:
        """The exaggerated face."""
        if self._model is None:
            self._model = shared_shape_model()
        parameters: CaricatureParameters = self.parameters
        fit = self._model.fit(face.landmarks, LARGEST_SD)
        shape = self._shapes.setdefault(face.track_id, OwnShape())
        shape.update(fit.parameters, stamp_ns)
        if parameters.factor == 1:
            return None
        exaggerated = shape.now if parameters.expression else shape.own
        offset = self._model.shape((parameters.factor - 1) * exaggerated) - self._model.mean
        moved = fit.placement.to_image(self._model.mean + offset) - fit.placement.to_image(self._model.mean)
        return np.asarray(face.landmarks[: len(moved)] + moved, np.float32)
