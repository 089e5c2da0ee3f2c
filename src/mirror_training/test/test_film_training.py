"""The film's networks where Keras is installed: designs, players, a training of a toy clip, its export."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError, ShapeError, UsageError
from mirror_effects.film.body_parts import BodyPart, part_at
from mirror_effects.film.composer import composed
from mirror_effects.film.keras_model import open_film_model
from mirror_effects.film.model import FilmModel
from mirror_training import mood_checkpoint
from mirror_training.film.__main__ import main
from mirror_training.film.batches import Batch
from mirror_training.film.design import Design
from mirror_training.film.evaluation import MODEL, NEAREST, evaluate
from mirror_training.film.export import convert
from mirror_training.film.footage import Footage, open_footage
from mirror_training.film.recipe import Recipe, Splitting
from mirror_training.film.recursion import keras_answer, play, pose_maps
from mirror_training.film.run import run
from mirror_training.film.scores import moving_area, score_pieces
from mirror_training.film.split import split_clip
from mirror_training.film.toy_clip import write_toy_clip
from mirror_training.film.training import SAMPLES, train
from mirror_training.training_loop import CHECKPOINT, EVENTS

backends = [name for name in ("tensorflow", "torch", "jax") if importlib.util.find_spec(name)]
wanted = os.environ.get("KERAS_BACKEND")
has_keras = importlib.util.find_spec("keras") and (wanted in backends if wanted else bool(backends))
needs_keras = pytest.mark.skipif(
    not has_keras, reason="Keras and a backend for it (requirements/train.txt) are missing"
)
SIDE = 64
TINY = Design(side=SIDE, filters=(8, 16), blocks=1, local_blocks=1, head_filters=8, front=3, discriminators=2)
TINY = replace(TINY, discriminator_filters=8, discriminator_layers=2)
SHORT = Recipe(
    TINY,
    epochs=3,
    epoch_windows=12,
    batch=4,
    crop=48,
    learning_rate=3e-3,
    coarse_until=0.34,
    game_from=0.67,
    own_from=0.34,
    rollout=1,
    splitting=Splitting(0.2, 2, 4),
    average_steps=16,
    precision="float32",
    validation=6,
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Path:
    return write_toy_clip(tmp_path_factory.mktemp("scene"), 90, SIDE)


@pytest.fixture(scope="module")
def footage(scene, tmp_path_factory) -> Footage:
    return open_footage(scene, SIDE, tmp_path_factory.mktemp("prepared") / "here")


def numbers(value: object) -> np.ndarray:
    from mirror_training.training_loop import numpy_of

    return numpy_of(value)


def tensor(value: np.ndarray) -> object:
    from mirror_training.mood_network import require_keras

    return require_keras().ops.convert_to_tensor(value, "float32")


def step_arrays(footage: Footage, own: float = 0.0) -> dict[str, np.ndarray]:
    """What one step of two windows is given."""
    frames = [20, 40]
    return {
        "pose": np.stack([pose_maps(footage, range(frame, frame + 1))[0] for frame in frames]),
        "previous": np.stack([footage.frames[frame - 1] for frame in frames]),
        "before": np.stack([footage.frames[frame - 1] for frame in frames]),
        "frame": np.stack([footage.frames[frame] for frame in frames]),
        "alpha": np.stack([footage.alpha[frame][..., None] for frame in frames]),
        "background": np.stack([footage.background] * 2),
        "own": np.full((2, 1, 1, 1), own, np.float32),
    }


def test_without_keras_training_says_what_to_install(monkeypatch, tmp_path, footage):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"requirements/train\.txt"):
        train(footage, tmp_path, SHORT)


def test_without_tensorflow_conversion_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="repeat the command there"):
        convert(tmp_path / "film.keras", {}, tmp_path)


@needs_keras
@pytest.mark.parametrize(
    "design",
    [
        TINY,
        replace(TINY, temporal=False),
        replace(TINY, labels=False),
        replace(TINY, normalisation="instance", skips=False, front=7, end=7),
        replace(TINY, side=32, filters=(8, 12), blocks=0, local_blocks=0, discriminators=1),
    ],
)
def test_every_design_gives_a_colour_and_an_alpha_for_every_pixel(design):
    from mirror_training.film.network import build, seen_by

    networks = build(design, fused=False)
    pictures = np.random.default_rng(0).random((2, design.side, design.side, 3), np.float32)
    for network, side in ((networks.generator, design.side), (networks.coarse, design.side // 2)):
        output = np.asarray(network.predict_on_batch(seen_by(design.temporal, pictures, pictures)))
        assert output.shape == (2, side, side, 4)
        assert 0 <= output.min() < output.max() <= 1


@needs_keras
def test_labels_say_which_part_a_pixel_shows_and_where_on_it(footage):
    from mirror_training.film.pose_labels import CEILING, LABEL_CHANNELS, pose_labels
    from mirror_training.mood_network import require_keras

    keras = require_keras()
    seen = keras.Input((SIDE, SIDE, 3))
    network = keras.Model(seen, pose_labels(seen))
    pose_map = pose_maps(footage, range(20, 21))
    found = np.asarray(network.predict_on_batch(pose_map / np.float32(255)))[0] / CEILING
    assert found.shape == (SIDE // 2, SIDE // 2, LABEL_CHANNELS)
    picked = pose_map[0, ::2, ::2]
    one = np.eye(len(BodyPart))[part_at(picked[..., 0])][..., 1:]
    u, v = picked[..., 1:2] / 255, picked[..., 2:3] / 255
    assert found == pytest.approx(np.concatenate([one, one * u, one * v], axis=2), abs=0.02)
    assert not network.trainable_variables


@needs_keras
def test_weights_fit_strips_and_squares_and_the_coarse_network_shares_them():
    from mirror_training.film.network import build

    strip, square = build(TINY, width=48), build(TINY, fused=False)
    square.generator.set_weights(strip.generator.get_weights())
    rng = np.random.default_rng(1)
    pose, previous = rng.random((2, 1, SIDE, 48, 3), np.float32)
    narrow = np.asarray(numbers(strip.generator.predict_on_batch([pose, previous])))
    wide = [np.pad(each, ((0, 0), (0, 0), (0, 16), (0, 0))) for each in (pose, previous)]
    broad = np.asarray(numbers(square.generator.predict_on_batch(wide)))
    # Only near the edge does what lies beyond it count.
    assert np.abs(narrow[:, :, :4] - broad[:, :, :4]).mean() < 0.05
    before = [weight.copy() for weight in strip.coarse.get_weights()]
    strip.generator.set_weights([weight + 0.5 for weight in strip.generator.get_weights()])
    changed = [not np.array_equal(*pair) for pair in zip(before, strip.coarse.get_weights(), strict=True)]
    assert 0.5 < np.mean(changed) < 1


@needs_keras
def test_the_composed_tensor_is_what_the_mirror_shows(footage):
    from mirror_training.film.losses import composed_tensor

    output = np.random.default_rng(3).random((1, SIDE, SIDE, 4), np.float32)
    background = footage.background[None].astype(np.float32) / 255
    still, made, full = (tensor(each) for each in (background, output, np.ones((1, SIDE, SIDE, 1))))
    ours = numbers(composed_tensor(still, made))[0] * 255
    theirs = composed(footage.background, output[0, ..., :3], output[0, ..., 3])
    assert np.abs(ours - theirs).max() <= 0.51
    assert numbers(composed_tensor(still, made, full)) == pytest.approx(output[..., :3])


@needs_keras
def test_judgements_and_features_are_compared_as_pix2pixhd_does():
    from mirror_training.film.discriminators import build_discriminators, feature_matching, least_squares

    judged = [
        [tensor(np.full((1, 4, 4, 2), 3.0)), tensor(np.full((1, 2, 2, 1), 0.25))],
        [tensor(np.full((1, 2, 2, 2), 1.0)), tensor(np.full((1, 1, 1, 1), 0.5))],
    ]
    true = [[layer * 0 for layer in one] for one in judged]
    assert float(numbers(least_squares(judged, 1.0))) == pytest.approx((0.75**2 + 0.5**2) / 2)
    assert float(numbers(feature_matching(judged, true))) == pytest.approx(2.0)
    pictures = tensor(np.random.default_rng(0).random((2, SIDE, SIDE, 9)))
    found = build_discriminators(TINY)(pictures)
    assert [tuple(each[-1].shape) for each in found] == [(2, 16, 16, 1), (2, 8, 8, 1)]
    frozen = build_discriminators(TINY)
    for ours, theirs in zip(frozen(pictures), frozen(pictures, frozen=True), strict=True):
        assert numbers(ours[-1]) == pytest.approx(numbers(theirs[-1]))


@needs_keras
def test_neither_player_is_moved_by_the_others_term(footage):
    """One step in which only one term counts moves only that player's weights."""
    from mirror_training.film.discriminators import build_discriminators
    from mirror_training.film.lessons import make_lesson
    from mirror_training.film.losses import Objectives
    from mirror_training.film.network import build
    from mirror_training.mood_network import require_keras

    keras = require_keras()
    arrays = step_arrays(footage)
    for kept, generator_moves in (("adversarial", True), ("matching", True), ("discriminator", False)):
        networks, discriminators = build(TINY), build_discriminators(TINY)
        objectives = Objectives(SHORT, networks, discriminators, True)

        def alone(given, kept=kept, objectives=objectives):
            return {kept: objectives.game(given)[kept]}

        lesson = make_lesson(alone, [kept], [networks.generator, discriminators], keras.optimizers.SGD(10.0))
        players = (networks.generator, discriminators)
        before = [[numbers(each).copy() for each in one.trainable_variables] for one in players]
        lesson.train_on_batch(arrays, return_dict=True)
        moved = [
            max(
                float(np.abs(numbers(now) - was).max())
                for now, was in zip(one.trainable_variables, start, strict=True)
            )
            for one, start in zip(players, before, strict=True)
        ]
        assert (moved[0] > 0) is generator_moves, kept
        assert (moved[1] > 0) is not generator_moves, kept


@needs_keras
def test_only_the_networks_own_frames_are_asked_not_to_flicker(footage):
    from mirror_training.film.discriminators import build_discriminators
    from mirror_training.film.losses import Objectives
    from mirror_training.film.network import build

    objectives = Objectives(SHORT, build(TINY), build_discriminators(TINY), True)
    terms = {own: objectives.picture(step_arrays(footage, own)) for own in (0.0, 1.0)}
    assert set(terms[0.0]) == {"picture", "alpha", "flicker"}
    assert float(numbers(terms[0.0]["flicker"])) == 0
    assert float(numbers(terms[1.0]["flicker"])) > 0
    guessed = Objectives(replace(SHORT, guessed_alpha=0.0), build(TINY), None, False)
    assert float(numbers(guessed.picture(step_arrays(footage))["alpha"])) == 0


@needs_keras
@pytest.mark.timeout(900)
def test_a_toy_figure_is_learned_and_played_from_its_own_frames(tmp_path, footage):
    recipe = replace(
        SHORT, epochs=26, epoch_windows=32, batch=8, coarse_until=0.2, game_from=0.8, own_from=0.4
    )
    trained = train(footage, tmp_path, recipe)
    first = next(line for line in trained.history if line["stage"] == 1)
    last = next(line for line in reversed(trained.history) if line["stage"] == 1)
    assert last["picture"] < 0.6 * first["picture"]
    assert trained.history[0]["stage"] == 0
    assert trained.history[-1]["stage"] == 2
    assert {"discriminator", "adversarial", "matching"} <= set(trained.history[-1])
    assert (tmp_path / SAMPLES).is_file()
    answer = keras_answer(trained.model, True)
    held = trained.split.held
    score = evaluate(footage, trained.split, answer).scores[MODEL]
    assert score.frames == sum(map(len, held))
    truths = [np.asarray(footage.frames[piece.start : piece.stop]) for piece in held]
    empty = [np.stack([footage.background] * len(piece)) for piece in held]
    bare = score_pieces(empty, truths, [moving_area(footage, piece) for piece in held])
    assert score.moving.ssim > bare.moving.ssim + 0.1
    assert score.moving.l1 < 0.9 * bare.moving.l1
    # Played for four times as long, it neither fades nor grows beyond its figure.
    maps = pose_maps(footage, held[0])
    there_and_back = np.concatenate([maps, maps[::-1]] * 2)
    frames = play(answer, footage.background, [there_and_back])[0]
    early, late = (
        np.abs(part.astype(float) - truths[0][:8]).mean() for part in (frames[:8], frames[-8:][::-1])
    )
    assert late < 1.3 * early + 0.5


class Killed(BaseException):
    pass


def killed_after(writes: int):
    write, written = mood_checkpoint.write, []

    def count(file, state):
        write(file, state)
        written.append(file)
        if len(written) == writes:
            raise Killed

    return count


@needs_keras
@pytest.mark.timeout(900)
@pytest.mark.parametrize("writes", [1, 2])
def test_a_training_that_was_killed_goes_on_with_the_same_history(tmp_path, footage, writes):
    whole = train(footage, tmp_path / "whole", SHORT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mood_checkpoint, "write", killed_after(writes))
        with pytest.raises(Killed):
            train(footage, tmp_path / "parts", SHORT)
    assert mood_checkpoint.read(tmp_path / "parts" / CHECKPOINT).notes["epoch"] == writes
    parts = train(footage, tmp_path / "parts", SHORT)
    assert [line["stage"] for line in parts.history] == [0, 1, 2]
    for ours, theirs in zip(parts.history, whole.history, strict=True):
        assert set(ours) == set(theirs)
        for name in set(ours) - {"seconds"}:
            assert ours[name] == pytest.approx(theirs[name], rel=5e-3, abs=1e-3), name
    again = train(footage, tmp_path / "parts", replace(SHORT, workers=1))  # nothing is left to do
    assert again.history == parts.history
    with pytest.raises(UsageError, match="another batch, seed"):
        train(footage, tmp_path / "parts", replace(SHORT, seed=1, batch=2))
    if importlib.util.find_spec("tensorboard"):
        assert list((tmp_path / "whole" / EVENTS).iterdir())


@needs_keras
def test_a_checkpoint_that_is_not_written_to_its_end_leaves_the_older_one(tmp_path, footage, monkeypatch):
    state = mood_checkpoint.State([np.zeros(3)], [np.zeros(3)], [], {"epoch": 1})
    mood_checkpoint.write(tmp_path / CHECKPOINT, state)

    def breaks(*_, **__):
        raise Killed

    monkeypatch.setattr(mood_checkpoint.np, "savez", breaks)
    with pytest.raises(Killed):
        mood_checkpoint.write(tmp_path / CHECKPOINT, replace(state, notes={"epoch": 2}))
    assert mood_checkpoint.read(tmp_path / CHECKPOINT).notes["epoch"] == 1


@needs_keras
@pytest.mark.timeout(900)
def test_own_frames_are_made_of_the_poses_before(tmp_path, footage):
    from mirror_training.film.batches import WindowBatches, frames_to_learn
    from mirror_training.film.training import _Training

    recipe = replace(SHORT, own=1.0, rollout=2)
    split = split_clip(footage.shots.tolist(), recipe.splitting)
    batch: Batch = next(WindowBatches(recipe, footage, frames_to_learn(footage, split.train, 2)).from_step(0))
    training = _Training(recipe, footage, split, tmp_path)
    try:
        found = training._own_frames(batch)
        answer = keras_answer(training.networks.generator, True)
        expected = batch.start
        for number in range(2):
            output = answer(batch.poses[:, number], expected)
            expected = np.stack(
                [
                    composed(still, each[..., :3], each[..., 3])
                    for still, each in zip(batch.background, output, strict=True)
                ]
            )
    finally:
        training.close()
    assert np.array_equal(found, expected)


@needs_keras
@pytest.mark.timeout(900)
def test_a_run_ends_with_models_report_and_card(tmp_path, scene, monkeypatch):
    rival = run(scene, tmp_path / "still", replace(SHORT, design=replace(TINY, temporal=False)))
    result = run(
        scene, tmp_path / "film", SHORT, {"without the frame before": tmp_path / "still" / "film.keras"}
    )
    names = {path.name for path in result.files}
    assert names >= {"film.keras", "report.json", "model_card.md", "test.jpg"}
    report = json.loads((tmp_path / "film" / "report.json").read_text())
    assert set(report["test"]["as they are"]) == {MODEL, NEAREST, "without the frame before"}
    ours = report["test"]["as they are"]["without the frame before"]
    assert ours["moving"]["ssim"] == pytest.approx(rival.evaluation.scores[MODEL].moving.ssim, abs=1e-3)
    card = (tmp_path / "film" / "model_card.md").read_text()
    assert f"{report['parameters']:,} parameters" in card
    assert card.count("| without the frame before |") == 2
    with pytest.raises(UsageError, match="no film network of side"):
        run(
            scene,
            tmp_path / "other",
            replace(SHORT, design=replace(TINY, side=96)),
            {"rival": tmp_path / "still" / "film.keras"},
        )
    if not importlib.util.find_spec("tensorflow"):
        assert "TensorFlow is not installed" in result.problem
        return
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    assert result.problem == rival.problem == ""
    assert names >= {"film.tflite", "film_int8.tflite"}
    assert report["litert"]["film.tflite"]["mean"] < 0.3
    assert report["litert"]["film.tflite"]["played"] < 0.5
    assert report["litert"]["film_int8.tflite"]["mean"] < 5
    assert report["litert"]["film_int8.tflite"]["alpha"] < 0.1
    footage = Footage.read(tmp_path / "film" / "prepared")
    model = FilmModel(tmp_path / "film" / "film.tflite", threads=1)
    assert (model.side, model.temporal) == (SIDE, True)
    pose_map = pose_maps(footage, range(20, 21))[0]
    empty, full = (model.next(pose_map, each) for each in (footage.background, np.array(footage.frames[19])))
    assert empty[0].shape == (SIDE, SIDE, 3)
    assert empty[1].shape == (SIDE, SIDE)
    assert not np.array_equal(empty[0], full[0])  # it looks at the frame before
    assert not np.array_equal(model.next(pose_map * 0, footage.background)[0], empty[0])  # and at the pose
    in_keras = open_film_model(tmp_path / "film" / "film.keras")
    for ours, theirs in zip(in_keras.next(pose_map, footage.background), empty, strict=True):
        assert np.abs(ours - theirs).mean() < 0.01
    with pytest.raises(ModelError, match="cannot be read"):
        (tmp_path / "other.keras").write_text("nothing")
        open_film_model(tmp_path / "other.keras")
    still = FilmModel(tmp_path / "still" / "film.tflite", threads=1)
    assert not still.temporal
    assert np.array_equal(
        still.next(pose_map, footage.background)[0], still.next(pose_map, np.array(footage.frames[19]))[0]
    )
    with pytest.raises(ShapeError, match="previous must be"):
        model.next(pose_map, footage.background[:32, :32].copy())


@needs_keras
@pytest.mark.timeout(900)
def test_the_module_runs_where_there_is_no_command(tmp_path, scene, monkeypatch, capsys):
    from mirror_training.film import __main__ as module

    monkeypatch.setattr(module, "recipe_of", lambda size: SHORT)
    arguments = [str(scene), "--out", str(tmp_path), "--epochs", "1", "--still"]
    assert main(arguments) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["recipe"]["epochs"] == 1
    assert report["recipe"]["design"]["temporal"] is False
    assert "nearest frame: SSIM" in capsys.readouterr().out
    assert main([str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]) == 1
    assert "has no frames" in capsys.readouterr().err
