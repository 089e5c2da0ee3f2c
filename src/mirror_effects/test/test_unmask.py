"""The effect `unmask`: what is laid where, that it keeps still, and that the frame path never waits."""

from __future__ import annotations

import threading
from dataclasses import fields

import cv2
import numpy as np
import pytest

import mirror_effects.unmask
from mirror_core.errors import ModelError
from mirror_core.frame import read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.testing import SKIN_COLOUR, painted, room, wearer
from mirror_effects.uncovered import Uncovered
from mirror_effects.unmask import UnmaskEffect, UnmaskParameters
from mirror_effects.unmasking import Look, Steadier
from mirror_tracking.mask_reading import MaskCard
from mirror_tracking.unmask_input import face_similarity, in_square

SIDE = 96
CARD = MaskCard(0.05, 0.005, SIDE)
MASK_COLOUR = (60, 160, 60)
BENEATH = SKIN_COLOUR  # what the fake network finds; the skin's own, so that no light is to be carried over
MOUTH = 14
LIGHT = 20  # grey levels by which the light around the mask may change what was found


class GreenIsMask:
    """A network that takes green for a mask and finds BENEATH under it."""

    side = SIDE

    def __init__(self) -> None:
        self.looks = 0
        self.noise = np.random.default_rng(3)
        self.noisy = 0.0
        self.may_go = threading.Event()
        self.may_go.set()

    def look(self, square):
        self.may_go.wait(5)
        self.looks += 0.5  # a look is from both sides
        green = square[..., 1].astype(np.float32) - square[..., 2]
        colour = np.empty(square.shape, np.float32)
        colour[:] = np.array(BENEATH, np.float32) / 255
        colour += self.noisy * self.noise.standard_normal(colour.shape).astype(np.float32)
        return colour, (green > 50).astype(np.float32)


@pytest.fixture
def network(monkeypatch):
    network = GreenIsMask()
    monkeypatch.setattr(mirror_effects.unmask, "load_unmask_model", lambda precision, threads: network)
    monkeypatch.setattr(mirror_effects.unmask, "load_card", lambda file: CARD)
    return network


@pytest.fixture
def effect(network):
    effect = UnmaskEffect()
    yield effect
    network.may_go.set()
    effect.close()


def masked(*faces, level: int = 120):
    """A picture of people with green masks, read-only; the pixels of the masks."""
    image = painted(room(level), list(faces))
    where = np.zeros(image.shape[:2], np.uint8)
    for face in faces:
        outline = face.landmarks[[234, 93, 132, 58, 172, 152, 397, 288, 361, 323, 454, 6], :2]
        cv2.fillPoly(where, [np.rint(outline).astype(np.int32)], 255)
    image[where > 0] = MASK_COLOUR
    return read_only(image), where > 0


def at(seconds: float, *faces, **more) -> Scene:
    return Scene(int(1e9 * (10 + seconds)), tuple(faces), **more)


def shown(effect: UnmaskEffect, image, scene: Scene):
    """What the effect shows once its network has seen this very frame."""
    effect.apply(image, scene)
    wait_for(effect)
    return effect.apply(image, scene)


def wait_for(effect: UnmaskEffect) -> None:
    assert effect.unmasker is not None
    assert effect.unmasker.wait(5), "the network did not answer"


def test_the_mask_goes_and_every_other_byte_stays(effect):
    face = wearer(yaw=0.2)
    image, where = masked(face)
    result = shown(effect, image, at(0.0, face))
    inside = cv2.erode(where.astype(np.uint8), np.ones((9, 9))) > 0
    assert np.abs(result[inside].astype(int) - BENEATH).max() <= LIGHT
    outside = cv2.dilate(where.astype(np.uint8), np.ones((15, 15))) == 0
    np.testing.assert_array_equal(result[outside], image[outside])
    assert not image.flags.writeable
    assert result is not image


def test_the_frame_path_never_waits_for_the_network(effect, network):
    network.may_go.clear()
    face = wearer()
    image, _ = masked(face)
    for tick in range(20):
        assert effect.apply(image, at(tick / 30, face)) is image
    assert network.looks == 0
    network.may_go.set()
    wait_for(effect)
    assert network.looks == 1  # of twenty frames one was looked at: squares are not cut for nothing
    assert (effect.apply(image, at(0.7, face)) != image).any()


def test_late_faces_are_looked_at_only_where_no_others_come(effect, network):
    face = wearer()
    image, _ = masked(face)
    shown(effect, image, at(0.0, face))
    for seconds, looks in ((0.05, 1), (0.1, 1), (0.25, 2), (0.3, 2)):
        effect.apply(image, at(seconds, face, faces_are_stale=True))
        wait_for(effect)
        assert network.looks == looks, seconds


def test_it_looks_from_one_side_where_that_is_chosen(effect, network):
    face = wearer()
    image, _ = masked(face)
    shown(effect, image, at(0.0, face))
    assert network.looks == 1
    effect.parameters = UnmaskParameters(both_sides=False)
    effect.apply(image, at(0.2, face))
    wait_for(effect)
    assert network.looks == 1.5


def test_one_can_wait_for_the_answer_and_is_told_when_there_is_none(effect, network):
    assert effect.unmasker is None  # nobody was there yet
    network.may_go.clear()
    face = wearer()
    image, _ = masked(face)
    effect.apply(image, at(0.0, face))
    assert not effect.unmasker.is_free
    assert not effect.unmasker.wait(0.01)
    assert effect.unmasker.answers == 0
    network.may_go.set()
    assert effect.unmasker.wait(5)
    assert effect.unmasker.is_free
    assert effect.unmasker.answers == 1


def test_a_late_answer_is_laid_where_the_face_is_now(effect):
    here, there = wearer((250, 240)), wearer((390, 260), height=300.0)
    image, _ = masked(here)
    effect.apply(image, at(0.0, here))
    wait_for(effect)
    moved, where = masked(there)
    result = effect.apply(moved, at(0.05, there))
    inside = cv2.erode(where.astype(np.uint8), np.ones((25, 25))) > 0
    assert np.abs(result[inside].astype(int) - BENEATH).max() <= LIGHT


def test_bare_faces_are_left_alone(effect, network):
    face = wearer()
    image = read_only(painted(room(), [face]))
    assert shown(effect, image, at(0.0, face)) is image
    assert network.looks >= 1
    assert effect.apply(image, at(0.1)) is image  # nobody there


def test_of_several_people_those_with_masks_lose_them(effect):
    masks, bare, far = wearer((160, 240)), wearer((480, 240), track_id=2), wearer((330, 80), 90.0, track_id=3)
    image, _ = masked(masks, far)
    image = image.copy()
    image[:, 380:] = painted(room(), [bare])[:, 380:]
    result = shown(effect, read_only(image), at(0.0, masks, bare, far))
    for face in (masks, far):
        x, y = face.landmarks[MOUTH, :2].astype(int)
        assert np.abs(result[y, x].astype(int) - BENEATH).max() <= LIGHT
    np.testing.assert_array_equal(result[:, 380:], image[:, 380:])


def test_strength_mixes_and_none_of_it_does_nothing(effect, network):
    face = wearer()
    image, where = masked(face)
    effect.parameters = UnmaskParameters(strength=0.5)
    result = shown(effect, image, at(0.0, face))
    inside = cv2.erode(where.astype(np.uint8), np.ones((9, 9))) > 0
    middle = (np.array(BENEATH) + MASK_COLOUR) / 2
    assert np.abs(result[inside] - middle).max() <= LIGHT
    effect.parameters = UnmaskParameters(strength=0.0)
    looks = network.looks
    assert effect.apply(image, at(0.2, face)) is image
    assert network.looks == looks


def test_precision_and_threads_choose_the_network(monkeypatch):
    made = []

    def load(precision, threads):
        made.append((precision, threads))
        return GreenIsMask()

    monkeypatch.setattr(mirror_effects.unmask, "load_unmask_model", load)
    monkeypatch.setattr(mirror_effects.unmask, "load_card", lambda file: CARD)
    effect = UnmaskEffect()
    face = wearer()
    image, _ = masked(face)
    try:
        shown(effect, image, at(0.0, face))
        effect.parameters = update(effect.parameters, {"precision": "float16", "threads": 1})
        shown(effect, image, at(0.1, face))
        shown(effect, image, at(0.2, face))
        assert made == [("int8", 2), ("float16", 1)]
    finally:
        effect.close()
    assert {field.name for field in fields(UnmaskParameters)} == {
        "strength",
        "smoothing",
        "precision",
        "both_sides",
        "rate",
        "threads",
    }  # each has a test here


def test_a_missing_model_is_said_in_one_sentence(monkeypatch):
    def missing(precision, threads):
        raise ModelError("The unmasking model is missing.")

    monkeypatch.setattr(mirror_effects.unmask, "load_unmask_model", missing)
    monkeypatch.setattr(mirror_effects.unmask, "load_card", lambda file: CARD)
    effect = UnmaskEffect()
    image, _ = masked(wearer())
    try:
        effect.apply(image, at(0.0, wearer()))
        wait_for(effect)
        with pytest.raises(ModelError, match="is missing"):
            effect.apply(image, at(0.1, wearer()))
    finally:
        effect.close()


# ---- stillness


def look(offset: float = 0.0) -> Look:
    """A look at a face whose bare points lie so far from their usual places, in shares of the square."""
    points = in_square(wearer().landmarks, face_similarity(wearer().landmarks, 1))[:11]
    return Look(1, np.zeros((SIDE, SIDE, 3), np.uint8), points + np.float32(offset))


ALL_MASK = np.ones((SIDE, SIDE), np.float32)


def means(steadier: Steadier, answers, offsets, rate: float = 30.0) -> list[np.ndarray]:
    found = []
    for number, (answer, offset) in enumerate(zip(answers, offsets, strict=True)):
        uncovered = steadier.add(int(1e9 * number / rate), look(offset), answer, ALL_MASK)
        assert uncovered is not None
        found.append(uncovered.colour.astype(float))
    return found


def test_noise_of_the_answers_is_averaged_away_while_the_head_rests():
    rng = np.random.default_rng(1)
    answers = [(0.5 + 0.1 * rng.standard_normal((SIDE, SIDE, 3))).astype(np.float32) for _ in range(60)]
    still = [0.0] * 60
    raw = means(Steadier(CARD, 0.0), answers, still)
    calm = means(Steadier(CARD, 0.25), answers, still)
    change = [np.abs(np.diff(each[20:], axis=0)).mean() for each in (raw, calm)]
    assert change[1] < 0.2 * change[0]
    assert np.abs(np.mean(calm[20:]) - 127.5) < 1


def test_a_turning_head_shortens_the_memory():
    before, after = np.full((SIDE, SIDE, 3), 0.2, np.float32), np.full((SIDE, SIDE, 3), 0.8, np.float32)
    answers = [before] * 10 + [after] * 5
    resting = means(Steadier(CARD, 0.5), answers, [0.0] * 15)
    turning = means(Steadier(CARD, 0.5), answers, [0.02 * number for number in range(15)])
    assert resting[-1].mean() < 110  # a half-second memory has not caught up yet
    assert turning[-1].mean() > 185


def test_whether_a_mask_is_there_does_not_flicker_and_a_gap_begins_anew():
    steadier = Steadier(CARD, 0.2)

    def is_shown(number: int, share: float) -> bool:
        alpha = np.zeros(SIDE * SIDE, np.float32)
        alpha[: round(share * alpha.size)] = 1
        square = alpha.reshape(SIDE, SIDE)
        colour = np.full((SIDE, SIDE, 3), 0.5, np.float32)
        return steadier.add(int(number * 1e9 / 30), look(), colour, square) is not None

    unsure = CARD.share  # one half
    assert not is_shown(0, unsure)
    assert is_shown(1, 0.2)
    assert is_shown(2, unsure)
    assert not is_shown(3, 0.01)
    assert not is_shown(4, unsure)
    assert is_shown(5, 0.2)
    assert not is_shown(100, unsure)  # after a gap nothing is remembered
    steadier.add(int(1e9 * 101 / 30), look(), np.full((SIDE, SIDE, 3), 0.5, np.float32), ALL_MASK)
    steadier.forget_all_but(set())
    assert not is_shown(102, unsure)


def test_a_face_at_the_edge_is_cut_off_not_refused():
    uncovered = Uncovered.of(np.full((SIDE, SIDE, 3), 0.5, np.float32), ALL_MASK)
    image = room(60, (200, 160))
    for place in ((-60.0, 80.0), (199.0, 159.0), (100.0, -500.0)):
        uncovered.lay_into(image, wearer(place, 150.0).landmarks)
    assert (image == 128).any()
    assert (image == 60).any()


@pytest.mark.parametrize(
    ("rate", "level", "looks"), [(30.0, 0, 30), (10.0, 0, 10), (30.0, 1, 30), (30.0, 2, 10), (60.0, 4, 20)]
)
def test_it_looks_at_most_so_often_and_less_where_time_is_short(effect, network, rate, level, looks):
    face = wearer()
    image, _ = masked(face)
    effect.parameters = UnmaskParameters(rate=rate)
    effect.level = level
    for tick in range(60):  # a second of a camera of 60 Hz, and a network that is quick
        effect.apply(image, at(tick / 60, face))
        wait_for(effect)
    assert network.looks == looks
