"""Stepping through stored faces with a key or a gesture: who or what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["following", "who_it_may_be"]


def following(ids: Sequence[str], current: str) -> str:
    """The id after `current`; "" (nothing) after the last one; the first one after nothing."""
    place = ids.index(current) + 1 if current in ids else 0
    return ids[place] if place < len(ids) else ""


def who_it_may_be(faces: Iterable[Any], present: Iterable[Any], track_id: int) -> tuple[dict[str, str], str]:
    """The stored people that a tracked face may be, and who it is said to be now.

    Args:
        faces: `mirror_msgs/GalleryFace` of all stored faces.
        present: `mirror_msgs/Presence` of those who are there.
        track_id: the face.

    Returns:
        (names, current): id → name of those who stand nowhere else, without presets; and the id of who the
        face is said to be, "" for nobody.
    """
    there = {entry.face_id: entry.gallery_id for entry in present}
    current = there.pop(track_id, "")
    elsewhere = set(there.values())
    names = {face.id: face.name for face in faces if not face.preset and face.id not in elsewhere}
    return names, current
