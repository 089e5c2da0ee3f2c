"""The generator of masked faces: what is covered, how a mask turns and is lit, what a seed fixes."""

from __future__ import annotations

import math
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_core.frame import Image
from mirror_effects.medical import KINDS, MaskOptions, MedicalMasks, options_from
from mirror_effects.testing import painted, room, wearer
from mirror_tracking.topology import LEFT_EYE, NOSE_TIP, RIGHT_EYE

DATA = Path(__file__).parents[4] / "shared" / "data"
UPPER_LIP, LOWER_LIP, NOSE_BRIDGE = 13, 14, 168
STEADY = {
    "colour_variation": 0,
    "size_variation": 0,
    "turn_variation": 0,
    "shift_variation": 0,
    "brightness_variation": 0,
    "bands": 1,
    "grain": 0,
    "textures": {"plain": 1},
    "fits": {"regular": 1},
}


def masks(**values: object) -> MedicalMasks:
    """A generator without chance, but for what is named."""
    return MedicalMasks(options_from({**STEADY, **values}))


def picture(yaw: float = 0.0, **light: float) -> tuple[Image, NDArray[np.float32]]:
    face = wearer(yaw=yaw)
    return painted(room(), [face], **light), face.landmarks  # type: ignore[arg-type]


def at(plane: NDArray[np.uint8], landmarks: NDArray[np.float32], point: int) -> int:
    x, y = np.floor(landmarks[point, :2]).astype(int)
    return int(plane[y, x])


@pytest.mark.parametrize("yaw", [-0.6, 0.0, 0.6])
@pytest.mark.parametrize("kind", KINDS)
def test_mouth_and_nose_are_under_the_mask_and_eyes_are_not(kind: str, yaw: float) -> None:
    image, landmarks = picture(yaw)
    worn = masks().put_on(image, landmarks, 3, kind)
    assert worn.kind == kind
    for point in (UPPER_LIP, LOWER_LIP, NOSE_TIP):
        assert at(worn.mask, landmarks, point) == 255
    near_eye = LEFT_EYE if yaw < 0 else RIGHT_EYE
    for loop in (LEFT_EYE, RIGHT_EYE) if yaw == 0 else (near_eye,):
        assert max(at(worn.mask, landmarks, point) for point in loop) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_it_reaches_from_under_the_eyes_to_under_the_chin(kind: str) -> None:
    image, landmarks = picture()
    covered = np.flatnonzero((masks(bands=0).put_on(image, landmarks, 3, kind).mask > 128).any(axis=1))
    chin = landmarks[152, 1]
    tall = chin - landmarks[10, 1]
    assert landmarks[NOSE_BRIDGE, 1] + 5 < covered[0] < landmarks[195, 1]
    assert chin - 0.01 * tall < covered[-1] < chin + 0.20 * tall


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_hole_in_a_mask(kind: str) -> None:
    image, landmarks = picture(0.4)
    solid = (masks(bands=0).put_on(image, landmarks, 3, kind).mask > 128).astype(np.uint8)
    outlines, _ = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    assert len(outlines) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_where_alpha_is_0_the_picture_is_as_it_was(kind: str) -> None:
    image, landmarks = picture(0.2)
    before = image.copy()
    worn = masks().put_on(image, landmarks, 3, kind)
    assert (worn.image[worn.alpha == 0] == before[worn.alpha == 0]).all()
    assert (image == before).all()
    assert (worn.image != before).any()
    assert (worn.alpha >= worn.mask).all()
    assert worn.alpha.dtype == np.uint8
    assert worn.alpha.shape == image.shape[:2]


def test_alpha_is_what_the_picture_was_mixed_with() -> None:
    """On two pictures that give the same light, the difference that is left is 1 − alpha of it."""
    image, landmarks = picture()
    other = image.copy()
    # Below the face nothing is looked at for light.
    changed = np.zeros(image.shape[:2], bool)
    changed[int(landmarks[152, 1]) + 6 :] = True
    other[changed] = 100
    first, second = (masks().put_on(each, landmarks, 3) for each in (image, other))
    assert (first.alpha == second.alpha).all()
    left = 1 - first.alpha[changed].astype(float) / 255
    difference = second.image[changed].astype(float) - first.image[changed]
    wanted = (other[changed].astype(float) - image[changed]) * left[:, None]
    assert np.abs(difference - wanted).max() <= 2.0
    assert ((first.alpha[changed] > 8) & (first.alpha[changed] < 247)).any()


def test_the_same_seed_gives_the_same_bytes_and_another_another_mask() -> None:
    image, landmarks = picture()
    first, again = (MedicalMasks().put_on(image, landmarks, 11) for _ in range(2))
    other = MedicalMasks().put_on(image, landmarks, 12)
    assert first.image.tobytes() == again.image.tobytes()
    assert first.alpha.tobytes() == again.alpha.tobytes()
    assert first.image.tobytes() != other.image.tobytes()


def test_what_was_drawn_before_does_not_matter() -> None:
    image, landmarks = picture()
    used = MedicalMasks()
    for seed in range(12):
        used.put_on(image, landmarks, seed)
    assert used.put_on(image, landmarks, 5).image.tobytes() == (
        MedicalMasks().put_on(image, landmarks, 5).image.tobytes()
    )


def test_depth_is_not_needed_nor_are_irises() -> None:
    image, landmarks = picture(0.3)
    flat = landmarks[:468, :2].astype(np.float64)
    assert (masks().put_on(image, flat, 1).image == masks().put_on(image, landmarks, 1).image).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_turn_shows_more_of_the_near_side(kind: str) -> None:
    def sides(yaw: float) -> tuple[float, float]:
        image, landmarks = picture(yaw)
        mask = masks(bands=0).put_on(image, landmarks, 3, kind).mask
        row = np.flatnonzero(mask[int(landmarks[5, 1])] > 128)  # above the filters, which stand out
        middle = landmarks[5, 0]
        return middle - row[0], row[-1] - middle

    straight, left, right = sides(0.0), sides(0.55), sides(-0.55)
    assert straight[0] == pytest.approx(straight[1], abs=3)
    assert (
        left[0] > 1.1 * straight[0]
    )  # looking to the own left, the right side (left in the picture) is near
    assert left[1] < 0.8 * straight[1]
    assert right[1] > 1.1 * straight[1]
    assert right[0] < 0.8 * straight[0]


def test_loops_run_to_the_ears() -> None:
    image, landmarks = picture()
    with_loops = masks(contact_shadow=0).put_on(image, landmarks, 3, "surgical").mask
    without = masks(contact_shadow=0, bands=0).put_on(image, landmarks, 3, "surgical").mask
    loops = np.argwhere((with_loops > 60) & (without == 0))
    assert loops[:, 1].min() <= landmarks[234, 0] + 2  # outline before the right ear
    assert loops[:, 1].max() >= landmarks[454, 0] - 2
    assert landmarks[10, 1] < loops[:, 0].min() < landmarks[1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_lit_from_the_side_that_the_face_is_lit_from(kind: str) -> None:
    def right_over_left(sideways: float) -> float:
        image, landmarks = picture(sideways=sideways)
        worn = masks(bands=0).put_on(image, landmarks, 3, kind)
        middle = round(float(landmarks[1, 0]))
        grey = worn.image.mean(axis=2)
        solid = worn.mask == 255
        return float(grey[:, middle:][solid[:, middle:]].mean() / grey[:, :middle][solid[:, :middle]].mean())

    assert right_over_left(1.2) > 1.08 * right_over_left(0.0) > 1.16 * right_over_left(-1.2)


def test_a_dark_picture_gives_a_dark_mask() -> None:
    def level(light: float) -> float:
        image, landmarks = picture(light=light)
        worn = masks().put_on(image, landmarks, 3, "n95")
        return float(worn.image[worn.mask == 255].mean())

    assert level(0.4) < 0.6 * level(1.0)


def test_skin_does_not_tell_how_bright_a_mask_is() -> None:
    def level(skin: tuple[int, int, int]) -> float:
        face = wearer()
        worn = masks().put_on(painted(room(220), [face], skin=skin), face.landmarks, 3, "surgical")
        return float(worn.image[worn.mask == 255].mean())

    assert level((45, 60, 95)) > 0.6 * level((160, 185, 225))


def test_on_a_grey_picture_a_mask_is_grey() -> None:
    image, landmarks = picture()
    grey: Image = np.repeat(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    worn = masks(colours={"#3060c0": 1}).put_on(grey, landmarks, 3)
    assert np.ptp(worn.image.astype(int), axis=2).max() <= 2
    coloured = masks(colours={"#3060c0": 1}, match_colour=0).put_on(grey, landmarks, 3)
    assert np.ptp(coloured.image.astype(int), axis=2).max() > 60


@pytest.mark.parametrize("kind", ["surgical", "kn95", "cloth"])
def test_fits_bare_the_nose_as_their_names_say(kind: str) -> None:
    image, landmarks = picture()
    tops = {}
    for fit in ("regular", "low", "under_nose"):
        mask = masks(fits={fit: 1}, bands=0).put_on(image, landmarks, 3, kind).mask
        column = mask[:, round(float(landmarks[NOSE_TIP, 0]))]
        tops[fit] = int(np.flatnonzero(column > 128)[0])
        assert at(mask, landmarks, LOWER_LIP) == 255
    assert landmarks[NOSE_BRIDGE, 1] < tops["regular"] < landmarks[195, 1]
    assert landmarks[195, 1] < tops["low"] < landmarks[NOSE_TIP, 1]
    assert landmarks[NOSE_TIP, 1] < tops["under_nose"] < landmarks[UPPER_LIP, 1]


def test_a_bare_nose_hides_the_cloth_behind_it() -> None:
    image, landmarks = picture(0.7)
    worn = masks(fits={"under_nose": 1}).put_on(image, landmarks, 3, "surgical")
    assert at(worn.mask, landmarks, NOSE_TIP) == 0


def test_a_mask_moves_with_its_face_by_parts_of_a_pixel() -> None:
    image, landmarks = picture()
    plain = masks(bands=0)

    def middle(shift: float) -> float:
        moved = landmarks + np.array([shift, 0, 0], np.float32)
        weight = plain.put_on(image, moved, 3).mask.astype(float).sum(axis=0)
        return float((weight * np.arange(weight.size)).sum() / weight.sum())

    start = middle(0.0)
    for shift in (0.25, 0.5, 0.75, 1.0):
        assert middle(shift) - start == pytest.approx(shift, abs=0.04)


def test_several_faces_get_masks_of_their_own() -> None:
    faces = [wearer((200.0, 240.0)), wearer((440.0, 240.0))]
    image = painted(room(), faces)
    first, second = MedicalMasks().put_on_all(image, [face.landmarks for face in faces], [1, 2])
    assert first.image is second.image
    assert at(first.alpha, faces[0].landmarks, LOWER_LIP) == 255
    assert at(first.alpha, faces[1].landmarks, LOWER_LIP) == 0
    assert at(second.alpha, faces[1].landmarks, LOWER_LIP) == 255


def test_a_face_beside_the_picture_changes_nothing() -> None:
    image, landmarks = picture()
    worn = MedicalMasks().put_on(image, landmarks + np.float32(5000), 1)
    assert (worn.image == image).all()
    assert not worn.alpha.any()


def test_a_face_at_the_border_is_drawn_as_far_as_it_is_seen() -> None:
    face = wearer((20.0, 430.0))
    image = painted(room(), [face])
    worn = MedicalMasks().put_on(image, face.landmarks, 1)
    assert worn.alpha[450, 5] == 255


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        (np.zeros((400, 3)), r"landmarks must be \[468 or more, 2 or more\], not \[400, 3\]"),
        (np.full((468, 2), math.nan), "landmarks must be finite numbers"),
    ],
)
def test_other_landmarks_are_refused(landmarks: NDArray[np.float64], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        MedicalMasks().put_on(room(), landmarks, 1)


def test_an_unknown_kind_and_a_negative_seed_are_refused() -> None:
    image, landmarks = picture()
    with pytest.raises(UsageError, match=r"kind = veil is refused: allowed is surgical \| n95 \|"):
        MedicalMasks().put_on(image, landmarks, 1, "veil")
    with pytest.raises(UsageError, match="seed = -1 is refused: allowed is 0 or more"):
        MedicalMasks().put_on(image, landmarks, -1)


def test_kinds_are_drawn_by_their_weights() -> None:
    generator = MedicalMasks(MaskOptions(kinds={"surgical": 3, "cloth": 1, "gas": 0}))
    kinds = [generator.look(seed).kind for seed in range(400)]
    assert set(kinds) == {"surgical", "cloth"}
    assert 0.68 < kinds.count("surgical") / 400 < 0.82


@pytest.mark.parametrize("name", ["colour_faces_dev", "faces_dev"])
def test_on_photographs_mouths_are_covered_and_eyes_are_not(name: str) -> None:
    if not (DATA / f"{name}.tar").is_file():
        pytest.skip(f"{DATA / name}.tar is not there.")
    stored = np.load(DATA / f"{name}_landmarks.npz")
    generator = MedicalMasks(MaskOptions(fits={"regular": 1}))
    mouths = eyes = 0
    with tarfile.open(DATA / f"{name}.tar") as archive:
        members = {Path(member.name).name: member for member in archive.getmembers() if member.isfile()}
        chosen = range(0, len(stored["names"]), len(stored["names"]) // 40)
        for index in chosen:
            file = archive.extractfile(members[Path(str(stored["names"][index])).name])
            assert file is not None
            image = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
            landmarks = stored["landmarks"][index].astype(np.float32)
            worn = generator.put_on(np.asarray(image, np.uint8), landmarks, index)
            mouths += at(worn.mask, landmarks, UPPER_LIP) >= 250
            eyes += all(at(worn.mask, landmarks, int(point)) < 128 for point in (159, 145, 386, 374))
    assert mouths == len(chosen)
    assert eyes >= 0.95 * len(chosen)
