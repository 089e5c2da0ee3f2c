"""Runs nodes by hand in one thread, so that the same input leads to the same output, always.

In the mirror every node has a thread, and who comes first is chance. Here the nodes stand in a row, each with
an executor that is turned by hand: the first that has something to do does one thing, then it begins with the
first again. What works in threads of its own is waited for (`mirror_core.settling`). So everything that an
input leads to is done, in the same order every time, before the next input comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rclpy.executors import SingleThreadedExecutor, TimeoutException
from rclpy.lifecycle import TransitionCallbackReturn

from mirror_core.node import MirrorNode
from mirror_core.settling import settle

__all__ = ["SteppedNodes"]

CALM_ROUNDS = 3  # rounds without a new endpoint after which all have found each other
MOST_ROUNDS = 100


class SteppedNodes:
    """Nodes that do something only inside `rest`.

    Args:
        factories: make the nodes, in the order of their turns: whoever receives before whoever sends, so that
            nothing that is sent waits.
    """

    def __init__(self, factories: Sequence[Callable[[], MirrorNode]]) -> None:
        self._factories = tuple(factories)
        self._turns: list[tuple[MirrorNode, SingleThreadedExecutor]] = []

    @property
    def nodes(self) -> tuple[MirrorNode, ...]:
        """The nodes, in the order of their turns."""
        return tuple(node for node, _ in self._turns)

    def bring_up(self) -> None:
        """Make, configure and activate the nodes; `close` releases them, also after this has raised.

        Raises:
            Exception: what the node raised that could not be started.
        """
        for create in self._factories:
            node, executor = create(), SingleThreadedExecutor()
            executor.add_node(node)
            self._turns.append((node, executor))
            for trigger in (node.trigger_configure, node.trigger_activate):
                if trigger() != TransitionCallbackReturn.SUCCESS:
                    raise node.failure or RuntimeError(f"{node.get_name()} could not be started")

    def connect(self) -> None:
        """Let every node look what is wanted of it, until all have the inputs that they need."""
        calm, before = 0, -1
        for _ in range(MOST_ROUNDS):
            for node in self.nodes:
                node.look()
            self.rest()
            count = sum(node.endpoint_count for node in self.nodes)
            calm, before = (calm + 1, before) if count == before else (0, count)
            if calm >= CALM_ROUNDS:
                return

    def rest(self) -> None:
        """Let the nodes work until nothing is left to do, neither in them nor beside them.

        Raises:
            Exception: what a callback raises.
            ModelError: if what works beside them does not come to an end.
        """
        while True:
            settle()
            if not self._turn():
                return
            while self._turn():
                pass

    def _turn(self) -> bool:
        """Let the first node that has something to do do one thing; whether there was one."""
        return any(_work_once(executor) for _, executor in self._turns)

    def close(self) -> None:
        """Release the nodes, the last first."""
        while self._turns:
            node, executor = self._turns.pop()
            executor.remove_node(node)
            node.trigger_shutdown()
            node.destroy_node()
            executor.shutdown(timeout_sec=1.0)


def _work_once(executor: SingleThreadedExecutor) -> bool:
    """Run one callback that is ready; whether there was one."""
    try:
        handler, _, _ = executor.wait_for_ready_callbacks(timeout_sec=0.0)
    except TimeoutException:
        return False
    handler()
    error = handler.exception()
    if error is not None:
        raise error
    return True
