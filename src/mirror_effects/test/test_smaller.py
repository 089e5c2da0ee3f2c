"""Effects drawn at a lower resolution: where they draw, what stays as it was, and which scene they see."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import cv2
import numpy as np
import pytest

from mirror_core.faces import Roi
from mirror_core.frame import Image, read_only
from mirror_core.governor import Step
from mirror_core.testing import synthetic_body
from mirror_effects import Effect, Scene, writable
from mirror_effects.registry import find_effects
from mirror_effects.smaller import apply_smaller, smaller_scene
from mirror_effects.stack import EffectStack
from mirror_effects.testing import painted, room, wearer

SHARE = 1 / 2
RED = (20, 30, 220)


class Dot(Effect):
    """Fills a square in the middle of each face."""

    name = "dot"
    needs = frozenset({"faces"})
    gains_by_resolution = True
    seen: ClassVar[list[tuple[tuple[int, ...], int]]] = []

    def apply(self, image: Image, scene: Scene) -> Image:
        self.seen.append((image.shape, self.level))
        image = writable(image)
        for face in scene.faces:
            x, y = (round(v) for v in face.roi.centre)
            half = round(face.roi.height / 8)
            image[y - half : y + half, x - half : x + half] = RED
        return image


class Fixed(Dot):
    name = "fixed"
    any_resolution = False


@pytest.fixture
def noise() -> Image:
    picture = np.random.default_rng(5).integers(0, 255, (480, 640, 3), np.uint8)
    return read_only(picture)


def test_the_effect_lands_where_it_would_and_all_else_keeps_its_pixels(noise: Image) -> None:
    face = wearer((300, 220))
    scene = Scene(1, (face,), camera=noise)
    result = apply_smaller(Dot().apply, noise, scene, SHARE)
    full = Dot().apply(noise, scene)
    assert result.shape == noise.shape
    changed = (full != noise).any(axis=2).astype(np.uint8)
    inside = cv2.erode(changed, np.ones((7, 7))) > 0
    np.testing.assert_array_equal(result[inside], full[inside])
    outside = cv2.dilate(changed, np.ones((15, 15))) == 0  # the square fills its box
    np.testing.assert_array_equal(result[outside], noise[outside])


def test_where_nothing_is_drawn_the_picture_itself_comes_back(noise: Image) -> None:
    assert apply_smaller(lambda image, scene: image, noise, Scene(1), SHARE) is noise
    assert apply_smaller(lambda image, scene: image.copy(), noise, Scene(1), SHARE) is noise


def test_everything_in_pixels_is_made_smaller_and_all_else_kept() -> None:
    face = replace(wearer((300, 220)), mask_roi=Roi(240, 200, 90, 60))
    mask = np.full((150, 80), 255, np.uint8)
    body = replace(synthetic_body(), roi=Roi(60, 30, 80, 150), segmentation=mask)
    small = smaller_scene(Scene(7, (face,), bodies=(body,)), SHARE, None)
    assert small.faces[0].landmarks == pytest.approx(face.landmarks * SHARE)
    assert small.faces[0].roi.centre == pytest.approx([v * SHARE for v in face.roi.centre])
    where = small.faces[0].mask_roi
    assert (where.x, where.y, where.width, where.height) == pytest.approx((120, 100, 45, 30))
    assert small.faces[0].head_pose is face.head_pose
    assert small.bodies[0].roi == Roi(30, 15, 40, 75)
    assert small.bodies[0].segmentation.shape == (75, 40)
    assert small.bodies[0].landmarks == pytest.approx(body.landmarks * SHARE)
    assert small.stamp_ns == 7


def test_the_stack_draws_smaller_at_the_last_level_only_and_tells_effects_the_level(noise: Image) -> None:
    stack = EffectStack({"dot": Dot, "fixed": Fixed})
    stack.choose(["dot"])
    scene = Scene(1, (wearer((300, 220)),))
    Dot.seen.clear()
    for level in (Step.NONE, Step.TRACKING, Step.RESOLUTION, Step.NONE):
        stack.level = level
        assert stack.apply(noise, scene).shape == noise.shape
    assert Dot.seen == [((480, 640, 3), 0), ((480, 640, 3), 3), ((240, 320, 3), 4), ((480, 640, 3), 0)]
    stack.choose(["dot", "fixed"])  # one that cannot keeps all of them from it
    stack.level = Step.RESOLUTION
    Dot.seen.clear()
    stack.apply(noise, scene)
    assert Dot.seen == [((480, 640, 3), 4)] * 2
    assert not stack.gains_by_resolution


def blurred(image: Image) -> np.ndarray:
    """Without what a lower resolution cannot show."""
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), 3)


@pytest.mark.parametrize("name", ["mask", "wear_mask"])
def test_built_in_effects_look_much_the_same(name: str) -> None:
    face = wearer((320, 240), 300.0)
    image = read_only(painted(room(), [face]))
    stack = EffectStack(find_effects().effects)
    stack.choose([name])
    scene = Scene(10**9, (face,), camera=image)
    full = blurred(stack.apply(image, scene))
    stack.level = Step.RESOLUTION
    small = blurred(stack.apply(image, scene))
    assert not stack.failed
    effect = np.abs(full - blurred(image)).mean()
    difference = np.abs(small - full).mean()
    assert effect > 0.05
    assert difference < 0.5 * effect
    stack.close()
