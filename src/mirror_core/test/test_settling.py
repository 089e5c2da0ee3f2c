"""What works beside the frames is waited for where that is asked for, and a hang is told."""

from __future__ import annotations

import gc
import threading

import pytest

from mirror_core.errors import ModelError
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_core.settling import settle, settles


def test_all_runners_have_answered_their_newest_input_afterwards() -> None:
    may_go_on = threading.Event()
    answers: list[ModelResult[int]] = []

    def model(item: int) -> int:
        may_go_on.wait(30)
        return item * 2

    def fail(error: Exception) -> None:
        raise error

    runners = [ModelRunner(model, answers.append, fail, name) for name in ("one", "two")]
    for runner in runners:
        assert runner.settle(0)  # nothing to do
        runner.submit(5, 21)
        assert not runner.settle(0.01)
    threading.Timer(0.05, may_go_on.set).start()
    settle(30)
    assert [answer.value for answer in answers] == [42, 42]
    for runner in runners:
        runner.close()
        assert runner.settle(0)


def test_an_error_is_an_answer_too() -> None:
    errors: list[Exception] = []

    def model(_item: int) -> int:
        raise ValueError("no")

    runner: ModelRunner[int, int] = ModelRunner(model, lambda _: None, errors.append, "failing")
    runner.submit(0, 1)
    assert runner.settle(30)
    assert [str(error) for error in errors] == ["no"]
    runner.close()


def test_what_does_not_come_to_an_end_is_told_and_what_is_gone_is_forgotten() -> None:
    class Hanging:
        def settle(self, timeout_s: float) -> bool:
            assert timeout_s <= 0.5
            return False

    work = Hanging()
    settles(work)
    with pytest.raises(
        ModelError, match=r"took longer than 0\.5 s: the machine is too busy, or a model hangs"
    ):
        settle(0.5)
    del work
    gc.collect()
    settle(0.5)
