"""Slow work beside a node's executor: awaited, in order, without holding up other callbacks."""

from __future__ import annotations

import threading
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror_gallery.background import Background


@pytest.fixture
def node(spinner: Any) -> Any:
    return spinner.node("background")


def test_callbacks_go_on_while_one_waits_and_results_come_back(spinner: Any, node: Any) -> None:
    background, gate, results = Background(node, "work"), threading.Event(), []

    async def wait() -> None:
        results.append(await background.run(gate.wait, 30))

    spinner.executor.create_task(wait)
    ticks: list[int] = []
    timer = node.create_timer(0.01, lambda: ticks.append(1))
    spinner.until(lambda: len(ticks) > 5, "other callbacks while one waits")
    assert results == []
    gate.set()
    spinner.until(lambda: results == [True], "the result")
    node.destroy_timer(timer)
    background.close()


def test_what_the_work_raises_is_raised_where_it_is_awaited(spinner: Any, node: Any) -> None:
    background, raised = Background(node, "work"), []

    async def wait() -> None:
        try:
            await background.run(int, "x")
        except ValueError as error:
            raised.append(error)

    spinner.executor.create_task(wait)
    spinner.until(lambda: raised, "the error")
    background.close()


def test_calls_run_in_one_thread_in_order(spinner: Any, node: Any) -> None:
    background, done = Background(node, "work"), []

    async def wait(number: int) -> None:
        done.append((number, await background.run(lambda: threading.current_thread().name)))

    for number in range(5):
        spinner.executor.create_task(wait, number)
    spinner.until(lambda: len(done) == 5, "five calls")
    assert sorted(number for number, _ in done) == [0, 1, 2, 3, 4]
    assert len({name for _, name in done}) == 1
    background.close()


def test_closing_waits_for_the_call_in_progress(spinner: Any, node: Any) -> None:
    background = Background(node, "work")
    begun, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        gate.wait(30)
        ended.set()

    async def wait() -> None:
        await background.run(slow)

    spinner.executor.create_task(wait)
    spinner.until(begun.is_set, "the call to begin")
    threading.Timer(0.05, gate.set).start()
    background.close()
    assert ended.is_set()
