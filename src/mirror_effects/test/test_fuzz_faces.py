"""Faces that no person has: effects draw them, or nothing, and none is taken out of the picture by them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("mediapipe", reason="mediapipe is not installed")

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image, read_only
from mirror_core.testing_fuzz import fuzz, promised
from mirror_effects import Scene
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.testing import painted, portrait_of, room, wearer

SIZE = (160, 120)
FARTHEST = 100_000.0  # px; messages with points beyond are refused
USUAL = wearer((80.0, 60.0), 70.0)
PICTURE = read_only(painted(room(size=SIZE), [USUAL]))
PORTRAIT = portrait_of(painted(room(), [wearer()]), wearer())
EFFECTS = tuple(name for name, effect in find_effects([]).effects.items() if "faces" in effect.needs)

far = st.floats(-FARTHEST, FARTHEST, width=32)


@st.composite
def odd_faces(draw: st.DrawFn, track_id: int = 1) -> Face:
    """A face elsewhere, flat, turned inside out, a point, a line, huge or tiny, or with points astray."""
    points = USUAL.landmarks.astype(np.float64)
    middle = points.mean(axis=0)
    kind = draw(
        st.sampled_from(("moved", "scaled", "turned over", "point", "line", "noise", "astray", "scrambled"))
    )
    if kind == "moved":
        points[:, :2] += (draw(far), draw(far))
    elif kind == "scaled":
        points = (points - middle) * draw(st.sampled_from((1e-6, 1e-3, 0.05, 5.0, 50.0, 800.0))) + middle
    elif kind == "turned over":
        points[:, draw(st.integers(0, 2))] *= -1
    elif kind == "point":
        points[:] = (draw(far), draw(far), draw(far))
    elif kind == "line":
        points[:, draw(st.integers(0, 1))] = draw(st.floats(-50, 200, width=32))
    elif kind == "noise":
        spread = draw(st.sampled_from((0.5, 5.0, 100.0, 10_000.0)))
        points += np.random.default_rng(draw(st.integers(0, 99))).normal(0, spread, points.shape)
    elif kind == "astray":
        for place in draw(st.lists(st.integers(0, 477), min_size=1, max_size=8)):
            points[place] = (draw(far), draw(far), draw(far))
    else:
        points = points[np.random.default_rng(draw(st.integers(0, 99))).permutation(len(points))]
    landmarks = np.clip(points, -FARTHEST, FARTHEST).astype(np.float32)
    return Face(track_id, 0.9, Roi.around(landmarks), landmarks)


@pytest.fixture(scope="module")
def stacks() -> dict[str, EffectStack]:
    classes = find_effects([]).effects
    made = {}
    for name in EFFECTS:
        made[name] = EffectStack(classes)
        made[name].choose([name])
    yield made
    for stack in made.values():
        stack.close()


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_face_of_a_millionth_of_a_pixel_takes_no_effect_out(effect: str) -> None:
    middle = USUAL.landmarks.mean(axis=0)
    points = np.asarray((USUAL.landmarks - middle) * 1e-6 + middle, np.float32)
    face = Face(1, 0.9, Roi.around(points), points)
    stack = EffectStack(find_effects([]).effects)
    stack.choose([effect])
    try:
        scene = Scene(0, (face,), worn={1: PORTRAIT}, camera=PICTURE)
        for _ in range(2):
            stack.prepare(PICTURE, scene)
            stack.apply(PICTURE, scene)
        assert stack.failed == {}
    finally:
        stack.close()


@pytest.mark.parametrize("effect", EFFECTS)
@fuzz(12, share=0.1)
@given(faces=st.lists(odd_faces(), min_size=1, max_size=1) | st.tuples(odd_faces(1), odd_faces(2)).map(list))
def test_no_face_takes_an_effect_out(stacks: dict[str, EffectStack], effect: str, faces: list[Face]) -> None:
    stack = stacks[effect]
    for number, each in enumerate(([USUAL], faces, [*faces[:1]], [USUAL])):
        scene = Scene(
            number * 33_000_000,
            tuple(each),
            worn={face.track_id: PORTRAIT for face in each},
            camera=PICTURE,
        )
        with promised(f"faces, effect {effect}"):
            stack.prepare(PICTURE, scene)
            shown: Image = stack.apply(PICTURE, scene)
            reasons = dict(stack.failed)
            stack.choose([effect]) if reasons else None
            assert not reasons
            assert shown.shape == PICTURE.shape
            assert shown.dtype == np.uint8
