"""The watermark: on every altered picture and on no other, readable in the mirror, in its corner."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.frame import Image, read_only
from mirror_core.parameters import update
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.landmarks import LandmarksEffect
from mirror_effects.plate import Plate, caption, marked_text
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.testing import painted, room, wearer
from mirror_effects.watermark import Watermark, WatermarkParameters, is_altered

SIZE = (1280, 720)


def mark(**values: Any) -> Watermark:
    return Watermark(update(WatermarkParameters(), {"show": "text", **values}))


def changed(image: Image, result: Image) -> np.ndarray:
    """Left, top, right and bottom of what is different."""
    rows, columns = np.nonzero((image != result).any(axis=2))
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


def png(tmp_path: Path, alpha: int = 255) -> str:
    """A mark of 40 × 20 px: red, its left half transparent."""
    picture = np.zeros((20, 40, 4), np.uint8)
    picture[..., 2] = 255
    picture[:, 20:, 3] = alpha
    path = tmp_path / "mark.png"
    assert cv2.imwrite(str(path), picture)
    return str(path)


# ---- the mark


@pytest.mark.parametrize("mirrored", [True, False])
@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
def test_it_stands_in_its_corner_as_shown(corner: str, mirrored: bool) -> None:
    camera = read_only(room(size=SIZE))
    result = mark(corner=corner, mirrored=mirrored).mark(camera)
    left, top, right, bottom = changed(camera, result)
    if mirrored:
        left, right = SIZE[0] - right, SIZE[0] - left
    assert (left < 60) == corner.endswith("left")
    assert (right > SIZE[0] - 60) == corner.endswith("right")
    assert (top < 60) == corner.startswith("top")
    assert (bottom > SIZE[1] - 60) == corner.startswith("bottom")
    assert right - left < SIZE[0] / 4
    assert bottom - top < SIZE[1] / 12


def test_in_the_middle_it_is_seen_where_the_sides_are_cut_off() -> None:
    camera = read_only(room(size=SIZE))
    left, top, right, _ = changed(camera, mark(corner="bottom_centre").mark(camera))
    assert abs(left + right - SIZE[0]) < 8
    assert top > SIZE[1] - 80
    assert changed(camera, mark(corner="top_centre").mark(camera))[3] < 80


def test_it_reads_right_in_the_mirror() -> None:
    camera = room(size=SIZE)
    straight = mark(mirrored=False).mark(camera.copy())
    mirrored = mark(mirrored=True).mark(camera.copy())
    np.testing.assert_array_equal(mirrored[:, ::-1], straight)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_it_is_seen_on_dark_and_on_light(level: int) -> None:
    camera = room(level, SIZE)
    result = mark().mark(camera.copy())
    difference = np.abs(result.astype(int) - level)
    assert difference.max() > 60
    assert (difference.max(axis=2) > 30).sum() > 400


def test_its_text_is_that_of_the_language_or_your_own() -> None:
    camera = room(size=SIZE)
    marks = [
        Watermark(WatermarkParameters(show="text"), "en"),
        Watermark(WatermarkParameters(show="text"), "de"),
    ]
    marks.append(mark(text="altered picture"))
    english, german, own = (made.mark(camera.copy()) for made in marks)
    np.testing.assert_array_equal(english, own)
    assert (english != german).any()


def test_more_opacity_and_size_is_seen_more() -> None:
    camera = room(size=SIZE)
    faint, strong, large = (
        np.abs(mark(**values).mark(camera.copy()).astype(int) - camera).sum()
        for values in ({"opacity": 0.3}, {"opacity": 0.9}, {"opacity": 0.3, "size": 0.07})
    )
    assert strong > 2 * faint
    assert large > 2 * faint


def test_a_picture_of_your_own_is_laid_on_with_its_transparency(tmp_path: Path) -> None:
    camera = room(200, SIZE)
    values = {"show": "picture", "picture": png(tmp_path), "opacity": 1.0, "size": 0.05, "mirrored": False}
    result = Watermark(update(WatermarkParameters(), values)).mark(camera.copy())
    assert changed(camera, result).tolist() == [1226, 666, 1262, 702]  # the right half of 72 × 36 px
    assert result[690, 1250].tolist() == [0, 0, 255]


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_picture_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mark.png"
    if content is not None:
        path.write_bytes(content)
    sentence = (
        f"watermark.picture = {path} is refused: allowed is a readable PNG file of at most 4096 px a side."
    )
    with pytest.raises(ParameterError, match=re.escape(sentence)):
        Watermark(WatermarkParameters(show="picture", picture=str(path)))
    with pytest.raises(ParameterError, match=r"set watermark\.picture to a PNG file first"):
        WatermarkParameters(show="picture")


def test_off_is_the_default_and_leaves_the_picture_alone() -> None:
    camera = read_only(room())
    watermark = Watermark()
    assert not watermark.is_on
    assert watermark.mark(camera) is camera


# ---- when it is due


def test_the_same_picture_is_not_altered_and_one_with_another_face_is() -> None:
    face = wearer((640.0, 360.0), 300.0)
    camera = read_only(painted(room(size=SIZE), [face]))
    same = camera.copy()
    assert not is_altered(camera, camera, (face,))
    assert not is_altered(same, camera, (face,))
    x, y = (round(value) for value in face.roi.centre)
    same[y : y + 8, x : x + 8] ^= 64
    assert is_altered(same, camera, (face,))
    elsewhere = camera.copy()
    elsewhere[640:700, 20:60] = 0
    assert is_altered(elsewhere, camera, (face,))
    assert is_altered(camera[:-2], camera, ())


class Nose(Effect):
    """Paints over each face, or fails."""

    name = "nose"
    fails = False

    def apply(self, image: Image, scene: Scene) -> Image:
        if self.fails:
            raise RuntimeError("no nose")
        image = writable(image)
        for face in scene.faces:
            x, y = (round(value) for value in face.roi.centre)
            cv2.circle(image, (x, y), 12, (0, 0, 255), -1)
        return image


def test_only_effects_that_change_faces_make_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = EffectStack({"nose": Nose, "landmarks": LandmarksEffect})
    scene = Scene(0, (wearer(),))
    for names, alters in ((("landmarks",), False), (("landmarks", "nose"), True), ((), False)):
        stack.choose(names)
        stack.apply(room(), scene)
        assert stack.alters_faces == alters
    monkeypatch.setattr(Nose, "fails", True)
    stack.choose(("nose",))
    stack.apply(room(), scene)
    assert not stack.alters_faces  # it is off


def test_every_effect_but_those_that_show_faces_as_they_are_counts() -> None:
    effects = find_effects([]).effects
    assert {name for name, effect in effects.items() if not effect.alters_faces} == {
        "none",
        "landmarks",
        "delay",
        "then_and_now",
    }


# ---- plates


def test_a_plate_is_mixed_by_its_opacity_and_cut_at_the_picture_s_edge() -> None:
    colour = np.full((10, 20, 3), 200, np.uint8)
    plate = Plate.of(colour, np.full((10, 20), 128, np.uint8))
    image = np.full((30, 40, 3), 100, np.uint8)
    plate.lay(image, 5, 5)
    assert image[10, 10].tolist() == [150, 150, 150]
    assert image[4, 10].tolist() == [100, 100, 100]
    for x, y in ((-15, -5), (35, 25), (200, 0), (0, -200)):
        plate.lay(image, x, y)
    assert image[2, 2].tolist() == [150, 150, 150]
    assert image[29, 39].tolist() == [150, 150, 150]


def test_a_caption_is_no_wider_than_it_may_be() -> None:
    wide = caption(("A rather long line of words", "short"), 40, 10_000)
    narrow = caption(("A rather long line of words", "short"), 40, 200)
    assert wide.width > 300
    assert narrow.width <= 200
    assert narrow.height < wide.height


def test_a_marked_text_has_no_ground() -> None:
    plate = marked_text("mark", 40, 1.0)
    rim = np.concatenate([plate.keep[0], plate.keep[-1], plate.keep[:, 0], plate.keep[:, -1]])
    assert rim.min() > 250
    assert plate.keep.min() == 0
