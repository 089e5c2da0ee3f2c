"""The loop of every training by steps: a schedule that may follow the clock, a moving average of the weights,
a line of numbers an epoch, and a checkpoint from which a training that was killed goes on.
"""

from __future__ import annotations

import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_training import mood_checkpoint
from mirror_training.mood_events import EventLog
from mirror_training.mood_network import require_keras

__all__ = ["CHECKPOINT", "EVENTS", "Scheduled", "TrainingLoop", "numpy_of"]

logger = logging.getLogger("mirror.training")
progress_logger = logging.getLogger(
    "mirror.training.progress"
)  # after each step; heard only where somebody asks

CHECKPOINT = "checkpoint.npz"
EVENTS = "events"  # folder of TensorBoard's logs

Weights = list[NDArray[Any]]


class Scheduled(Protocol):
    """What a recipe has to say of its schedule; a recipe is a dataclass.

    Attributes:
        epochs: with `minutes` only the largest number of them.
        minutes: time to spend, where given: the schedule then follows the clock and ends in time.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def epochs(self) -> int: ...

    @property
    def minutes(self) -> float | None: ...

    def rate(self, progress: float) -> float:
        """The learning rate at a point of the schedule, 0 … 1."""
        ...


def numpy_of(value: Any) -> NDArray[Any]:
    """A backend's tensor as an array."""
    array: NDArray[Any] = require_keras().ops.convert_to_numpy(value)
    return array


class TrainingLoop(ABC):
    """One training, which a class derived from it fills with its steps.

    Args:
        recipe: its numbers; the checkpoint knows them.
        folder: of the checkpoint and the log.
        networks: whose weights the checkpoint keeps; of the first a moving average is made.
        optimizers: built ones, whose variables the checkpoint keeps.
        steps: of an epoch, 1 or more.

    Attributes:
        optimizers: the present ones.
        epoch: how many were done.
        seconds: time spent.
        average: the moving average of the first network's weights, in Keras's order.
        history: numbers of each epoch.
        events: TensorBoard's log.
    """

    average_every = 8  # steps from one contribution to the moving average to the next
    average_steps = 1000.0  # that it reaches back, at most

    def __init__(
        self,
        recipe: Scheduled,
        folder: Path,
        networks: Sequence[Any],
        optimizers: Sequence[Any],
        steps: int,
    ) -> None:
        self._schedule, self.folder = recipe, folder
        self._networks = list(networks)
        self.optimizers = list(optimizers)
        self.steps = steps
        self.average: Weights = [array.copy() for array in networks[0].get_weights()]
        self.events = EventLog(folder / EVENTS)
        self.epoch = 0
        self.seconds = 0.0
        self.contributions = 0
        self.history: list[dict[str, float]] = []

    @abstractmethod
    def batches(self) -> Iterator[Any]:
        """The batches from the first step of the present epoch on, for this epoch at least."""

    @abstractmethod
    def learn(self, batch: Any, progress: float) -> float:
        """Take one step at a point of the schedule; its loss."""

    @abstractmethod
    def watch(self) -> Mapping[str, float]:
        """Numbers of the present epoch, at its end; `with_average` lends the network its mean weights."""

    def contributes(self, step: int) -> bool:
        """Whether the weights after a step of the epoch, 1 …, go into the moving average."""
        return step % self.average_every == 0 or step == self.steps

    def kept_share(self, step: int) -> float:
        """How much of the moving average stays when the weights after a step of the epoch, 1 …, are added.

        `contributions` counts them, this one included.
        """
        reach = max(1.0, self.average_steps / self.average_every)
        return min(1 - 1 / reach, (self.contributions - 1) / (self.contributions + 9))

    def more_notes(self) -> dict[str, Any]:
        """What the checkpoint shall know besides, as JSON."""
        return {}

    def take_notes(self, notes: Mapping[str, Any]) -> None:  # noqa: B027 – most have taken none
        """Take up `more_notes` before the optimizers get their variables back."""

    def progress(self, part: float, seconds: float) -> float:
        """The point of the schedule, 0 … 1 or beyond, after a part of the present epoch."""
        by_epochs = (self.epoch + part) / self._schedule.epochs
        if self._schedule.minutes is None:
            return by_epochs
        return max(by_epochs, seconds / (60 * self._schedule.minutes))

    def run(self) -> None:
        """Train until the schedule's end."""
        while self.progress(0, self.seconds) < 1 and self._run_epoch():
            pass

    def _run_epoch(self) -> bool:
        """Train for one epoch; False when the time was up before its end."""
        began, before = time.monotonic(), self.seconds
        loss, in_time, done = 0.0, True, 0
        batches = self.batches()
        for step in range(1, self.steps + 1):
            progress = self.progress((step - 1) / self.steps, self.seconds)
            if progress >= 1:
                in_time = False
                break
            loss += self.learn(next(batches), progress)
            self.seconds = before + time.monotonic() - began
            done = step
            if self.contributes(step):
                self._contribute(step)
            self._tell(step)
        self.epoch += 1
        watched = self.watch()
        self.seconds = before + time.monotonic() - began
        progress = self.progress(0, self.seconds)
        line = {"epoch": self.epoch, "seconds": self.seconds, "progress": progress, "steps": done}
        self.history.append({**line, "loss": loss / max(1, done), **watched})
        logger.info("%s", json.dumps({key: round(value, 4) for key, value in self.history[-1].items()}))
        rate = self._schedule.rate(min(1.0, progress))
        self.events.write(self.epoch, {**self.history[-1], "rate": rate})
        self.save()
        return in_time

    def _tell(self, step: int) -> None:
        """Say how far the training is, for whoever listens."""
        if progress_logger.isEnabledFor(logging.DEBUG):
            progress = self.progress(step / self.steps, self.seconds)
            progress_logger.debug("%s", json.dumps({"progress": round(progress, 5)}))

    def _contribute(self, step: int) -> None:
        self.contributions += 1
        keep = self.kept_share(step)
        weights = self._networks[0].get_weights()
        self.average = [
            mean + (1 - keep) * (weight - mean) for mean, weight in zip(self.average, weights, strict=True)
        ]

    def with_average(self) -> Weights:
        """Give the first network its mean weights; those it had are returned, to be set again."""
        current: Weights = self._networks[0].get_weights()
        self._networks[0].set_weights(self.average)
        return current

    def save(self) -> None:
        """Write the checkpoint."""
        notes = {
            "epoch": self.epoch,
            "seconds": self.seconds,
            "contributions": self.contributions,
            "history": self.history,
            "recipe": asdict(self._schedule),
            "backend": require_keras().backend.backend(),
            **self.more_notes(),
        }
        weights = [array for network in self._networks for array in network.get_weights()]
        state = mood_checkpoint.State(weights, self.average, [numpy_of(v) for v in self._variables()], notes)
        mood_checkpoint.write(self.folder / CHECKPOINT, state)

    def go_on(self, default: Scheduled) -> bool:
        """Take up the checkpoint in the folder; False where there is none.

        Args:
            default: the recipe's defaults, which count for numbers that the checkpoint's recipe lacks.

        Raises:
            UsageError: where it belongs to another recipe, or is none.
        """
        if not (self.folder / CHECKPOINT).exists():
            return False
        state = mood_checkpoint.read(self.folder / CHECKPOINT)
        self._require_same(state.notes["recipe"], default)
        weights = list(state.weights)
        for network in self._networks:
            count = len(network.get_weights())
            network.set_weights(weights[:count])
            weights = weights[count:]
        self.average = state.average
        notes = state.notes
        self.take_notes(notes)
        for variable, value in zip(self._variables(), state.optimizer, strict=True):
            variable.assign(value)
        self.epoch, self.seconds, self.history = notes["epoch"], notes["seconds"], notes["history"]
        self.contributions = notes.get("contributions", 0)
        logger.info("Going on after %d epochs.", self.epoch)
        return True

    def _variables(self) -> list[Any]:
        return [variable for optimizer in self.optimizers for variable in optimizer.variables]

    def _require_same(self, theirs: dict[str, Any], default: Scheduled) -> None:
        # Numbers that a recipe did not have yet when the checkpoint was made had today's default.
        ours = json.loads(json.dumps({**asdict(self._schedule), "workers": 0}))
        before = {**json.loads(json.dumps(asdict(default))), **theirs, "workers": 0}
        if before != ours:
            differ = sorted(name for name in ours if before.get(name) != ours[name])
            raise UsageError(
                f"The checkpoint in {self.folder} was made with another {', '.join(differ)}: "
                "give the same to go on, or another folder to begin anew."
            )

    def close(self) -> None:
        """End the log."""
        self.events.close()
