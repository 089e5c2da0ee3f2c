"""What leaves the machine, from the parameters of the nodes and this process's environment."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from rcl_interfaces.msg import ParameterType
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node

from mirror_web.privacy_control import (
    Deed,
    Destination,
    Reach,
    network_destination,
    served_destination,
    stored_destination,
)

__all__ = ["PrivacyView"]

ANSWER_S = 3.0
KNOWN_S = 2.0  # for so long the nodes are not asked again, however many browsers look
ASKED = {
    "gallery": ("database_url", "pictures_url"),
    "mood_log": ("database_url", "export_url"),
    "foxglove": ("host",),
    "effects": ("film.takes_folder",),
}


class PrivacyView:
    """Implements `mirror_web.privacy_control.PrivacyControl`.

    Args:
        node: the owner; its executor must spin.
        host: gives the address that the page is served at.
    """

    def __init__(self, node: Node, host: Callable[[], str]) -> None:
        self._node = node
        self._host = host
        self._lock = threading.Lock()  # guards the two below
        self._asked_s = float("-inf")
        self._known: tuple[Destination, ...] = ()
        self._clients = {name: node.create_client(GetParameters, f"{name}/get_parameters") for name in ASKED}

    def close(self) -> None:
        """Release the clients; call it in the owner's thread."""
        for client in self._clients.values():
            self._node.destroy_client(client)

    def destinations(self) -> tuple[Destination, ...]:
        """See `PrivacyControl`."""
        with self._lock:
            if time.monotonic() - self._asked_s >= KNOWN_S:
                self._known = self._look()
                self._asked_s = time.monotonic()
            return self._known

    def deeds(self, count: int) -> tuple[Deed, ...]:
        """See `PrivacyControl`; the log lies on this machine, as the page does."""
        from mirror_core.store.audit import AuditLog

        newest = deque(AuditLog().entries(), maxlen=count)
        return tuple(Deed(entry.time, entry.event, entry.who, entry.way) for entry in newest)

    def _look(self) -> tuple[Destination, ...]:
        # They bring the stores along, which the page's start shall not wait for.
        from mirror_effects.film.takes import default_takes_folder
        from mirror_gallery.gallery import DATABASE_VARIABLE as FACES_VARIABLE
        from mirror_gallery.gallery import PICTURES_VARIABLE
        from mirror_mood.log.recorder import EXPORT_VARIABLE
        from mirror_mood.log.schema import DATABASE_VARIABLE as MOODS_VARIABLE

        gallery, log = self._values("gallery"), self._values("mood_log")
        foxglove, effects = self._values("foxglove"), self._values("effects")
        takes = effects.get("film.takes_folder") or str(default_takes_folder())
        return (
            stored_destination("gallery_database", _resolved(gallery, "database_url", FACES_VARIABLE)),
            stored_destination("gallery_pictures", _resolved(gallery, "pictures_url", PICTURES_VARIABLE)),
            stored_destination("mood_database", _resolved(log, "database_url", MOODS_VARIABLE)),
            stored_destination("mood_export", _resolved(log, "export_url", EXPORT_VARIABLE), Reach.OFF),
            stored_destination("takes", takes),
            served_destination("page", self._host()),
            served_destination("foxglove", foxglove.get("host")),
            network_destination(os.environ),
        )

    def _values(self, node: str) -> dict[str, str]:
        """The texts among a node's parameters; empty where it does not answer."""
        client, names = self._clients[node], ASKED[node]
        if not client.service_is_ready():
            return {}
        done = threading.Event()
        future: Any = client.call_async(GetParameters.Request(names=list(names)))
        future.add_done_callback(lambda _: done.set())
        if not done.wait(ANSWER_S) or future.result() is None:
            return {}
        found = zip(names, future.result().values, strict=False)
        return {
            name: value.string_value for name, value in found if value.type == ParameterType.PARAMETER_STRING
        }


def _resolved(values: dict[str, str], name: str, variable: str) -> str | None:
    """A URL as its node has it: the parameter, else the environment; None where the node does not answer."""
    return None if name not in values else values[name] or os.environ.get(variable, "")
