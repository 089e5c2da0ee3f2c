"""Pictures come from every kind of place in one form; copies stay together; damaged places are named."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_mood.face_input import SIDE
from mirror_training.mood_data import EMOTIONS, VOTES, MoodData, group_numbers, hold_out
from mirror_training.mood_files import CHUNK, load

USAGES = ("Training", "PublicTest", "PrivateTest")


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE)).astype(np.uint8)


def data(count: int) -> MoodData:
    labels = (np.arange(count) % len(EMOTIONS)).astype(np.uint8)
    return MoodData(pictures(count), labels, np.zeros((count, len(VOTES)), np.uint8))


def test_identical_pictures_have_the_number_of_the_first():
    images = pictures(5)
    images[3], images[4] = images[0], images[2]
    assert group_numbers(images).tolist() == [0, 1, 2, 0, 2]


def test_copies_are_held_out_together_and_nothing_is_lost():
    several = data(60)
    several = several.take([*range(60), *range(60)])  # every picture twice
    left, held = hold_out(several, 0.25, seed=1)
    assert len(held) == 30
    assert len(left) == 90
    names = {image.tobytes() for image in held.images}
    assert not names & {image.tobytes() for image in left.images}
    again = hold_out(several, 0.25, seed=1)[1]
    assert np.array_equal(again.images, held.images)
    assert not np.array_equal(hold_out(several, 0.25, seed=2)[1].images, held.images)


def test_data_of_the_wrong_kind_is_refused():
    good = data(3)
    with pytest.raises(ValueError, match="images has to be uint8"):
        MoodData(good.images.astype(np.float32), good.labels, good.votes)
    with pytest.raises(ValueError, match="votes has to be uint8"):
        MoodData(good.images, good.labels, good.votes[:, :8])
    with pytest.raises(ValueError, match="below 7"):
        MoodData(good.images, np.full(3, 7, np.uint8), good.votes)


def write_csv(folder: Path, images: np.ndarray, labels: list[int], usages: list[str]) -> Path:
    with (folder / "fer2013.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["emotion", "pixels", "Usage"])
        for image, label, usage in zip(images, labels, usages, strict=True):
            writer.writerow([label, " ".join(map(str, image.ravel())), usage])
    return folder / "fer2013.csv"


def write_votes(folder: Path, votes: np.ndarray, usages: list[str]) -> Path:
    with (folder / "fer2013new.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Usage", "Image name", *VOTES[:-1], "NF"])
        for number, (row, usage) in enumerate(zip(votes, usages, strict=True)):
            writer.writerow([usage, f"fer{number:07}.png", *row])
    return folder / "fer2013new.csv"


def test_csv_and_votes_are_read_row_for_row(tmp_path):
    images = pictures(6)
    usages = [USAGES[number % 3] for number in range(6)]
    votes = np.random.default_rng(1).integers(0, 10, (6, len(VOTES)))
    file = write_csv(tmp_path, images, [0, 1, 2, 3, 4, 5], usages)
    found = load(file, "public", votes=write_votes(tmp_path, votes, usages))
    assert np.array_equal(found.images, images[1::3])
    assert found.labels.tolist() == [1, 4]
    assert np.array_equal(found.votes, votes[1::3])
    assert not load(file, "train").votes.any()


def test_several_processes_prepare_the_same_pictures_and_tell_how_far_they_are(tmp_path):
    count = CHUNK + 20
    images = np.resize(pictures(40), (count, SIDE, SIDE))
    file = write_csv(tmp_path, images, [3] * count, ["Training"] * count)
    told = []
    found = load(file, "train", workers=2, progress=lambda done, total: told.append((done, total)))
    assert np.array_equal(found.images, images)
    assert told == [(CHUNK, count), (count, count)]


def test_votes_of_other_rows_are_refused(tmp_path):
    file = write_csv(tmp_path, pictures(2), [0, 1], ["Training", "PublicTest"])
    votes = write_votes(tmp_path, np.zeros((2, 10), int), ["PublicTest", "Training"])
    with pytest.raises(UsageError, match="does not fit"):
        load(file, "train", votes=votes)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("emotion,Usage\n1,Training\n", "no column pixels"),
        ("emotion,pixels,Usage\n1,1 2 3,Training\n", "damaged row"),
        ("emotion,pixels,Usage\n1,Training\n", "2 instead of 3 values in line 2"),
        ("emotion,pixels,Usage\n", "no picture of the split train"),
        ("emotion,pixels,Usage\n9," + "0 " * SIDE * SIDE + ",Training\n", "label outside"),
        ("emotion,pixels,Usage\n1," + "300 " * SIDE * SIDE + ",Training\n", "damaged row"),
    ],
)
def test_a_damaged_csv_is_named_with_the_reason(tmp_path, text, reason):
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(UsageError, match=reason):
        load(file, "train")


def write_picture(file: Path, image: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def test_folders_of_splits_and_classes(tmp_path):
    images = pictures(4)
    write_picture(tmp_path / "train" / "happy" / "a.png", images[0])
    write_picture(tmp_path / "train" / "Anger" / "b.png", images[1])
    write_picture(tmp_path / "PublicTest" / "neutral" / "c.png", images[2])
    write_picture(tmp_path / "test" / "sad" / "d.png", images[3])
    train = load(tmp_path, "train")
    assert train.labels.tolist() == [0, 3]
    assert np.array_equal(train.images, images[[1, 0]])
    assert load(tmp_path, "public").labels.tolist() == [6]
    assert np.array_equal(load(tmp_path, "private").images[0], images[3])


def test_classes_without_splits_are_for_training_only(tmp_path):
    write_picture(tmp_path / "happy" / "a.png", np.full((100, 80), 50, np.uint8))
    assert load(tmp_path, "train").images.shape == (1, SIDE, SIDE)
    with pytest.raises(UsageError, match="no folder for the split public"):
        load(tmp_path, "public")


def test_a_damaged_picture_is_named(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "a.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"a\.png cannot be read"):
        load(tmp_path, "train")


def test_npz_splits(tmp_path):
    several = data(7)
    file = tmp_path / "faces.npz"
    np.savez(
        file, images=several.images, label=several.labels, split=np.array([0, 0, 0, 1, 1, 2, 0], np.uint8)
    )
    assert load(file, "train").labels.tolist() == [0, 1, 2, 6]
    assert load(file, "private").labels.tolist() == [5]
    assert load(file, "public").votes.shape == (2, len(VOTES))


def test_wrong_places_are_refused_in_a_sentence(tmp_path):
    np.savez(tmp_path / "other.npz", faces=np.zeros(3))
    (tmp_path / "no.npz").write_text("nothing")
    for place, split, reason in (
        ("other.npz", "train", "lacks an array"),
        ("no.npz", "train", "cannot be read"),
        ("none.npz", "train", "does not exist"),
        ("other.npz", "first", "no split 'first'"),
    ):
        with pytest.raises(UsageError, match=reason):
            load(tmp_path / place, split)
    with pytest.raises(UsageError, match="beside FER2013's CSV"):
        load(tmp_path / "other.npz", "train", votes=tmp_path / "votes.csv")
