"""Folders of the film character: they hold what they say, go on where they stopped, refuse what is wrong."""

import json
import shutil

import cv2
import numpy as np
import pytest

from mirror_core.errors import SourceError, UsageError
from mirror_training.film_character import ClipSettings, clip, read_poses, write_clip
from mirror_training.film_character.__main__ import main
from mirror_training.film_character.clips import CLIP_FILE, POSES_FILE, frame_times

SETTINGS = ClipSettings(seed=6, seconds=0.4, fps=20.0, size=64)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    return folder, write_clip(folder, SETTINGS, film=True)


def picture(folder, kind, number):
    return cv2.imread(str(folder / kind / f"{number:06d}.png"), cv2.IMREAD_UNCHANGED)


def test_a_folder_holds_frames_alpha_background_and_poses(written):
    folder, poses = written
    assert len(list((folder / "frames").iterdir())) == len(list((folder / "alpha").iterdir())) == 8
    assert poses.points.shape == (8, 33, 3)
    assert poses.points.dtype == poses.visibility.dtype == np.float32
    assert poses.times == pytest.approx(np.arange(8) / 20.0)
    stored = read_poses(folder)
    assert np.array_equal(stored.points, poses.points)
    background = cv2.imread(str(folder / "background.png"))
    frame, alpha = picture(folder, "frames", 3), picture(folder, "alpha", 3)
    assert background.shape == frame.shape == (64, 64, 3)
    assert alpha.shape == (64, 64)
    assert np.array_equal(frame[alpha == 0], background[alpha == 0])
    about = json.loads((folder / CLIP_FILE).read_text())
    assert (about["seed"], about["size"], about["fps"]) == (6, 64, 20.0)
    assert "Apache" in about["licence"]


def test_the_iterator_gives_the_frames_that_are_written(written):
    folder, poses = written
    for number, (moment, frame) in enumerate(clip(6, 0.4, 20.0, 64)):
        assert moment == pytest.approx(poses.times[number])
        assert np.array_equal(frame.points, poses.points[number])
        assert np.array_equal(frame.image, picture(folder, "frames", number))


def test_the_film_has_all_frames(written):
    film = cv2.VideoCapture(str(written[0] / "clip.mp4"))
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(20.0)
    seen = [film.read()[1] for _ in range(8)]
    assert film.read()[0] is False
    first = cv2.cvtColor(picture(written[0], "frames", 0), cv2.COLOR_BGR2GRAY).astype(int)
    assert np.abs(cv2.cvtColor(seen[0], cv2.COLOR_BGR2GRAY) - first).mean() < 12.0


def test_an_interrupted_clip_goes_on_where_it_stopped(written, tmp_path):
    folder, poses = written
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    np.savez(
        broken / POSES_FILE, points=poses.points[:3], visibility=poses.visibility[:3], times=poses.times[:3]
    )
    for number in range(3, 8):
        (broken / "frames" / f"{number:06d}.png").unlink()
    marked = np.zeros((64, 64, 3), np.uint8)
    cv2.imwrite(str(broken / "frames" / "000001.png"), marked)
    again = write_clip(broken, SETTINGS)
    assert np.array_equal(again.points, poses.points)
    assert again.times == pytest.approx(poses.times)
    for number in range(3, 8):
        assert np.array_equal(picture(broken, "frames", number), picture(folder, "frames", number))
    assert np.array_equal(picture(broken, "frames", 1), marked)  # what was done is not done again


def test_grain_changes_pictures_but_no_poses(written, tmp_path):
    settings = ClipSettings(seed=6, seconds=0.1, fps=20.0, size=64, grain=6.0)
    poses = write_clip(tmp_path, settings)
    assert np.array_equal(poses.points, written[1].points[:2])
    difference = picture(tmp_path, "frames", 0).astype(int) - picture(written[0], "frames", 0)
    assert 1.0 < np.abs(difference).mean() < 8.0


def test_a_folder_with_another_clip_is_left_alone(written):
    with pytest.raises(UsageError, match="another clip"):
        write_clip(written[0], ClipSettings(seed=7, seconds=0.4, fps=20.0, size=64))


def test_damaged_poses_are_reported(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_poses(tmp_path)
    (tmp_path / POSES_FILE).write_bytes(b"no poses")
    with pytest.raises(SourceError, match="cannot be read"):
        read_poses(tmp_path)
    np.savez(
        tmp_path / POSES_FILE, points=np.zeros((2, 3, 3)), visibility=np.zeros((2, 33)), times=np.zeros(2)
    )
    with pytest.raises(SourceError, match="no poses of 33 points"):
        read_poses(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": 0.0}, {"fps": 500.0}, {"grain": -1.0}, {"swing": 5.0}, {"seed": -1}, {"seconds": 1e9}],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        ClipSettings(**({"seed": 1, "seconds": 1.0} | wrong))


def test_a_clip_of_a_hundred_seconds_has_2500_frames():
    assert len(frame_times(ClipSettings(seed=1, seconds=100.0))) == 2500


def test_the_command_writes_a_clip_and_reports_mistakes(tmp_path, capsys):
    options = ["--seconds", "0.1", "--fps", "10", "--size", "64"]
    assert main([str(tmp_path / "new"), *options]) == 0
    assert "1 frames" in capsys.readouterr().out
    assert main([str(tmp_path / "new"), *options, "--seed", "9"]) == 1
    assert "another clip" in capsys.readouterr().err
