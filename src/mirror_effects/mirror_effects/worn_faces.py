"""The stored faces that people wear: follows gallery/state, fetches each face, forgets what is erased."""

from __future__ import annotations

from rclpy.node import Node

from mirror_core.qualities import LATCHED
from mirror_effects.fetched_faces import FetchedFaces
from mirror_gallery.portrait import Portrait
from mirror_msgs.msg import GalleryState, Worn

__all__ = ["WornFaces"]


class WornFaces(FetchedFaces):
    """Who wears which stored face; made while an effect needs it, closed after.

    All methods are called in the node's thread.

    Args:
        node: whose subscription and client it is.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node, "worn")
        self._worn: dict[int, str] = {}
        self._state = node.create_subscription(GalleryState, "gallery/state", self._on_state, LATCHED)

    def worn_by(self, track_ids: tuple[int, ...]) -> dict[int, Portrait]:
        """Track id → the face that this person wears, for those who wear one that is there already."""
        found = {}
        everybody = self._worn.get(Worn.EVERYBODY, "")
        for track in track_ids:
            face = self._faces.get(self._worn.get(track, everybody))
            if face is not None and face.portrait is not None:
                found[track] = face.portrait
        return found

    def close(self) -> None:
        """Forget all faces."""
        self._worn.clear()
        self._node.destroy_subscription(self._state)
        super().close()

    def _on_state(self, state: GalleryState) -> None:
        self._worn = {worn.face_id: worn.gallery_id for worn in state.worn if worn.gallery_id}
        self._want(self._worn.values(), state.revision)
