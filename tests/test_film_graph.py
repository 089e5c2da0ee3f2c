"""The graph `film` as people start it: the scene comes to the topic from one process or another host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")
pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import Movement, Scene, save_scene
from mirror_effects.film.testing import walk
from mirror_effects.film.testing_stage import still_background
from mirror_training.film_scene.testing import write_plain_model

SIDE = 64
HEIGHT, WIDTH = 180, 320
CAMERA = (20, 30, 220)  # blue, green, red: what the scene has not


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's data folder with the scene noir, whose network draws the pose map itself."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "mirror" / "scenes" / "noir"
    points, seen = walk(100, height=(38.0, 38.0), ears=(32.0, 13.0), horizon=13.0)
    statistics = PoseStatistics.of(points, seen, SIDE, SIDE)
    scene = Scene("noir", "Noir", SIDE, 25.0, statistics, "Apache-2.0", "Nobody is seen.")
    save_scene(folder, scene, still_background(SIDE), Movement(points, seen, np.arange(100) / 25.0))
    write_plain_model(folder / "model.tflite", SIDE)
    return data


@pytest.mark.parametrize("where", ["here", "host"])
def test_the_scene_is_shown_wherever_its_network_runs(
    *,
    where: str,
    data_folder: Path,
    start_mirror: Callable[..., Any],
    observe: Callable[..., Any],
    claim_domain: Callable[[], int],
    picture_folder: Callable[..., Path],
) -> None:
    from sensor_msgs.msg import Image

    domain = claim_domain()
    folder = picture_folder(still=np.full((HEIGHT, WIDTH, 3), CAMERA, np.uint8))
    common = {
        "graph": "film",
        "domain": domain,
        "XDG_DATA_HOME": str(data_folder),
        "parameters": {"camera": {"rate_hz": 20.0, "width": WIDTH, "height": HEIGHT}},
    }
    words = ["camera:=images", f"path:={folder}", "display:=false", "web:=false"]
    if where == "here":
        mirrors = [start_mirror(*words, "scene:=noir", "composed:=true", **common)]
    else:
        mirrors = [
            start_mirror(*words, "remote:=true", "composed:=false", **common),
            start_mirror("remote:=host", "scene:=noir", "composed:=false", **common),
        ]
    observer = observe(domain=domain)
    for mirror in mirrors:
        observer.watch(mirror)
    images = observer.listen(Image, "/mirror/image")

    def scene_is_shown() -> bool:
        if not images.messages:
            return False
        message = images.messages[-1]
        picture = np.frombuffer(message.data, np.uint8).reshape(HEIGHT, WIDTH, 3)
        sides = np.hstack([picture[:, :70], picture[:, 250:]])
        scene = picture[:, 70:250]
        return not sides.any() and scene.min(axis=(1, 2)).any() and scene.max() > 100

    observer.until(scene_is_shown, "the scene in the picture")
    first = np.frombuffer(images.messages[-1].data, np.uint8)

    def it_moves() -> bool:
        return bool((np.frombuffer(images.messages[-1].data, np.uint8) != first).any())

    observer.until(it_moves, "the film's own movement")
    if where == "host":
        mirror, host = mirrors
        mirror.child("bodies_node")
        host.child("effects_node")
        with pytest.raises(AssertionError, match="0 processes"):
            mirror.child("effects_node")
    for mirror in mirrors:
        mirror.close()
