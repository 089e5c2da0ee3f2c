"""The film scene that comes with Mirror: it is whole, small enough, and draws what it was trained to draw."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_effects.film.composer import composed
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.scene import load_scene, shipped_scenes_folder
from mirror_effects.film.stage import load_stage
from mirror_training.film_character import clip

MOST_BYTES = 25 * 2**20
SEED, SECONDS, FPS, SWING = 2, 1.6, 25.0, 0.5  # a movement that it was not trained on
NEAR = 0.6  # of what the bare street is off where the figure stands


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A user who has no scenes of their own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.mark.usefixtures("alone")
def test_it_is_the_scene_of_who_has_no_other():
    folder = shipped_scenes_folder() / "detective"
    found = load_scene(folder)
    assert sum(file.stat().st_size for file in folder.iterdir()) < MOST_BYTES
    assert (found.scene.side, found.scene.fps) == (256, FPS)
    assert "Apache-2.0" in found.scene.licence
    assert "Nobody is seen" in found.scene.consent
    assert {"preview.mp4", "report.json", "model_card.md"} <= {file.name for file in folder.iterdir()}
    assert load_stage("", 1).name == "detective"


@pytest.mark.usefixtures("alone")
def test_it_draws_the_detective_in_poses_that_it_has_not_seen():
    stage = load_stage("detective", 2)
    side = stage.network.side
    made = stage.background_small
    for _, frame in clip(SEED, SECONDS, FPS, side, SWING):
        pose = Pose.of(frame.points, frame.visibility)
        made = composed(stage.background_small, *stage.network.next(draw(pose, side, side), made))
    figure = frame.alpha > 128
    off = np.abs(made.astype(int) - frame.image)[figure].mean()
    bare = np.abs(stage.background_small.astype(int) - frame.image)[figure].mean()
    assert off < NEAR * bare
    beside = frame.alpha == 0
    assert np.abs(made.astype(int) - frame.image)[beside].mean() < 2
