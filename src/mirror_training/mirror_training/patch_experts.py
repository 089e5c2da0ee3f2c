"""Patch experts on top of the face mesh: does looking again at small patches make landmarks calmer or truer?

Older trackers (constrained local models, e.g. J. M. Saragih, S. Lucey, J. F. Cohn, "Deformable Model Fitting
by Regularized Landmark Mean-Shift", 2011) find each landmark by what its surroundings look like: an expert
gives a response for each place of a small window, and a shape model keeps all landmarks together. Here the
mesh says where to look, and the experts correct it by a pixel or so. A response is taken of

- the raw grey picture,
- its local binary patterns (T. Ojala, M. Pietikäinen, D. Harwood, 1996),
- its Sobel gradient, or
- all three, blended: the mean of their responses.

An expert is either a running template of this very person's patches or a linear filter trained on many faces
(`trained_experts`); both are compared with the picture by normalised correlation. This is the experiment; the
best that came of it is `mirror_tracking.patch_refinement`. See docs/experiments/patch_experts.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ParameterError
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_EYE_OUTER,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_EYE_OUTER,
)
from mirror_training.opencv import cv2

__all__ = [
    "CHANNELS",
    "EXPERT_POINTS",
    "MODES",
    "PATCH",
    "REACH",
    "Alignment",
    "Displacements",
    "Grey",
    "PatchRefiner",
    "Regulariser",
    "channel_images",
    "correlation_peak",
    "patch_around",
]

CHANNELS = ("raw", "lbp", "sobel")
MODES: dict[str, tuple[str, ...]] = {**{name: (name,) for name in CHANNELS}, "blend": CHANNELS}
"""Response modes by name, with the channels whose responses they average."""

NOSE = np.array([1, 2, 4, 98, 327, 129, 358, 168, 6, 197, 195, 5], np.int32)
EXPERT_POINTS = np.concatenate([RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, OUTER_LIPS, NOSE])
"""Landmarks with an expert: those with something to see around them (cheeks and the outline have nothing)."""

CANVAS = 160  # side of the upright, scaled face in pixels
EYE_DISTANCE = 56.0  # between the outer corners of the eyes in it
PATCH = 15  # side of a patch in its pixels: about a quarter of the distance between the eyes
REACH = 4  # pixels that a landmark is looked for to either side
MEMORY_FRAMES = 60.0  # over which a running template averages
FIRST_FRAMES = 5  # from how many frames on a template may be used
TRUSTED = 0.5  # correlation below which a patch says nothing
TRAINED_TRUST = 0.3  # in trained experts, whose correlations say little about how sure they are

Points = NDArray[np.float64]
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The similarity that brings a face upright into the canvas.

    Attributes:
        to_canvas: float64 [2, 3], picture (pixel centres at whole numbers) → canvas.
    """

    to_canvas: Points

    @classmethod
    def of(cls, landmarks: NDArray[Any]) -> Alignment:
        """The similarity that brings all landmarks [468 or more, 2 or more] nearest to the mean face's."""
        target = _canvas_face()
        source = np.asarray(landmarks[: len(target), :2], np.float64) - 0.5
        middle, goal = source.mean(axis=0), target.mean(axis=0)
        a, b = source - middle, target - goal
        scale = float((a**2).sum())
        cos, sin = float((a * b).sum()) / scale, float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / scale
        turn = np.array([[cos, -sin], [sin, cos]])
        return cls(np.hstack([turn, (goal - turn @ middle)[:, None]]))

    def points(self, landmarks: NDArray[Any]) -> Points:
        """Landmarks [n, 2 or more] in the canvas."""
        inside = np.asarray(landmarks[:, :2], np.float64) - 0.5
        return np.asarray(inside @ self.to_canvas[:, :2].T + self.to_canvas[:, 2])

    def shifts_back(self, shifts: Points) -> Points:
        """Displacements [n, 2] in the canvas as displacements in the picture."""
        return np.asarray(np.linalg.solve(self.to_canvas[:, :2], shifts.T).T)

    def canvas(self, image: NDArray[Any]) -> Grey:
        """The face of a BGR picture in the canvas, grey, float32."""
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
        upright = cv2.warpAffine(
            grey, self.to_canvas, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(upright, np.float32)


def _canvas_face() -> Points:
    """The mean face from the front in the canvas, [468, 2]."""
    face = mean_face()[:468].astype(np.float64)
    flat = np.stack([face[:, 1], -face[:, 2]], axis=1)  # y to the person's left is the picture's right
    flat -= (flat.min(axis=0) + flat.max(axis=0)) / 2
    eyes = float(np.linalg.norm(flat[LEFT_EYE_OUTER] - flat[RIGHT_EYE_OUTER]))
    return np.asarray(flat * (EYE_DISTANCE / eyes) + (CANVAS - 1) / 2)


def channel_images(grey: Grey, mode: str) -> dict[str, Grey]:
    """The channels of a mode: float32 pictures of the same size.

    Raises:
        ParameterError: for an unknown mode.
    """
    if mode not in MODES:
        raise ParameterError(f"mode = {mode} is refused: allowed is {' | '.join(MODES)}.")
    makers: dict[str, Callable[[Grey], Grey]] = {
        "raw": lambda image: image,
        "lbp": _local_binary_patterns,
        "sobel": _sobel,
    }
    return {name: makers[name](grey) for name in MODES[mode]}


def _local_binary_patterns(grey: Grey) -> Grey:
    """How many of the 8 neighbours are brighter, blurred a little.

    The bit pattern itself jumps by powers of two when one bit flips and cannot be correlated; the number of
    ones keeps what it says of corners and edges and does not depend on the light either.
    """
    padded = cv2.copyMakeBorder(cv2.GaussianBlur(grey, (0, 0), 1.0), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    rows, columns = grey.shape
    middle = padded[1:-1, 1:-1]
    count = np.zeros_like(grey)
    for dy in range(3):
        for dx in range(3):
            if (dy, dx) != (1, 1):
                count += padded[dy : dy + rows, dx : dx + columns] > middle
    return np.asarray(cv2.GaussianBlur(count, (0, 0), 0.8), np.float32)


def _sobel(grey: Grey) -> Grey:
    """The gradient's length."""
    return np.asarray(
        cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32
    )


def patch_around(image: Grey, point: Points, side: int) -> Grey:
    """A square of an odd side around a point, between pixels if need be."""
    return np.asarray(cv2.getRectSubPix(image, (side, side), (float(point[0]), float(point[1]))), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Displacements:
    """What the experts say: where each landmark should go, and how far each is to be believed.

    Attributes:
        shifts: float64 [n, 2] in canvas pixels.
        trust: float64 [n], 0 (says nothing) … 1.
    """

    shifts: Points
    trust: NDArray[np.float64]


def correlation_peak(response: Grey) -> tuple[float, float, float]:
    """The highest place of a response [2r+1, 2r+1] as a shift (x, y) from its middle, and its height.

    The place between the samples comes from a parabola through the peak and its neighbours on each axis.
    """
    reach = response.shape[0] // 2
    row, column = np.unravel_index(int(np.argmax(response)), response.shape)

    def between(low: float, here: float, high: float) -> float:
        curve = low - 2 * here + high
        return 0.0 if curve >= 0 else float(np.clip(0.5 * (low - high) / curve, -0.5, 0.5))

    dx = dy = 0.0
    if 0 < column < 2 * reach:
        dx = between(*response[row, column - 1 : column + 2])
    if 0 < row < 2 * reach:
        dy = between(*response[row - 1 : row + 2, column])
    return float(column - reach + dx), float(row - reach + dy), float(response[row, column])


class Regulariser:
    """Spreads the experts' displacements smoothly over the face and holds them to the mesh.

    A Gaussian process over the mean face: displacements of neighbouring points belong together, and each
    expert's is known only as well as it is to be believed. What no expert sees stays with the mesh.
    """

    def __init__(self, length: float = 0.25, size_px: float = 1.0, noise_px: float = 0.7) -> None:
        """Prepare.

        Args:
            length: over which displacements belong together, in distances between the eyes.
            size_px: their usual size in canvas pixels.
            noise_px: error of a fully trusted expert in canvas pixels.
        """
        face = _canvas_face()
        seen = face[EXPERT_POINTS]
        self._noise = noise_px**2
        scale = (length * EYE_DISTANCE) ** 2

        def kernel(a: Points, b: Points) -> Points:
            squares = ((a[:, None] - b[None]) ** 2).sum(axis=2)
            return np.asarray(size_px**2 * np.exp(-squares / (2 * scale)))

        self._between, self._to_all = kernel(seen, seen), kernel(face, seen)

    def __call__(self, found: Displacements) -> Points:
        """Displacements of all 468 points [468, 2] in canvas pixels."""
        used = found.trust > 0.01
        if not used.any():
            return np.zeros((len(self._to_all), 2))
        noise = np.diag(self._noise / found.trust[used])
        weights = np.linalg.solve(self._between[np.ix_(used, used)] + noise, found.shifts[used])
        return np.asarray(self._to_all[:, used] @ weights)


class PatchRefiner:
    """Refines the landmarks of one face, frame by frame.

    Args:
        mode: a key of `MODES`.
        filters: trained experts by channel (see `mirror_training.trained_experts`); None: running templates.
        regulariser: how displacements are held together.
    """

    def __init__(
        self,
        mode: str = "blend",
        filters: Mapping[str, Grey] | None = None,
        regulariser: Regulariser | None = None,
    ) -> None:
        self._mode = mode
        self._channels = MODES[mode]
        self._trained = filters
        self._regulariser = regulariser or Regulariser()
        self._templates: dict[str, Grey] = {}
        self._frames = 0

    def __call__(self, image: NDArray[np.uint8], landmarks: NDArray[Any]) -> Points:
        """Landmarks [468 or more, 2] in pixels of the picture, refined; float64 of the same length.

        Points beyond the 468 of the surface (the irises) are handed back as they are.
        """
        align = Alignment.of(landmarks)
        images = channel_images(align.canvas(image), self._mode)
        points = align.points(landmarks[EXPERT_POINTS])
        refined = np.asarray(landmarks[:, :2], np.float64).copy()
        if self._trained is not None or self._frames >= FIRST_FRAMES:
            shifts = self._regulariser(self.search(images, points))
            refined[: len(shifts)] += align.shifts_back(shifts)
        if self._trained is None:
            self._learn(images, points)
        return refined

    def search(self, images: Mapping[str, Grey], points: Points) -> Displacements:
        """Let the experts look around the points [n, 2] of the canvas."""
        shifts, trust = np.zeros((len(points), 2)), np.zeros(len(points))
        side = PATCH + 2 * REACH
        for index, point in enumerate(points):
            response = np.zeros((2 * REACH + 1, 2 * REACH + 1), np.float32)
            for name in self._channels:
                expert = (self._trained or self._templates)[name][index]
                response += cv2.matchTemplate(
                    patch_around(images[name], point, side), expert, cv2.TM_CCOEFF_NORMED
                )
            x, y, height = correlation_peak(response / len(self._channels))
            shifts[index] = x, y
            if max(abs(x), abs(y)) < REACH:  # at the edge of the window there is no peak
                trust[index] = (
                    max(0.0, height - TRUSTED) / (1.0 - TRUSTED) if self._trained is None else TRAINED_TRUST
                )
        return Displacements(shifts, trust)

    def _learn(self, images: Mapping[str, Grey], points: Points) -> None:
        """Average the patches where the mesh (not the refinement, which would drift) has the landmarks."""
        self._frames += 1
        share = 1.0 / min(float(self._frames), MEMORY_FRAMES)
        for name in self._channels:
            patches = np.stack([patch_around(images[name], point, PATCH) for point in points])
            old = self._templates.get(name)
            self._templates[name] = patches if old is None else old + np.float32(share) * (patches - old)
