"""The asynchronous model runner: slow models beside the frame path, the newest input wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mirror_core.settling import settles
from mirror_core.tracing import Quantiles

__all__ = ["ModelResult", "ModelRunner"]

Input = TypeVar("Input")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class ModelResult(Generic[Output]):
    """What a model made of the input with this stamp."""

    stamp_ns: int
    value: Output


class ModelRunner(Generic[Input, Output]):
    """Runs a model in its own thread; the frame path only leaves inputs and never waits.

    Args:
        model: called in the runner's thread with one input at a time.
        on_result: called in the runner's thread with each result.
        on_error: called in the runner's thread with what the model (or `on_result`) raised; the runner
            goes on with the next input.
        name: of the thread, for debuggers.

    Attributes:
        dropped: inputs replaced by newer ones before the model took them.
        failures: inputs on which the model raised.
        durations: seconds the model took for each input.
    """

    def __init__(
        self,
        model: Callable[[Input], Output],
        on_result: Callable[[ModelResult[Output]], None],
        on_error: Callable[[Exception], None],
        name: str,
    ) -> None:
        self._model = model
        self._on_result = on_result
        self._on_error = on_error
        self._waiting: tuple[int, Input] | None = None
        self._latest: ModelResult[Output] | None = None
        self._closed = False
        self._is_busy = False
        self._condition = threading.Condition()
        self.dropped = 0
        self.failures = 0
        self.durations = Quantiles()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        settles(self)

    def submit(self, stamp_ns: int, item: Input) -> None:
        """Leave an input; one that still waits is replaced."""
        with self._condition:
            if self._closed:
                return
            if self._waiting is not None:
                self.dropped += 1
            self._waiting = (stamp_ns, item)
            self._condition.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Wait until the newest input is answered; see `mirror_core.settling`. The frame path never does."""
        with self._condition:
            return self._condition.wait_for(
                lambda: self._closed or (self._waiting is None and not self._is_busy), timeout_s
            )

    @property
    def latest(self) -> ModelResult[Output] | None:
        """The newest result, None before the first."""
        return self._latest

    def _run(self) -> None:
        while True:
            with self._condition:
                self._is_busy = False
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._closed or self._waiting is not None)
                if self._closed or self._waiting is None:
                    return
                stamp_ns, item = self._waiting
                self._waiting = None
                self._is_busy = True
            try:
                with self.durations.measure():
                    value = self._model(item)
                self._latest = ModelResult(stamp_ns, value)
                self._on_result(self._latest)
            except Exception as error:
                self.failures += 1
                self._on_error(error)

    def close(self, timeout_s: float = 5.0) -> bool:
        """Stop after the input in progress; returns False if that did not end within `timeout_s`."""
        with self._condition:
            self._closed = True
            self._waiting = None
            self._condition.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        # Whoever owns the runner is held by these. Without that circle the model's memory, which Python's
        # collector knows nothing of and so has no haste to free, is given back at once.
        for held in ("_model", "_on_result", "_on_error"):
            self.__dict__.pop(held, None)
        self._latest = None
        return True
