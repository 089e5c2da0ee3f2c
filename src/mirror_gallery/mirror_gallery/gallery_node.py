"""The gallery node: captures, keeps and hands out faces, and knows who is there and who wears what.

Subscribed: camera/image_raw (sensor_msgs/Image, only while a face is captured or looked at to be
recognised), faces (mirror_msgs/FaceArray, only while a face is captured, somebody is present or wears
something, or the mirror recognises people). Published: gallery/state (mirror_msgs/GalleryState, latched),
gallery/captures (mirror_msgs/CaptureStatus, while a face is captured).

Action: gallery/capture (mirror_msgs/CaptureFace). Services: gallery/list, gallery/get, gallery/add,
gallery/rename, gallery/erase, gallery/export, gallery/import, gallery/wear, gallery/check_in,
gallery/get_baseline, gallery/keep_baseline.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.codecs import FACES, FRAMES
from mirror_core.diagnostics import Level
from mirror_core.errors import MirrorError
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.store.backup import remove_former
from mirror_core.store.places import state_folder
from mirror_gallery.background import Background
from mirror_gallery.capture_action import CaptureAction
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.conversions import state_to_message
from mirror_gallery.dlib_network import require_installed
from mirror_gallery.gallery import DATABASE_VARIABLE, PICTURES_VARIABLE, Gallery, open_store
from mirror_gallery.gallery_services import GalleryServices
from mirror_gallery.recognition_loop import RecognitionLoop
from mirror_gallery.visitors import Visitors
from mirror_msgs.msg import GalleryState

__all__ = ["GalleryNode", "GalleryParameters"]

LOOK_AFTER_S = 1.0  # how often visits, expiries and the work of other mirrors are looked at
FAULT_SHOWN_S = 150.0  # recognition tries again within a minute; if that works, its fault is forgotten
STATE_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass(frozen=True)
class GalleryParameters:
    """Where faces are kept, and how patient captures and visits are."""

    database_url: str = parameter(
        "",
        "Where names and consents are kept: a file, sqlite:////path or postgresql://user:password@host/name; "
        f"empty: ${DATABASE_VARIABLE}, else the state folder.",
        live=False,
    )
    pictures_url: str = parameter(
        "",
        f"Where pictures are kept: a folder, or s3://bucket/prefix; empty: ${PICTURES_VARIABLE}, else the "
        "state folder.",
        live=False,
    )
    visit_ends_after: float = parameter(
        120.0,
        "Seconds for which somebody must be gone until a face that was stored for this visit is erased.",
        minimum=1.0,
        maximum=86400.0,
    )
    expiry_period: float = parameter(
        30.0, "Every so many seconds faces whose consent has expired are erased.", minimum=1.0, maximum=3600.0
    )
    capture_timeout: float = parameter(
        30.0, "Seconds after which a capture ends with what there is.", minimum=5.0, maximum=600.0
    )
    turn_patience: float = parameter(
        5.0, "Seconds for which a turned view is asked for.", minimum=0.0, maximum=60.0
    )
    away_patience: float = parameter(
        6.0, "Seconds for which a captured person may be out of sight.", minimum=1.0, maximum=120.0
    )
    recognition: bool = parameter(
        False,
        "Recognise people who consented to it (an extra: scripts/setup --recognise); while any are stored, "
        "the camera stays on.",
    )
    feedback_rate: float = parameter(
        10.0, "How many times a second a capture says how it stands.", minimum=5.0, maximum=60.0
    )


class GalleryNode(MirrorNode):
    """Keeps the faces; see the module."""

    NAME = "gallery"
    CONFIG = GalleryParameters

    def open(self) -> None:
        """Open the store, erase what should be gone, and offer the services."""
        mirror = f"{socket.gethostname()}{self.get_namespace()}"
        store = open_store(self.config.database_url, self.config.pictures_url, mirror)
        self.at_close(store.close)
        store.end_visits(store.visits())  # left by a crash: nobody saw those people leave
        store.erase_expired()
        self._tell_key(store.missing_key())
        self.at_close(self.health.clear_condition, "key")
        self.gallery, self.visitors = Gallery(store), Visitors()
        self._expiry_checked_s = time.monotonic()
        self._revision, self._count, self._is_looking = (
            store.revision(),
            self.gallery.listed(limit=1)[1],
            False,
        )
        self.at_close(self._end_visits)
        self.background = Background(self, "gallery store")
        self.at_close(self.background.close)
        self._state_out = self.create_publisher(GalleryState, "gallery/state", STATE_QOS)
        self.at_close(self.destroy_publisher, self._state_out)
        self._frames: Any = None
        self._faces: Any = None
        self._recognition: RecognitionLoop | None = None
        self._recognition_fault: tuple[float, str] | None = None  # when and what; from the loop's thread
        self.at_close(self._switch_recognition, False)
        self._switch_recognition(self.config.recognition)
        self.captures = CaptureAction(self)
        self.at_close(self.captures.close)
        services = GalleryServices(self)
        self.at_close(services.close)
        timer = self.create_timer(
            LOOK_AFTER_S, self._look_after, callback_group=self.background.callback_group
        )
        self.at_close(self.destroy_timer, timer)
        self.health.counters.update({"faces": lambda: self._count, "captures": lambda: len(self.captures)})
        self.follow_demand(self._follow_demand)
        self.publish_state()

    def stop(self) -> None:
        """End what is being captured."""
        self.captures.stop()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Begin or end to recognise people."""
        if hasattr(self, "captures") and old.recognition != new.recognition:
            if new.recognition:
                require_installed()
            self._switch_recognition(new.recognition)

    def _follow_demand(self) -> None:
        captures, recognition = len(self.captures) > 0, self._recognition
        looks = captures or (recognition is not None and recognition.wants_frames)
        watches = captures or self.visitors.is_anybody_watched
        watches = watches or (recognition is not None and recognition.wants_faces)
        running = self.is_running
        self._frames = self.follow(
            self._frames, running and looks, FRAMES, "camera/image_raw", self._on_frame
        )
        self._faces = self.follow(self._faces, running and watches, FACES, "faces", self._on_faces)

    def _on_frame(self, frame: Frame) -> None:
        if len(self.captures) > 0:
            self.captures.on_frame(frame)
        if self._recognition is not None:
            self._recognition.on_frame(frame)

    def _on_faces(self, faces: FaceSet) -> None:
        self.visitors.see([face.track_id for face in faces.faces], time.monotonic())
        self.captures.on_faces(faces)
        if self._recognition is not None:
            present = self.visitors.present
            themselves = {track: who.id for track, who in present.items() if not who.recognised}
            self._recognition.on_faces(faces, themselves)
            if self.visitors.recognise(self._recognition.present):
                self.publish_state()

    # ---- recognising people, an extra

    def _switch_recognition(self, on: bool) -> None:
        if self._recognition is not None:
            self._recognition.close()
            self._recognition, self._recognition_fault = None, None
            if self.visitors.recognise({}) and self._is_open:
                self.publish_state()
        if on:
            self._recognition = RecognitionLoop(self.gallery.store, _recogniser, self._note_fault)

    def _note_fault(self, error: Exception) -> None:
        """Recognition failed; called in its own thread."""
        self._recognition_fault = (time.monotonic(), str(error))

    def _tell_key(self, problem: str) -> None:
        """Say that the stored faces' key is missing, or that it is there again."""
        if problem and not self.health.condition("key"):
            self.get_logger().error(problem)
        if problem:
            self.health.set_condition("key", Level.ERROR, problem)
        else:
            self.health.clear_condition("key")

    def _tell_fault(self) -> None:
        fault = self._recognition_fault
        if fault is not None and time.monotonic() - fault[0] < FAULT_SHOWN_S:
            self.health.set_condition("recognition", Level.ERROR, f"Nobody is recognised: {fault[1]}")
        else:
            self.health.clear_condition("recognition")

    # ---- what the services and the captures use

    def face_stored(self, face_id: str, consent: Consent, track: int | None = None) -> None:
        """A face was stored.

        Args:
            face_id: its gallery id.
            consent: of its owner.
            track: of the captured person, who is present from now on; None where nobody stood there.
        """
        now_s = time.monotonic()
        if consent.scope is Scope.THIS_VISIT:
            self.visitors.begin_visit(face_id, now_s)
        if track is not None:
            self.visitors.check_in(track, face_id, now_s)

    def faces_erased(self, face_ids: Iterable[str]) -> None:
        """Faces are gone: take them off everybody at once."""
        gone = list(face_ids)
        self.visitors.forget_faces(gone)
        if self._recognition is not None:
            self._recognition.forget_faces(gone)

    async def faces_changed(self) -> None:
        """Say that the stored faces have changed, now."""
        self._revision = await self.background.run(self.gallery.store.revision)
        self._count = (await self.background.run(self.gallery.listed, "", 0, 1))[1]
        if self._recognition is not None:
            self._recognition.refresh()
        self.publish_state()

    def check_out(self, track: int) -> None:
        """The person of this track does not want to be anybody here, nor to be taken for who they are."""
        if self._recognition is not None:
            self._recognition.refuse(track)
        if self.visitors.check_out(track):
            self.publish_state()

    @property
    def revision(self) -> int:
        """`GalleryState.revision`."""
        return self._revision

    def publish_state(self) -> None:
        """Say who is there and who wears what."""
        self._state_out.publish(state_to_message(self._revision, self.visitors.worn, self.visitors.present))

    # ---- time passes

    async def _look_after(self) -> None:
        if self._is_looking:  # the store is slow
            return
        self._is_looking = True
        self._tell_fault()
        try:
            await self._tidy_up()
        except MirrorError as error:
            self.health.set_condition("store", Level.ERROR, str(error))
        else:
            self.health.clear_condition("store")
        finally:
            self._is_looking = False

    async def _tidy_up(self) -> None:
        store, now_s = self.gallery.store, time.monotonic()
        if self.visitors.forget_gone(now_s):
            self.publish_state()
        over = self.visitors.visits_over(now_s, self.config.visit_ends_after)
        erased: list[str] = list(over)
        if over:
            await self.background.run(store.end_visits, over)
        if now_s - self._expiry_checked_s >= self.config.expiry_period:
            self._expiry_checked_s = now_s
            erased += await self.background.run(store.erase_expired)
            await self.background.run(remove_former, state_folder())
            self._tell_key(await self.background.run(store.missing_key))
        if erased:
            self.get_logger().info(f"{len(erased)} stored face(s) were erased: their time is over.")
            self.faces_erased(erased)
        revision = await self.background.run(store.revision)
        if revision != self._revision:
            # Another program may have erased what somebody wears here.
            used = {*self.visitors.worn.values(), *(who.id for who in self.visitors.present.values())}
            self.faces_erased(await self.background.run(self.gallery.missing, used))
            await self.faces_changed()

    def _end_visits(self) -> None:
        """The mirror ends, and with it all visits."""
        self.gallery.store.end_visits(self.visitors.visits)


def _recogniser() -> Any:
    from mirror_gallery.recognition import Recogniser

    return Recogniser.apart()  # dlib keeps Python's lock while it works: in this process it would stop all


def main() -> None:
    """Entry point of the `gallery_node` executable."""
    leave(run_node(GalleryNode))
