"""Captures of people: the demo reel's astronaut, who turns, and a man on a clip, who talks and does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.frame import Frame, Image
from mirror_gallery.capture import CaptureProgress, CaptureSession, CaptureState
from mirror_gallery.quality import eye_openness, face_patch, light_quality, sharpness_quality
from mirror_tracking.tracker import FaceTracker

SHARED_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
RATE_HZ = 12.0


def captured(pictures: Iterable[Image]) -> tuple[CaptureSession, list[CaptureProgress]]:
    """The session after the capture of the largest face, and how it went."""
    tracker, session, history = FaceTracker(), CaptureSession(), []
    try:
        for index, picture in enumerate(pictures):
            stamp_ns = 10**9 + round(index * 1e9 / RATE_HZ)
            faces = tracker.update(Frame(picture, stamp_ns)).faces
            history.append(session.update(stamp_ns, picture, faces[0] if faces else None))
            if history[-1].state is not CaptureState.RUNNING:
                break
    finally:
        tracker.close()
    return session, history


def assert_good(session: CaptureSession) -> None:
    """All views are lit, sharp, cut out and awake."""
    for view in session.views():
        patch = face_patch(view.image, view.landmarks)
        assert patch is not None
        assert light_quality(patch).value > 0.5
        assert sharpness_quality(patch) > 0.5
        assert eye_openness(view.landmarks) > 0.2
        height, width = view.opacity.shape
        assert 0.35 < (view.opacity == 255).mean() < 0.8
        assert max(view.opacity[0].max(), view.opacity[-1].max()) == 0
        inside = view.landmarks[:468, :2]
        assert (inside >= 0).all()
        assert (inside <= (width, height)).all()


def test_the_astronaut_of_the_reel_is_captured_from_three_sides() -> None:
    pytest.importorskip("skimage", reason="scikit-image, with the reel's portrait, is not installed")
    from mirror_camera.reel import Reel

    reel = Reel(640, 360)  # she looks into the mirror, then to her left, then to her right
    session, history = captured(reel.render(7.2 + index / RATE_HZ) for index in range(85))
    assert history[-1].state is CaptureState.COMPLETE
    frontal, left, right = session.views()
    assert abs(frontal.yaw) < 5
    assert 12 < left.yaw < 18  # the reel turns by 25°, in a parallax that looks like less
    assert -18 < right.yaw < -12
    assert_good(session)
    shares = [progress.progress for progress in history]
    assert shares == sorted(shares)


def test_a_man_who_talks_and_does_not_turn_is_captured_from_the_front() -> None:
    clip = SHARED_DATA / "talking_face_dev.mp4"
    if not clip.is_file():
        pytest.skip("the real clips (../shared/data) are not here")

    def pictures() -> Iterator[Image]:
        video = cv2.VideoCapture(str(clip))
        while video.grab():
            _, picture = video.retrieve()
            yield np.asarray(picture, np.uint8)

    session, history = captured(pictures())
    assert history[-1].state is CaptureState.COMPLETE
    assert len(history) < 10 * RATE_HZ
    (view,) = session.views()
    assert abs(view.yaw) < 6
    assert_good(session)
