"""Classes of faces by their shape parameters, as `mirror train classifier` has learned them.

What the classes are is up to whoever trained it (glasses or not, smiling or not). Applying one needs numpy
only, and its file holds numbers and names, nothing that could be executed.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

__all__ = ["METHODS", "Forest", "Logistic", "ShapeClassifier", "fingerprint"]

FORMAT = 1
METHODS = ("logistic", "forest")
LEAF = -1  # in place of a node's children

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Multinomial logistic regression.

    Attributes:
        weights: float64 [classes, k].
        bias: float64 [classes].
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or self.bias.shape != self.weights.shape[:1]:
            raise ShapeError(
                "A logistic regression needs weights [classes, k] and bias [classes], not "
                f"{list(self.weights.shape)} and {list(self.bias.shape)}."
            )

    def probabilities(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 [classes], sum 1."""
        scores = self.weights @ parameters + self.bias
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Decision trees whose votes are averaged (Breiman, "Random Forests", 2001), all nodes in one table.

    Attributes:
        roots: int32 [trees], each tree's first node.
        feature: int32 [nodes], the parameter that a node asks for.
        threshold: float64 [nodes]; up to it the answer is left.
        left, right: int32 [nodes], the next node; -1 in a leaf.
        share: float64 [nodes, classes], share of the classes in a node, sum 1.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    share: NDArray[np.float64]

    def __post_init__(self) -> None:
        nodes = len(self.feature)
        if not (len(self.threshold) == len(self.left) == len(self.right) == len(self.share) == nodes):
            raise ShapeError("The node tables of a forest must have the same length.")
        numbers = np.arange(nodes)
        inner = self.left != LEAF
        # Children that come after their parents are enough for every walk to end.
        grows = (self.left[inner] > numbers[inner]) & (self.right[inner] > numbers[inner])
        within = (self.left < nodes).all() and (self.right < nodes).all()
        if not (nodes and len(self.roots) and grows.all() and within):
            raise ShapeError("The nodes of a forest must lead to later nodes of the table.")
        if not (0 <= self.roots.min() <= self.roots.max() < nodes and (self.feature >= 0).all()):
            raise ShapeError("The roots and features of a forest must not be negative or beyond its table.")

    def probabilities(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 [classes], sum 1."""
        single = parameters.astype(np.float32)  # what the trees were grown on
        nodes = self.roots
        while True:
            goes_on = self.left[nodes] != LEAF
            if not goes_on.any():
                return np.asarray(self.share[nodes].mean(axis=0))
            is_left = single[self.feature[nodes]] <= self.threshold[nodes]
            nodes = np.where(goes_on, np.where(is_left, self.left[nodes], self.right[nodes]), nodes)


RULES: dict[str, type[Logistic] | type[Forest]] = {"logistic": Logistic, "forest": Forest}


class ShapeClassifier:
    """Names the class of a face.

    Attributes:
        labels: the classes' names.
        method: "logistic" or "forest".
        shape_model: name of the shape model whose parameters it takes.
    """

    def __init__(
        self,
        labels: tuple[str, ...],
        rule: Logistic | Forest,
        model: ShapeModel | None = None,
    ) -> None:
        """Build a classifier.

        Args:
            labels: two or more, all different.
            rule: what decides.
            model: the shape model that it was trained with; the shipped one where None.

        Raises:
            ShapeError: where labels, rule and model do not fit each other.
        """
        chosen = model or shared_shape_model()
        classes = len(rule.bias) if isinstance(rule, Logistic) else rule.share.shape[1]
        if len(labels) < 2 or len(set(labels)) != len(labels) or classes != len(labels):
            raise ShapeError(
                f"A classifier for {classes} classes needs as many different labels, not {labels}."
            )
        wanted = rule.weights.shape[1] if isinstance(rule, Logistic) else int(rule.feature.max()) + 1
        if wanted > chosen.count or (isinstance(rule, Logistic) and wanted != chosen.count):
            raise ShapeError(f"A classifier of {wanted} parameters does not fit a model with {chosen.count}.")
        self.labels = labels
        self.rule = rule
        self.method = "logistic" if isinstance(rule, Logistic) else "forest"
        self.shape_model = chosen.name
        self._count = chosen.count
        self._fingerprint = fingerprint(chosen)

    def probabilities(self, parameters: Numbers) -> NDArray[np.float32]:
        """How likely each class is, float32 [classes], for parameters [k] in standard deviations.

        Raises:
            ShapeError: for another number of parameters, or some that are not finite.
        """
        values = np.asarray(parameters, np.float64)
        if values.shape != (self._count,) or not np.isfinite(values).all():
            raise ShapeError(f"A face has {self._count} finite shape parameters, not {list(values.shape)}.")
        return self.rule.probabilities(values).astype(np.float32)

    def classify(self, parameters: Numbers) -> tuple[str, float]:
        """The likeliest class and its probability."""
        found = self.probabilities(parameters)
        best = int(found.argmax())
        return self.labels[best], float(found[best])

    def to_bytes(self) -> bytes:
        """The classifier as the content of a .npz file."""
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "method": np.array(self.method),
            "labels": np.array(self.labels),
            "shape_model": np.array(self.shape_model),
            "fingerprint": np.array(self._fingerprint),
        }
        for field in fields(self.rule):
            arrays[field.name] = getattr(self.rule, field.name)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def load(cls, path: Path, model: ShapeModel | None = None) -> ShapeClassifier:
        """Read a classifier's file.

        Args:
            path: of the file.
            model: the shape model whose parameters it will get; where None, the shipped one of the name that
                the file gives.

        Raises:
            ModelError: if it is missing, no classifier, or was trained with another shape model.
        """
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            if int(arrays["format"]) != FORMAT:
                raise ModelError(
                    f"The classifier {path} has format {int(arrays['format'])}; "
                    f"this version of the mirror reads {FORMAT}: train it again."
                )
            chosen = model or shared_shape_model(str(arrays["shape_model"]))
            kind = RULES[str(arrays["method"])]
            rule = kind(**{field.name: arrays[field.name] for field in fields(kind)})
            classifier = cls(tuple(str(label) for label in arrays["labels"]), rule, chosen)
            trained_with = str(arrays["fingerprint"])
        except OSError as error:
            raise ModelError(f"The classifier {path} cannot be read: {error.strerror or error}.") from error
        except (ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"There is no classifier in {path} ({error}): train it again.") from error
        if trained_with != fingerprint(chosen):
            raise ModelError(f"The classifier {path} was trained with another shape model: train it again.")
        return classifier


def fingerprint(model: ShapeModel) -> str:
    """What tells one shape model from another."""
    digest = hashlib.sha256()
    for part in (model.mean, model.components, model.deviations, model.weights, model.pose_distortion):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]
