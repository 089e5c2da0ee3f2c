"""The effect `expression`: your own photographic face with another emotion, or with the opposite of yours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.moods import Mood, MoodLabel
from mirror_core.parameters import parameter
from mirror_effects.effect import Scene
from mirror_effects.face_bending import BendingEffect
from mirror_tracking.emotion_directions import EMOTIONS, EmotionDirections, gaps_of, shared_emotion_directions
from mirror_tracking.shape_model import ShapeFit, ShapeModel, shared_shape_model

__all__ = ["OPPOSITE", "Amounts", "ExpressionEffect", "ExpressionParameters"]

OPPOSITE: Final = "opposite"
AROUND = 0.35  # how far around the face the picture bends, in face heights
FINE_CELLS = 60  # along the height of a face: lids and corners of the mouth move against what is around them
LARGEST_SD = 4.0  # of a single parameter: more is a face that was found badly
LONGEST_GAP_S = 1.0  # without a face, after which everything begins anew
CLOSED = 0.015  # distance of lips that touch, in the shape model's units
FARTHER, TIMES = 0.05, 2.0  # bounds of how far lips may be drawn apart: distance added, and factor
LIDS = (0.55, 1.5)  # bounds of how far eyes are open afterwards, as shares of what they are
BLUR, EMPHASIS = (
    0.1,
    0.9,
)  # of the bend in the shape model's units, and how much of what it takes away is added
EYES_END, MOUTH_BEGINS = (
    -0.1,
    0.2,
)  # heights in the mean face: around the mouth, emphasis would fold the picture
HARDLY = 1e-3  # of an emotion: nobody would see it


@dataclass(frozen=True)
class ExpressionParameters:
    """Which emotion, and how much of it."""

    emotion: str = parameter(
        "happy",
        "Which emotion your face shows; opposite: the opposite of the one that is read from it.",
        choices=(*EMOTIONS, OPPOSITE),
    )
    strength: float = parameter(
        1.0, "1 is a clear expression, 0 leaves the picture as it is.", minimum=0.0, maximum=3.0
    )
    remove_own: float = parameter(
        0.8,
        "How much of your own expression is taken out first: 0 nothing, 1 all that can be told from your "
        "features.",
        minimum=0.0,
        maximum=1.0,
    )
    smoothing: float = parameter(
        0.4, "Seconds in which a change of the emotion comes about.", minimum=0.0, maximum=5.0
    )


def emphasised_steps(model: ShapeModel) -> NDArray[np.float64]:
    """What each parameter moves: float64 [k, 468, 3] in the model's units, made ready for a smooth bend.

    The bend is smooth over `BLUR`, and so takes away half of what lids and brows do against their
    surroundings. That much is added before (an unsharp mask on the mesh).
    """
    apart = np.linalg.norm(model.mean[:, None, :2] - model.mean[None, :, :2], axis=2).astype(np.float64)
    near = np.exp(-0.5 * (apart / BLUR) ** 2)
    near /= near.sum(axis=1, keepdims=True)
    steps = (model.components * model.deviations[:, None, None]).astype(np.float64)
    smooth = np.einsum("pq,kqc->kpc", near, steps)
    share = np.clip((MOUTH_BEGINS - model.mean[:, 1:2]) / (MOUTH_BEGINS - EYES_END), 0, 1)
    return np.asarray(steps + EMPHASIS * share * (steps - smooth), np.float64)


class Amounts:
    """How much of each emotion one face shows, following what is wanted without a jump."""

    def __init__(self) -> None:
        self._stamp_ns: int | None = None
        self.now: NDArray[np.float64] = np.zeros(len(EMOTIONS))

    def follow(self, wanted: NDArray[np.float64], stamp_ns: int, smoothing_s: float) -> NDArray[np.float64]:
        """Take a step towards what is wanted.

        Args:
            wanted: float64 [6] in `EMOTIONS`' order; below 0 for the opposite.
            stamp_ns: of the frame; at first, after a long pause and after a step back there is nothing to
                follow from, and what is wanted holds at once.
            smoothing_s: time constant.
        """
        passed_s = math.inf if self._stamp_ns is None else (stamp_ns - self._stamp_ns) * 1e-9
        self._stamp_ns = stamp_ns
        if not 0 <= passed_s <= LONGEST_GAP_S or smoothing_s <= 0:
            self.now = wanted
        else:
            self.now = self.now + (1 - math.exp(-passed_s / smoothing_s)) * (wanted - self.now)
        return self.now


class ExpressionEffect(BendingEffect):
    """Shows you with an emotion of your choice, or with the opposite of the one that you have."""

    name = "expression"
    needs = frozenset({"faces", "moods"})
    cells = FINE_CELLS
    Parameters = ExpressionParameters

    def __init__(self, directions: EmotionDirections | None = None) -> None:
        super().__init__()
        self._model: ShapeModel | None = None
        self._directions = directions
        self._steps: NDArray[np.float64] | None = None
        self._gaps_of: NDArray[np.float64] = np.zeros((2, 0))  # what each step adds to mouth and eyes
        self._amounts: dict[int, Amounts] = {}
        self._moods: Mapping[int, Mood] = {}

    def keep(self, track_ids: set[int]) -> None:
        """Forget everybody else."""
        self._amounts = {track: amounts for track, amounts in self._amounts.items() if track in track_ids}

    @property
    def reach(self) -> float | None:
        """The picture around bends too: jaws move."""
        return AROUND

    def apply(self, image: Image, scene: Scene) -> Image:
        """Bend the picture around each face."""
        self._moods = scene.moods
        return super().apply(image, scene)

    def wanted(self, face: Face, stamp_ns: int) -> NDArray[np.float32] | None:
        """The face with the emotion."""
        parameters: ExpressionParameters = self.parameters
        amounts = self._amounts.setdefault(face.track_id, Amounts()).follow(
            self._wanted_amounts(face.track_id), stamp_ns, parameters.smoothing
        )
        if np.abs(amounts).max() < HARDLY:
            return None
        if self._model is None or self._directions is None:
            self._model = shared_shape_model()
            self._directions = self._directions or shared_emotion_directions()
        model, fit = self._model, self._model.fit(face.landmarks, LARGEST_SD)
        if self._steps is None:
            self._steps = emphasised_steps(model)
            self._gaps_of = gaps_of(self._steps)
        change = self._change(self._directions, fit, amounts)
        offset = np.einsum("k,kpc->pc", change, self._steps) @ fit.placement.rotation.T * fit.placement.scale
        return np.asarray(face.landmarks[: len(offset)] + offset, np.float32)

    def _wanted_amounts(self, track_id: int) -> NDArray[np.float64]:
        """How much of each emotion a face shall show in the end: float64 [6]."""
        parameters: ExpressionParameters = self.parameters
        amounts = np.zeros(len(EMOTIONS))
        if parameters.emotion != OPPOSITE:
            amounts[EMOTIONS.index(parameters.emotion)] = parameters.strength
            return amounts
        mood = self._moods.get(track_id)
        if mood is not None and not mood.unsure and mood.dominant is not MoodLabel.NEUTRAL:
            amounts[EMOTIONS.index(mood.dominant.word)] = -parameters.strength
        return amounts

    def _change(
        self, directions: EmotionDirections, fit: ShapeFit, amounts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What is added to a face's parameters: float64 [k]."""
        share = self.parameters.remove_own * min(1.0, float(np.abs(amounts).sum()))
        own = fit.parameters.astype(np.float64)
        change = -share * directions.own_expression(own).astype(np.float64)
        for emotion, amount in zip(EMOTIONS, amounts, strict=True):
            change += amount * directions.direction(emotion)
        lips, lids = gaps = directions.gaps(own)
        least = np.array([min(lips, CLOSED), LIDS[0] * lids])
        most = np.array([max(lips + FARTHER, TIMES * lips), LIDS[1] * lids])
        then = gaps + self._gaps_of @ change
        missing = np.linalg.solve(self._gaps_of @ directions.opening.T, then.clip(least, most) - then)
        return np.asarray(change + missing @ directions.opening, np.float64)
