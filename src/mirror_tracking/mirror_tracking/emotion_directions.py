"""Emotion directions: which way a face's shape goes when somebody is happy, surprised, angry …

Learned from photographs with labels (`mirror train mood-directions`), in the shape model's parameters. How
far lips and lids come apart is kept beside each direction: on a photograph a closed mouth cannot be opened
by bending and an eye cannot be shut, so whoever draws an emotion has to be able to limit that.
"""

from __future__ import annotations

import io
import zipfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MoodLabel
from mirror_tracking.shape_classifier import fingerprint
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

__all__ = ["EMOTIONS", "OPENINGS", "EmotionDirections", "gaps_of", "shared_emotion_directions"]

EMOTIONS: Final = tuple(label.word for label in MoodLabel if label is not MoodLabel.NEUTRAL)
"""In MoodLabel's order: angry, disgust, fear, happy, sad, surprise."""
OPENINGS: Final = ("mouth", "eyes")
"""What opens and closes beside the directions."""
FORMAT = 1  # of the file
FILE_NAME = "emotion_directions.npz"
UPPER = ((13, 82, 312), (159, 386))  # points at the upper edges in the middle: of the mouth, of both eyes
LOWER = ((14, 87, 317), (145, 374))

Numbers = NDArray[np.floating[Any]]
Array = NDArray[np.float32]


def gaps_of(shapes: Numbers) -> NDArray[np.float64]:
    """How far mouth and eyes of shapes are open, or what movements add to that.

    Args:
        shapes: [..., 468, 3] in the model's units.

    Returns:
        float64 [2, ...] in the same units, in `OPENINGS`' order.
    """
    pairs = [(list(upper), list(lower)) for upper, lower in zip(UPPER, LOWER, strict=True)]
    gaps = [(shapes[..., lower, 1] - shapes[..., upper, 1]).mean(axis=-1) for upper, lower in pairs]
    return np.array(gaps, np.float64)


class EmotionDirections:
    """How expressions change a face, in the parameters of a shape model with k components.

    Attributes:
        neutral: float32 [k], the mean face of people who express nothing, in standard deviations.
        directions: float32 [6, k], in `EMOTIONS`' order: what a clear expression adds to the neutral face
            while mouth and eyes stay as open as they are.
        openings: float32 [6, 2], how much farther mouth and eyes are open then, in the model's units.
        opening: float32 [2, k], what changes when the mouth, or the eyes, open by one unit of the model.
        expression_share: float32 [k, k]: of what tells a face from the neutral one, the part that is
            expression and not what the person looks like.
        people: int32 [6], on how many people each rests.
        compared: int32 [6], how many of them had a neutral picture of their own.
    """

    def __init__(
        self,
        *,
        neutral: Numbers,
        directions: Numbers,
        openings: Numbers,
        opening: Numbers,
        expression_share: Numbers,
        people: NDArray[Any],
        compared: NDArray[Any],
        model: ShapeModel | None = None,
    ) -> None:
        """Build them from their parts.

        Args:
            neutral, directions, openings, opening, expression_share, people, compared: as the attributes.
            model: the shape model whose parameters they are in; the shipped one where None.

        Raises:
            ShapeError: on other shapes, or numbers that are not finite.
        """
        chosen = model or shared_shape_model()
        count, emotions = chosen.count, len(EMOTIONS)
        self.neutral = _checked("neutral", neutral, (count,))
        self.directions = _checked("directions", directions, (emotions, count))
        self.openings = _checked("openings", openings, (emotions, len(OPENINGS)))
        self.opening = _checked("opening", opening, (len(OPENINGS), count))
        self.expression_share = _checked("expression_share", expression_share, (count, count))
        self.people = _checked("people", people, (emotions,)).astype(np.int32)
        self.compared = _checked("compared", compared, (emotions,)).astype(np.int32)
        self.fingerprint = fingerprint(chosen)
        self._gaps = gaps_of(chosen.mean)
        self._gaps_of = gaps_of(chosen.components * chosen.deviations[:, None, None])

    def direction(self, emotion: str) -> Array:
        """What a clear expression adds to a face's parameters, its openings too: float32 [k].

        Raises:
            ShapeError: for an emotion that is not one of `EMOTIONS`.
        """
        if emotion not in EMOTIONS:
            raise ShapeError(f"There is no emotion {emotion!r}: allowed are {', '.join(EMOTIONS)}.")
        index = EMOTIONS.index(emotion)
        return np.asarray(self.directions[index] + self.openings[index] @ self.opening, np.float32)

    def own_expression(self, parameters: Numbers) -> Array:
        """The part of a face's parameters [k] that is probably expression: float32 [k].

        The best linear guess (Wiener 1949) from how much people differ when they express nothing, and how
        much one person's pictures differ.
        """
        return np.asarray(self.expression_share @ (parameters - self.neutral), np.float32)

    def gaps(self, parameters: Numbers) -> NDArray[np.float64]:
        """How far mouth and eyes of a face with these parameters [k] are open: float64 [2], model units."""
        return self._gaps + self._gaps_of @ np.asarray(parameters, np.float64)

    def within(self, parameters: Numbers, least: Numbers, most: Numbers) -> NDArray[np.float64]:
        """Parameters [k], changed where mouth and eyes would be less or more open than [2] each allows."""
        values = np.asarray(parameters, np.float64)
        gaps = self.gaps(values)
        return values + (np.clip(gaps, least, most) - gaps) @ self.opening

    def to_bytes(self) -> bytes:
        """The directions as the content of a .npz file; the same ones give the same bytes."""
        names = ("neutral", "directions", "openings", "opening", "expression_share", "people", "compared")
        arrays: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in names}
        arrays |= {
            "format": np.array(FORMAT),
            "emotions": np.array(EMOTIONS),
            "fingerprint": np.array(self.fingerprint),
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(
        cls, data: bytes, source: str = "the file", model: ShapeModel | None = None
    ) -> EmotionDirections:
        """Directions from the content of a .npz file.

        Args:
            data: the content.
            source: what an error calls it.
            model: the shape model that they will be used with; the shipped one where None.

        Raises:
            ModelError: if they are none of this format, or were learned with another shape model.
        """
        chosen = model or shared_shape_model()
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            if int(arrays.pop("format")) != FORMAT:
                raise ModelError(f"The emotion directions in {source} have another format: train them again.")
            if tuple(arrays.pop("emotions").tolist()) != EMOTIONS:
                raise ModelError(
                    f"The emotion directions in {source} are of other emotions: train them again."
                )
            learned_with = str(arrays.pop("fingerprint"))
            if learned_with != fingerprint(chosen):
                raise ModelError(
                    f"The emotion directions in {source} were learned with another shape model: "
                    "train them again."
                )
            return cls(**arrays, model=chosen)
        except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"There are no emotion directions in {source} ({error}): train them again."
            ) from error

    @classmethod
    def load(cls, path: Path, model: ShapeModel | None = None) -> EmotionDirections:
        """Read a file.

        Raises:
            ModelError: if it is missing, or as for `from_bytes`.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"The emotion directions {path} cannot be read: {error.strerror or error}."
            ) from error
        return cls.from_bytes(data, str(path), model)


@cache
def shared_emotion_directions() -> EmotionDirections:
    """The shipped directions, read once.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    file = resources.files("mirror_tracking").joinpath("data", FILE_NAME)
    try:
        return EmotionDirections.from_bytes(file.read_bytes(), FILE_NAME)
    except OSError as error:
        raise ModelError(
            f"The emotion directions {FILE_NAME} are missing: build the mirror again."
        ) from error


def _checked(what: str, values: NDArray[Any], shape: tuple[int, ...]) -> Array:
    array = np.array(values, np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise ShapeError(
            f"The {what} of emotion directions must be finite numbers {list(shape)}, not {list(array.shape)}."
        )
    array.flags.writeable = False
    return array
