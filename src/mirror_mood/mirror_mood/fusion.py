"""What two judges say together: the network that sees the face, and the shape beside the neutral baseline.

Their answers are multiplied, each to a power, and each mood has a factor of its own: a logarithmic opinion
pool (Genest and Zidek, "Combining probability distributions", 1986). Powers and factors were fitted to
photographs that neither judge has learned from (`mirror train mood-fusion`), so that the result is
calibrated where all moods are equally frequent. A person's own resting look is taken out of what the network
says: who looks sad at rest is not sad.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MOOD_COUNT, SOURCES, MoodLabel
from mirror_mood.shape_mood import SHAPE_MOODS

__all__ = ["Fusion", "Pool", "log_probabilities", "shape_evidence"]

FORMAT = 1
LEAST = 1e-6  # a probability below counts as this
LABELS = tuple(label.word for label in MoodLabel)

Array = NDArray[np.float64]


def log_probabilities(probabilities: NDArray[np.floating[Any]]) -> Array:
    """Natural logarithms float64 [MOOD_COUNT] of probabilities [MOOD_COUNT], bounded below."""
    if probabilities.shape != (MOOD_COUNT,):
        raise ShapeError(f"probabilities must be [{MOOD_COUNT}], not {list(probabilities.shape)}.")
    return np.asarray(np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST)))


def shape_evidence(five: NDArray[np.floating[Any]]) -> Array:
    """How well each mood explains a shape: float64 [MOOD_COUNT], logarithms; 0 is as well as on average.

    Disgust and fear, which the geometry was never taught, get 0: to it they look like an average face.

    Args:
        five: [5], `ShapeMood.probabilities`.
    """
    evidence = np.zeros(MOOD_COUNT)
    evidence[list(SHAPE_MOODS)] = np.log(np.maximum(np.asarray(five, np.float64) * len(SHAPE_MOODS), LEAST))
    return evidence


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """How the judges are weighed.

    Attributes:
        appearance, shape: powers of their answers, 0 or more.
        bias: float64 [MOOD_COUNT], logarithm of each mood's own factor.
    """

    appearance: float
    shape: float
    bias: Array

    def __post_init__(self) -> None:
        if self.bias.shape != (MOOD_COUNT,) or not np.isfinite(self.bias).all():
            raise ShapeError(f"Pool.bias must be {MOOD_COUNT} finite numbers, not {list(self.bias.shape)}.")
        for power in (self.appearance, self.shape):
            if not 0 <= power < np.inf:
                raise ShapeError(f"Pool's powers must be finite and 0 or more, not {power}.")


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """Weighs what is known about a face.

    Attributes:
        pools: one for each of SOURCES, by what there is to judge by.
        rest: share of a person's own resting look that is taken out of the network's answer, 0 … 1.
        typical_rest: float64 [MOOD_COUNT], mean logarithms of what the network says of resting faces.
    """

    pools: Mapping[str, Pool]
    rest: float
    typical_rest: Array

    def __post_init__(self) -> None:
        if set(self.pools) != set(SOURCES):
            raise ShapeError(f"Fusion.pools must be for {', '.join(SOURCES)}, not {', '.join(self.pools)}.")
        if self.typical_rest.shape != (MOOD_COUNT,) or not np.isfinite(self.typical_rest).all():
            raise ShapeError(f"Fusion.typical_rest must be {MOOD_COUNT} finite numbers.")
        if not 0 <= self.rest <= 1:
            raise ShapeError(f"Fusion.rest must be 0 … 1, not {self.rest}.")

    def at_rest(self, appearance: Array, own_rest: Array | None) -> Array:
        """The network's answer as it would be for somebody with a typical face at rest.

        Args:
            appearance: float64 [MOOD_COUNT], logarithms of its probabilities.
            own_rest: float64 [MOOD_COUNT], their mean while this person was at rest; None: not known.
        """
        if own_rest is None:
            return appearance
        return appearance - self.rest * (own_rest - self.typical_rest)

    def fuse(
        self, appearance: Array | None, shape: Array | None, own_rest: Array | None = None
    ) -> tuple[NDArray[np.float32], str]:
        """Calibrated probabilities, and which of SOURCES they come from.

        Args:
            appearance: float64 [MOOD_COUNT], logarithms of the network's probabilities; None: there are none.
            shape: float64 [MOOD_COUNT], logarithms of how well each mood explains the shape; None: unknown.
            own_rest: as `at_rest` takes it.

        Raises:
            ShapeError: where there is nothing to judge by.
        """
        if appearance is None and shape is None:
            raise ShapeError("A mood needs one opinion at least, and there is none.")
        source = "fused" if appearance is not None and shape is not None else "shape"
        if shape is None:
            source = "appearance"
        pool = self.pools[source]
        total = pool.bias.copy()
        if appearance is not None:
            total += pool.appearance * self.at_rest(appearance, own_rest)
        if shape is not None:
            total += pool.shape * shape
        powers = np.exp(total - total.max())
        return (powers / powers.sum()).astype(np.float32), source

    def write(self, file: Path, notes: Mapping[str, Any] | None = None) -> None:
        """Write it as JSON, with `notes` on how it was made."""
        content = {
            "format": FORMAT,
            "labels": LABELS,
            "rest": self.rest,
            "typical_rest": _rounded(self.typical_rest),
            "pools": {
                name: {"appearance": pool.appearance, "shape": pool.shape, "bias": _rounded(pool.bias)}
                for name, pool in self.pools.items()
            },
            "notes": dict(notes or {}),
        }
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, file: Path | None = None) -> Fusion:
        """Read a file as `write` makes it; None: the one that is shipped.

        Raises:
            ModelError: where it is missing or damaged.
        """
        path = file or Path(str(resources.files("mirror_mood") / "data" / "mood_fusion.json"))
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT or tuple(content["labels"]) != LABELS:
                raise ValueError("it is of another format, or of other moods")
            pools = {
                str(name): Pool(float(each["appearance"]), float(each["shape"]), _numbers(each["bias"]))
                for name, each in content["pools"].items()
            }
            return cls(pools, float(content["rest"]), _numbers(content["typical_rest"]))
        except OSError as error:
            raise ModelError(
                f"{path} cannot be read, by which moods are weighed: reinstall mirror_mood."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShapeError) as error:
            raise ModelError(f"{path} does not say how moods are weighed: {error}.") from error


def _numbers(values: Any) -> Array:
    return np.array([float(value) for value in values], np.float64)


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 4) for value in values]
