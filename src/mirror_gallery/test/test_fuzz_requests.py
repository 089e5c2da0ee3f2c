"""Odd requests to the gallery: ids, names, pages and consents; nothing that is stored is lost by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time

from mirror_core.errors import MirrorError, UsageError
from mirror_core.testing_fuzz import fuzz, odd_numbers, odd_texts, promised
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.conversions import landmarks_to_points, message_to_consent
from mirror_gallery.gallery import Gallery, open_store
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import decode, encode
from mirror_msgs.msg import Consent as ConsentMessage

KEEP = Consent(Scope.UNTIL_REVOKED)
VIEW = FaceView(
    np.full((20, 16, 3), 90, np.uint8),
    np.full((20, 16), 255, np.uint8),
    np.random.default_rng(3).normal(8, 4, (478, 3)).astype(np.float32),
)
FACE = encode(Portrait("ada-1", "Ada", (VIEW,)), datetime(2026, 5, 4, tzinfo=UTC), KEEP)
NUMBERS = st.sampled_from((0, 1, 2, 2**31, 2**32 - 1)) | st.integers(0, 2**32 - 1)
ids = odd_texts() | st.sampled_from(
    (
        "preset:",
        "preset:../../data/x",
        "preset:average\x00",
        "preset:" + "a" * 300,
        "../faces.sqlite",
        "%",
        "_",
    )
)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    folder = tmp_path_factory.mktemp("gallery")
    with open_store(str(folder / "faces.sqlite"), str(folder / "pictures")) as store:
        yield Gallery(store)


@pytest.fixture(scope="module")
def kept(gallery: Gallery) -> str:
    return gallery.add(FACE, "Kept", KEEP)


@fuzz(80, share=0.3)
@given(
    face_id=ids,
    name=odd_texts(),
    page=st.tuples(NUMBERS, NUMBERS),
    action=st.sampled_from(("list", "get", "rename", "erase", "missing", "add", "find")),
)
def test_no_request_loses_a_face(
    *, gallery: Gallery, kept: str, face_id: str, name: str, page, action: str
) -> None:
    with promised(f"gallery, {action}", MirrorError):
        if action == "list":
            gallery.listed(name, *page, with_thumbnails=page[1] % 2 == 1)
        elif action == "get":
            decode(gallery.face_file(face_id))
        elif action == "rename":
            gallery.rename(face_id, name)
        elif action == "erase":
            gallery.erase(face_id)
        elif action == "missing":
            gallery.missing([face_id, name, kept])
        elif action == "find":
            gallery.find(face_id)
        else:
            added = gallery.add(FACE, name, KEEP)
            assert gallery.find(added).name
            gallery.erase(added)
    assert decode(gallery.face_file(kept)).portrait.name == "Kept"


@fuzz(60, share=0.3)
@given(name=odd_texts(), file=st.sampled_from(("face.mirrorface", "x.txt", "sub/face.mirrorface", "")))
def test_a_renamed_face_keeps_its_pictures(gallery: Gallery, kept: str, name: str, file: str) -> None:
    before = decode(gallery.face_file(kept)).portrait.views[0].image
    with promised("gallery, rename a face", UsageError):
        gallery.rename(kept, name)
        assert gallery.find(kept).name
    assert (decode(gallery.face_file(kept)).portrait.views[0].image == before).all()
    gallery.rename(kept, "Kept")


@fuzz(60)
@given(
    scope=st.integers(0, 255),
    sec=st.integers(-(2**31), 2**31 - 1),
    nanosec=st.integers(0, 2**32 - 1),
    flags=st.tuples(st.booleans(), st.booleans()),
)
def test_consents_are_refused_or_sound(scope: int, sec: int, nanosec: int, flags: tuple[bool, bool]) -> None:
    message = ConsentMessage(
        scope=scope, until=Time(sec=sec, nanosec=nanosec), others_may_wear=flags[0], recognise=flags[1]
    )
    with promised("consent", UsageError):
        consent = message_to_consent(message)
        assert (consent.until is not None) == (consent.scope is Scope.UNTIL_DATE)


@fuzz(60)
@given(values=st.lists(odd_numbers(), max_size=10) | st.just([1.0] * 936) | st.just([float("nan")] * 936))
def test_points_of_a_request_are_refused_or_whole(values: list[float]) -> None:
    with promised("points of a request", UsageError):
        points = landmarks_to_points(values)
        assert points is None or len(points) == 468
