"""The occlusion layer: what covers a face is found, bare faces are left alone, motion is followed at once."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ModelError, ShapeError
from mirror_core.frame import Frame, Image
from mirror_effects import occlusion
from mirror_effects.guided_edges import coefficients
from mirror_effects.occlusion import OcclusionLayer, Visibility, shared_occlusion_layer
from mirror_effects.occlusion_input import GRID, aligned, face_outline, upright_similarity, upright_square
from mirror_tracking.topology import MOUTH_LEFT, MOUTH_RIGHT, NOSE_TIP

FRAME_NS = 16_666_667  # one frame at 60 Hz


@dataclass(frozen=True)
class Portrait:
    """A picture with one face: its landmarks, and True inside its outline."""

    image: Image
    landmarks: np.ndarray
    inside: np.ndarray

    def covered_share(self, seen: Visibility) -> float:
        """Share of the face that the layer takes for covered."""
        return float((self.whole(seen) < 128)[self.inside].mean())

    def whole(self, seen: Visibility) -> np.ndarray:
        """The mask in the image's size, 255 where the layer says nothing."""
        mask = np.full(self.image.shape[:2], 255, np.uint8)
        mask[seen.rows, seen.columns] = seen.mask
        return mask

    def kept_iou(self, seen: Visibility, covered: np.ndarray) -> float:
        """Intersection over union of the face kept visible and the face that is."""
        kept, visible = (self.whole(seen) >= 128) & self.inside, ~covered & self.inside
        return float((kept & visible).sum() / (kept | visible).sum())


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    """The public-domain portrait, its face about 190 px high."""
    pytest.importorskip("mediapipe", reason="mediapipe is not installed")
    from mirror_camera.portrait import load_photograph
    from mirror_tracking.tracker import FaceTracker

    image = cv2.resize(load_photograph(), None, fx=1.7, fy=1.7)
    tracker = FaceTracker()
    for index in range(4):
        faces = tracker.update(Frame(image.copy(), index * 33_000_000)).faces
    tracker.close()
    landmarks = faces[0].landmarks
    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.rint(face_outline(landmarks[:468, :2].copy()) - 0.5).astype(np.int32), 1)
    return Portrait(image, landmarks, inside > 0)


@pytest.fixture(scope="module")
def layer() -> OcclusionLayer:
    """The shipped model."""
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    return OcclusionLayer()


def woven(shape: tuple[int, ...], first: tuple[int, int, int], second: tuple[int, int, int]) -> np.ndarray:
    """A noisy cloth of two colours, the same every time."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    share = (0.5 + 0.5 * np.sin(x / 3.1 + np.sin(y / 9.0)) * np.sin(y / 4.3))[..., None]
    cloth = np.array(first) * share + np.array(second) * (1 - share)
    return np.clip(cloth + np.random.default_rng(5).normal(0, 5, shape), 0, 255)


def pasted(portrait: Portrait, alpha: np.ndarray, colour: np.ndarray) -> Image:
    """The portrait with a colour laid over it where alpha (0 … 255) says."""
    share = alpha[..., None] / 255.0
    return (portrait.image * (1 - share) + colour * share).astype(np.uint8)


def hand(portrait: Portrait) -> np.ndarray:
    """A hand in front of mouth and cheek, fingers apart: alpha 0 … 255."""
    alpha = np.zeros(portrait.image.shape[:2], np.uint8)
    mouth = portrait.landmarks[[MOUTH_LEFT, MOUTH_RIGHT], :2].mean(axis=0)
    palm = mouth + np.array([70, 30])
    for angle, reach in ((150, 98), (168, 112), (186, 108), (204, 92)):
        way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        start, end = (tuple(np.rint(p).astype(int).tolist()) for p in (palm, palm + way * reach))
        cv2.line(alpha, start, end, 255, 19, cv2.LINE_AA)
    cv2.circle(alpha, tuple(np.rint(palm + np.array([12, 4])).astype(int).tolist()), 44, 255, -1, cv2.LINE_AA)
    return alpha


def stick(portrait: Portrait, slope: float = 0.5, shift: float = 10.0) -> np.ndarray:
    """A stick across the whole face: alpha 0 … 255."""
    alpha = np.zeros(portrait.image.shape[:2], np.uint8)
    nose = portrait.landmarks[NOSE_TIP, :2] + np.array([0, shift])
    start, end = (tuple(np.rint(nose + np.array([s, slope * s])).astype(int).tolist()) for s in (-300, 300))
    cv2.line(alpha, start, end, 255, 15, cv2.LINE_AA)
    return alpha


def skin(portrait: Portrait) -> np.ndarray:
    """Skin with wrinkles in another person's colour."""
    return woven(portrait.image.shape, (92, 118, 172), (76, 100, 150))


def wood(portrait: Portrait) -> np.ndarray:
    """Dark brown wood."""
    return woven(portrait.image.shape, (40, 66, 96), (58, 84, 120))


def test_a_bare_face_stays_visible(portrait, layer):
    seen = layer.visibility(portrait.image, portrait.landmarks)
    assert portrait.covered_share(seen) <= 0.03


def test_a_hand_is_found_and_the_rest_of_the_face_kept(portrait, layer):
    alpha = hand(portrait)
    image = pasted(portrait, alpha, skin(portrait))
    seen = layer.visibility(image, portrait.landmarks)
    assert portrait.kept_iou(seen, alpha > 127) >= 0.85
    hit = (portrait.whole(seen) < 128)[(alpha > 127) & portrait.inside].mean()
    assert hit >= 0.7


@pytest.mark.parametrize("slope", [0.5, -0.3])
def test_a_stick_is_found_and_the_rest_of_the_face_kept(portrait, layer, slope):
    alpha = stick(portrait, slope)
    image = pasted(portrait, alpha, wood(portrait))
    seen = layer.visibility(image, portrait.landmarks)
    assert portrait.kept_iou(seen, alpha > 127) >= 0.85
    hit = (portrait.whole(seen) < 128)[(alpha > 127) & portrait.inside].mean()
    assert hit >= 0.7


@pytest.mark.parametrize("gain", [0.6, 1.3])
def test_darker_and_brighter_light_makes_no_holes(portrait, layer, gain):
    image = np.clip(portrait.image * gain, 0, 255).astype(np.uint8)
    seen = layer.visibility(image, portrait.landmarks)
    assert portrait.covered_share(seen) <= 0.03


def test_a_soft_shadow_across_the_face_makes_no_hole(portrait, layer):
    shadow = cv2.GaussianBlur(stick(portrait, 1.0), (0, 0), 9.0)[..., None] / 255.0
    image = (portrait.image * (1.0 - 0.5 * shadow)).astype(np.uint8)
    assert portrait.covered_share(layer.visibility(image, portrait.landmarks)) <= 0.05


def test_turning_the_picture_turns_the_mask(portrait, layer):
    alpha = stick(portrait)
    image = pasted(portrait, alpha, wood(portrait))
    upright = portrait.whole(layer.visibility(image, portrait.landmarks))
    turned_points = portrait.landmarks.copy()
    turned_points[:, 0] = portrait.landmarks[:, 1]
    turned_points[:, 1] = image.shape[1] - portrait.landmarks[:, 0]
    turned = Portrait(
        cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
        turned_points,
        cv2.rotate(portrait.inside.astype(np.uint8), cv2.ROTATE_90_COUNTERCLOCKWISE) > 0,
    )
    back = cv2.rotate(turned.whole(layer.visibility(turned.image, turned.landmarks)), cv2.ROTATE_90_CLOCKWISE)
    differs = np.abs(back.astype(int) - upright)[portrait.inside]
    assert (differs > 127).mean() < 0.03


def test_a_sure_change_shows_in_the_very_frame_it_happens_at_60_hz(portrait, layer):
    layer = OcclusionLayer()
    alpha = stick(portrait)
    with_stick = pasted(portrait, alpha, wood(portrait))
    alone = portrait.kept_iou(layer.visibility(with_stick, portrait.landmarks), alpha > 127)
    for index in range(10):
        before = layer.visibility(portrait.image, portrait.landmarks, 1, 1 + index * FRAME_NS)
    appeared = layer.visibility(with_stick, portrait.landmarks, 1, 1 + 10 * FRAME_NS)
    gone = layer.visibility(portrait.image, portrait.landmarks, 1, 1 + 11 * FRAME_NS)
    assert portrait.covered_share(before) <= 0.03
    assert portrait.kept_iou(appeared, alpha > 127) >= alone - 0.05
    assert portrait.covered_share(gone) <= 0.03


def test_history_calms_a_noisy_picture(portrait):
    rng = np.random.default_rng(3)
    image = pasted(portrait, stick(portrait), wood(portrait))
    noisy = [np.clip(image + rng.normal(0, 12, image.shape), 0, 255).astype(np.uint8) for _ in range(12)]
    layer = OcclusionLayer()

    def flicker(masks: list[np.ndarray]) -> float:
        steps = [np.abs(a.astype(int) - b)[portrait.inside].mean() for a, b in pairwise(masks)]
        return float(np.mean(steps[2:]))

    alone = [portrait.whole(layer.visibility(one, portrait.landmarks)) for one in noisy]
    smooth = [
        portrait.whole(layer.visibility(one, portrait.landmarks, 4, 1 + i * FRAME_NS))
        for i, one in enumerate(noisy)
    ]
    assert flicker(smooth) < 0.95 * flicker(alone)


def test_the_second_effect_gets_the_first_ones_answer_whatever_was_drawn_since(portrait):
    layer = OcclusionLayer()
    first = layer.visibility(portrait.image, portrait.landmarks, 2, 5)
    painted = pasted(portrait, hand(portrait), wood(portrait))
    assert layer.visibility(painted, portrait.landmarks, 2, 5) is first
    assert layer.visibility(painted, portrait.landmarks, 2, 5 + FRAME_NS) is not first


@pytest.mark.parametrize("frames", [10, 3000])  # disorder, and a clip of nearly two minutes that begins again
def test_a_stamp_that_goes_backwards_starts_without_history(portrait, frames):
    layer = OcclusionLayer()
    image = pasted(portrait, stick(portrait), wood(portrait))
    layer.visibility(portrait.image, portrait.landmarks, 3, frames * FRAME_NS)
    again = layer.visibility(image, portrait.landmarks, 3, 2 * FRAME_NS)
    np.testing.assert_array_equal(again.mask, layer.visibility(image, portrait.landmarks).mask)


def test_histories_of_faces_long_gone_are_dropped(portrait, layer):
    layer = OcclusionLayer()
    for track_id in range(occlusion.MOST_TRACKS + 5):
        layer.visibility(portrait.image, portrait.landmarks, track_id, 7)
    assert sorted(layer._histories) == list(range(5, occlusion.MOST_TRACKS + 5))


@pytest.mark.parametrize("shift", [(-760, 0), (0, -330), (500, 0), (0, 700)])
def test_a_face_at_the_border_gets_a_mask_that_fits_the_image(portrait, layer, shift):
    height, width = portrait.image.shape[:2]
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    image = cv2.warpAffine(portrait.image, move, (width, height))
    landmarks = portrait.landmarks + np.array([*shift, 0], np.float32)
    seen = layer.visibility(image, landmarks)
    assert image[seen.rows, seen.columns].shape[:2] == seen.mask.shape
    assert 0 <= seen.x0 <= width
    assert 0 <= seen.y0 <= height


def test_a_face_outside_the_image_gets_an_empty_mask(portrait, layer):
    landmarks = portrait.landmarks + np.array([5000, 5000, 0], np.float32)
    assert layer.visibility(portrait.image, landmarks).mask.size == 0


def test_several_threads_get_the_answers_of_one(portrait, layer):
    image = pasted(portrait, hand(portrait), skin(portrait))
    expected = [layer.visibility(each, portrait.landmarks).mask for each in (image, portrait.image)]
    wrong: list[int] = []

    def ask(which: int) -> None:
        for _ in range(10):
            mask = layer.visibility((image, portrait.image)[which], portrait.landmarks).mask
            if not np.array_equal(mask, expected[which]):
                wrong.append(which)

    threads = [threading.Thread(target=ask, args=(index % 2,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_landmarks_of_another_shape_are_refused(portrait, layer):
    with pytest.raises(ShapeError, match="468 or more"):
        layer.visibility(portrait.image, portrait.landmarks[:100])


def test_a_missing_model_is_one_sentence(tmp_path):
    with pytest.raises(ModelError, match="is missing"):
        OcclusionLayer(tmp_path / "no.tflite")


def test_a_damaged_model_is_one_sentence(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(b"not a model" * 100)
    with pytest.raises(ModelError, match="is damaged"):
        OcclusionLayer(damaged)


def test_effects_go_on_without_the_layer_where_its_model_fails(monkeypatch, caplog):
    def fail() -> OcclusionLayer:
        raise ModelError("The model is gone.")

    monkeypatch.setattr(occlusion, "OcclusionLayer", fail)
    shared_occlusion_layer.cache_clear()
    with caplog.at_level(logging.WARNING, "mirror.effects"):
        assert shared_occlusion_layer() is None
        assert shared_occlusion_layer() is None
    shared_occlusion_layer.cache_clear()
    assert [record.getMessage() for record in caplog.records] == [
        "Hands and glasses will not stay in front of effects: The model is gone."
    ]


@settings(max_examples=40, deadline=None)
@given(
    angle=st.floats(-180, 180),
    scale=st.floats(0.3, 6.0),
    x=st.floats(-500, 2000),
    y=st.floats(-500, 2000),
)
def test_the_upright_face_is_the_same_wherever_the_face_is(angle, scale, x, y):
    face = np.random.default_rng(1).uniform(-60, 60, (468, 2))
    face[10], face[152] = (0, -70), (0, 70)
    turn = cv2.getRotationMatrix2D((0, 0), angle, scale)
    moved = face @ turn[:, :2].T + (x, y)
    points = aligned(moved, upright_similarity(moved))
    np.testing.assert_allclose(points, aligned(face, upright_similarity(face)), atol=0.02)
    assert points.min() > 0
    assert points.max() < GRID


@pytest.mark.parametrize("scale", [0.8, 2.0, 3.3, 5.0])
def test_a_large_face_is_shrunk_to_the_same_place(scale):
    """Halving first must not move the picture: the centroid of a dot stays where the similarity puts it."""
    side = int(GRID * scale) + 40
    image = np.zeros((side, side, 3), np.uint8)
    centre = np.array([side * 0.55, side * 0.4])
    cv2.circle(
        image, tuple(np.rint(centre * 16).astype(int).tolist()), int(9 * scale * 16), (255,) * 3, -1, shift=4
    )
    similarity = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])
    square = upright_square(image, similarity)[..., 0].astype(float)
    y, x = np.mgrid[:GRID, :GRID]
    found = np.array([(square * x).sum(), (square * y).sum()]) / square.sum()
    np.testing.assert_allclose(found, centre / scale, atol=0.15)


def test_guided_edges_follow_the_pictures_edge():
    guide = np.zeros((40, 40), np.float32)
    guide[:, 20:] = 1.0
    coarse = cv2.GaussianBlur(guide, (0, 0), 1.5)
    slope, offset = coefficients(coarse, guide)
    fine = slope * guide + offset
    assert np.abs(coarse - guide)[:, 19].max() > 0.3
    assert np.abs(fine - guide)[:, 17:23].max() < 0.25


def test_guided_edges_keep_the_mask_where_the_picture_is_flat():
    mask = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (40, 1))
    slope, offset = coefficients(mask, np.full((40, 40), 0.5, np.float32))
    np.testing.assert_allclose((slope * 0.5 + offset)[5:-5, 5:-5], mask[5:-5, 5:-5], atol=1e-3)
