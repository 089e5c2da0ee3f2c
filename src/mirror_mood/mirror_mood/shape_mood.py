"""A second opinion on a mood, from geometry alone: how a face differs from the person's own neutral one.

Logistic regression and a random forest look at what differs from the person's neutral face, or from the
population's where nobody knows the person's. Their answers are averaged and sharpened by a temperature found
in cross-validation.

Five classes are told apart. They weigh the same, so that the probabilities say what the geometry speaks for
where all five were as likely before; `mirror_mood.fusion` brings in what the network says.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MoodLabel
from mirror_mood.baseline import NeutralBaseline, Population
from mirror_mood.shape_features import MoodGeometry, shared_mood_geometry
from mirror_tracking.shape_classifier import Forest, Logistic

__all__ = ["SHAPE_MOODS", "ShapeMood", "relative", "shared_shape_mood"]

FORMAT = 1
FILE = "mood_shape.npz"
SMALLEST_PROBABILITY = 1e-6  # a tree's 0 of 80 votes is no certainty

SHAPE_MOODS: Final = (
    MoodLabel.ANGRY,
    MoodLabel.SAD,
    MoodLabel.SURPRISE,
    MoodLabel.HAPPY,
    MoodLabel.NEUTRAL,
)
"""The classes, in the order of the probabilities."""


def relative(
    values: NDArray[np.float64], neutral: NDArray[np.float64], population: Population
) -> NDArray[np.float64]:
    """What the classifiers take, float64 [..., k]: how a face differs from a neutral one, in scales.

    What this neutral face itself is like is not part of it. On photographs, whose baselines are drawn far
    towards the population's mean, it helps by half a percentage point; a live baseline lies farther out than
    any that was learned from, and then a resting face is taken for anything.

    Args:
        values: [..., k], features.
        neutral: [..., k], features of the person's neutral face.
        population: of these features.
    """
    return np.asarray((values - neutral) / population.scale)


class ShapeMood:
    """Says what a face's geometry speaks for. Holds no state; safe to call from several threads.

    Attributes:
        logistic, forest: what decides, each for k numbers and the classes SHAPE_MOODS.
        population: neutral faces in general.
        temperature: the logarithms of the averaged probabilities are divided by it; above 0.
        balanced_accuracy: from the training's cross-validation; as a record.
    """

    def __init__(
        self,
        logistic: Logistic,
        forest: Forest,
        population: Population,
        temperature: float,
        *,
        balanced_accuracy: float = math.nan,
        geometry: MoodGeometry | None = None,
    ) -> None:
        """Build it from its parts.

        Raises:
            ShapeError: where they do not fit each other or the geometry.
        """
        self.geometry = geometry or shared_mood_geometry()
        wanted, classes = self.geometry.count, len(SHAPE_MOODS)
        if logistic.weights.shape != (classes, wanted) or forest.share.shape[1] != classes:
            raise ShapeError(
                f"A mood of {wanted} features needs {classes} classes of as many weights, "
                f"not {list(logistic.weights.shape)}."
            )
        if int(forest.feature.max()) >= wanted or len(population.mean) != self.geometry.count:
            raise ShapeError(f"Forest and population of a mood must be of {wanted} features.")
        numbers = (logistic.weights, logistic.bias, forest.threshold, forest.share)
        if not all(np.isfinite(part).all() for part in numbers):
            raise ShapeError("The classifiers of a mood must hold finite numbers only.")
        if not (math.isfinite(temperature) and temperature > 0):
            raise ShapeError(f"The temperature of a mood must be above 0, not {temperature}.")
        self.logistic, self.forest = logistic, forest
        self.population = population
        self.temperature = temperature
        self.balanced_accuracy = balanced_accuracy

    def new_baseline(self) -> NeutralBaseline:
        """A baseline of somebody of whom nothing is known yet."""
        return NeutralBaseline(self.population)

    def restored_baseline(self, data: bytes) -> NeutralBaseline:
        """A baseline that was stored.

        Raises:
            ModelError: where it is damaged or was learned with other features.
        """
        return NeutralBaseline.from_bytes(data, self.population)

    def probabilities(
        self, values: NDArray[np.float64], neutral: NDArray[np.float64] | None = None
    ) -> NDArray[np.float32]:
        """What a face speaks for, if all five were as likely before.

        Args:
            values: float64 [k], features of the face (`MoodGeometry.features`).
            neutral: float64 [k], the person's neutral face (`NeutralBaseline.values`); None: the mean one.

        Returns:
            float32 [5] in SHAPE_MOODS' order, sum 1.

        Raises:
            ShapeError: for another number of features, or some that are not finite.
        """
        base = self.population.mean if neutral is None else neutral
        for given in (values, base):
            if given.shape != (self.geometry.count,) or not np.isfinite(given).all():
                raise ShapeError(
                    f"A mood has {self.geometry.count} finite features, not {list(given.shape)}."
                )
        own = relative(values, base, self.population)
        mean = (self.logistic.probabilities(own) + self.forest.probabilities(own)) / 2
        return sharpened(mean, self.temperature).astype(np.float32)

    def to_bytes(self) -> bytes:
        """The content of a .npz file; the same model gives the same bytes."""
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "classes": np.array([label.word for label in SHAPE_MOODS]),
            "fingerprint": np.array(self.geometry.fingerprint),
            "temperature": np.array(self.temperature),
            "balanced_accuracy": np.array(self.balanced_accuracy),
            "population_mean": self.population.mean,
            "population_scale": self.population.scale,
        }
        for name, rule in (("logistic", self.logistic), ("forest", self.forest)):
            for field in fields(rule):
                array = getattr(rule, field.name)
                # Half the bytes; the trees were grown on float32 too.
                small = array.astype(np.float32) if array.dtype == np.float64 else array
                arrays[f"{name}_{field.name}"] = small
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(
        cls, data: bytes, source: str = "the file", geometry: MoodGeometry | None = None
    ) -> ShapeMood:
        """Read what `to_bytes` has written.

        Raises:
            ModelError: if it is none of this format, or was trained with another shape model.
        """
        chosen = geometry or shared_mood_geometry()
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            found = int(arrays["format"])
            classes = tuple(str(word) for word in arrays["classes"])
            if found != FORMAT or classes != tuple(label.word for label in SHAPE_MOODS):
                raise ModelError(
                    f"The mood geometry in {source} has format {found} and the classes {', '.join(classes)}, "
                    f"which this version of the mirror does not read: train it again."
                )
            if str(arrays["fingerprint"]) != chosen.fingerprint:
                raise ModelError(
                    f"The mood geometry in {source} was trained with another shape model: train it again."
                )
            return cls(
                Logistic(**_rule(arrays, "logistic", Logistic)),
                Forest(**_rule(arrays, "forest", Forest)),
                Population(arrays["population_mean"], arrays["population_scale"], chosen.fingerprint),
                float(arrays["temperature"]),
                balanced_accuracy=float(arrays["balanced_accuracy"]),
                geometry=chosen,
            )
        except (ValueError, KeyError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ModelError(f"There is no mood geometry in {source} ({error}): train it again.") from error

    @classmethod
    def load(cls, path: Path) -> ShapeMood:
        """Read a file.

        Raises:
            ModelError: see `from_bytes`; or if it is missing.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"The mood geometry {path} cannot be read: {error.strerror or error}."
            ) from error
        return cls.from_bytes(data, str(path))


def sharpened(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities [..., classes] with their logarithms divided by a temperature, sum 1 again."""
    powers = np.maximum(probabilities, SMALLEST_PROBABILITY) ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


@cache
def shared_shape_mood() -> ShapeMood:
    """The shipped one, read once.

    Raises:
        ModelError: if it is missing or damaged.
    """
    try:
        data = resources.files("mirror_mood").joinpath("data", FILE).read_bytes()
    except OSError as error:
        raise ModelError(f"The mood geometry {FILE} is missing: build the mirror again.") from error
    return ShapeMood.from_bytes(data, FILE)


def _rule(arrays: dict[str, NDArray[Any]], name: str, kind: type[Any]) -> dict[str, NDArray[Any]]:
    found = {field.name: arrays[f"{name}_{field.name}"] for field in fields(kind)}
    return {
        key: value.astype(np.float64) if np.issubdtype(value.dtype, np.floating) else value
        for key, value in found.items()
    }
