"""The occlusion layer: which pixels of a face are visible, and which have a hand, glasses or hair in front.

A small network (docs/models/occlusion.md) looks at the upright face and says what is covered; a guided
filter carries its coarse answer to the picture's own edges. Every face effect multiplies what it draws by
the result:

    seen = layer.visibility(image, face.landmarks, face.track_id, scene.stamp_ns)
    rows, columns = seen.rows, seen.columns
    image[rows, columns] = blend(image[rows, columns], drawn[rows, columns], seen.mask)
"""

from __future__ import annotations

import importlib
import logging
import math
import threading
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.frame import Image, require_bgr
from mirror_effects.guided_edges import coefficients
from mirror_effects.occlusion_input import (
    CHANNELS,
    GRID,
    SURFACE_POINTS,
    aligned,
    face_hint,
    network_input,
    upright_similarity,
    upright_square,
)

__all__ = ["OcclusionLayer", "Visibility", "shared_occlusion_layer"]

logger = logging.getLogger("mirror.effects")

HALF_LIFE_S = (
    0.012  # of smoothing: at 60 Hz a sure change (0 ↔ 1) passes one half in the very frame it happens
)
LOOK_PERIOD_S = 0.018  # above 50 Hz, the network looks at every second frame of a face, unless …
CHANGE = 10.0  # … some spot of the upright face has changed by so many grey levels since it looked
SPOT = 8  # side of such a spot in pixels of the network's input
LONGEST_GAP_S = 0.25  # a face not seen for longer starts without history
MOST_TRACKS = 16  # histories kept; the one unused for longest goes first
BORDER_PX = 4  # how far the mask reaches beyond the landmarks' box
LOW, HIGH = 0.3, 0.7  # filtered visibility that becomes 0 and 255


@dataclass(frozen=True, slots=True, eq=False)
class Visibility:
    """How visible a face is, in a rectangle of the image.

    Attributes:
        x0, y0: left and upper pixel of the rectangle in the image; it lies inside the image.
        mask: uint8 [h, w], 255 where the face itself is seen, 0 where something is in front of it; it says
            nothing useful outside the face's outline. Read-only. h or w is 0 for a face outside the image.
    """

    x0: int
    y0: int
    mask: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.mask.dtype != np.uint8 or self.mask.ndim != 2:
            raise ShapeError(
                f"Visibility.mask must be uint8 [h, w], not {self.mask.dtype} {list(self.mask.shape)}."
            )
        self.mask.flags.writeable = False

    @property
    def rows(self) -> slice:
        """The rectangle's rows in the image."""
        return slice(self.y0, self.y0 + self.mask.shape[0])

    @property
    def columns(self) -> slice:
        """The rectangle's columns in the image."""
        return slice(self.x0, self.x0 + self.mask.shape[1])


@dataclass(slots=True, eq=False)
class _History:
    stamp_ns: int
    looked_ns: int  # stamp of the frame that the network saw last
    image_size: tuple[int, int]
    picture: Image  # upright, as the network saw it last
    square: NDArray[np.float32]
    result: Visibility


def _load(model: Path) -> Any:
    if not model.is_file():
        raise ModelError(f"The occlusion model {model} is missing: reinstall mirror_effects.")
    try:
        interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError as error:
        raise ModelError(
            f"The occlusion model needs ai-edge-litert, which does not load: {error}."
        ) from error
    try:
        interpreter = interpreter_class(model_content=model.read_bytes(), num_threads=1)
        interpreter.allocate_tensors()
        shapes = [
            tuple(int(v) for v in details[0]["shape"])
            for details in (interpreter.get_input_details(), interpreter.get_output_details())
        ]
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"The occlusion model {model} is damaged: reinstall mirror_effects.") from error
    if shapes != [(1, GRID, GRID, CHANNELS), (1, GRID, GRID, 1)]:
        raise ModelError(f"{model} is no occlusion model: its input and output are {shapes}.")
    return interpreter


class OcclusionLayer:
    """Says which part of a face is visible. Safe to call from several threads; one face at a time.

    Args:
        model: a .tflite file as `mirror train occlusion` writes it; None: the one that is shipped.

    Raises:
        ModelError: where the model is missing, damaged or of another kind.
    """

    def __init__(self, model: Path | None = None) -> None:
        shipped = Path(str(resources.files("mirror_effects") / "data" / "occlusion.tflite"))
        self._interpreter = _load(model or shipped)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._histories: dict[int, _History] = {}
        self._lock = threading.Lock()

    def visibility(
        self,
        image: Image,
        landmarks: NDArray[np.float32],
        track_id: int | None = None,
        stamp_ns: int | None = None,
    ) -> Visibility:
        """How visible the face is.

        With a track id and a stamp, the result is smoothed over that face's earlier frames, and asking
        again for the same face and stamp returns the first answer: what other effects have drawn since
        is not taken for an occluder.

        Args:
            image: uint8 [height, width, 3], BGR.
            landmarks: float32 [468 or more, 2 or more], pixels (pixel i covers i … i+1).
            track_id: whose face it is, for smoothing.
            stamp_ns: stamp of the frame in nanoseconds, for smoothing.

        Returns:
            The mask around the face.

        Raises:
            ShapeError: where an array has another shape.
        """
        require_bgr(image)
        if landmarks.ndim != 2 or landmarks.shape[0] < SURFACE_POINTS or landmarks.shape[1] < 2:
            raise ShapeError(
                f"landmarks must be float32 [{SURFACE_POINTS} or more, 2 or more], "
                f"not {list(landmarks.shape)}."
            )
        points = np.asarray(landmarks[:SURFACE_POINTS, :2], np.float32) - np.float32(0.5)
        with self._lock:
            if track_id is None or stamp_ns is None:
                similarity = upright_similarity(points)
                picture = upright_square(image, similarity)
                return _fine(image, points, similarity, picture, self._look(picture, points, similarity))
            return self._tracked(image, points, track_id, stamp_ns)

    def _tracked(self, image: Image, points: NDArray[np.float32], track_id: int, stamp_ns: int) -> Visibility:
        size = (image.shape[1], image.shape[0])
        known = self._histories.pop(track_id, None)
        if known is not None and known.image_size != size:
            known = None
        if known is not None and known.stamp_ns == stamp_ns:
            self._histories[track_id] = known
            return known.result
        passed_s = (stamp_ns - known.stamp_ns) * 1e-9 if known is not None else 0.0
        if known is None or not 0.0 < passed_s <= LONGEST_GAP_S:
            known = None
        since_look_s = (stamp_ns - known.looked_ns) * 1e-9 if known is not None else math.inf
        similarity = upright_similarity(points)
        picture = upright_square(image, similarity)
        if known is not None and since_look_s < LOOK_PERIOD_S and not _has_changed(known.picture, picture):
            # What covers the face stays where it is on the face; the edges are this frame's own.
            result = _fine(image, points, similarity, picture, known.square)
            self._histories[track_id] = replace(known, stamp_ns=stamp_ns, result=result)
            return result
        square = self._look(picture, points, similarity)
        if known is not None:
            square += np.float32(0.5 ** (since_look_s / HALF_LIFE_S)) * (known.square - square)
        result = _fine(image, points, similarity, picture, square)
        self._histories[track_id] = _History(stamp_ns, stamp_ns, size, picture, square, result)
        if len(self._histories) > MOST_TRACKS:
            del self._histories[next(iter(self._histories))]
        return result

    def _look(
        self, picture: Image, points: NDArray[np.float32], similarity: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """The network's coarse visibility of the upright face, float32 [GRID, GRID]."""
        hint = face_hint(aligned(points, similarity))
        self._interpreter.set_tensor(self._input, network_input(picture, hint))
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._output)[0, :, :, 0], np.float32)


def _has_changed(before: Image, now: Image) -> bool:
    """Whether something has come or gone between two upright pictures of one face."""
    spots = cv2.resize(cv2.absdiff(before, now), (GRID // SPOT, GRID // SPOT), interpolation=cv2.INTER_AREA)
    return float(spots.max()) >= CHANGE


def _fine(
    image: Image,
    points: NDArray[np.float32],
    similarity: NDArray[np.float64],
    square: Image,
    seen: NDArray[np.float32],
) -> Visibility:
    """The coarse visibility of the square, brought to the image's pixels and edges."""
    low = np.floor(points.min(axis=0)).astype(int) - BORDER_PX
    high = np.ceil(points.max(axis=0)).astype(int) + BORDER_PX + 1
    height, width = image.shape[:2]
    x0, y0 = (int(v) for v in np.clip(low, 0, (width, height)))
    x1, y1 = (int(v) for v in np.clip(high, 0, (width, height)))
    if x1 <= x0 or y1 <= y0:
        return Visibility(min(x0, x1), min(y0, y1), np.zeros((0, 0), np.uint8))
    guide = cv2.cvtColor(square, cv2.COLOR_BGR2GRAY).astype(np.float32) * np.float32(1 / 255)
    slope, offset = coefficients(seen, guide)
    shifted = similarity.copy()
    shifted[:, 2] += similarity[:, :2] @ (x0, y0)
    stretch = 255 / (HIGH - LOW)

    def enlarged(coarse: NDArray[np.float32], beyond: float) -> Any:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(coarse, shifted, (x1 - x0, y1 - y0), flags=flags, borderValue=(beyond,))

    # In brightness 0 … 255, LOW and HIGH already stretched to 0 and 255; the sum saturates there.
    slope = enlarged(slope * np.float32(stretch / 255), 0.0)
    offset = enlarged((offset - np.float32(LOW)) * np.float32(stretch), 255.0)
    brightness = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY)
    mask = cv2.add(cv2.multiply(slope, brightness, dtype=cv2.CV_32F), offset, dtype=cv2.CV_8U)
    return Visibility(x0, y0, np.asarray(mask, np.uint8))


@cache
def shared_occlusion_layer() -> OcclusionLayer | None:
    """The layer that all effects of this process share; None, with one warning, where its model fails."""
    try:
        return OcclusionLayer()
    except ModelError as error:
        logger.warning("Hands and glasses will not stay in front of effects: %s", error)
        return None
