"""The mood network, run by LiteRT on one core: face pictures to calibrated probabilities."""

from __future__ import annotations

import importlib
import json
import math
import threading
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.frame import Image
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.face_input import SIDE, face_picture, normalised

__all__ = ["Card", "MoodClassifier", "card_file", "softmax"]


@dataclass(frozen=True, slots=True)
class Card:
    """What is written beside a mood model, in a file of the same name with the ending .json.

    Attributes:
        temperature: by which logits are divided so that probabilities mean what they say; above 0.
        labels: names of the outputs in their order.
    """

    temperature: float
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f"the temperature has to be above 0, got {self.temperature}")
        expected = tuple(label.word for label in MoodLabel)
        if self.labels != expected:
            raise ValueError(f"the labels have to be {', '.join(expected)}, got {', '.join(self.labels)}")

    def write(self, model: Path) -> None:
        """Write the card beside a model."""
        content = {"temperature": self.temperature, "labels": list(self.labels)}
        card_file(model).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, model: Path) -> Card:
        """Read the card beside a model.

        Raises:
            ModelError: where it is missing or damaged.
        """
        file = card_file(model)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            return cls(float(content["temperature"]), tuple(str(label) for label in content["labels"]))
        except OSError as error:
            raise ModelError(
                f"{file} is missing, which holds the temperature of the mood model: copy it beside the model."
            ) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(f"{file} is no card of a mood model: {error}.") from error


def card_file(model: Path) -> Path:
    """Where the card of a model lies: mood.tflite has mood.json."""
    return model.with_suffix(".json")


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities float32 [n, k] of logits [n, k]."""
    exponential = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponential / exponential.sum(1, keepdims=True), np.float32)


class MoodClassifier:
    """Says how probable each mood is for a face. Safe to call from several threads; one face at a time.

    Args:
        model: a .tflite file as `mirror train mood` writes it, with its card; None: the one that is shipped.

    Raises:
        ModelError: where the model or its card is missing, damaged or of another kind.
    """

    def __init__(self, model: Path | None = None) -> None:
        file = model or Path(str(resources.files("mirror_mood") / "data" / "mood.tflite"))
        self._interpreter = _load(file)
        self.card = Card.read(file)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def logits(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the network answers, before the temperature.

        Args:
            pictures: uint8 [n, SIDE, SIDE], grey faces as `face_picture` cuts them out.

        Returns:
            float32 [n, MOOD_COUNT].
        """
        inputs = normalised(pictures)
        result = np.empty((len(inputs), MOOD_COUNT), np.float32)
        with self._lock:
            for number, picture in enumerate(inputs):
                self._interpreter.set_tensor(self._input, picture[None])
                self._interpreter.invoke()
                result[number] = self._interpreter.get_tensor(self._output)[0]
        return result

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated probabilities float32 [n, MOOD_COUNT] of pictures as in `logits`."""
        return softmax(self.logits(pictures) / np.float32(self.card.temperature))

    def read(self, image: Image, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Calibrated probabilities of one face in a picture.

        Args:
            image: uint8 [height, width, 3], BGR.
            landmarks: float32 [468 or more, 2 or more], pixels (pixel i covers i … i+1).

        Returns:
            float32 [MOOD_COUNT].

        Raises:
            ShapeError: where an array has another shape.
        """
        result: NDArray[np.float32] = self.probabilities(face_picture(image, landmarks)[None])[0]
        return result


def _load(model: Path) -> Any:
    if not model.is_file():
        raise ModelError(f"The mood model {model} is missing: reinstall mirror_mood or name another file.")
    try:
        interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError as error:
        raise ModelError(f"The mood model needs ai-edge-litert, which does not load: {error}.") from error
    try:
        interpreter = interpreter_class(model_content=model.read_bytes(), num_threads=1)
        interpreter.allocate_tensors()
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        shapes = [tuple(int(v) for v in details[0]["shape"]) for details in (inputs, outputs)]
        kinds = {details[0]["dtype"] for details in (inputs, outputs)}
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"The mood model {model} is damaged: copy it anew.") from error
    if shapes != [(1, SIDE, SIDE, 1), (1, MOOD_COUNT)] or kinds != {np.float32}:
        raise ModelError(f"{model} is no mood model: its input and output are {shapes}.")
    return interpreter
