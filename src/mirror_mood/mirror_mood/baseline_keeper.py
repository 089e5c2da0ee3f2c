"""Neutral baselines of people whom the mirror knows: fetched from the gallery, and kept there.

The gallery alone opens the store, and it refuses to keep anything of people who have not agreed to be
recognised. Nothing here waits: questions are sent, and their answers come in the owner node's executor
thread.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mirror_core.node import MirrorNode
from mirror_msgs.srv import GetBaseline, KeepBaseline

__all__ = ["BaselineKeeper"]


class BaselineKeeper:
    """Asks the gallery for baselines and gives it new ones; all in the owner's thread.

    Args:
        node: the owner; its executor must spin.
        found: called with a person's gallery id and their stored baseline.
        refused: told in a sentence why a baseline is not kept.
    """

    def __init__(
        self,
        node: MirrorNode,
        found: Callable[[str, bytes], None],
        refused: Callable[[str], None],
    ) -> None:
        self._node, self._found, self._refused = node, found, refused
        self._get = node.create_client(GetBaseline, "gallery/get_baseline")
        self._keep = node.create_client(KeepBaseline, "gallery/keep_baseline")
        self._asked: set[str] = set()
        self._kept: dict[str, bytes] = {}
        self._unwanted: set[str] = set()

    def close(self) -> None:
        """Release everything."""
        for client in (self._get, self._keep):
            self._node.destroy_client(client)

    def see(self, people: Iterable[str]) -> None:
        """These people are there: ask for their baselines, once while they stay."""
        present = set(people)
        self._asked &= present
        self._unwanted &= present  # who comes back may have agreed meanwhile
        if not self._get.service_is_ready():
            return
        for person in sorted(present - self._asked):
            self._asked.add(person)
            future = self._get.call_async(GetBaseline.Request(gallery_id=person))
            future.add_done_callback(lambda answer, person=person: self._on_got(person, answer))

    def _on_got(self, person: str, future: Any) -> None:
        data = bytes(future.result().data)
        if data:
            self._kept[person] = data
            self._found(person, data)

    def keep(self, baselines: Mapping[str, bytes]) -> None:
        """Give the gallery those that have changed."""
        if not self._keep.service_is_ready():
            return
        for person, data in baselines.items():
            if person in self._unwanted or self._kept.get(person) == data:
                continue
            self._kept[person] = data
            request = KeepBaseline.Request(gallery_id=person, data=array.array("B", data))
            future = self._keep.call_async(request)
            future.add_done_callback(lambda answer, person=person: self._on_kept(person, answer))

    def _on_kept(self, person: str, future: Any) -> None:
        answer = future.result()
        if not answer.success:
            self._unwanted.add(person)
            self._kept.pop(person, None)
            self._refused(answer.message)
