"""The services of the gallery node: each answers in one sentence, and none holds up the others."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirror_core.errors import MirrorError, UsageError
from mirror_core.store.audit import Event
from mirror_gallery.background import Background
from mirror_gallery.consent import utc_now
from mirror_gallery.conversions import (
    bytes_field,
    face_to_message,
    landmarks_to_points,
    message_to_consent,
)
from mirror_gallery.gallery import prepared, require_persons
from mirror_gallery.photo import NoFaceError
from mirror_gallery.visitors import EVERYBODY
from mirror_msgs.srv import (
    AddFace,
    CheckIn,
    EraseFace,
    ExportFace,
    GetBaseline,
    GetFace,
    ImportFace,
    KeepBaseline,
    ListFaces,
    RenameFace,
    WearFace,
)

if TYPE_CHECKING:
    from mirror_gallery.gallery_node import GalleryNode

__all__ = ["GalleryServices"]

BASELINE = "neutral baseline"  # kind of derived data in the store
MOST_BASELINE_BYTES = 65536

Work = Callable[[Any, Any], Awaitable[str]]


class GalleryServices:
    """Offers the services.

    Args:
        node: the owner, with its store already open.
    """

    def __init__(self, node: GalleryNode) -> None:
        self._node = node
        self._photos = Background(node, "gallery photos")  # slower than the store, and not to hold it up
        services: list[tuple[Any, str, Work]] = [
            (ListFaces, "list", self._list),
            (GetFace, "get", self._get),
            (AddFace, "add", self._add),
            (RenameFace, "rename", self._rename),
            (EraseFace, "erase", self._erase),
            (ExportFace, "export", self._export),
            (ImportFace, "import", self._import),
            (WearFace, "wear", self._wear),
            (CheckIn, "check_in", self._check_in),
            (GetBaseline, "get_baseline", self._get_baseline),
            (KeepBaseline, "keep_baseline", self._keep_baseline),
        ]
        self._services = [
            node.create_service(
                kind, f"gallery/{name}", self._answering(work), callback_group=node.background.callback_group
            )
            for kind, name, work in services
        ]

    def close(self) -> None:
        """Release the services; in the node's thread."""
        for service in self._services:
            self._node.destroy_service(service)
        self._photos.close()

    def _answering(self, work: Work) -> Callable[[Any, Any], Awaitable[Any]]:
        """A callback that answers with what `work` returns as its message, or with why it failed."""

        async def answer(request: Any, response: Any) -> Any:
            success = False
            try:
                message = await work(request, response)
                success = True
            except MirrorError as error:
                message = str(error)
            except Exception as error:  # an answer must come, and one bad request must not end the node
                message = f"The gallery failed ({type(error).__name__}: {error})."
                self._node.get_logger().error(message)
            if hasattr(response, "success"):
                response.success, response.message = success, message
            elif not success:
                self._node.get_logger().error(message)
            return response

        return answer

    # ---- stored faces

    async def _list(self, request: Any, response: Any) -> str:
        gallery = self._node.gallery
        faces, response.total = await self._node.background.run(
            lambda: gallery.listed(
                request.name_contains,
                request.offset,
                request.limit,
                with_thumbnails=request.with_thumbnails,
            )
        )
        response.faces = [face_to_message(face) for face in faces]
        return ""

    async def _get(self, request: Any, response: Any) -> str:
        response.revision = self._node.revision % 2**32  # before reading: what is read is no older
        data = await self._node.background.run(self._node.gallery.face_file, request.id)
        response.data = bytes_field(data)
        return "Here it is."

    async def _add(self, request: Any, response: Any) -> str:
        consent = message_to_consent(request.consent)
        consent.require_current(utc_now())
        points = landmarks_to_points(request.landmarks)
        try:
            face = await self._photos.run(prepared, bytes(request.data), request.name, points)
        except NoFaceError:
            response.needs_landmarks = True
            raise
        response.id = await self._node.background.run(self._node.gallery.keep, face, request.name, consent)
        return await self._stored(response.id, consent)

    async def _import(self, request: Any, response: Any) -> str:
        consent = message_to_consent(request.consent)
        path = Path(request.path).expanduser()
        response.id = await self._node.background.run(
            self._node.gallery.import_file, path, request.name, consent
        )
        return await self._stored(response.id, consent)

    async def _stored(self, face_id: str, consent: Any) -> str:
        self._node.face_stored(face_id, consent)
        await self._node.faces_changed()
        name = (await self._node.background.run(self._node.gallery.find, face_id)).name
        return f"{name} is stored."

    async def _export(self, request: Any, _response: Any) -> str:
        path = Path(request.path).expanduser()
        await self._node.background.run(self._node.gallery.export_file, request.id, path)
        return f"Written to {path}."

    async def _rename(self, request: Any, _response: Any) -> str:
        await self._node.background.run(self._node.gallery.rename, request.id, request.name)
        await self._node.faces_changed()
        return "Renamed."

    async def _erase(self, request: Any, response: Any) -> str:
        purged = await self._node.background.run(self._node.gallery.erase, request.id)
        self._node.faces_erased([request.id])
        await self._node.faces_changed()
        response.purged = list(purged)
        return "Erased."

    # ---- who is there and who wears what

    async def _wear(self, request: Any, _response: Any) -> str:
        visitors, track = self._node.visitors, request.face_id
        if not request.gallery_id:
            if visitors.take_off(track):
                self._node.publish_state()
            return "Taken off."
        face = await self._node.background.run(self._node.gallery.find, request.gallery_id)
        self._require_in_view(track)
        by_owner_only = face.entry is not None and not face.entry.consent.others_may_wear
        now_s = time.monotonic()
        if visitors.wear(track, face.id, name=face.name, by_owner_only=by_owner_only, now_s=now_s):
            self._node.publish_state()
            if face.entry is not None:
                whom = "everybody" if track == EVERYBODY else "one person"
                note = self._node.gallery.store.deeds.note
                await self._node.background.run(lambda: note(Event.WORN, face.id, by=whom))
        return f"{'Everybody' if track == EVERYBODY else f'Face {track}'} wears {face.name}."

    async def _check_in(self, request: Any, _response: Any) -> str:
        visitors, track = self._node.visitors, request.face_id
        if not request.gallery_id:
            self._node.check_out(track)
            return "Checked out."
        require_persons(request.gallery_id, "anybody")
        face = await self._node.background.run(self._node.gallery.find, request.gallery_id)
        if track == EVERYBODY:
            raise UsageError(f"{EVERYBODY} is everybody; one face is needed to check in.")
        self._require_in_view(track)
        if visitors.check_in(track, face.id, time.monotonic()):
            self._node.publish_state()
        return f"Face {track} is {face.name}."

    # ---- what a person looks like at rest, for the mood node

    async def _get_baseline(self, request: Any, response: Any) -> str:
        store = self._node.gallery.store
        data = await self._node.background.run(store.get_derived, request.gallery_id, BASELINE)
        response.data = bytes_field(data or b"")
        return "Here it is." if data else "None is kept."

    async def _keep_baseline(self, request: Any, _response: Any) -> str:
        data, store = bytes(request.data), self._node.gallery.store
        if not 0 < len(data) <= MOST_BASELINE_BYTES:
            raise UsageError(
                f"A baseline of {len(data)} bytes is refused: allowed are 1 … {MOST_BASELINE_BYTES}."
            )
        require_persons(request.gallery_id, "given a baseline")
        await self._node.background.run(store.put_derived, request.gallery_id, BASELINE, data)
        return "Kept."

    def _require_in_view(self, track: int) -> None:
        """Refuse a track that is not there, where it is known who is."""
        seen = self._node.visitors.in_view(time.monotonic())
        if track != EVERYBODY and seen and track not in seen:
            there = ", ".join(map(str, sorted(seen)))
            raise UsageError(f"Face {track} is not in front of the mirror; there: {there}.")
