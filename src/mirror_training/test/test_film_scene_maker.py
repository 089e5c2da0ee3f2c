"""The scene maker from a clip to a scene, with a figure whose poses are known; and a look at a real clip."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.film.scene import load_scene
from mirror_training.film.frames import ALPHAS, FOLDER
from mirror_training.film.recipe import Recipe
from mirror_training.film.toy_clip import toy_background, toy_figure, toy_pose, write_toy_clip
from mirror_training.film_scene import extraction, training
from mirror_training.film_scene.__main__ import main as scene_from_footage
from mirror_training.film_scene.assembly import Naming
from mirror_training.film_scene.extraction import extract
from mirror_training.film_scene.maker import Order, footage_of, make_scene, quality_file
from mirror_training.film_scene.pose_finder import Found
from mirror_training.film_scene.quality import Quality
from mirror_training.film_scene.scan import FRAME_NAME
from mirror_training.film_scene.steps import Steps
from mirror_training.film_scene.testing import ToyFinder, plain_trainer, write_toy_film
from mirror_training.film_scene.training import WaitingError, recipe_for, train_here

COUNT, SIDE = 200, 64
EMPTY, ELSEWHERE = range(10), range(170, 190)
REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "bodies.avi"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("film") / "film.avi"
    return write_toy_film(file, COUNT, SIDE, empty=EMPTY, other_place=ELSEWHERE)


@pytest.fixture(scope="module")
def worked(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all is done up to the training."""
    folder = tmp_path_factory.mktemp("worked")
    order = order_of(film, folder)
    footage_of(order, Steps(order.work_folder), silent, ToyFinder)
    return folder


@pytest.fixture
def begun(worked: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    return shutil.copytree(worked, tmp_path / "begun")


def order_of(film: Path, folder: Path) -> Order:
    naming = Naming("noir", "Noir", "CC0", "Nobody is seen.")
    return Order(film, naming, crop="centre", scenes=folder / "scenes")


def silent(_step: str, _done: int, _total: int | None) -> None:
    """No progress shown."""


def no_trainer(*_: object) -> str:
    raise AssertionError("trained again")


def test_a_clip_becomes_a_scene(film: Path, tmp_path: Path) -> None:
    made = make_scene(order_of(film, tmp_path), silent, ToyFinder, plain_trainer)
    assert made.folder == tmp_path / "scenes" / "noir"
    found = load_scene(made.folder)
    assert (found.scene.title, found.scene.side, found.scene.fps) == ("Noir", 256, 25.0)
    movement = found.movement()
    used = [number for number in range(COUNT) if number not in (*EMPTY, *ELSEWHERE)]
    assert np.allclose(movement.times, np.array(used) / 25)
    truth = np.stack([toy_pose(number, SIDE).points for number in used]) * 256 / SIDE
    assert np.abs(movement.points - truth)[:, :, :2].max() < 5  # smoothed a little
    apart = np.abs(cv2.resize(found.background(), (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(int))
    assert np.abs(apart - toy_background(SIDE)).mean() < 3
    quality = made.quality
    assert (quality.frames, quality.used, quality.runs) == (COUNT, len(used), 2)
    assert quality.cuts == (170, 190)
    assert quality.left_out["no body"] == len(EMPTY)
    assert quality.left_out["another place"] == len(ELSEWHERE)
    assert quality.background["still"]
    assert quality.coverage == pytest.approx(1 - len(EMPTY) / COUNT)
    report = json.loads((made.folder / "report.json").read_text())
    assert report["clip_quality"]["used"] == len(used)
    assert "Licence of the clip: CC0 Who is seen: Nobody is seen." in (
        made.folder / "model_card.md"
    ).read_text("utf-8")
    preview = cv2.VideoCapture(str(made.folder / "preview.mp4"))
    frames = []
    while (read := preview.read())[0]:
        frames.append(read[1])
    (piece,) = report["training"]["test"]["pieces"]
    assert len(frames) == piece[1] - piece[0] + 1
    assert frames[0].shape == (256, 768, 3)
    first = toy_figure(toy_pose(used[piece[0]], SIDE), SIDE)[0]
    shown = cv2.resize(frames[0][:, :256], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert np.abs(shown.astype(int) - first).mean() < 8
    # What the network makes lies over the background: beside the figure it is that.
    beside = frames[0][:40, 512:552].astype(int) - found.background()[:40, :40]
    assert np.abs(beside).mean() < 6


def drawn_footage(folder: Path) -> Path:
    """A drawn figure as `mirror_training.film_character` writes one: pictures, background, known poses."""
    write_toy_clip(folder, COUNT, SIDE)
    (folder / FOLDER).mkdir()
    for number in range(COUNT):
        picture, _ = toy_figure(toy_pose(number, SIDE), SIDE)
        cv2.imwrite(str(folder / FOLDER / FRAME_NAME.format(number)), picture)
    return folder


def test_a_drawn_figure_becomes_a_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    footage, training_folder, scenes = drawn_footage(tmp_path / "drawn"), tmp_path / "t", tmp_path / "scenes"
    words = [str(footage), "--training", str(training_folder), "--name", "striped", "--scenes", str(scenes)]
    words += ["--licence", "CC0", "--consent", "Nobody is seen."]
    assert scene_from_footage(words) == 1
    assert "holds no finished training" in capsys.readouterr().err
    recipe = recipe_for("fast", COUNT, None)
    plain_trainer(footage, training_folder, recipe, {})
    (training_folder / "film.keras").write_bytes(b"network")
    assert scene_from_footage(words) == 0
    found = load_scene(scenes / "striped")
    assert (found.scene.title, found.scene.fps, found.scene.side) == ("striped", 25.0, recipe.design.side)
    assert (found.folder / "model.keras").read_bytes() == b"network"
    preview = cv2.VideoCapture(str(found.folder / "preview.mp4"))
    pieces = json.loads((training_folder / "report.json").read_text())["test"]["pieces"]
    assert preview.get(cv2.CAP_PROP_FRAME_COUNT) == sum(last - first + 1 for first, last in pieces)
    assert scene_from_footage([*words, "--no-keras"]) == 0
    assert not (found.folder / "model.keras").exists()


def test_the_alpha_that_is_learned_from_is_the_figure(film: Path, begun: Path) -> None:
    order = order_of(film, begun)
    footage, _ = footage_of(order, Steps(order.work_folder), silent, ToyFinder)
    for number in (40, 120, 165):
        alpha = cv2.imread(str(footage / ALPHAS / f"{number:06d}.png"), cv2.IMREAD_GRAYSCALE)
        truth = toy_figure(toy_pose(number, SIDE), SIDE)[1]
        assert np.abs(alpha.astype(int) - truth).mean() < 6
        assert ((alpha > 127) & (truth > 127)).sum() > 0.9 * (truth > 127).sum()


def test_a_second_run_does_nothing_again_and_a_new_title_trains_nothing(film: Path, begun: Path) -> None:
    order = order_of(film, begun)
    make_scene(order, silent, ToyFinder, plain_trainer)
    told: list[str] = []

    class Nobody(ToyFinder):
        def find(self, picture: Image, time_s: float) -> Found | None:
            raise AssertionError("looked for poses again")

    naming = replace(order.naming, title="Another title")
    made = make_scene(replace(order, naming=naming), lambda step, *_: told.append(step), Nobody, no_trainer)
    assert load_scene(made.folder).scene.title == "Another title"
    assert set(told) == {"training", "preview"}


def test_a_run_that_is_ended_loses_at_most_a_chunk(film: Path, tmp_path: Path) -> None:
    order = order_of(film, tmp_path)
    looked: list[int] = []

    class Ending(ToyFinder):
        limit = 130

        def find(self, picture: Image, time_s: float) -> Found | None:
            looked.append(round((time_s - 1) * 25))
            if len(looked) == self.limit:
                raise KeyboardInterrupt
            return super().find(picture, time_s)

    with pytest.raises(KeyboardInterrupt):
        footage_of(order, Steps(order.work_folder), silent, Ending)
    before, looked[:] = set(looked), []
    Ending.limit = -1
    _, quality = footage_of(order, Steps(order.work_folder), silent, Ending)
    assert set(range(100)) <= before
    assert set(looked) == set(range(100 - extraction.WARM_UP, COUNT))
    assert quality.used == COUNT - len(EMPTY) - len(ELSEWHERE)


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(120):
        cv2.imwrite(str(frames / FRAME_NAME.format(number)), toy_figure(toy_pose(number, 64), 64)[0])
    found = []
    for processes in (1, 2):
        folder = tmp_path / f"by{processes}"
        folder.mkdir()
        extract(
            frames,
            folder,
            count=120,
            beginnings=[],
            fps=25,
            maker=ToyFinder,
            told=silent,
            processes=processes,
        )
        found.append(extraction.read_extracted(folder, 120))
    assert found[0].found.all()
    assert np.array_equal(found[0].points, found[1].points)


def test_without_keras_the_command_says_what_to_do_and_goes_on_with_what_was_brought(
    film: Path, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = replace(order_of(film, begun), minutes=2.0)
    monkeypatch.setattr(training.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WaitingError, match="Keras is not installed here") as waiting:
        make_scene(order, silent, ToyFinder, train_here)
    words = str(waiting.value).split("`")[1].split()
    assert words[:3] == ["python", "-m", "mirror_training.film"]
    assert words[4:] == ["--out", words[5], "--size", "fast", "--minutes", "2"]
    plain_trainer(Path(words[3]), Path(words[5]), recipe_for("fast", 170, 2.0), {})
    made = make_scene(order, silent, ToyFinder, train_here)
    assert load_scene(made.folder).scene.side == 256


def test_the_network_without_the_frame_before_is_measured_beside(film: Path, begun: Path) -> None:
    trained: list[tuple[bool, list[str]]] = []

    def trainer(footage: Path, folder: Path, recipe: Recipe, rivals: Mapping[str, Path]) -> str:
        trained.append((recipe.design.temporal, sorted(rivals)))
        assert all(file.is_file() for file in rivals.values())
        return plain_trainer(footage, folder, recipe, rivals)

    make_scene(replace(order_of(film, begun), compare=True), silent, ToyFinder, trainer)
    assert trained == [(False, []), (True, [training.STILL_RIVAL])]


def test_a_training_that_could_not_be_converted_is_said(film: Path, begun: Path) -> None:
    with pytest.raises(WaitingError, match="TensorFlow is missing"):
        make_scene(order_of(film, begun), silent, ToyFinder, lambda *_: "TensorFlow is missing.")


def test_too_little_film_is_refused_with_its_report(tmp_path: Path) -> None:
    film = write_toy_film(tmp_path / "short.avi", 60, SIDE)
    order = order_of(film, tmp_path)
    with pytest.raises(UsageError, match=r"short.avi has only 60 usable frames, but a scene needs 150"):
        make_scene(order, silent, ToyFinder, no_trainer)
    quality = Quality.read(quality_file(order.work_folder))
    assert quality.used == 60
    assert any(sentence.startswith("Short: 2 s are used") for sentence in quality.advice)
    empty = write_toy_film(tmp_path / "empty.avi", 60, SIDE, empty=range(60))
    with pytest.raises(UsageError, match=r"No body was found in empty\.avi"):
        make_scene(replace(order, clip=empty), silent, ToyFinder, no_trainer)


def test_limbs_that_are_not_seen_are_named(film: Path, tmp_path: Path) -> None:
    class OneArmed(ToyFinder):
        def find(self, picture: Image, time_s: float) -> Found | None:
            found = super().find(picture, time_s)
            if found is None:
                return None
            visibility = found.pose.visibility.copy()
            visibility[[15, 17, 19, 21]] = 0  # the left hand
            return replace(found, pose=replace(found.pose, visibility=visibility), others=1)

    order = order_of(film, tmp_path)
    _, quality = footage_of(order, Steps(order.work_folder), silent, OneArmed)
    missing = {limb for limb, share in quality.missing.items() if share > 0}
    assert missing == {"left lower arm", "left hand"}
    assert "Often not seen, so hardly learned: left lower arm, left hand." in quality.advice
    assert any(sentence.startswith("Other people are seen in 100%") for sentence in quality.advice)


@pytest.mark.timeout(300)
@pytest.mark.skipif(not REAL.is_file(), reason="the clip bodies.avi is not there")
def test_people_in_a_street_are_found_and_said_to_be_too_little_for_a_scene(tmp_path: Path) -> None:
    cv2.setNumThreads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    order = replace(order_of(REAL, tmp_path), crop="auto", fps=5.0)
    with pytest.raises(UsageError, match=r"bodies.avi has only \d+ usable frames, but a scene needs 150"):
        make_scene(order, silent)
    quality = Quality.read(quality_file(order.work_folder))
    assert quality.frames == 21
    assert quality.coverage > 0.7
    assert quality.crop[2] > 400
    assert not quality.background["still"]
    assert quality.others > 0.5
