"""Unmasking without Keras: who is in which part, where faces come from, pairs, and how results are judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.medical import KINDS, MedicalMasks
from mirror_tracking.mask_reading import MaskCard
from mirror_tracking.unmask_input import ALPHA_LOW
from mirror_training.photo_landmarks import landmarks_of
from mirror_training.picture_quality import Quality, quality, ssim_map
from mirror_training.skin_colours import skin_colour, skin_colours, tinted
from mirror_training.toy_faces import toy_face, write_toy_archive
from mirror_training.unmask_augment import Jitter
from mirror_training.unmask_baselines import MeanFace
from mirror_training.unmask_batches import PairBatches, donor_skins
from mirror_training.unmask_detection import fit_card, on_pairs
from mirror_training.unmask_evaluation import ALL, ALONE, MODEL, evaluate, test_pairs
from mirror_training.unmask_faces import PARTS, UnmaskFace, find_faces, parts_of, share_of
from mirror_training.unmask_pairs import GREY_NOTE, OUTSIDE_NOTE, TRUE_NOTE, PairMaker
from mirror_training.unmask_recipe import Design, Recipe

make_pairs = test_pairs
make_pairs.__test__ = False  # type: ignore[attr-defined] # a function of the package, not a test
SIDE = 96


def named(person: str, name: str = "") -> UnmaskFace:
    return UnmaskFace(name or person, person, b"", np.zeros((468, 2), np.int16))


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> list[UnmaskFace]:
    folder = write_toy_archive(tmp_path_factory.mktemp("toys"), 24)
    return find_faces([folder], folder / "landmarks")


def write(file: Path, image: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), image)


class Finder:
    """Finds a face in every picture that is not black, and counts how often it looked."""

    looked: ClassVar[Counter[int]] = Counter()

    def __call__(self, image):
        Finder.looked[image.shape[0]] += 1
        return None if image.max() < 10 else toy_face(0, image.shape[0])[1]


@pytest.fixture
def finder():
    Finder.looked = Counter()
    return Finder


def test_no_person_is_in_two_parts_whatever_collection_the_pictures_come_from():
    faces = [named(f"person_{n // 3}", f"{n}.jpg") for n in range(900)]
    faces += [named(f"Person_{n}", f"other/{n}.jpg") for n in range(300)]
    parts = parts_of(faces)
    people = {part: {face.person.lower() for face in found} for part, found in parts.items()}
    assert sum(len(found) for found in parts.values()) == len(faces)
    for one in PARTS:
        for other in PARTS:
            assert one == other or not people[one] & people[other]
    assert 0.1 < len(people["test"]) / 300 < 0.2
    assert 0.02 < len(people["validation"]) / 300 < 0.09


def test_a_person_stays_in_their_part_when_pictures_are_added():
    few = parts_of([named(f"p{n}") for n in range(400)])
    many = parts_of([named(f"p{n}") for n in range(1000)])
    for part in PARTS:
        assert {face.person for face in few[part]} <= {face.person for face in many[part]}
    assert share_of("Ada_Lovelace") == share_of("ada_lovelace")


@pytest.mark.parametrize("people", [3, 4, 7])
def test_with_few_people_every_part_still_has_somebody(people):
    parts = parts_of([named(f"only_{n}") for n in range(people)])
    assert all(parts[part] for part in PARTS)
    assert sum(len(found) for found in parts.values()) == people


def test_two_people_are_too_few():
    with pytest.raises(UsageError, match="Only 2 people"):
        parts_of([named("a"), named("b"), named("a")])


def test_archives_bring_landmarks_people_and_colour(toys):
    assert len(toys) == 24
    assert [face.is_colour for face in toys[:4]] == [True, True, True, False]
    assert toys[0].person == "toy_aa"
    image, landmarks = toy_face(0)
    assert np.array_equal(toys[0].picture(), image)
    assert np.abs(toys[0].landmarks - landmarks).max() <= 1 / 16


def test_people_of_lfw_and_celeba_are_known_and_other_photographs_stand_for_themselves(tmp_path, finder):
    for name in ("Ada_Lovelace/Ada_Lovelace_0001", "Ada_Lovelace/Ada_Lovelace_0002", "Alan/holiday"):
        write(tmp_path / "lfw" / f"{name}.png", toy_face(1, 64)[0])
    for number in (1, 2, 3):
        write(tmp_path / "celeba" / "img_align_celeba" / f"00000{number}.jpg", toy_face(number, 64)[0])
    (tmp_path / "celeba" / "identity_CelebA.txt").write_text("000001.jpg 7\n000002.jpg 7\n000003.jpg 9\n")
    places = [tmp_path / "lfw", tmp_path / "celeba"]
    found = find_faces(places, tmp_path / "out" / "landmarks", make_finder=finder)
    assert [face.person for face in found] == [
        "Ada_Lovelace",
        "Ada_Lovelace",
        "lfw/Alan/holiday.png",
        "celeba_7",
        "celeba_7",
        "celeba_9",
    ]


def test_without_identities_each_picture_of_celeba_stands_for_itself(tmp_path, finder):
    for number in (1, 2):
        write(tmp_path / "img_align_celeba" / f"00000{number}.jpg", toy_face(number, 64)[0])
    found = find_faces([tmp_path], tmp_path / "landmarks", make_finder=finder)
    assert len({face.person for face in found}) == 2


def test_landmarks_are_looked_for_once_and_only_where_they_are_missing(tmp_path, finder):
    photos, cache = tmp_path / "photos", tmp_path / "out" / "landmarks"
    write(photos / "a.png", toy_face(1, 64)[0])
    write(photos / "black.png", np.zeros((64, 64, 3), np.uint8))
    (photos / "broken.jpg").write_text("no picture")
    told: list[tuple[str, int, int]] = []
    first = find_faces([photos], cache, progress=lambda *each: told.append(each), make_finder=finder)
    assert [face.name for face in first] == ["a.png"]
    assert Finder.looked == {64: 2}
    assert told[-1][1:] == (3, 3)
    write(photos / "b.png", toy_face(2, 80)[0])
    second = find_faces([photos], cache, make_finder=finder)
    assert [face.name for face in second] == ["a.png", "b.png"]
    assert Finder.looked == {64: 2, 80: 1}
    assert np.array_equal(first[0].points, second[0].points)


def test_what_was_found_before_a_run_was_killed_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("mirror_training.photo_landmarks.CHUNK", 2)
    contents = {f"{n}": cv2.imencode(".png", toy_face(n, 32)[0])[1].tobytes() for n in range(6)}
    seen = []

    def killed():
        def find(image):
            if len(seen) == 4:
                raise KeyboardInterrupt
            seen.append(1)
            return toy_face(0, 32)[1]

        return find

    with pytest.raises(KeyboardInterrupt):
        landmarks_of(contents, tmp_path, make_finder=killed)
    seen.clear()
    assert len(landmarks_of(contents, tmp_path, make_finder=killed)) == 6
    assert len(seen) == 2


def test_pictures_that_a_training_wrote_are_not_learned_from(tmp_path, finder):
    write(tmp_path / "a.png", toy_face(1, 64)[0])
    write(tmp_path / "out" / "samples.png", toy_face(1, 64)[0])
    found = find_faces([tmp_path], tmp_path / "out" / "landmarks", make_finder=finder)
    assert [face.name for face in found] == ["a.png"]


def test_folders_without_faces_are_refused(tmp_path, finder):
    with pytest.raises(UsageError, match="There is no folder"):
        find_faces([tmp_path / "nothing"], tmp_path, make_finder=finder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="No faces were found"):
        find_faces([tmp_path / "empty"], tmp_path / "c", make_finder=finder)


@pytest.mark.parametrize("jitter", [None, Jitter()])
def test_where_there_is_no_mask_both_pictures_of_a_pair_are_the_same_byte_by_byte(toys, jitter):
    maker = PairMaker(SIDE, MedicalMasks(), jitter=jitter)
    for number, face in enumerate(toys[:8]):
        pair = maker.make(face, (1, number))
        bare = cv2.dilate(pair.alpha, np.ones((3, 3), np.uint8)) == 0
        assert np.array_equal(pair.masked[bare], pair.truth[bare])
        solid = pair.alpha == 255
        assert 0.05 < solid.mean() < 0.6
        assert np.abs(pair.masked[solid].astype(int) - pair.truth[solid]).mean() > 8
        assert pair.packed().shape == (SIDE, SIDE, 8)


def test_the_same_seed_gives_the_same_pair_and_another_one_another(toys):
    maker = PairMaker(SIDE, MedicalMasks(), jitter=Jitter())
    one, same, other = (maker.make(toys[0], seed).packed() for seed in ((1, 2), (1, 2), (1, 3)))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_bare_faces_have_no_alpha(toys):
    pair = PairMaker(SIDE, MedicalMasks(), bare=1.0).make(toys[0], (1,))
    assert pair.kind == "none"
    assert not pair.alpha.any()
    assert np.array_equal(pair.masked, pair.truth)


def test_notes_say_what_is_padding_and_what_has_no_true_colour(toys):
    colour, grey = toys[0], toys[3]
    maker = PairMaker(SIDE, MedicalMasks())
    assert set(np.unique(maker.make(colour, (1,)).note)) <= {OUTSIDE_NOTE, TRUE_NOTE}
    boxed = replace(grey, valid_box=(0.0, 0.0, 64.0, 128.0))
    note = maker.make(boxed, (1,)).note
    assert set(np.unique(note)) == {OUTSIDE_NOTE, GREY_NOTE}
    assert (note[:, SIDE // 2 + 10 :] == OUTSIDE_NOTE).all()


def test_a_grey_face_takes_on_a_skin_and_stays_as_light_as_it_was():
    skins = skin_colours(toy_face(number) for number in range(12))
    assert skins
    image, landmarks = toy_face(40, grey=True)
    coloured = tinted(image, landmarks, skins[0], np.random.default_rng(1))
    before, after = (
        cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[..., 0] for each in (image, coloured)
    )
    assert np.abs(before - after).mean() < 1.0
    found = skin_colour(coloured, landmarks)
    assert found is not None
    assert found.colour == pytest.approx(skins[0].colour, abs=2.5)


def test_batches_do_not_depend_on_who_makes_them(toys):
    recipe = Recipe(design=Design(side=64, filters=(8, 8), kernels=(3, 3)), batch=4)
    skins = donor_skins(toys)
    alone = PairBatches(recipe, toys[:6], skins=skins)
    shared = PairBatches(replace(recipe, workers=1), toys[:6], skins=skins)
    try:
        ours, theirs = alone.from_step(2), shared.from_step(2)
        for _ in range(2):
            assert np.array_equal(next(ours), next(theirs))
    finally:
        shared.close()
    again = alone.from_step(0)
    first = [next(again) for _ in range(3)]
    assert np.array_equal(first[2], next(alone.from_step(2)))


def test_the_rate_rises_shortly_and_falls_to_nearly_nothing():
    recipe = Recipe(learning_rate=1.0, warm_up=0.1)
    rates = [recipe.rate(point / 100) for point in range(101)]
    assert rates[10] == max(rates) == pytest.approx(1.0)
    assert rates == sorted(rates[:11]) + sorted(rates[11:], reverse=True)
    assert rates[100] == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"architecture": "transformer"}, "residual | plain | pretrained"),
        ({"side": 100}, "multiple of 64"),
        ({"filters": (8, 8)}, "2 filters and 6 kernels"),
        ({"kernels": (5, 3, 3, 3, 3, 4)}, "1, 3, 5, 7 and 9"),
        ({"architecture": "pretrained"}, "belong together"),
        ({"predicts": "depth"}, "colour | difference"),
    ],
)
def test_a_design_that_cannot_be_is_refused(values, match):
    with pytest.raises(UsageError, match=match.replace("|", r"\|")):
        Design(**values)


def test_an_unknown_loss_is_refused():
    with pytest.raises(UsageError, match="ssim_l1"):
        Recipe(loss="l2")


def test_similarity_of_pictures_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is missing")
    rng = np.random.default_rng(4)
    one = toy_face(1)[0]
    other = np.clip(one + rng.normal(0, 20, one.shape), 0, 255).astype(np.uint8)
    _, expected = metrics.structural_similarity(
        one,
        other,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    inner = (slice(5, -5), slice(5, -5))
    assert ssim_map(one, other)[inner] == pytest.approx(expected.mean(axis=2)[inner], abs=1e-3)
    everywhere = np.ones(one.shape[:2], bool)
    found = quality(other, one, everywhere)
    assert found.psnr_db == pytest.approx(metrics.peak_signal_noise_ratio(one, other), abs=0.01)
    assert found.l1 == pytest.approx(np.abs(one.astype(int) - other).mean())
    assert quality(one, one, everywhere) == Quality(pytest.approx(1), 60.0, 0.0)


def oracle(pairs):
    """A model that knows the answers, also to mirrored faces."""
    known = {pair.masked.tobytes(): pair for pair in pairs}
    bare = {pair.truth.tobytes() for pair in pairs}

    def look(square):
        mirrored = np.ascontiguousarray(square[:, ::-1])
        if square.tobytes() not in known and mirrored.tobytes() in known:
            colour, alpha = look(mirrored)
            return colour[:, ::-1], alpha[:, ::-1]
        pair = known.get(square.tobytes())
        if pair is None:
            assert square.tobytes() in bare
            return square.astype(np.float32) / 255, np.zeros(square.shape[:2], np.float32)
        alpha = np.where(pair.alpha > 0, np.float32(1), np.float32(0))
        return pair.truth.astype(np.float32) / 255, alpha

    return look


def useless(square):
    """A model that sees no mask anywhere."""
    return np.zeros(square.shape, np.float32), np.full(square.shape[:2], ALPHA_LOW, np.float32)


def test_a_perfect_model_is_perfect_and_a_useless_one_is_worth_the_mask_left_on(toys):
    parts = parts_of(toys)
    mean_face = MeanFace(parts["train"], SIDE)
    pairs = make_pairs(toys, SIDE, 12)
    assert {pair.kind for pair in pairs} == set(KINDS)
    best = evaluate(oracle(pairs), pairs, mean_face)
    score = best.scores[ALONE][ALL]
    assert score.pictures == 12
    assert (score.masked.ssim, score.masked.psnr_db, score.masked.l1) == (pytest.approx(1), 60.0, 0.0)
    assert (score.face.psnr_db, score.face.l1) == (60.0, 0.0)
    lit = best.scores[MODEL][ALL]  # the skin around says a little of what it should not
    assert 0.98 < lit.masked.ssim < 1
    assert lit.masked.l1 < 8
    worst = evaluate(useless, pairs, mean_face)
    left_on = worst.scores["mask left on"][ALL]
    assert worst.scores[MODEL][ALL] == left_on
    assert set(worst.scores[MODEL]) == {ALL, "colour", "grey", *KINDS}
    for way in ("inpainted (Telea)", "mean face"):
        assert worst.scores[way][ALL].masked.l1 < left_on.masked.l1
        assert worst.scores[way][ALL].masked.ssim > left_on.masked.ssim
    assert best.as_json()[ALONE][ALL]["masked"]["l1"] == 0.0
    assert len(best.rows) == 12


def test_masks_are_told_from_bare_faces_by_the_share_of_the_square(toys):
    pairs = make_pairs(toys, SIDE, 12)
    best, card = on_pairs(oracle(pairs), pairs)
    assert (best.found, best.false, best.accuracy) == (1.0, 0.0, 1.0)
    assert 0 < card.share < 0.6
    worst, _ = on_pairs(useless, pairs, card)
    assert (worst.found, worst.false, worst.accuracy) == (0.0, 0.0, 0.5)
    assert 0.1 < fit_card([0.2, 0.3, 0.25], [0.0, 0.1, 0.05]).share < 0.2


def test_the_probability_of_a_mask_is_even_at_the_share_and_as_steep_as_the_faces_are_sure():
    rng = np.random.default_rng(4)
    true = MaskCard(0.1, 0.02)
    shares = rng.uniform(0.0, 0.2, 4000)
    is_masked = rng.random(4000) < [true.probability(share) for share in shares]
    fitted = fit_card(list(shares[is_masked]), list(shares[~is_masked]))
    assert fitted.share == pytest.approx(true.share, abs=0.015)
    assert fitted.spread == pytest.approx(true.spread, rel=0.2)
    assert fitted.probability(fitted.share) == pytest.approx(0.5)
