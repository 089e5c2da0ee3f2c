"""The effect `delay`: the picture of exactly so long ago, in bounded memory, and nothing left behind."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, read_only
from mirror_core.parameters import update
from mirror_core.settling import settle
from mirror_effects import Scene
from mirror_effects.delay import DelayEffect
from mirror_effects.delayed_pictures import DelayedPictures
from mirror_effects.frame_ring import BEST_QUALITY, WORST_QUALITY, FrameRing
from mirror_effects.time_layout import ABOVE, BESIDE, FULL, INSET, TimeLayout

STEP_NS = 33_333_333
SIZE = (320, 180)
CODEC = 3.0  # grey levels by which JPEG may change a smooth picture, in the mean


def picture(number: int, size: tuple[int, int] = SIZE) -> Image:
    """A smooth picture that is another one for each number: a bright spot goes from left to right."""
    width, height = size
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    spot = np.exp(-(((x - (number % 97) / 97) * 6) ** 2) - ((y - 0.4) * 5) ** 2)
    return read_only(
        np.stack([60 + 120 * spot, 90 + 0 * spot, 40 + 180 * y * np.ones_like(x)], -1).astype(np.uint8)
    )


def noise(number: int, size: tuple[int, int] = SIZE) -> Image:
    return np.random.default_rng(number).integers(0, 256, (size[1], size[0], 3), np.uint8)


def distance(one: Any, other: Any) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.fixture
def effect() -> Any:
    made = DelayEffect()
    yield made
    made.close()


def shown(effect: DelayEffect, first: int, last: int, step_ns: int = STEP_NS) -> Image:
    """The last picture after the frames first … last, each at its own time."""
    for number in range(first, last + 1):
        result = effect.apply(picture(number), Scene(10**12 + number * step_ns))
        settle()
    return result


# ---- the picture of so long ago


@pytest.mark.parametrize(("seconds", "frames"), [(0.5, 15), (1.0, 30)])
def test_the_picture_is_that_of_so_many_seconds_ago(effect: DelayEffect, seconds: float, frames: int) -> None:
    effect.parameters = update(effect.parameters, {"seconds": seconds, "layout": FULL, "caption": False})
    for number in (frames + 3, frames + 20):
        result = shown(effect, 0 if number == frames + 3 else frames + 4, number)
        assert distance(result, picture(number - frames)) < CODEC
        assert distance(result, picture(number - frames - 1)) > distance(result, picture(number - frames))
        assert distance(result, picture(number - frames + 1)) > distance(result, picture(number - frames))


def test_until_there_is_one_the_present_picture_is_shown_with_how_long_it_takes(effect: DelayEffect) -> None:
    effect.parameters = update(effect.parameters, {"seconds": 2.0, "layout": FULL})
    results = []
    for number in (0, 20, 40):
        results.append(effect.apply(picture(0), Scene(10**12 + number * STEP_NS)))
        np.testing.assert_array_equal(results[-1][:120], picture(0)[:120])
        assert distance(results[-1][130:], picture(0)[130:]) > 5  # the caption
    np.testing.assert_array_equal(results[0], results[1])  # in 2 s
    assert distance(results[0], results[2]) > 0  # in 1 s


def test_a_fast_camera_is_kept_at_thirty_pictures_a_second(effect: DelayEffect) -> None:
    effect.parameters = update(effect.parameters, {"seconds": 0.5, "layout": FULL, "caption": False})
    result = shown(effect, 0, 60, step_ns=STEP_NS // 2)
    assert min(distance(result, picture(number)) for number in (29, 30, 31)) < CODEC
    assert effect.bytes_used < 18 * len(cv2.imencode(".jpg", picture(30), (cv2.IMWRITE_JPEG_QUALITY, 92))[1])


@pytest.mark.parametrize("jump_s", [-5.0, 60.0])
def test_after_a_jump_in_time_nothing_of_before_is_shown(effect: DelayEffect, jump_s: float) -> None:
    effect.parameters = update(effect.parameters, {"seconds": 0.5, "layout": FULL, "caption": False})
    shown(effect, 0, 30)
    stamp_ns = 10**12 + 30 * STEP_NS + round(jump_s * 1e9)
    result = effect.apply(picture(80), Scene(stamp_ns))
    np.testing.assert_array_equal(result[:120], picture(80)[:120])
    settle()
    assert effect.apply(picture(81), Scene(stamp_ns + STEP_NS)) is not None
    assert effect.bytes_used < 30_000


def test_the_frame_that_is_kept_is_never_drawn_on(effect: DelayEffect) -> None:
    effect.parameters = update(effect.parameters, {"seconds": 0.5, "layout": INSET})
    for number in range(20):
        image = picture(number).copy()  # writable, as a frame that an earlier effect has drawn on
        effect.apply(image, Scene(10**12 + number * STEP_NS))
        np.testing.assert_array_equal(image, picture(number))


# ---- where it stands


@pytest.mark.parametrize("mirrored", [True, False])
@pytest.mark.parametrize("layout", [BESIDE, ABOVE, INSET])
def test_then_and_now_stand_where_the_layout_says(effect: DelayEffect, layout: str, mirrored: bool) -> None:
    values = {"seconds": 0.5, "layout": layout, "caption": False, "mirrored": mirrored, "corner": "top_left"}
    effect.parameters = update(effect.parameters, values)
    result = shown(effect, 0, 60)
    as_shown = result[:, ::-1] if mirrored else result
    then, now = (picture(number)[:, :: -1 if mirrored else 1] for number in (45, 60))
    width, height = SIZE
    if layout == BESIDE:
        assert distance(as_shown[:, :158], then[:, 81:239]) < CODEC
        assert distance(as_shown[:, -158:], now[:, 81:239]) < CODEC
    elif layout == ABOVE:
        assert distance(as_shown[:88], then[46:134]) < CODEC
        np.testing.assert_array_equal(as_shown[-88:], now[46:134])
    else:
        wide, margin = round(0.3 * width), round(0.02 * height)
        small = cv2.resize(then, (wide, round(wide * height / width)), interpolation=cv2.INTER_AREA)
        part = as_shown[margin : margin + small.shape[0], margin : margin + wide]
        assert distance(part[2:-2, 2:-2], small[2:-2, 2:-2]) < CODEC
        np.testing.assert_array_equal(as_shown[80:], now[80:])


def test_what_is_earlier_is_on_the_left_of_the_mirror() -> None:
    layout = TimeLayout.of(BESIDE, (1280, 720), "top_left", 0.3, mirrored=True)
    assert layout.then.x > layout.now.x
    assert layout.then.width + layout.now.width < 1280
    inset = TimeLayout.of(INSET, (1280, 720), "top_left", 0.25, aspect=0.8, mirrored=False)
    assert (inset.then.width, inset.then.height) == (320, 400)
    assert (inset.now.width, inset.now.height) == (1280, 720)


# ---- memory


def test_the_ring_gives_back_the_nearest_picture_and_forgets_what_is_too_old() -> None:
    ring = FrameRing(1.0)
    for number in range(60):
        ring.add(number * STEP_NS, picture(number))
    assert ring.oldest_ns == 28 * STEP_NS  # the youngest one of those that are a second old
    assert len(ring) == 32
    stamp_ns, found = ring.at(40 * STEP_NS + STEP_NS // 3)
    assert stamp_ns == 40 * STEP_NS
    assert distance(found, picture(40)) < CODEC
    assert ring.at(0)[0] == 28 * STEP_NS
    assert ring.at(10**12)[0] == 59 * STEP_NS


def test_the_memory_is_bounded_whatever_the_camera_sees() -> None:
    bound = 600_000
    ring = FrameRing(2.0, bound)
    most = 0
    for number in range(120):
        ring.add(number * STEP_NS, noise(number))
        most = max(most, ring.bytes_used)
    assert most <= bound
    assert ring.quality == WORST_QUALITY
    assert ring.is_cut  # noise does not compress: the ring reaches back less
    assert 0 < 119 * STEP_NS - ring.oldest_ns < 2e9


def test_pictures_are_compressed_more_before_any_is_lost() -> None:
    sizes = [len(cv2.imencode(".jpg", noise(0), (cv2.IMWRITE_JPEG_QUALITY, q))[1]) for q in (92, 72)]
    ring = FrameRing(2.0, round(62 * sum(sizes) / 2))
    for number in range(120):
        ring.add(number * STEP_NS, noise(number))
    assert WORST_QUALITY < ring.quality < BEST_QUALITY
    assert 119 * STEP_NS - ring.oldest_ns >= 1.8e9


def test_a_high_picture_is_kept_smaller_and_comes_back_in_its_size() -> None:
    ring = FrameRing(1.0)
    ring.add(1, picture(40, (1920, 1080)))
    small = FrameRing(1.0)
    small.add(1, picture(40, (1280, 720)))
    assert ring.bytes_used == pytest.approx(small.bytes_used, rel=0.1)
    found = ring.at(1)[1]
    assert found.shape == (1080, 1920, 3)
    assert distance(found, picture(40, (1920, 1080))) < CODEC


@pytest.mark.parametrize(("size", "stamp_ns"), [((160, 90), 100), (SIZE, 5)])
def test_another_size_or_an_earlier_time_begins_anew(size: tuple[int, int], stamp_ns: int) -> None:
    ring = FrameRing(1.0)
    ring.add(10, picture(0))
    ring.add(stamp_ns, picture(1, size))
    assert (len(ring), ring.oldest_ns) == (1, stamp_ns)


def test_a_ring_needs_time_and_memory() -> None:
    with pytest.raises(ShapeError, match="needs some time and memory, not 0 s"):
        FrameRing(0)
    assert FrameRing(1.0).at(5) is None


@pytest.mark.parametrize("how", ["forget", "close"])
def test_nothing_stays_when_the_shutter_closes_or_the_effect_goes(effect: DelayEffect, how: str) -> None:
    effect.parameters = update(effect.parameters, {"seconds": 0.5, "layout": FULL, "caption": False})
    shown(effect, 0, 30)
    assert effect.bytes_used > 10_000
    getattr(effect, how)()
    assert effect.bytes_used == 0
    result = effect.apply(picture(31), Scene(10**12 + 31 * STEP_NS))
    np.testing.assert_array_equal(result[:120], picture(31)[:120])


def test_a_picture_that_is_still_being_kept_is_forgotten_too() -> None:
    pictures = DelayedPictures(0.5)
    for number in range(3):
        pictures.exchange(number * STEP_NS, picture(number))
    pictures.clear()
    settle()
    assert pictures.bytes_used == 0
    assert pictures.exchange(4 * STEP_NS, picture(4)) is None
    pictures.close()
