"""The effect `wear_mask`: on whom, with what in front, and that each parameter does something."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

import mirror_effects.wear_mask
from mirror_core.errors import ParameterError
from mirror_core.faces import Face
from mirror_core.frame import Image, read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.medical import KINDS
from mirror_effects.occlusion import Visibility
from mirror_effects.testing import painted, room, wearer
from mirror_effects.wear_mask import WearMaskEffect, WearMaskParameters

LOWER_LIP = 14
CHANGED: dict[str, tuple[dict[str, Any], Any]] = {
    "kind": ({}, "n95"),
    "colour": ({}, "#c03020"),
    "colour_strength": ({"colour": "#c03020"}, 0.4),
    "texture": ({}, "stripes"),
    "texture_strength": ({"texture": "dots"}, 0.3),
    "texture_scale": ({"texture": "dots"}, 2.0),
    "fit": ({}, "low"),
    "size": ({}, 1.1),
    "valve": ({"kind": "n95"}, True),
    "bands": ({}, False),
    "folds": ({}, 2.0),
    "wire": ({}, 0.0),
    "edge": ({}, 0.0),
    "lighting": ({}, 0.0),
    "skin_light": ({}, 1.0),
    "contact_shadow": ({}, 0.0),
    "exposure": ({}, 0.0),
    "match_colour": ({}, 0.0),
    "softness": ({}, 0.02),
    "strength": ({}, 0.5),
    "seed": ({}, 9),
    "per_person": ({}, True),
    "occlusion": ({}, False),
}


class HandBeforeTheChin:
    """A layer that says that the lower half of the picture is before every face."""

    def visibility(self, image: Image, *_: object) -> Visibility:
        mask = np.full(image.shape[:2], 255, np.uint8)
        mask[300:] = 0
        return Visibility(0, 0, mask)


@pytest.fixture(autouse=True)
def _layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_effects.wear_mask, "shared_occlusion_layer", HandBeforeTheChin)


def two() -> tuple[Image, tuple[Face, ...]]:
    faces = (wearer((180.0, 240.0), yaw=0.2, track_id=4), wearer((450.0, 240.0), track_id=7))
    return painted(room(), faces, light=0.8, sideways=0.5), faces


def worn(parameters: WearMaskParameters) -> Image:
    image, faces = two()
    effect = WearMaskEffect()
    effect.parameters = parameters
    return effect.apply(image, Scene(1, faces))


def test_each_parameter_is_among_those_tried() -> None:
    assert list(CHANGED) == [field.name for field in fields(WearMaskParameters)]


@pytest.mark.parametrize("name", CHANGED)
def test_each_parameter_changes_the_picture(name: str) -> None:
    others, value = CHANGED[name]
    base = update(WearMaskParameters(), others)
    assert (worn(base) != worn(update(base, {name: value}))).any()


def test_everybody_wears_one() -> None:
    image, faces = two()
    shown = worn(WearMaskParameters(occlusion=False))
    for face in faces:
        x, y = face.landmarks[LOWER_LIP, :2].astype(int)
        assert (shown[y, x] != image[y, x]).any()


def test_per_person_gives_the_next_kind_and_keeps_it() -> None:
    _, faces = two()
    effect = WearMaskEffect()
    effect.parameters = WearMaskParameters(per_person=True, kind="gas")
    looks = effect._looks(faces)
    assert {track: look.kind for track, look in looks.items()} == {4: "gas", 7: "surgical"}
    looks = effect._looks((faces[1], replace(faces[0], track_id=9)))
    assert {track: look.kind for track, look in looks.items()} == {7: "surgical", 9: "gas"}


def test_what_is_in_front_stays_in_front() -> None:
    image, _ = two()
    shown = worn(WearMaskParameters())
    assert (shown[300:] == image[300:]).all()
    assert (shown[:300] != image[:300]).any()


def test_nothing_is_done_without_faces_or_strength() -> None:
    image, faces = two()
    effect = WearMaskEffect()
    assert effect.apply(image, Scene(1)) is image
    effect.parameters = WearMaskParameters(strength=0.0)
    assert effect.apply(image, Scene(1, faces)) is image


def test_a_shared_picture_is_not_drawn_on() -> None:
    image, faces = two()
    shared = read_only(image)
    shown = WearMaskEffect().apply(shared, Scene(1, faces))
    assert shown is not shared
    assert (shared == two()[0]).all()


def test_a_still_face_gets_the_identical_picture() -> None:
    image, faces = two()
    effect = WearMaskEffect()
    first, second = (effect.apply(image.copy(), Scene(stamp, faces)) for stamp in (1, 2))
    assert (first == second).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "veil"}, f"wear_mask.kind = veil is refused: allowed is {' | '.join(KINDS)}."),
        ({"colour": "red"}, "colour = red is refused: allowed is a colour as #rrggbb"),
        ({"size": 2.0}, "wear_mask.size = 2.0 is refused: allowed is 0.7 … 1.3."),
    ],
)
def test_wrong_values_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        update(WearMaskParameters(), values, "wear_mask.")
    assert message in str(caught.value)
