"""The service page/pair: a link that lets one phone in.

A link goes to whoever asks, and to nobody else: a topic would stand in bags, a log line in files.
"""

from __future__ import annotations

from typing import Any

from rclpy.node import Node
from std_srvs.srv import Trigger

from mirror_core.errors import MirrorError
from mirror_web.access import Access

__all__ = ["PairingService"]


class PairingService:
    """Offers the service (std_srvs/Trigger); its message is the link, or the sentence why there is none.

    Args:
        node: the owner; its executor must spin.
        access: makes the links.
    """

    def __init__(self, node: Node, access: Access) -> None:
        self._node = node
        self._access = access
        self._service = node.create_service(Trigger, "page/pair", self._answer)

    def close(self) -> None:
        """Release the service; call it in the owner's thread."""
        self._node.destroy_service(self._service)

    def _answer(self, _: Any, response: Any) -> Any:
        try:
            response.message = self._access.invite()
            response.success = True
        except MirrorError as error:
            response.message = str(error)
            response.success = False
        return response
