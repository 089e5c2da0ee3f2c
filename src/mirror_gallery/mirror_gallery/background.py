"""Slow work of a node in threads beside its executor, awaited by its callbacks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.task import Future

__all__ = ["Background"]

Result = TypeVar("Result")


class Background:
    """One thread in which a node's slow calls run, one after the other.

        answer = await background.run(store.erase, face_id)

    in a callback that is a coroutine lets the node's executor go on with other callbacks meanwhile, those
    of other callback groups and of reentrant ones.

    Args:
        node: the owner.
        name: of the thread, for debuggers.

    Attributes:
        callback_group: for services whose callbacks wait: in the node's own group they would hold up
            everything else.
    """

    def __init__(self, node: Node, name: str) -> None:
        self._node = node
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._guard = node.create_guard_condition(lambda: None)
        self._closed = False
        self.callback_group = ReentrantCallbackGroup()

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call `function(*arguments)` in the thread and wait for what it returns or raises."""
        work = self._threads.submit(function, *arguments)
        await self._ended(work)
        return work.result()

    def _ended(self, work: ThreadFuture[Any]) -> Any:
        ended: Any = Future()

        def tell(_work: ThreadFuture[Any]) -> None:
            ended.set_result(True)
            if not self._closed:
                self._guard.trigger()  # the executor looks at what waits when something happens

        work.add_done_callback(tell)
        return ended

    def close(self) -> None:
        """Wait for the call in progress and drop the others; in the owner's thread."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._node.destroy_guard_condition(self._guard)
