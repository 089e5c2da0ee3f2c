"""Asks the page for the link that lets a phone in; the link goes to the window and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

__all__ = ["PageLink"]

VALID_S = 300.0  # as long as the page takes the link


class PageLink:
    """The service page/pair; nothing here waits, the answer comes in the owner node's executor thread.

    Args:
        node: the owner; its executor must spin.
        show: takes the link and the seconds for which it is good.
        refuse: takes the sentence that says why there is none; "" where the page does not run.
    """

    def __init__(self, node: Node, show: Callable[[str, float], None], refuse: Callable[[str], None]) -> None:
        self._node, self._show, self._refuse = node, show, refuse
        self._client = node.create_client(Trigger, "page/pair")

    def close(self) -> None:
        """Release the client; call it in the owner's thread."""
        self._node.destroy_client(self._client)

    def ask(self) -> None:
        """Ask for a link."""
        if not self._client.service_is_ready():
            self._refuse("")
            return
        self._client.call_async(Trigger.Request()).add_done_callback(self._on_answer)

    def _on_answer(self, future: Any) -> None:
        answer = future.result()
        if answer.success:
            self._show(answer.message, VALID_S)
        else:
            self._refuse(answer.message)
