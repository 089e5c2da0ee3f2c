"""One stage of a training as a Keras model, whose step sums an objective's terms and moves the weights.

Keras 3 has no gradient of its own that is the same in all backends, but a model's `train_on_batch` is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mirror_training.mood_network import require_keras

__all__ = ["make_lesson"]

Tensor = Any
Objective = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


def make_lesson(
    objective: Objective,
    terms: Sequence[str],
    taught: Sequence[Any],
    optimizer: Any,
) -> Any:
    """A compiled Keras model that is trained by `train_on_batch(arrays, return_dict=True)`.

    Args:
        objective: from arrays by name to the terms of the loss, scalars by name.
        terms: the names.
        taught: networks whose weights are moved.
        optimizer: a Keras optimizer, which is built here.

    Returns:
        the model. Each step answers the mean of every term, and of "loss", their sum, since `reset_metrics`.
    """
    keras = require_keras()
    lesson = _lesson_class(keras)(objective, terms, taught)
    lesson.compile(optimizer, jit_compile=keras.backend.backend() == "jax")
    optimizer.build(lesson.trainable_variables)
    return lesson


def _lesson_class(keras: Any) -> Any:
    class Lesson(keras.Model):
        def __init__(self, objective: Objective, terms: Sequence[str], taught: Sequence[Any]) -> None:
            super().__init__()
            self.objective = objective
            self.taught = list(taught)
            self.means = {name: keras.metrics.Mean(name=name) for name in terms}
            self.built = True

        def call(self, arrays: Mapping[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
            return self.objective(arrays)

        def compute_loss(
            self,
            x: Any = None,
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,
        ) -> Tensor:
            for name, mean in self.means.items():
                mean.update_state(y_pred[name])
            return sum(y_pred.values())

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return self.get_metrics_result()

    return Lesson
