"""Film scenes on disc: what is written is read again, what is wrong is said, which there are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.film import scene as scene_module
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import (
    MODEL,
    POSES,
    SCENE_FILE,
    Movement,
    Scene,
    checked_name,
    default_scenes_folder,
    load_scene,
    save_scene,
    scenes,
)
from mirror_effects.film.testing import walk

SIDE = 96


def movement() -> Movement:
    points, visibility = walk(30, height=(60, 70), ears=(48, 16), horizon=30)
    return Movement(points, visibility, np.arange(30) / 25)


def scene(name: str = "noir") -> Scene:
    film = movement()
    statistics = PoseStatistics.of(film.points, film.visibility, SIDE, SIDE)
    return Scene(name, "Noir", SIDE, 25.0, statistics, "CC0", "Nobody is seen.")


def written(parent: Path, name: str = "noir") -> Path:
    """A whole scene folder; the model's content does not matter here."""
    folder = parent / name
    background = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    save_scene(folder, scene(name), background, movement())
    (folder / MODEL).write_bytes(b"model")
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = load_scene(written(tmp_path))
    assert found.scene == scene()
    background = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    assert np.array_equal(found.background(), background)
    assert np.array_equal(found.movement().points, movement().points)
    assert np.array_equal(found.movement().times, movement().times)
    assert found.model == tmp_path / "noir" / MODEL


@pytest.mark.parametrize("name", ["noir", "a", "film_2", "x" * 32])
def test_names_that_are_allowed(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "Noir", "2noir", "_a", "../x", "a b", "ä", "x" * 33, "a.b", "a\n"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="a scene's name begins with a small letter"):
        checked_name(name)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "needs a title"),
        ({"licence": ""}, "needs a licence"),
        ({"consent": ""}, "needs a consent"),
        ({"fps": 0.5}, "0.5 frames per second: allowed are 1 to 120"),
        ({"fps": float("nan")}, "nan frames per second"),
        ({"side": 16}, "side of 16 pixels"),
        ({"side": 128}, "statistics of pictures of 96 × 96"),
        ({"version": 2}, "version 2, but this Mirror reads version 1"),
    ],
)
def test_what_is_no_scene_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        replace(scene(), **changes)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda values: values.pop("title"), "A scene lacks title"),
        (lambda values: values.update(colour="red"), "A scene does not know colour"),
        (lambda values: values.update(side="wide"), "side must be a number, not 'wide'"),
        (lambda values: values.update(licence=3), "licence must be words, not 3"),
        (lambda values: values["statistics"].pop("size"), "Pose statistics lack size"),
        (lambda values: values.update(name="other"), "is of the scene other: name its folder other"),
    ],
)
def test_a_damaged_description_is_named(tmp_path: Path, change: Any, sentence: str) -> None:
    file = written(tmp_path) / SCENE_FILE
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))
    with pytest.raises(UsageError, match=sentence):
        load_scene(file.parent)


def test_a_folder_that_is_no_scene_or_lacks_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no scene: it has no scene\.json"):
        load_scene(tmp_path)
    folder = written(tmp_path)
    (folder / MODEL).unlink()
    (folder / "background.png").unlink()
    with pytest.raises(UsageError, match=r"lacks model.tflite, background.png"):
        load_scene(folder)
    (folder / SCENE_FILE).write_text("{")
    with pytest.raises(UsageError, match="is damaged: it holds no JSON"):
        load_scene(folder)


def test_damaged_poses_and_background_are_named(tmp_path: Path) -> None:
    found = load_scene(written(tmp_path))
    (found.folder / "background.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match="is no picture of 96 × 96 pixels"):
        found.background()
    film = movement()
    for times in (film.times[::-1], film.times[:-1], film.times * np.nan):
        np.savez(found.folder / POSES, points=film.points, visibility=film.visibility, times=times)
        with pytest.raises(UsageError, match=r"do not rise|must hold points"):
            found.movement()
    (found.folder / POSES).write_bytes(b"PK no archive")
    with pytest.raises(UsageError, match="cannot be read as the poses"):
        found.movement()


def test_own_scenes_stand_beside_shipped_ones_and_replace_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "data" / "mirror" / "scenes"
    monkeypatch.setattr(scene_module, "shipped_scenes_folder", lambda: shipped)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_scenes_folder() == own
    assert scenes() == {}
    detective, first = written(shipped, "detective"), written(shipped)
    assert scenes() == {"detective": detective, "noir": first}
    mine = written(own)
    (own / ".noir.partial").mkdir()
    (own / "empty").mkdir()
    assert scenes() == {"detective": detective, "noir": mine}
