"""Two ways to the stored faces for `mirror faces`: a running mirror's services, or the store itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from mirror_core.environment import apply_defaults
from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.gallery import Gallery, ListedFace, open_store

__all__ = ["FacesAccess", "MirrorAccess", "StoreAccess", "connected"]

FIND_S = 3.0  # discovery takes up to 2.75 s; a mirror that is not found by then is taken not to run
ANSWER_S = 60.0  # the longest that a service may take: a large photograph, a slow store
TURN_S = 0.2
SEE_S = 5.0  # for which faces in front of the mirror are waited for: its camera may have to start


class FacesAccess(Protocol):
    """What can be done with stored faces, with a mirror or without. All raise `UsageError`."""

    place: str

    def listed(self, name_contains: str = "") -> list[ListedFace]:
        """All faces whose names contain a text."""

    def face_file(self, face_id: str) -> bytes:
        """A face as a `.mirrorface` file."""

    def add(
        self, data: bytes, name: str, consent: Consent, points: Mapping[int, tuple[float, float]] | None
    ) -> str:
        """Store the face of a picture or a face file; returns its id."""

    def rename(self, face_id: str, name: str) -> None:
        """Give a face another name."""

    def erase(self, face_id: str) -> list[str]:
        """Erase a face; returns what was purged."""

    def close(self) -> None:
        """Let go of it."""


@contextmanager
def _quiet_models() -> Iterator[None]:
    """Keep what the models' native code reports about itself off the terminal; errors are raised anyway."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class StoreAccess:
    """The store without a mirror.

    Args:
        database_url, pictures_url: see `open_store`.
    """

    def __init__(self, database_url: str = "", pictures_url: str = "") -> None:
        self._store = open_store(database_url, pictures_url, way="command")
        self._gallery = Gallery(self._store)
        self.place = f"the store ({self._store.place}); no mirror is running"

    def listed(self, name_contains: str = "") -> list[ListedFace]:
        """See `FacesAccess`."""
        return self._gallery.listed(name_contains)[0]

    def face_file(self, face_id: str) -> bytes:
        """See `FacesAccess`."""
        return self._gallery.face_file(face_id)

    def add(
        self, data: bytes, name: str, consent: Consent, points: Mapping[int, tuple[float, float]] | None
    ) -> str:
        """See `FacesAccess`."""
        if consent.scope is Scope.THIS_VISIT:
            raise UsageError(
                "--this-visit needs a running mirror, which sees when you leave; start it with `mirror run`."
            )
        with _quiet_models():
            return self._gallery.add(data, name, consent, points)

    def rename(self, face_id: str, name: str) -> None:
        """See `FacesAccess`."""
        self._gallery.rename(face_id, name)

    def erase(self, face_id: str) -> list[str]:
        """See `FacesAccess`."""
        return list(self._gallery.erase(face_id))

    def close(self) -> None:
        """See `FacesAccess`."""
        self._store.close()


class MirrorAccess:
    """A running mirror, by its services and its action.

    Args:
        namespace: of the mirror.

    Raises:
        UsageError: if ROS is not there.
    """

    def __init__(self, namespace: str = "mirror") -> None:
        apply_defaults()
        try:
            import rclpy
            from rclpy.executors import SingleThreadedExecutor
            from rclpy.signals import SignalHandlerOptions

            from mirror_msgs import srv
        except ImportError as error:
            raise UsageError(f"ROS is not available ({error}); source the workspace first.") from error
        self._srv = srv
        self._context = rclpy.Context()
        rclpy.init(context=self._context, args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node(
            "mirror_faces",
            namespace=namespace,
            context=self._context,
            start_parameter_services=False,
            use_global_arguments=False,
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._list = self._node.create_client(srv.ListFaces, "gallery/list")
        self.place = f"the mirror that is running ({self._node.get_namespace()})"

    def wait(self, timeout_s: float = FIND_S) -> bool:
        """Whether a mirror with a gallery is found."""
        return bool(self._list.wait_for_service(timeout_s))

    def close(self) -> None:
        """See `FacesAccess`."""
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
        self._context.try_shutdown()

    def wait_for(self, future: Any, timeout_s: float, what: str) -> Any:
        """Turn the node until a future is done.

        Raises:
            UsageError: if that takes too long.
        """
        self._executor.spin_until_future_complete(future, timeout_s)
        if not future.done():
            raise UsageError(f"The mirror did not answer within {timeout_s:.0f} s ({what}).")
        return future.result()

    def call(self, name: str, service: Any, /, **fields: Any) -> Any:
        """Call a service of the gallery; returns its response.

        Raises:
            UsageError: with the mirror's own sentence where it refuses.
        """
        client = self._list if name == "list" else self._node.create_client(service, f"gallery/{name}")
        if not client.wait_for_service(ANSWER_S):
            raise UsageError(f"The mirror does not offer gallery/{name}.")
        response = self.wait_for(client.call_async(service.Request(**fields)), ANSWER_S, f"gallery/{name}")
        if not getattr(response, "success", True):
            raise UsageError(response.message)
        return response

    def listed(self, name_contains: str = "") -> list[ListedFace]:
        """See `FacesAccess`."""
        from mirror_gallery.conversions import message_to_face

        response = self.call("list", self._srv.ListFaces, name_contains=name_contains)
        return [message_to_face(face) for face in response.faces]

    def face_file(self, face_id: str) -> bytes:
        """See `FacesAccess`."""
        return bytes(self.call("get", self._srv.GetFace, id=face_id).data)

    def add(
        self, data: bytes, name: str, consent: Consent, points: Mapping[int, tuple[float, float]] | None
    ) -> str:
        """See `FacesAccess`."""
        from mirror_gallery.conversions import bytes_field, consent_to_message, points_to_landmarks

        fields: dict[str, Any] = {"landmarks": points_to_landmarks(points)} if points else {}
        response = self.call(
            "add",
            self._srv.AddFace,
            data=bytes_field(data),
            name=name,
            consent=consent_to_message(consent),
            **fields,
        )
        return str(response.id)

    def rename(self, face_id: str, name: str) -> None:
        """See `FacesAccess`."""
        self.call("rename", self._srv.RenameFace, id=face_id, name=name)

    def erase(self, face_id: str) -> list[str]:
        """See `FacesAccess`."""
        return list(self.call("erase", self._srv.EraseFace, id=face_id).purged)

    def wear(self, track: int, face_id: str) -> str:
        """Let a face, or everybody, wear a stored one (empty: take it off); returns what the mirror says."""
        return str(self.call("wear", self._srv.WearFace, face_id=track, gallery_id=face_id).message)

    def check_in(self, track: int, face_id: str) -> str:
        """Say who a face is (empty: nobody); returns what the mirror says."""
        return str(self.call("check_in", self._srv.CheckIn, face_id=track, gallery_id=face_id).message)

    def faces_in_view(self) -> list[int]:
        """Track ids of those who stand in front of the mirror, the largest face first; empty: nobody."""
        from rclpy.task import Future

        from mirror_msgs.msg import FaceArray

        seen: Any = Future()

        def take(message: Any) -> None:
            if message.faces and not seen.done():
                seen.set_result([face.id for face in message.faces])

        subscription = self._node.create_subscription(FaceArray, "faces", take, 1)
        try:
            self._executor.spin_until_future_complete(seen, SEE_S)
        finally:
            self._node.destroy_subscription(subscription)
        return list(seen.result()) if seen.done() else []

    def capture(
        self, track: int | None, name: str, consent: Consent, show: Callable[[Any], None]
    ) -> tuple[bool, str]:
        """Capture a face; Ctrl-C cancels.

        Args:
            track: id of the face; None for the largest.
            name: under which it is stored.
            consent: of the person.
            show: called with each feedback.

        Returns:
            (whether it was stored, what the mirror says).

        Raises:
            KeyboardInterrupt: after the mirror has cancelled it.
        """
        from rclpy.action import ActionClient

        from mirror_gallery.conversions import consent_to_message
        from mirror_msgs.action import CaptureFace

        client = ActionClient(self._node, CaptureFace, "gallery/capture")
        try:
            if not client.wait_for_server(ANSWER_S):
                raise UsageError("The mirror does not offer gallery/capture.")
            goal = CaptureFace.Goal(
                face_id=CaptureFace.Goal.ANY_FACE if track is None else track,
                name=name,
                consent=consent_to_message(consent),
            )
            sent = client.send_goal_async(goal, feedback_callback=lambda message: show(message.feedback))
            handle = self.wait_for(sent, ANSWER_S, "gallery/capture")
            if not handle.accepted:
                raise UsageError("The mirror does not capture now; see the health of its gallery.")
            result = handle.get_result_async()
            try:
                while not result.done():  # in short turns: Ctrl-C does not interrupt a long wait
                    self._executor.spin_once(timeout_sec=TURN_S)
                    if not client.server_is_ready():
                        raise UsageError("The mirror ended during the capture; nothing was kept.")
            except KeyboardInterrupt:
                self.wait_for(handle.cancel_goal_async(), ANSWER_S, "cancelling")
                self.wait_for(result, ANSWER_S, "cancelling")
                raise
            outcome = result.result().result
            return bool(outcome.success), str(outcome.message)
        finally:
            client.destroy()


def connected(namespace: str, *, needs_mirror: bool) -> MirrorAccess | None:
    """The running mirror, None where none runs and none is needed.

    Raises:
        UsageError: if one is needed and none runs.
    """
    try:
        access = MirrorAccess(namespace)
    except UsageError:
        if needs_mirror:
            raise
        return None
    if access.wait(ANSWER_S / 6 if needs_mirror else FIND_S):
        return access
    access.close()
    if needs_mirror:
        raise UsageError("No mirror is running here; start it with `mirror run`, then try again.")
    return None
