"""Bad files for effects: film scenes, masks and options, damaged or of somebody who means no good."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("mediapipe", reason="mediapipe is not installed")

from mirror_core.errors import UsageError
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_numbers, promised
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import (
    MOST_POSES_BYTES,
    POSES,
    SCENE_FILE,
    Movement,
    Scene,
    load_scene,
    save_scene,
)
from mirror_effects.film.testing import walk
from mirror_effects.mask_texture import read_mask
from mirror_effects.medical.options import load_options

SIDE = 64


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """File name → content of a scene folder that is whole but for its network."""
    folder = tmp_path_factory.mktemp("scenes") / "noir"
    points, seen = walk(20, height=(38.0, 38.0), ears=(32.0, 13.0), horizon=13.0)
    statistics = PoseStatistics.of(points, seen, SIDE, SIDE)
    scene = Scene("noir", "Noir", SIDE, 25.0, statistics, "Apache-2.0", "Nobody is seen.")
    background = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    save_scene(folder, scene, background, Movement(points, seen, np.arange(20) / 25.0))
    return {file.name: file.read_bytes() for file in folder.iterdir()} | {"model.tflite": b"TFL3"}


def folder_with(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "noir"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def read_all(folder: Path) -> None:
    """As a stage reads a scene, without its network."""
    scene = load_scene(folder)
    assert scene.background().shape == (scene.scene.side, scene.scene.side, 3)
    movement = scene.movement()
    assert np.isfinite(movement.points).all()
    assert np.isfinite(movement.visibility).all()
    assert (np.diff(movement.times) > 0).all()


@fuzz(80)
@given(data=st.data())
def test_damaged_scenes_are_refused_or_whole(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(set(whole) - {"model.tflite"})))
    content = data.draw(damaged(whole[name]))
    with promised("film scene, damaged", UsageError):
        read_all(folder_with(tmp_path_factory, {**whole, name: content}))


@st.composite
def changed(draw: st.DrawFn, text: str) -> bytes:
    """JSON in which one value, however deep, is another or is gone."""
    content = json.loads(text)
    place = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if not (isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans())):
            break
        place = place[key]
    if draw(st.integers(0, 4)):
        place[key] = draw(json_values() | odd_numbers())
    else:
        del place[key]
    return json.dumps(content).encode("utf-8", "surrogatepass")


@fuzz(80)
@given(data=st.data())
def test_scenes_with_another_description_are_refused_or_whole(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes], data: st.DataObject
) -> None:
    content = data.draw(changed(whole[SCENE_FILE].decode()) | st.just(b"[" * 100_000))
    with promised("film scene, its description", UsageError):
        read_all(folder_with(tmp_path_factory, {**whole, SCENE_FILE: content}))


def arrays(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    kind = draw(st.sampled_from(("float32", "float64", "int64", "complex64", "U3", "bool", "float16")))
    if draw(st.integers(0, 2)):
        return np.linspace(0, 1, int(np.prod(shape))).reshape(shape)
    odd = draw(st.sampled_from(((), (0,), (3,), (2, 33, 3), (4, 33), (4, 33, 2), (1, 1, 1, 1))))
    values = np.zeros(odd, kind)
    if values.size and kind.startswith("float"):
        values.flat[0] = draw(odd_numbers())
    return values


@fuzz(60)
@given(data=st.data())
def test_scenes_with_other_poses_are_refused_or_whole(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes], data: st.DataObject
) -> None:
    stream = io.BytesIO()
    named = {"points": (4, 33, 3), "visibility": (4, 33), "times": (4,)}
    kept = data.draw(st.lists(st.sampled_from(sorted(named)), min_size=2, max_size=3, unique=True))
    np.savez_compressed(stream, **{name: arrays(data.draw, named[name]) for name in kept})
    with np.errstate(all="ignore"), promised("film scene, its poses", UsageError):
        read_all(folder_with(tmp_path_factory, {**whole, POSES: stream.getvalue()}))


def test_poses_that_unpack_to_gigabytes_are_refused(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes]
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file, file.open("points.npy", "w") as member:
        for _ in range(MOST_POSES_BYTES // 2**20 + 1):
            member.write(bytes(2**20))
    with pytest.raises(UsageError, match="is larger than 256 MiB"):
        load_scene(folder_with(tmp_path_factory, {**whole, POSES: stream.getvalue()})).movement()


MASK = cv2.imencode(".png", np.random.default_rng(2).integers(0, 256, (64, 64, 4), np.uint8))[1].tobytes()


@fuzz(40, share=0.3)
@given(content=damaged(MASK) | st.binary(max_size=40))
def test_masks_are_refused_or_textures(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("masks") / "own.png"
    file.write_bytes(content)
    with promised("mask file", UsageError):
        assert read_mask(file).shape[2] == 4


@fuzz(60)
@given(
    content=st.one_of(
        json_values().map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
        st.dictionaries(
            st.sampled_from(("kinds", "textures", "size", "strength", "colours")), json_values()
        ).map(lambda value: yaml.safe_dump(value).encode("utf-8", "replace")),
        st.binary(max_size=60),
        st.sampled_from((b"[" * 3000, b"a: &a [*a]", b"a: 2001-99-99", b"!!int ''")),
    ),
    suffix=st.sampled_from((".json", ".yaml")),
)
def test_options_of_masks_are_refused_or_checked(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    file = tmp_path_factory.mktemp("options") / f"options{suffix}"
    file.write_bytes(content)
    with promised("options of medical masks", UsageError):
        load_options(file)
