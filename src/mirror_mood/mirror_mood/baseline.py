"""A person's own neutral face, learned while they look into the mirror, in the features of `shape_features`.

One person's brows lie low, another's mouth turns down, and neither is angry or sad for that. The baseline is
the median of frames which the appearance network finds neutral and in which the head is turned to the camera,
one every `SAMPLE_S`. It is ready after `READY_SAMPLES` of them, four seconds at the least. Before and after,
it stands between the population's neutral face and the person's: with n frames n / (n + `SHRINK_SAMPLES`) of
the way, less where the frames disagree (empirical Bayes' shrinkage; Efron & Morris 1975).

From then on it follows slowly (time constant `ADAPT_S` of neutral time), by a bounded step, so that neither
one bad frame nor one bad minute moves it far.

Whoever smiles from the first to the last frame has no neutral frames. Then nothing is learned, `readiness`
stays 0 and `values` is the population's mean: no smile becomes a neutral face by lasting long.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_mood.shape_features import MoodFeatures

__all__ = ["NeutralBaseline", "Population"]

LEAST_NEUTRAL = 0.45  # probability of neutral, where all seven moods are as likely before
MOST_YAW, MOST_PITCH = math.radians(20), math.radians(20)  # beyond, a head is not turned to the camera
SAMPLE_S = 0.1  # frames nearer to the last one learned from say nothing new
READY_SAMPLES = 40  # 4 s of neutral frames, if none is lost between them
SHRINK_SAMPLES = 20.0  # frames that the population's mean counts as
MOST_SAMPLES = 120  # more of one person do not count more
ADAPT_S = 300.0  # seconds of neutral frames in which 63 % of a lasting change are followed
LONGEST_STEP_S = 0.5  # that one frame counts as, however long the last one is ago
OUTLIER = 2.0  # scales; what one frame may pull by while adapting
FARTHEST = 4.0  # scales from the population's mean; a neutral face farther off is a fault of the mesh
STEADY, RESTLESS = 0.4, 1.5  # median deviation of frames, in scales, at which quality is 1 and 0

MAGIC = b"MNB1"  # Mirror, neutral baseline, version 1
HEADER = struct.Struct("<4s16sHHf")  # magic, fingerprint, features, samples, quality
CHECK = struct.Struct("<I")


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Neutral faces in general.

    Attributes:
        mean: float64 [k], features of the mean neutral face.
        scale: float64 [k], how much each feature differs among faces; above 0.
        fingerprint: of the features, 1 … 16 ASCII characters.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    fingerprint: str

    def __post_init__(self) -> None:
        if self.mean.ndim != 1 or self.mean.shape != self.scale.shape:
            raise ShapeError(
                f"A population needs a mean [k] and a scale [k], not {list(self.mean.shape)} and "
                f"{list(self.scale.shape)}."
            )
        if not (np.isfinite(self.mean).all() and np.isfinite(self.scale).all() and (self.scale > 0).all()):
            raise ShapeError("Mean and scale of a population must be finite, and scales above 0.")
        if not (self.fingerprint.isascii() and 1 <= len(self.fingerprint) <= 16):
            raise ShapeError(f"A fingerprint has 1 … 16 ASCII characters, not {self.fingerprint!r}.")


class NeutralBaseline:
    """One person's neutral face so far."""

    def __init__(self, population: Population) -> None:
        """Begin with nothing known.

        Args:
            population: what the person is taken for until more is known.
        """
        self._population = population
        self._frames: list[NDArray[np.float64]] = []  # in scales from the population's mean; until ready
        self._own = np.zeros(len(population.mean))  # the same, of the person's median
        self._samples = 0
        self._quality = 0.0
        self._last_ns: int | None = None

    def observe(self, features: MoodFeatures, neutral: float, stamp_ns: int) -> bool:
        """Learn from a frame, if it is a neutral, frontal one.

        Args:
            features: of the face.
            neutral: probability 0 … 1 of a neutral face, by appearance.
            stamp_ns: the frame's stamp in nanoseconds; where it jumps back, time begins anew.

        Returns:
            Whether something was learned from it.

        Raises:
            ShapeError: for another number of features.
        """
        if features.values.shape != self._own.shape:
            raise ShapeError(f"A baseline has {len(self._own)} features, not {list(features.values.shape)}.")
        frontal = abs(features.yaw) <= MOST_YAW and abs(features.pitch) <= MOST_PITCH
        if not (neutral >= LEAST_NEUTRAL and frontal and np.isfinite(features.values).all()):
            return False
        passed_s = math.inf if self._last_ns is None else (stamp_ns - self._last_ns) / 1e9
        if 0 <= passed_s < SAMPLE_S:
            return False
        self._last_ns = stamp_ns
        frame = (features.values - self._population.mean) / self._population.scale
        if self.is_ready:
            self._adapt(frame, LONGEST_STEP_S if passed_s < 0 else min(passed_s, LONGEST_STEP_S))
        else:
            self._learn(frame)
        return True

    @property
    def values(self) -> NDArray[np.float64]:
        """float64 [k]: the neutral face to compare with, between the population's and the person's own."""
        return self._population.mean + self.trust * self._own * self._population.scale

    @property
    def readiness(self) -> float:
        """0 … 1: how much of what it needs it has seen."""
        return min(1.0, self._samples / READY_SAMPLES)

    @property
    def is_ready(self) -> bool:
        """Enough was seen."""
        return self._samples >= READY_SAMPLES

    @property
    def quality(self) -> float:
        """0 … 1: how well the frames agreed with each other; 0 while there are none."""
        return self._quality

    @property
    def trust(self) -> float:
        """0 … 1: how far `values` lies from the population's mean towards the person's median."""
        return self._quality * self._samples / (self._samples + SHRINK_SAMPLES)

    def _learn(self, frame: NDArray[np.float64]) -> None:
        self._frames.append(frame)
        frames = np.array(self._frames)
        median = np.median(frames, axis=0)
        self._own = np.clip(median, -FARTHEST, FARTHEST)
        spread = float(np.median(np.abs(frames - median)))
        self._quality = min(1.0, max(0.0, (RESTLESS - spread) / (RESTLESS - STEADY)))
        self._samples = len(frames)
        if self.is_ready:
            self._frames.clear()

    def _adapt(self, frame: NDArray[np.float64], passed_s: float) -> None:
        pull = np.clip(frame - self._own, -OUTLIER, OUTLIER)
        self._own = np.clip(self._own - pull * math.expm1(-passed_s / ADAPT_S), -FARTHEST, FARTHEST)
        self._samples = min(MOST_SAMPLES, self._samples + 1)

    def to_bytes(self) -> bytes:
        """The baseline, to be stored with a person's face: a few hundred bytes.

        One that is not ready is stored as one that knows nothing: half a median is no face.
        """
        own = self._own if self.is_ready else np.zeros_like(self._own)
        samples, quality = (self._samples, self._quality) if self.is_ready else (0, 0.0)
        name = self._population.fingerprint.encode("ascii")
        body = HEADER.pack(MAGIC, name, len(own), samples, quality) + own.astype("<f4").tobytes()
        return body + CHECK.pack(zlib.crc32(body))

    @classmethod
    def from_bytes(cls, data: bytes, population: Population) -> NeutralBaseline:
        """Read what `to_bytes` has written.

        Args:
            data: the stored bytes.
            population: of the features in use now.

        Raises:
            ModelError: where it is damaged, of another version, or learned with another shape model.
        """
        if len(data) < HEADER.size + CHECK.size or data[: len(MAGIC)] != MAGIC:
            raise ModelError("The stored neutral baseline is none that this version reads: learn it again.")
        body, check = data[: -CHECK.size], CHECK.unpack(data[-CHECK.size :])[0]
        _, name, count, samples, quality = HEADER.unpack_from(body)
        if zlib.crc32(body) != check or len(body) != HEADER.size + 4 * count:
            raise ModelError("The stored neutral baseline is damaged: learn it again.")
        if name.rstrip(b"\0") != population.fingerprint.encode("ascii") or count != len(population.mean):
            raise ModelError("The stored neutral baseline is of another shape model: learn it again.")
        own = np.frombuffer(body, "<f4", count, HEADER.size).astype(np.float64)
        sound = np.isfinite(own).all() and np.abs(own).max(initial=0.0) <= FARTHEST
        counted = samples == 0 or READY_SAMPLES <= samples <= MOST_SAMPLES
        if not (sound and counted and 0 <= quality <= 1):
            raise ModelError("The stored neutral baseline holds impossible values: learn it again.")
        baseline = cls(population)
        baseline._own, baseline._samples, baseline._quality = own, samples, float(quality)
        return baseline
