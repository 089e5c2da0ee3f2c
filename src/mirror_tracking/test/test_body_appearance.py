"""How people look: alike in other light, unlike in other clothes, unknown where too little is seen."""

from __future__ import annotations

import cv2
import numpy as np
from skimage import data

from mirror_core.frame import Image
from mirror_core.testing import synthetic_body
from mirror_tracking.body_appearance import describe_body

SIZE = 100.0
BODY = synthetic_body((320.0, 260.0), 322.0)


def dressed(shirt: tuple[int, int, int], hair: tuple[int, int, int] = (30, 40, 60), shift: int = 0) -> Image:
    """A picture of the synthetic body in a shirt; colours in BGR."""
    image = np.full((480, 640, 3), 128, np.uint8)
    cv2.rectangle(image, (270 + shift, 150), (370 + shift, 275), shirt, -1)
    cv2.ellipse(image, (320 + shift, 125), (25, 35), 0, 0, 360, (150, 170, 210), -1)
    cv2.rectangle(image, (290 + shift, 85), (350 + shift, 112), hair, -1)
    return image


def test_the_same_person_looks_the_same_elsewhere_and_in_other_light() -> None:
    one = describe_body(dressed((180, 60, 40)), BODY.landmarks, SIZE)
    moved = describe_body(
        dressed((180, 60, 40), shift=80), BODY.landmarks + np.array((80, 0, 0), np.float32), SIZE
    )
    darker = describe_body((dressed((180, 60, 40)) * 0.6).astype(np.uint8), BODY.landmarks, SIZE)
    assert one is not None
    assert moved is not None
    assert darker is not None
    assert one.shape == (42,)
    assert abs(float(np.linalg.norm(one)) - 1) < 1e-5
    assert 1 - float(one @ moved) < 0.01
    assert 1 - float(one @ darker) < 0.05


def test_people_in_other_clothes_look_different() -> None:
    blue = describe_body(dressed((180, 60, 40)), BODY.landmarks, SIZE)
    red = describe_body(dressed((40, 60, 180)), BODY.landmarks, SIZE)
    assert blue is not None
    assert red is not None
    assert 1 - float(blue @ red) > 0.5


def test_where_the_picture_shows_too_little_nothing_is_said() -> None:
    image = np.ascontiguousarray(data.astronaut()[..., ::-1])
    head_only = synthetic_body((256.0, 900.0), 1000.0)  # hips and shoulders far below the picture
    assert describe_body(image, head_only.landmarks, 310.0) is None
    assert describe_body(np.full((480, 640, 3), 77, np.uint8), BODY.landmarks, SIZE) is None
