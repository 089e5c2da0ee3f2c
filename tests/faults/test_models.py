"""A model's file is missing or damaged: one sentence, that one thing is off, and the mirror runs on."""

from __future__ import annotations

import importlib.resources
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import ModelError
from mirror_core.frame import read_only
from mirror_effects import Scene
from mirror_effects import occlusion as occlusion_module
from mirror_effects.occlusion import OcclusionLayer, shared_occlusion_layer
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.testing import painted, room, wearer
from mirror_mood.classifier import MoodClassifier
from mirror_mood.fusion import Fusion
from mirror_mood.shape_mood import shared_shape_mood
from mirror_tracking.emotion_directions import shared_emotion_directions
from mirror_tracking.head_pose import mean_face
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.unmask_files import load_mask_reader, load_unmask_model

CACHED = (shared_shape_model, shared_emotion_directions, mean_face, shared_occlusion_layer, shared_shape_mood)
MODELS: dict[str, tuple[str, Callable[[], Any]]] = {
    "occlusion.tflite": ("mirror_effects", OcclusionLayer),
    "unmask_int8.tflite": ("mirror_tracking", lambda: load_unmask_model("int8", 1)),
    "unmask.tflite": ("mirror_tracking", lambda: load_unmask_model("float16", 1)),
    "unmask.json": ("mirror_tracking", load_mask_reader),
    "shape_model.npz": ("mirror_tracking", lambda: shared_shape_model("pca")),
    "shape_model_sparse.npz": ("mirror_tracking", lambda: shared_shape_model("sparse")),
    "emotion_directions.npz": ("mirror_tracking", shared_emotion_directions),
    "mean_face.npy": ("mirror_tracking", mean_face),
    "mood.tflite": ("mirror_mood", MoodClassifier),
    "mood_fusion.json": ("mirror_mood", Fusion.read),
    "mood_shape.npz": ("mirror_mood", shared_shape_mood),
}
DAMAGES: dict[str, Callable[[Path], Any]] = {
    "missing": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(bytes(range(256)) * 64),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
}


@pytest.fixture
def damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """`damage(file, how)`: from now on the packages have this file so."""
    found = importlib.resources.files

    def damage(name: str, how: str) -> None:
        package = MODELS[name][0]
        root = tmp_path / package
        shutil.copytree(
            Path(str(found(package))) / "data",
            root / "data",
            ignore=shutil.ignore_patterns("masks", "scenes"),
        )
        DAMAGES[how](root / "data" / name)
        monkeypatch.setattr(
            importlib.resources, "files", lambda asked: root if asked == package else found(asked)
        )
        for loader in CACHED:
            loader.cache_clear()

    yield damage
    for loader in CACHED:
        loader.cache_clear()


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", MODELS)
def test_each_model_says_in_one_sentence_what_is_wrong(
    damage: Callable[[str, str], None], name: str, how: str
) -> None:
    damage(name, how)
    with pytest.raises(ModelError) as caught:
        MODELS[name][1]()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert name.partition(".")[0].split("_")[0] in sentence.lower()


FACE = wearer()
PICTURE = read_only(painted(room(), [FACE]))


@pytest.mark.parametrize("how", ["missing", "garbage"])
def test_mask_removal_is_off_and_the_effects_beside_it_go_on(
    damage: Callable[[str, str], None], how: str, eventually: Any
) -> None:
    damage("unmask_int8.tflite", how)
    stack = EffectStack(find_effects().effects)
    stack.choose(["unmask", "landmarks"])
    scene = Scene(10**12, (FACE,), camera=PICTURE)
    shown = PICTURE

    def is_off() -> bool:
        nonlocal shown
        shown = stack.apply(PICTURE, scene)
        return "unmask" in stack.failed

    eventually(is_off, "the effect to be taken out")
    assert "unmask_int8.tflite" in stack.failed["unmask"]
    assert (stack.apply(PICTURE, scene) != PICTURE).any()  # landmarks are still drawn
    assert list(stack.failed) == ["unmask"]
    stack.close()


@pytest.mark.parametrize("how", ["missing", "garbage"])
def test_without_the_occlusion_model_masks_are_drawn_over_everything(
    damage: Callable[[str, str], None], how: str, caplog: pytest.LogCaptureFixture
) -> None:
    damage("occlusion.tflite", how)
    stack = EffectStack(find_effects().effects)
    stack.choose(["wear_mask"])
    with caplog.at_level(logging.WARNING, occlusion_module.__name__):
        for number in range(6):
            shown = stack.apply(PICTURE, Scene(10**12 + number * 33_000_000, (FACE,), camera=PICTURE))
    assert not stack.failed
    assert (shown != PICTURE).any()
    told = [record for record in caplog.records if "Hands and glasses" in record.getMessage()]
    assert len(told) == 1  # once, and not with every frame
    stack.close()


def test_without_the_shape_model_only_the_tracker_waits_and_comes_back_by_itself(
    damage: Callable[[str, str], None],
    start_host: Callable[..., Any],
    eventually: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")
    from mirror_effects.effects_node import EffectsNode
    from mirror_tracking.faces_node import FacesNode

    with monkeypatch.context():
        damage("shape_model.npz", "missing")
        effects = start_host(lambda: EffectsNode(cli_args=[]), "effects")
        faces = start_host(lambda: FacesNode(cli_args=[]), "faces", wait=False)
        eventually(lambda: faces.restarts >= 1, "the tracker to fail")
        assert faces.last_error == (
            "ModelError: The shape model shape_model.npz is missing: build the mirror again."
        )
        assert effects.restarts == 0
        assert effects.node is not None
    monkeypatch.undo()  # the file is back
    assert faces.wait_active(60)
    assert effects.restarts == 0
