"""The unmasking network where Keras is installed: losses, designs, a training of toy faces, the notebook."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_tracking.unmask_input import composed
from mirror_tracking.unmask_model import UnmaskModel
from mirror_training import mood_checkpoint
from mirror_training.toy_faces import toy_face, write_toy_archive
from mirror_training.unmask import CHECKPOINT, EVENTS, SAMPLES, answers_of, train
from mirror_training.unmask_evaluation import ALL, MODEL
from mirror_training.unmask_export import convert
from mirror_training.unmask_faces import UnmaskFace, find_faces, parts_of
from mirror_training.unmask_recipe import Design, Recipe
from mirror_training.unmask_run import run

backends = [name for name in ("tensorflow", "torch", "jax") if importlib.util.find_spec(name)]
wanted = os.environ.get("KERAS_BACKEND")
has_keras = importlib.util.find_spec("keras") and (wanted in backends if wanted else bool(backends))
needs_keras = pytest.mark.skipif(
    not has_keras, reason="Keras and a backend for it (requirements/train.txt) are missing"
)
TINY = Design(side=64, filters=(8, 16, 24), kernels=(5, 3, 3))
SHORT = Recipe(
    design=TINY, epochs=2, batch=4, precision="float32", validation=6, average_steps=16, learning_rate=2e-3
)
NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "unmask.ipynb"


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> dict[str, list[UnmaskFace]]:
    folder = write_toy_archive(tmp_path_factory.mktemp("toys"), 14)
    return parts_of(find_faces([folder], folder / "landmarks"))


@pytest.fixture(scope="module")
def network():
    from mirror_training.unmask_network import build

    return build(TINY, fused=False)


def pictures(count: int, side: int = 64) -> np.ndarray:
    return np.stack([toy_face(number, side)[0] for number in range(count)])


def test_without_keras_training_says_what_to_install(monkeypatch, tmp_path, faces):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"requirements/train\.txt"):
        train(faces, tmp_path, SHORT)


def test_without_tensorflow_conversion_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="repeat the command there"):
        convert(tmp_path / "unmask.keras", pictures(1), tmp_path)


@needs_keras
def test_the_loss_is_one_minus_similarity_plus_true_mean_absolute_error():
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is missing")
    from mirror_training.mood_network import require_keras
    from mirror_training.unmask_losses import PICTURE_LOSSES, ssim

    rng = np.random.default_rng(2)
    one = pictures(3).astype(np.float32) / 255
    other = np.clip(one + rng.normal(0, 0.1, one.shape), 0, 1).astype(np.float32)
    expected = [
        metrics.structural_similarity(
            a,
            b,
            data_range=1.0,
            channel_axis=-1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for a, b in zip(one, other, strict=True)
    ]
    numpy = require_keras().ops.convert_to_numpy
    apart = np.abs(one - other).mean(axis=(1, 2, 3))
    assert numpy(ssim(one, other)) == pytest.approx(expected, abs=1e-3)
    assert numpy(ssim(one, one)) == pytest.approx([1, 1, 1], abs=1e-5)
    assert numpy(PICTURE_LOSSES["ssim_l1"](one, other)) == pytest.approx(
        1 - np.array(expected) + apart, abs=1e-3
    )
    assert numpy(PICTURE_LOSSES["l1"](one, other)) == pytest.approx(apart, abs=1e-5)
    squares = ((one - other) ** 2).mean(axis=(1, 2, 3))
    assert numpy(PICTURE_LOSSES["mse"](one, other)) == pytest.approx(squares, abs=1e-5)


def packed(note: int, alpha: int = 255) -> np.ndarray:
    """One pair of an orange mask on a grey face, whole picture masked."""
    pair = np.zeros((1, 32, 32, 8), np.uint8)
    pair[..., :3] = (0, 128, 255)
    pair[..., 3:6] = 100
    pair[..., 6], pair[..., 7] = alpha, note
    return pair


@needs_keras
def test_the_true_picture_costs_nothing_and_guessed_colours_cost_less_than_true_ones():
    from mirror_training.mood_network import require_keras
    from mirror_training.unmask_losses import pair_loss
    from mirror_training.unmask_pairs import GREY_NOTE, OUTSIDE_NOTE, TRUE_NOTE

    numpy = require_keras().ops.convert_to_numpy
    loss = pair_loss(replace(SHORT, loss="l1", grey_chroma=0.2))
    right = np.full((1, 32, 32, 4), 100 / 255, np.float32)
    right[..., 3] = 1.0
    assert numpy(loss(packed(TRUE_NOTE), right)) == pytest.approx([0], abs=1e-3)
    # As bright as the true colour, but of another hue.
    hue = right.copy()
    hue[..., :3] += np.array([0.2, 0, -0.2 * 0.114 / 0.299], np.float32)
    true, grey, outside = (
        float(numpy(loss(packed(note), hue))[0]) for note in (TRUE_NOTE, GREY_NOTE, OUTSIDE_NOTE)
    )
    assert grey == pytest.approx(0.2 * true, rel=0.02)
    assert outside == pytest.approx(0, abs=1e-3)
    unseen = right.copy()
    unseen[..., 3] = 0.0  # the mask stays on
    assert float(numpy(loss(packed(TRUE_NOTE), unseen))[0]) > 1.0


@needs_keras
@pytest.mark.parametrize(
    "design",
    [
        TINY,
        replace(TINY, architecture="plain"),
        replace(TINY, predicts="difference"),
        replace(TINY, refine=2),
        replace(TINY, filters=(8, 12), kernels=(7, 3), side=96),
    ],
)
def test_every_design_gives_a_colour_and_an_alpha_for_every_pixel(design):
    from mirror_training.unmask_network import build

    network = build(design, fused=False)
    colours, alphas = answers_of(network, pictures(3, design.side))
    assert colours.shape == (3, design.side, design.side, 3)
    assert alphas.shape == (3, design.side, design.side)
    for numbers in (colours, alphas):
        assert 0 <= numbers.min() <= numbers.max() <= 1


@needs_keras
def test_fused_normalisation_computes_the_same(network):
    from mirror_training.unmask_network import build

    fused = build(TINY)
    fused.set_weights(network.get_weights())
    ours, theirs = (answers_of(each, pictures(2)) for each in (network, fused))
    assert np.allclose(ours[0], theirs[0], atol=1e-4)
    assert np.allclose(ours[1], theirs[1], atol=1e-4)


@needs_keras
@pytest.mark.parametrize("frozen", [True, False])
def test_the_encoder_of_another_network_may_be_used_frozen_or_tuned(tmp_path, network, frozen):
    from mirror_training.unmask_network import build

    network.save(tmp_path / "other.keras")
    design = replace(
        TINY, architecture="pretrained", encoder=str(tmp_path / "other.keras"), side=96, frozen=frozen
    )
    built = build(design, fused=False)
    colours, _ = answers_of(built, pictures(1, 96))
    assert colours.shape == (1, 96, 96, 3)
    count = len(network.get_layer(index=1).get_weights())
    first = next(layer for layer in built.layers if layer.name == "inner_layers")
    assert count
    assert bool(first.trainable_weights) is not frozen
    kernel = network.get_layer(index=1).get_weights()[0]
    assert any(
        weight.shape == kernel.shape and np.array_equal(weight, kernel) for weight in first.get_weights()
    )


@needs_keras
def test_a_file_that_is_no_encoder_is_refused(tmp_path):
    from mirror_training.inner_layers import inner_layers

    (tmp_path / "x.keras").write_text("nothing")
    with pytest.raises(UsageError, match="cannot be read as a saved Keras network"):
        inner_layers(tmp_path / "x.keras", 64)


@needs_keras
def test_inner_layers_of_a_grey_network_do_not_mind_how_bright_a_picture_is(tmp_path):
    from mirror_training.inner_layers import inner_layers
    from mirror_training.mood_network import build, require_keras

    build(48, width=0.25, fused=False).save(tmp_path / "mood.keras")
    features = inner_layers(tmp_path / "mood.keras", 64)
    picture = pictures(1).astype(np.float32) / 255
    numpy = require_keras().ops.convert_to_numpy
    one, other = (
        [numpy(level) for level in features(each, training=False)] for each in (picture, 0.5 * picture)
    )
    assert [level.shape[1] for level in one] == [32, 16, 8]
    for ours, theirs in zip(one, other, strict=True):
        assert np.abs(ours - theirs).max() < 0.05 * np.abs(ours).max()


@needs_keras
@pytest.mark.timeout(600)
def test_eight_faces_are_learned(tmp_path, faces):
    few = {**faces, "train": faces["train"][:8]}
    recipe = replace(SHORT, epochs=16, batch=8, learning_rate=1e-2, colour_repeats=5)
    trained = train(few, tmp_path, recipe)
    losses = [line["loss"] for line in trained.history]
    assert np.mean(losses[-3:]) < 0.6 * losses[0]
    assert trained.history[-1]["alpha_iou"] > 0.4
    assert (tmp_path / SAMPLES).is_file()


@needs_keras
@pytest.mark.timeout(600)
def test_a_training_that_was_killed_goes_on_with_the_same_history(tmp_path, faces):
    whole = train(faces, tmp_path / "whole", SHORT)

    class Killed(BaseException):
        pass

    write = mood_checkpoint.write

    def write_once(file, state):
        write(file, state)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mood_checkpoint, "write", write_once)
        with pytest.raises(Killed):
            train(faces, tmp_path / "parts", SHORT)
    assert mood_checkpoint.read(tmp_path / "parts" / CHECKPOINT).notes["epoch"] == 1
    parts = train(faces, tmp_path / "parts", SHORT)
    assert [line["epoch"] for line in parts.history] == [1, 2]
    for ours, theirs in zip(parts.history, whole.history, strict=True):
        for name in ("loss", "ssim", "l1", "alpha_iou", "steps"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-3, abs=1e-4)
    again = train(faces, tmp_path / "parts", replace(SHORT, workers=1))  # nothing is left to do
    assert again.history == parts.history
    with pytest.raises(UsageError, match="another learning_rate, seed"):
        train(faces, tmp_path / "parts", replace(SHORT, seed=1, learning_rate=1.0))
    if importlib.util.find_spec("tensorboard"):
        assert list((tmp_path / "whole" / EVENTS).iterdir())


@needs_keras
@pytest.mark.timeout(600)
def test_a_training_begins_with_the_weights_of_a_network_of_another_side(tmp_path, faces, network):
    from mirror_training.unmask_network import build, take_weights

    network.save(tmp_path / "before.keras")
    larger = build(replace(TINY, side=96), fused=False)
    take_weights(larger, tmp_path / "before.keras")
    for ours, theirs in zip(larger.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    still = replace(SHORT, start=str(tmp_path / "before.keras"), epochs=1, learning_rate=1e-12)
    trained = train(faces, tmp_path / "on", still)
    kernels = [
        (ours, theirs)
        for ours, theirs in zip(trained.model.get_weights(), network.get_weights(), strict=True)
        if ours.ndim == 4
    ]
    assert kernels
    for ours, theirs in kernels:
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@needs_keras
def test_a_network_of_another_design_is_no_beginning(tmp_path, network):
    from mirror_training.unmask_network import build, take_weights

    build(replace(TINY, filters=(8, 16, 32)), fused=False).save(tmp_path / "other.keras")
    with pytest.raises(UsageError, match="another design"):
        take_weights(network, tmp_path / "other.keras")
    (tmp_path / "broken.keras").write_bytes(b"PK")
    with pytest.raises(UsageError, match="cannot be read"):
        take_weights(network, tmp_path / "broken.keras")


@needs_keras
@pytest.mark.timeout(900)
def test_a_run_ends_with_models_report_and_card(tmp_path, faces):
    result = run(faces, tmp_path, replace(SHORT, epochs=3), pictures=4)
    names = {path.name for path in result.files}
    assert names >= {"unmask.keras", "unmask.json", "report.json", "model_card.md", "test.jpg"}
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["test"][MODEL][ALL]["pictures"] == result.evaluation.scores[MODEL][ALL].pictures
    assert report["people"]["train"] == len({face.person for face in faces["train"]})
    card = (tmp_path / "model_card.md").read_text()
    assert "used to recognise anybody" in card
    assert f"{report['parameters']:,} parameters" in card
    if not importlib.util.find_spec("tensorflow"):
        assert "TensorFlow is not installed" in result.problem
        return
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    assert result.problem == ""
    assert names >= {"unmask.tflite", "unmask_int8.tflite"}
    assert report["litert"]["unmask.tflite"]["mean"] < 0.5
    assert report["litert"]["unmask_int8.tflite"]["mean"] < 8
    types = _types_of(tmp_path / "unmask_int8.tflite")
    assert np.int8 in types["/stage0_first"]
    assert types["/colour"] == types["/alpha_plane"] == {np.float32}  # int8's steps would be seen there
    model = UnmaskModel(tmp_path / "unmask.tflite", threads=1)
    assert model.side == TINY.side
    square = pictures(1)[0]
    colour, alpha = model.look(square)
    assert composed(square, colour, alpha).shape == square.shape


def _types_of(file):
    """Types of the planes that the convolutions of some layers of a LiteRT file give."""
    interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter(model_path=str(file))
    tensors = [each for each in interpreter.get_tensor_details() if "convolution" in each["name"]]
    return {
        layer: {each["dtype"] for each in tensors if layer in each["name"]}
        for layer in ("/stage0_first", "/colour", "/alpha_plane")
    }


@needs_keras
@pytest.mark.timeout(600)
def test_the_notebook_runs_from_data_to_result(tmp_path, faces):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [
        ("".join(cell["source"]), cell["metadata"].get("tags", []))
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    space: dict[str, object] = {}
    tiny = {
        "DATA": write_toy_archive(tmp_path / "photographs", 12),
        "OUT": tmp_path / "out",
        "SIDE": 64,
        "FILTERS": (8, 16),
        "EPOCHS": 1,
        "BATCH": 4,
        "PICTURES": 4,
    }
    for source, tags in code:
        exec(compile(source, NOTEBOOK.name, "exec"), space)
        if "parameters" in tags:
            assert set(tiny) <= set(space)
            space.update(tiny)
    assert (tmp_path / "out" / "unmask.keras").is_file()
    scores = space["evaluation"].scores
    assert scores[MODEL][ALL].pictures >= 1
