"""What the Shape page has set, on its way to the effects and back, and on a photograph."""

from __future__ import annotations

import base64
import math

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.live_parameter import LiveParameter
from mirror_core.parameters import specs_of, update
from mirror_effects.caricature import CaricatureParameters
from mirror_effects.deform import DeformParameters
from mirror_effects.deform_presets import PRESETS
from mirror_tracking.shape_model import shared_shape_model
from mirror_web.shape_photo import ShapePhoto, demo_photo, photo_of_file
from mirror_web.shape_routes import model_content
from mirror_web.shape_values import COMPONENTS, ShapeValues


def live(parameters: object) -> list[LiveParameter]:
    return [LiveParameter(spec.name, getattr(parameters, spec.name)) for spec in specs_of(parameters)]


VALUES = ShapeValues("owl", 1.5, (0.5, -2.0), 3.0)


def test_values_are_the_effects_own_parameters_and_come_back_from_them():
    deform = update(DeformParameters(), VALUES.deform_parameters)
    caricature = update(CaricatureParameters(), VALUES.caricature_parameters)
    assert (deform.preset, deform.strength, deform.component_2) == ("owl", 1.5, -2.0)
    assert caricature.factor == 3.0
    assert ShapeValues().with_deform(live(deform)).with_caricature(live(caricature)) == VALUES


def test_every_slider_of_the_effect_has_one_on_the_page_with_the_same_range():
    sliders = [spec for spec in specs_of(DeformParameters) if spec.name.startswith("component_")]
    assert len(sliders) == COMPONENTS == len(ShapeValues().components)
    extreme = ShapeValues(strength=99.0, components=(99.0,) * COMPONENTS, factor=99.0)
    for values in (extreme, ShapeValues(components=(-99.0,) * COMPONENTS, factor=-99.0)):
        update(DeformParameters(), values.deform_parameters)
        update(CaricatureParameters(), values.caricature_parameters)


def test_values_out_of_range_or_missing_are_brought_into_it():
    values = ShapeValues("none", math.nan, (5.0, math.nan, -9.0))
    assert values.strength == 0.0
    assert values.components == (3.0, 0.0, -3.0, *(0.0,) * (COMPONENTS - 3))
    assert ShapeValues().with_deform([]) == ShapeValues()


def test_the_browser_gets_the_model_that_the_effects_use():
    model, content = shared_shape_model(), model_content()
    mean = np.frombuffer(base64.b64decode(content["mean"]), "<f4").reshape(468, 3)
    step = np.frombuffer(base64.b64decode(content["steps"][1]), "<f4").reshape(468, 3)
    assert np.array_equal(mean, model.mean)
    assert mean + 2 * step == pytest.approx(model.shape(np.array([0.0, 2.0])), abs=1e-5)
    assert len(content["steps"]) == model.count
    triangles = [corner for kind in content["triangles"].values() for t in kind for corner in t]
    assert min(triangles) >= 0 and max(triangles) < 468


def test_a_photograph_without_values_is_as_it_was_and_with_them_only_the_face_moves():
    photo = demo_photo()
    plain = photo.rendered(ShapeValues())
    height, width = plain.shape[:2]
    assert (width, height) == photo.size and max(plain.shape) == 800
    for values in (
        ShapeValues("owl"),
        ShapeValues(components=(3.0,)),
        ShapeValues(factor=5.0),
        ShapeValues("frog", factor=4.0),
    ):
        changed = np.abs(photo.rendered(values).astype(int) - plain).max(axis=2) > 20
        assert changed[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4].mean() > 0.02
        edge = 3
        for part in (changed[:edge], changed[-edge:], changed[:, :edge], changed[:, -edge:]):
            assert not part.any()
    assert np.array_equal(photo.rendered(ShapeValues()), plain)


def test_all_presets_can_be_shown():
    photo = demo_photo()
    seen = {name: photo.rendered(ShapeValues(name)).tobytes() for name in PRESETS}
    assert len(set(seen.values())) == len(PRESETS)


def test_a_photo_without_a_face_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="no face in this photo"):
        ShapePhoto(np.full((200, 300, 3), 128, np.uint8))
    with pytest.raises(UsageError, match="no picture"):
        photo_of_file(b"this is text")


def test_a_photo_comes_from_a_files_content():
    plain = demo_photo().rendered(ShapeValues())
    data = cv2.imencode(".jpg", plain)[1].tobytes()
    photo = photo_of_file(data)
    assert photo.jpeg(ShapeValues("owl"))[:2] == b"\xff\xd8"
