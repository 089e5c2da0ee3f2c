"""The unmask graph before a picture of somebody with a mask: who wears one is said, and it is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest


def picture_with_a_mask() -> Any:
    """The demo person with a green mask, 640 × 480."""
    from mirror_camera.reel import Reel
    from mirror_core.frame import Frame
    from mirror_effects.medical import MaskOptions, MedicalMasks
    from mirror_tracking.tracker import FaceTracker

    tracker = FaceTracker()
    frame = Frame(Reel(640, 480).render(1.0), 10**9)
    for number in range(12):
        frame = Frame(frame.image, (number + 1) * 33_000_000)
        faces = tracker.update(frame).faces
    tracker.close()
    (face,) = faces
    look = MaskOptions(colours={"#28aa28": 1.0}, textures={"plain": 1.0})
    return MedicalMasks(look).put_on(frame.image, face.landmarks, 3, "surgical").image


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(
    request: pytest.FixtureRequest,
    start_mirror: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("pictures")
    cv2.imwrite(str(folder / "masked.png"), picture_with_a_mask())
    mirror = start_mirror(
        *("camera:=images", f"path:={folder}", "web:=false", f"composed:={request.param}"), graph="unmask"
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


def greenness(image: Any) -> float:
    """The share of green pixels."""
    blue, green, red = (image[..., channel].astype(int) for channel in range(3))
    return float(((green - blue > 40) & (green - red > 40)).mean())


def test_it_is_said_who_wears_a_mask_and_where(mirror: Any, observer: Any) -> None:
    from mirror_msgs.msg import FaceArray

    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces", keep=5)

    def judged() -> Any:
        newest = [face for message in list(faces.messages)[-1:] for face in message.faces]
        return next((face for face in newest if face.mask_probability > 0.9), None)

    face = observer.until(judged, "a face with a mask")
    mask, whole = face.mask_roi, face.roi
    assert 0.3 * whole.width < mask.width <= 1.3 * whole.width
    assert mask.y_offset > whole.y_offset + 0.2 * whole.height
    points = np.frombuffer(face.landmarks, np.float32).reshape(478, 3)
    lip = points[14]
    assert mask.x_offset < lip[0] < mask.x_offset + mask.width
    assert mask.y_offset < lip[1] < mask.y_offset + mask.height


def test_the_mask_is_not_shown(mirror: Any, observer: Any, pixels_of: Any) -> None:
    from sensor_msgs.msg import Image

    raw = observer.listen(Image, f"{mirror.namespace}/camera/image_raw", keep=2)
    shown = observer.listen(Image, f"{mirror.namespace}/image", keep=2)
    before = greenness(pixels_of(observer.until(lambda: raw.messages and raw.messages[-1], "a picture")))
    assert before > 0.005

    def is_gone() -> bool:
        return bool(shown.messages) and greenness(pixels_of(shown.messages[-1])) < 0.1 * before

    observer.until(is_gone, "the mask to go")
    assert observer.set_parameter(f"{mirror.namespace}/effects", "unmask.strength", 0.0) == ""
    observer.until(
        lambda: abs(greenness(pixels_of(shown.messages[-1])) - before) < 0.1 * before, "the mask to be back"
    )
    refusal = observer.set_parameter(f"{mirror.namespace}/effects", "unmask.precision", "double")
    assert "int8" in refusal


def test_it_ends_cleanly(mirror: Any, observer: Any) -> None:
    mirror.interrupt()
    assert mirror.wait() == 0, mirror.tail
    mirror.assert_clean_end()
