"""The asynchronous model runner: newest input wins, failures do not end it, it closes promptly."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mirror_core.model_runner import ModelResult, ModelRunner


class Gate:
    """A model that takes an input, says so, and goes on when it is let."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.entered = threading.Semaphore(0)
        self.released = threading.Semaphore(0)

    def __call__(self, item: Any) -> Any:
        self.taken.append(item)
        self.entered.release()
        assert self.released.acquire(timeout=20)
        if isinstance(item, Exception):
            raise item
        return f"made of {item}"


class Runner:
    """A runner with its results and errors."""

    def __init__(self, model: Callable[[Any], Any]) -> None:
        self.results: list[ModelResult[Any]] = []
        self.errors: list[Exception] = []
        self.told = threading.Semaphore(0)
        self.runner: ModelRunner[Any, Any] = ModelRunner(
            model, self._on_result, self._on_error, "tested model"
        )

    def _on_result(self, result: ModelResult[Any]) -> None:
        self.results.append(result)
        self.told.release()

    def _on_error(self, error: Exception) -> None:
        self.errors.append(error)
        self.told.release()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(gate: Gate) -> Iterator[Runner]:
    runner = Runner(gate)
    yield runner
    gate.released.release(1000)
    assert runner.runner.close(20)


def test_a_result_carries_the_stamp_of_its_input(gate: Gate, gated: Runner) -> None:
    assert gated.runner.latest is None
    gated.runner.submit(42, "face")
    gate.released.release()
    assert gated.told.acquire(timeout=20)
    assert gated.results == [ModelResult(42, "made of face")]
    assert gated.runner.latest == ModelResult(42, "made of face")
    assert gated.runner.durations.count == 1


def test_while_the_model_works_only_the_newest_input_waits(gate: Gate, gated: Runner) -> None:
    gated.runner.submit(1, "first")
    assert gate.entered.acquire(timeout=20)
    for stamp in (2, 3, 4):
        gated.runner.submit(stamp, f"input {stamp}")
    gate.released.release(2)
    assert gated.told.acquire(timeout=20)
    assert gated.told.acquire(timeout=20)
    assert gate.taken == ["first", "input 4"]
    assert [result.stamp_ns for result in gated.results] == [1, 4]
    assert gated.runner.dropped == 2


def test_an_input_on_which_the_model_raises_is_reported_and_the_next_one_is_taken(
    gate: Gate, gated: Runner
) -> None:
    gated.runner.submit(1, ValueError("no face"))
    gate.released.release()
    assert gated.told.acquire(timeout=20)
    gated.runner.submit(2, "face")
    gate.released.release()
    assert gated.told.acquire(timeout=20)
    assert [str(error) for error in gated.errors] == ["no face"]
    assert gated.runner.failures == 1
    assert gated.results == [ModelResult(2, "made of face")]


def test_a_receiver_that_raises_does_not_end_the_runner() -> None:
    told = threading.Semaphore(0)
    errors: list[Exception] = []

    def refuse(result: ModelResult[int]) -> None:
        told.release()
        raise RuntimeError(f"cannot take {result.value}")

    runner: ModelRunner[int, int] = ModelRunner(lambda item: item, refuse, errors.append, "refused")
    for item in (1, 2):
        runner.submit(item, item)
        assert told.acquire(timeout=20)
    assert runner.close(20)
    assert [str(error) for error in errors] == ["cannot take 1", "cannot take 2"]


def test_closing_throws_away_what_waits_and_what_comes_later(gate: Gate, gated: Runner) -> None:
    gated.runner.submit(1, "first")
    assert gate.entered.acquire(timeout=20)
    gated.runner.submit(2, "second")
    assert not gated.runner.close(timeout_s=0.0)
    gate.released.release()
    assert gated.runner.close(20)
    gated.runner.submit(3, "third")
    assert gate.taken == ["first"]


def test_closing_an_idle_runner_ends_its_thread_without_an_input() -> None:
    runner = Runner(lambda item: item)
    assert runner.runner.close(20)
    assert "tested model" not in [thread.name for thread in threading.enumerate()]


def test_a_runner_may_be_closed_from_its_own_thread() -> None:
    closed = threading.Event()
    runner: ModelRunner[int, int]

    def close_myself(_result: ModelResult[int]) -> None:
        runner.close()
        closed.set()

    runner = ModelRunner(lambda item: item, close_myself, lambda error: None, "self-closing")
    runner.submit(1, 1)
    assert closed.wait(20)
    assert runner.close(20)


def test_a_closed_runner_lets_go_of_the_model_without_the_collector() -> None:
    class Owner:
        def __init__(self) -> None:
            self.runner = ModelRunner(self.run, lambda result: None, lambda error: None, "owned")

        def run(self, item: int) -> int:
            return item

    owner = Owner()
    owner.runner.submit(1, 1)
    owner.runner.settle(10.0)
    assert owner.runner.close()
    assert owner.runner.close()  # again is harmless
    found = weakref.ref(owner)
    gc.disable()
    try:
        del owner
        assert found() is None
    finally:
        gc.enable()
