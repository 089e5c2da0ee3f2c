"""The models of mediapipe's wheel: found without mediapipe, run, and freed of an output."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_core.errors import ModelError
from mirror_tracking import pose_models
from mirror_tracking.pose_models import POSE_LANDMARKS, LiteModel, model_bytes, without_output

SEGMENTATION, LANDMARKS, WORLD = (256, 256, 1), (195,), (117,)


def test_without_an_output_the_others_are_what_they_were() -> None:
    content = model_bytes(POSE_LANDMARKS)
    whole, short = LiteModel(content, "whole"), LiteModel(without_output(content, 2), "short")
    picture = np.random.default_rng(1).random((256, 256, 3), np.float32)
    all_of_it, rest = whole.run(picture), short.run(picture)
    assert set(all_of_it) - set(rest) == {SEGMENTATION}
    for shape, values in rest.items():
        assert np.array_equal(values, all_of_it[shape]), shape


def test_an_output_that_only_costs_its_own_operators_leaves_the_rest_whole() -> None:
    content = model_bytes(POSE_LANDMARKS)
    short = LiteModel(without_output(without_output(content, 4), 2), "short")
    picture = np.random.default_rng(2).random((256, 256, 3), np.float32)
    outputs = short.run(picture)
    assert WORLD not in outputs
    assert np.array_equal(outputs[LANDMARKS], LiteModel(content, "whole").run(picture)[LANDMARKS])


@pytest.mark.parametrize(("content", "index"), [(b"no model at all" * 20, 0), (b"", 0)])
def test_what_is_no_model_is_told(content: bytes, index: int) -> None:
    with pytest.raises(ModelError, match=r"^This is no TFLite model whose output 0 can be left out"):
        without_output(content, index)


def test_an_output_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match="output 9 can be left out"):
        without_output(model_bytes(POSE_LANDMARKS), 9)


def test_a_damaged_model_is_told() -> None:
    with pytest.raises(ModelError, match=r"^The model pose does not load: "):
        LiteModel(b"TFL3 but nothing else", "pose")


def test_a_missing_model_names_the_version_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"carries no other\.tflite; install a version below 0\.10\.30"):
        model_bytes("pose_landmark/other.tflite")
    monkeypatch.setattr(pose_models.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="needs the models of mediapipe, which is not installed"):
        model_bytes(POSE_LANDMARKS)


def test_mediapipe_itself_is_not_loaded_for_bodies() -> None:
    code = (
        "import sys, mirror_tracking.body_tracker as t; t.BodyTracker(); "
        "sys.exit(any(name.split('.')[0] == 'mediapipe' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
