"""Looks beneath masks beside the frame path, and keeps what it found steady from frame to frame.

Each look answers for one frame alone, and camera noise and trembling landmarks change every answer a little.
What is shown is therefore a running mean in the face's own square, whose memory is long while the face rests
and short while it turns: then the square itself shows another view.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_effects.uncovered import Uncovered
from mirror_effects.unmask_light import lit_like_the_skin_around
from mirror_tracking.mask_reading import MaskCard, SquareModel, mask_share
from mirror_tracking.unmask_input import STEADY_POINTS, aligned_face, face_similarity, in_square

__all__ = ["Look", "Steadier", "Unmasker"]

FORGET_S = 0.5  # a face not looked at for longer starts anew
FAST = 0.12  # shares of the square a second that points move in it at which the memory is halved
BEGIN, END = 0.6, 0.4  # probability of a mask from which a face is uncovered, and below which no more


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One face to look at.

    Attributes:
        track_id: of the face.
        square: uint8 [side, side, 3], BGR.
        points: float32 [n, 2], points that a mask leaves bare, in shares of the square.
    """

    track_id: int
    square: Image
    points: NDArray[np.float32]

    @classmethod
    def at(cls, image: Image, track_id: int, landmarks: NDArray[np.float32], side: int) -> Look:
        """At a face in a picture, which may be drawn on afterwards."""
        similarity = face_similarity(landmarks, side)
        points = in_square(landmarks[list(STEADY_POINTS)], similarity) / np.float32(side)
        return cls(track_id, aligned_face(image, similarity, side), points)


@dataclass(slots=True, eq=False)
class _Memory:
    stamp_ns: int
    points: NDArray[np.float32]
    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    is_masked: bool


class Steadier:
    """Running means of answers, one for each face.

    Args:
        card: how an alpha is read.
        smoothing_s: time constant of the mean while a face rests; 0: none.
    """

    def __init__(self, card: MaskCard, smoothing_s: float = 0.0) -> None:
        self._card = card
        self.smoothing_s = smoothing_s
        self._memories: dict[int, _Memory] = {}

    def add(
        self,
        stamp_ns: int,
        look: Look,
        colour: NDArray[np.float32],
        alpha: NDArray[np.float32],
    ) -> Uncovered | None:
        """Take an answer in; what is to be shown of the face, None while it wears no mask.

        Args:
            stamp_ns: of the frame that the look was at.
            look: that was answered.
            colour: float32 [side, side, 3] in 0 … 1.
            alpha: float32 [side, side] in 0 … 1.
        """
        before = self._memories.get(look.track_id)
        past_s = (stamp_ns - before.stamp_ns) / 1e9 if before is not None else -1.0
        probability = self._card.probability(mask_share(alpha))
        if before is None or not 0 <= past_s <= FORGET_S:
            memory = _Memory(stamp_ns, look.points, colour, alpha, probability >= BEGIN)
        else:
            share = self._share_of_new(past_s, look.points, before.points)
            memory = _Memory(
                stamp_ns,
                look.points,
                before.colour + share * (colour - before.colour),
                before.alpha + share * (alpha - before.alpha),
                probability >= (END if before.is_masked else BEGIN),
            )
        self._memories[look.track_id] = memory
        return Uncovered.of(memory.colour, memory.alpha) if memory.is_masked else None

    def forget_all_but(self, tracks: set[int]) -> None:
        """Only these faces are still there."""
        self._memories = {track: memory for track, memory in self._memories.items() if track in tracks}

    def _share_of_new(
        self, past_s: float, points: NDArray[np.float32], before: NDArray[np.float32]
    ) -> np.float32:
        if self.smoothing_s <= 0:
            return np.float32(1)
        moved = float(np.linalg.norm(points - before, axis=1).mean())
        # Squared, so that the trembling of landmarks at rest shortens the memory hardly at all.
        speed = moved / max(past_s, 1e-3) / FAST
        memory_s = self.smoothing_s / (1 + speed * speed)
        return np.float32(1 - math.exp(-past_s / memory_s)) if memory_s > 0 else np.float32(1)


class Unmasker:
    """Looks beneath the masks of several faces in a thread of its own; the newest frame wins.

    Args:
        load: makes the network, in that thread, at the first look.
        card: how its alpha is read.
        smoothing_s: as for `Steadier`.

    Attributes:
        side: of the square that faces are to be laid into, pixels.
        smoothing_s: may be changed at any time.
        answers: looks that were answered.
    """

    def __init__(self, load: Callable[[], SquareModel], card: MaskCard, smoothing_s: float) -> None:
        self._load = load
        self._model: SquareModel | None = None
        self._steadier = Steadier(card)
        self.side = card.side
        self.smoothing_s = smoothing_s
        self.answers = 0
        self._error: Exception | None = None
        self._free = threading.Event()
        self._free.set()
        self._found: MappingProxyType[int, Uncovered | None] = MappingProxyType({})
        self._runner: ModelRunner[tuple[int, Sequence[Look]], dict[int, Uncovered | None]] = ModelRunner(
            self._look, self._on_result, self._on_error, "unmask"
        )

    @property
    def is_free(self) -> bool:
        """Whether a look would be taken at once."""
        return self._free.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the last look is answered, for pictures and measurements; the frame path never does.

        Returns:
            False where it took longer than `timeout_s`.
        """
        return self._free.wait(timeout_s)

    def look(self, stamp_ns: int, looks: Sequence[Look]) -> None:
        """Leave the faces of a frame to look at; never waits.

        Args:
            stamp_ns: of the frame.
            looks: at all faces in it; whoever is missing is forgotten.
        """
        self._free.clear()
        self._runner.submit(stamp_ns, (stamp_ns, looks))

    def found(self) -> MappingProxyType[int, Uncovered | None]:
        """Track id → what was found beneath the mask, None for a bare face; only faces that were looked at.

        Raises:
            Exception: what the last look raised, once.
        """
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._found

    def close(self) -> None:
        """End the thread."""
        self._runner.close()

    # ---- in the model's thread

    def _look(self, item: tuple[int, Sequence[Look]]) -> dict[int, Uncovered | None]:
        stamp_ns, looks = item
        if self._model is None:
            self._model = self._load()
        self._steadier.smoothing_s = self.smoothing_s
        self._steadier.forget_all_but({look.track_id for look in looks})
        steadier, model = self._steadier, self._model
        found = {}
        for look in looks:
            colour, alpha = model.look(look.square)
            lit = lit_like_the_skin_around(look.square, colour, alpha)
            found[look.track_id] = steadier.add(stamp_ns, look, lit, alpha)
        return found

    def _on_result(self, result: ModelResult[dict[int, Uncovered | None]]) -> None:
        self._found = MappingProxyType(result.value)
        self.answers += 1
        self._free.set()

    def _on_error(self, error: Exception) -> None:
        self._error = error
        self._free.set()
