"""What the scene maker is made of: clips, cuts, squares, backgrounds, alphas, chosen frames, steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.film.testing import spread
from mirror_training.film.toy_clip import toy_background, toy_figure, toy_pose
from mirror_training.film_scene import clip as clip_module
from mirror_training.film_scene.background import estimate, same_place, stillness, widened
from mirror_training.film_scene.clip import open_clip, read_frames
from mirror_training.film_scene.crop import Crop, around_poses, centre, parse_crop
from mirror_training.film_scene.cuts import cuts, histogram, parts
from mirror_training.film_scene.figure_alpha import figure_alpha
from mirror_training.film_scene.selection import select, smoothed
from mirror_training.film_scene.steps import STATE_FILE, Steps
from mirror_training.film_scene.testing import write_toy_film

SIDE = 96


# ---- clips


def numbered_film(file: Path, count: int, fps: float, size: tuple[int, int] = (96, 64)) -> Path:
    """A film whose frames grow lighter by 10 levels each."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    for number in range(count):
        writer.write(np.full((size[1], size[0], 3), 10 * number, np.uint8))
    writer.release()
    return file


def test_of_a_film_with_twice_as_many_frames_every_second_one_is_used(tmp_path: Path) -> None:
    clip = open_clip(numbered_film(tmp_path / "film.avi", 21, 50.0), 25)
    assert (clip.width, clip.height, clip.fps, clip.step, clip.used_fps) == (96, 64, 50.0, 2, 25.0)
    frames = list(read_frames(clip))
    assert [number for number, _ in frames] == list(range(11))
    assert [round(float(picture.mean()) / 10) for _, picture in frames] == list(range(0, 21, 2))
    part = [(number, round(float(picture.mean()) / 10)) for number, picture in read_frames(clip, 3, 5)]
    assert part == [(3, 6), (4, 8)]
    assert [number for number, _ in read_frames(clip, wanted={1, 7}.__contains__)] == [1, 7]


def test_what_is_no_usable_film_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="is missing: name a film"):
        open_clip(tmp_path / "none.mp4")
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(UsageError, match="cannot be read as a film"):
        open_clip(tmp_path / "text.mp4")
    with pytest.raises(UsageError, match="pictures of 48 × 48 pixels: allowed are 64 to 4096"):
        open_clip(numbered_film(tmp_path / "small.avi", 3, 25.0, (48, 48)))
    film = numbered_film(tmp_path / "film.avi", 12, 25.0)
    with pytest.raises(UsageError, match="fps = 0 is refused"):
        open_clip(film, 0)
    monkeypatch.setattr(clip_module, "LARGEST_FRAMES", 10)
    with pytest.raises(UsageError, match="has 12 frames, more than 10"):
        open_clip(film)


# ---- cuts


def test_a_cut_is_found_and_movement_is_none(tmp_path: Path) -> None:
    film = write_toy_film(tmp_path / "film.avi", 60, SIDE, other_place=range(20, 45))
    histograms = np.stack([histogram(picture) for _, picture in read_frames(open_clip(film))])
    found = cuts(histograms)
    assert found == [20, 45]
    numbers = parts(60, found)
    assert [int(numbers[i]) for i in (0, 19, 20, 44, 45, 59)] == [0, 0, 1, 1, 2, 2]


def test_a_film_in_which_everything_always_changes_has_no_cut() -> None:
    rng = np.random.default_rng(2)
    flicker = [np.full((64, 64, 3), rng.integers(0, 256, 3), np.uint8) for _ in range(40)]
    assert cuts(np.stack([histogram(picture) for picture in flicker])) == []


# ---- squares


@pytest.mark.parametrize(
    ("text", "crop"),
    [("centre", Crop(280, 0, 720)), ("300,0,720", Crop(300, 0, 720)), ("0,0,64", Crop(0, 0, 64))],
)
def test_a_square_that_a_person_names(text: str, crop: Crop) -> None:
    assert parse_crop(text, 1280, 720) == crop


@pytest.mark.parametrize("text", ["left", "1,2", "0,0,721", "-1,0,100", "600,0,720", "0,0,8", "0.5,0,100"])
def test_a_square_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"crop = {text} is refused"):
        parse_crop(text, 1280, 720)


def test_the_automatic_square_holds_the_body_wherever_it_goes() -> None:
    poses = [spread(200, (x, 180)) for x in (700, 760, 820)]
    crop = around_poses(poses, 1280, 720)
    points = np.concatenate([pose.points[:, :2] for pose in poses])
    assert (points >= (crop.x, crop.y)).all()
    assert (points <= (crop.x + crop.side, crop.y + crop.side)).all()
    assert crop.side < 600
    assert around_poses([], 1280, 720) == centre(1280, 720)


def test_a_square_is_brought_to_its_size_without_a_shift() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:20, 30:40] = 200
    small = Crop(20, 0, 40).of(picture, 20)
    assert small.shape == (20, 20, 3)
    assert (small[5:10, 5:10] == 200).all()
    assert small.sum() == 200 * 3 * 25


# ---- background and figure


def figures(numbers: list[int]) -> tuple[list[Any], list[Any]]:
    """Frames of the toy figure and where it is."""
    drawn = [toy_figure(toy_pose(number, SIDE), SIDE) for number in numbers]
    return [picture for picture, _ in drawn], [alpha for _, alpha in drawn]


def test_the_background_is_what_is_seen_beside_the_figure() -> None:
    frames, alphas = figures(list(range(0, 200, 4)))
    covered = [widened(alpha) for alpha in alphas]
    background = estimate(frames, covered)
    apart = np.abs(background.picture.astype(int) - toy_background(SIDE)).max(axis=2)
    assert apart[background.seen].max() == 0
    assert background.seen.mean() > 0.9
    # What is never seen is painted in from around, and near to what is there.
    assert apart.mean() < 3
    still = stillness(background, frames, covered)
    assert still.is_still
    assert (still.moving, still.light) == (0.0, 0.0)


def test_a_moving_background_and_changing_light_are_noticed() -> None:
    frames, alphas = figures(list(range(0, 200, 8)))
    covered = [widened(alpha) for alpha in alphas]
    shifted = [np.roll(frame, 3 * (number % 3), axis=1) for number, frame in enumerate(frames)]
    moved = stillness(estimate(shifted, covered), shifted, covered)
    assert not moved.is_still
    assert moved.moving > 0.03
    lighter = [cv2.add(frame, np.full_like(frame, 30 * (number % 2))) for number, frame in enumerate(frames)]
    changed = stillness(estimate(lighter, covered), lighter, covered)
    assert changed.light > 8
    assert not changed.is_still


def test_places_are_told_apart() -> None:
    frames, alphas = figures(list(range(0, 80, 4)))
    covered = [widened(alpha) for alpha in alphas]
    one, again = (estimate(frames[part], covered[part]) for part in (slice(0, 10), slice(10, 20)))
    other = estimate([255 - frame for frame in frames], covered)
    assert same_place(one, again)
    assert not same_place(one, other)


def test_a_rough_segmentation_becomes_the_figures_edge() -> None:
    frames, alphas = figures([30, 60, 90])
    for frame, truth in zip(frames, alphas, strict=True):
        rough = np.roll(truth, 2, axis=1)
        shadow = frame.copy()
        shadow[-8:, :12] = 0  # far from the figure: whatever differs there is not it
        made = figure_alpha(shadow, toy_background(SIDE), rough)
        wrong, before = (np.abs(each.astype(int) - truth).mean() for each in (made, rough))
        assert wrong < 0.75 * before
        assert made[-6:, :8].max() == 0


# ---- chosen frames


def film_of(count: int) -> tuple[np.ndarray, np.ndarray]:
    poses = [toy_pose(number, SIDE) for number in range(count)]
    return np.stack([pose.points for pose in poses]), np.stack([pose.visibility for pose in poses])


def test_runs_end_at_cuts_gaps_and_jumps_and_short_ones_are_left_out() -> None:
    points, visibility = film_of(100)
    visibility[30:33] = 0  # nobody
    points[60:] += (90, 0, 0)  # somebody else
    visibility[80:90, 2:] = 0.05  # hardly anything
    places = np.ones(100, bool)
    places[95:] = False
    chosen = select(points, visibility, parts(100, [10]), places)
    runs = [chosen.frames[chosen.shots == shot].tolist() for shot in range(int(chosen.shots.max()) + 1)]
    assert runs == [
        list(range(10)),
        list(range(10, 30)),
        list(range(33, 60)),
        list(range(60, 80)),
    ]
    assert (chosen.without_body, chosen.other_place, chosen.little_seen, chosen.in_short_runs) == (
        3,
        5,
        10,
        5,
    )


def test_smoothing_calms_does_not_lag_and_does_not_reach_over_a_cut() -> None:
    line = np.zeros((20, 33, 3), np.float32)
    line[:, :, 0] = np.arange(20)[:, None]
    line[10:] += 100
    seen = np.ones((20, 33), np.float32)
    shots = parts(20, [10])
    same = smoothed(line, seen, shots)
    inner = [number for number in range(20) if number not in {0, 9, 10, 19}]
    assert np.allclose(same[inner], line[inner], atol=1e-4)
    assert abs(float(same[9, 0, 0]) - 9) < 0.5
    noise = np.random.default_rng(3).normal(0, 1, line.shape).astype(np.float32)
    assert np.std(smoothed(noise, seen, shots)) < 0.7 * np.std(noise)


# ---- steps


def test_a_step_is_done_once_and_again_when_its_settings_or_those_before_change(tmp_path: Path) -> None:
    done: list[str] = []

    def go(first: int, second: int) -> int:
        steps = Steps(tmp_path)

        def work(name: str, value: int) -> dict[str, int]:
            done.append(name)
            return {"value": value}

        steps.run("one", {"a": first}, lambda _: work("one", first))
        return int(steps.run("two", {"b": second}, lambda _: work("two", second))["value"])

    assert go(1, 1) == 1
    assert go(1, 1) == 1
    assert done == ["one", "two"]
    assert go(1, 2) == 2
    assert done == ["one", "two", "two"]
    assert go(3, 2) == 2
    assert done == ["one", "two", "two", "one", "two"]


def test_a_step_that_was_ended_finds_what_it_left_and_a_changed_one_does_not(tmp_path: Path) -> None:
    def broken(folder: Path) -> dict[str, Any]:
        (folder / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Steps(tmp_path).run("one", {"a": 1}, broken)
    left = Steps(tmp_path).run("one", {"a": 1}, lambda folder: {"left": (folder / "half").exists()})
    assert left == {"left": True}
    left = Steps(tmp_path).run("one", {"a": 2}, lambda folder: {"left": (folder / "half").exists()})
    assert left == {"left": False}
    assert json.loads((tmp_path / STATE_FILE).read_text())["one"]["done"] is True


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("[")
    with pytest.raises(UsageError, match=r"state.json is damaged: remove"):
        Steps(tmp_path)
