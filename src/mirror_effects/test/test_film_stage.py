"""A scene folder made ready to be played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError
from mirror_effects.film import stage as stages
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import Movement, Scene, save_scene
from mirror_effects.film.stage import chosen_scene, load_stage
from mirror_effects.film.testing import walk
from mirror_effects.film.testing_stage import PaintingNetwork, painted_stage, still_background

SIDE = 64


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where a user's scenes are; there are no others."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("mirror_effects.film.scene.shipped_scenes_folder", lambda: tmp_path / "none")
    return tmp_path / "mirror" / "scenes"


def write(folder: Path, name: str) -> None:
    points, seen = walk(50, height=(38.0, 38.0), ears=(32.0, 13.0), horizon=13.0)
    statistics = PoseStatistics.of(points, seen, SIDE, SIDE)
    scene = Scene(name, name.title(), SIDE, 25.0, statistics, "Apache-2.0", "Nobody is seen.")
    save_scene(folder / name, scene, still_background(SIDE), Movement(points, seen, np.arange(50) / 25.0))
    (folder / name / "model.tflite").write_bytes(b"no network")


def test_a_scene_is_found_by_name_and_the_first_one_without(folder):
    with pytest.raises(ModelError, match=r"^No film scene is installed: make one with `mirror film make "):
        chosen_scene("")
    write(folder, "western")
    write(folder, "noir")
    assert chosen_scene("").scene.name == "noir"
    assert chosen_scene("western").scene.name == "western"
    with pytest.raises(ModelError, match=r"^opera is not a film scene: installed are noir, western\.$"):
        chosen_scene("opera")
    (folder / "noir" / "scene.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        chosen_scene("noir")


def test_network_background_and_movement_are_loaded(folder, monkeypatch):
    write(folder, "noir")
    opened = []

    def open_model(file: Path, threads: int) -> PaintingNetwork:
        opened.append((file.name, threads))
        return PaintingNetwork(SIDE // 2)

    monkeypatch.setattr(stages, "open_film_model", open_model)
    stage = load_stage("", 3)
    load_stage("noir", 1, "keras")
    assert opened == [("model.tflite", 3), ("model.keras", 1)]
    assert stage.name == "noir"
    np.testing.assert_array_equal(stage.background, still_background(SIDE))
    assert stage.background_small.shape == (SIDE // 2, SIDE // 2, 3)
    assert len(stage.library) == 50
    assert stage.duration_s == pytest.approx(49 / 25)
    pose = stage.pose_at(0.0)
    np.testing.assert_allclose(stage.on_network(pose).points, pose.points / 2, atol=1e-5)


def test_a_damaged_network_is_said_in_one_sentence(folder):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    write(folder, "noir")
    with pytest.raises(ModelError, match="is damaged: copy it anew"):
        load_stage("noir", 1)
    with pytest.raises(ModelError, match=r"model\.keras is missing"):
        load_stage("noir", 1, "keras")


def test_between_two_frames_of_the_film_the_pose_is_between_them():
    stage = painted_stage(seconds=2.0)
    points = stage.movement.points
    middle = stage.pose_at(10.5 / 25)
    np.testing.assert_allclose(middle.points, (points[10] + points[11]) / 2, atol=1e-3)
    np.testing.assert_allclose(stage.pose_at(-1.0).points, points[0], atol=1e-3)
    np.testing.assert_allclose(stage.pose_at(99.0).points, points[-1], atol=1e-3)
    still = painted_stage(seconds=0.04)
    np.testing.assert_allclose(still.film_pose(5.0).points, still.movement.points[0], atol=1e-3)
