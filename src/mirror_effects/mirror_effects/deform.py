"""The effect `deform`: faces pulled along the shape model's components, and the picture around with them."""

from __future__ import annotations

from dataclasses import make_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.faces import Face
from mirror_core.parameters import parameter
from mirror_effects.deform_presets import PRESETS, preset_parameters
from mirror_effects.face_bending import BendingEffect
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

__all__ = ["NONE", "SLIDERS", "DeformEffect", "DeformParameters"]

NONE = "none"
SLIDERS = 24  # components that have one
LARGEST_SD = 3.0
AROUND = 0.6  # how far around the face the picture bends, in face heights
LARGEST_FITTED_SD = 4.0


def _labels() -> tuple[str, ...]:
    """What each component moves, in words; empty where the model cannot be read: `wanted` tells."""
    try:
        labels = shared_shape_model().labels
    except ModelError:
        labels = ()
    return (*labels[:SLIDERS], *("" for _ in range(SLIDERS - len(labels))))


def _slider(number: int, label: str) -> tuple[str, type, Any]:
    about = f" ({label})" if label else ""
    described = f"Component {number} of the shape model{about}, in standard deviations."
    return (f"component_{number}", float, parameter(0.0, described, minimum=-LARGEST_SD, maximum=LARGEST_SD))


DeformParameters: Any = make_dataclass(
    "DeformParameters",
    [
        (
            "preset",
            str,
            parameter("owl", "A ready-made face; the sliders are added to it.", choices=(NONE, *PRESETS)),
        ),
        (
            "strength",
            float,
            parameter(1.0, "Factor of preset and sliders together.", minimum=0.0, maximum=3.0),
        ),
        *(_slider(number, label) for number, label in enumerate(_labels(), start=1)),
    ],
    frozen=True,
    namespace={"__doc__": "Which way the faces are pulled.", "__module__": __name__},
)


class DeformEffect(BendingEffect):
    """Pulls every face into another shape, by a preset or by sliders on the shape model's components."""

    name = "deform"
    Parameters = DeformParameters

    def __init__(self, model: ShapeModel | None = None) -> None:
        super().__init__()
        self._model = model
        self._known: tuple[Any, NDArray[np.float32] | None] = (None, None)

    @property
    def reach(self) -> float | None:
        """The picture around bends too."""
        return AROUND

    def wanted(self, face: Face, stamp_ns: int) -> NDArray[np.float32] | None:
        """The deformed face."""
        if self._model is None:
            self._model = shared_shape_model()
        offset = self._offset(self._model)
        if offset is None:
            return None
        placement = self._model.fit(face.landmarks, LARGEST_FITTED_SD).placement
        moved = offset @ placement.rotation.T * placement.scale
        return np.asarray(face.landmarks[: len(moved)] + moved, np.float32)

    def _offset(self, model: ShapeModel) -> NDArray[np.float32] | None:
        """What is added to each face, [468, 3] in the model's units; None for nothing."""
        parameters = self.parameters
        if self._known[0] is not parameters:
            sliders = [getattr(parameters, f"component_{number}") for number in range(1, SLIDERS + 1)]
            values = np.zeros(model.count, np.float32)
            values[:SLIDERS] += np.array(sliders[: model.count], np.float32)
            if parameters.preset != NONE:
                values += preset_parameters(parameters.preset, model)
            values *= np.float32(parameters.strength)
            self._known = (parameters, model.shape(values) - model.mean if values.any() else None)
        return self._known[1]
