"""The stored faces of who is there: their own, with their day; those of the same name only with consent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time

from mirror_core.qualities import LATCHED
from mirror_effects import fetched_faces as module
from mirror_effects import own_faces as tested
from mirror_effects.own_faces import OwnFaces
from mirror_effects.testing import painted, portrait_of, room, wearer
from mirror_gallery.portrait_file import encode
from mirror_msgs.msg import Consent, GalleryFace, GalleryState, Presence
from mirror_msgs.srv import GetFace, ListFaces

YEARS = {"ada": 2025, "old": 2020, "other": 2023, "bo": 2024}


class FakeGallery:
    """Serves stored faces and says who is there."""

    def __init__(self, node: Any) -> None:
        self._state = node.create_publisher(GalleryState, "gallery/state", LATCHED)
        node.create_service(GetFace, "gallery/get", self._get)
        node.create_service(ListFaces, "gallery/list", self._list)
        self.faces: dict[str, tuple[GalleryFace, bytes]] = {}
        self.revision = 1
        self.asked: list[str] = []

    def store(self, key: str, name: str, *, others: bool = False) -> None:
        """Store a face of the year in YEARS."""
        created = datetime(YEARS[key], 5, 1, tzinfo=UTC)
        face = wearer((80.0, 80.0), 110.0)
        portrait = portrait_of(painted(room(60, (160, 160)), [face]), face, name=name)
        entry = GalleryFace(id=key, name=name, created=Time(sec=int(created.timestamp())))
        entry.consent = Consent(scope=Consent.UNTIL_REVOKED, others_may_wear=others)
        self.faces[key] = (entry, encode(portrait, created, None))
        self.revision += 1

    def say(self, **present: str) -> None:
        """`say(_5="ada")`: publish who is there."""
        there = [Presence(face_id=int(track[1:]), gallery_id=key) for track, key in present.items()]
        self._state.publish(GalleryState(revision=self.revision, present=there))

    def _get(self, request: Any, response: Any) -> Any:
        self.asked.append(request.id)
        response.revision = self.revision
        response.success = request.id in self.faces
        if response.success:
            response.data = self.faces[request.id][1]
        return response

    def _list(self, request: Any, response: Any) -> Any:
        wanted = request.name_contains.casefold()
        response.faces = [entry for entry, _ in self.faces.values() if wanted in entry.name.casefold()]
        response.total = len(response.faces)
        return response


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 60.0)


@pytest.fixture
def gallery(spinner: Any) -> FakeGallery:
    return FakeGallery(spinner.node("gallery"))


@pytest.fixture
def own(spinner: Any) -> Any:
    made = OwnFaces(spinner.node("effects"))
    yield made
    made.close()


def years(own: OwnFaces, track: int = 5) -> list[int] | None:
    """The years of this person's faces, in order; None while they are on their way."""
    found = own.of((track,)).get(track)
    return None if found is None else [face.created.year for face in found]


def until(spinner: Any, condition: Callable[[], bool], what: str) -> None:
    spinner.until(condition, what)


def test_who_is_there_has_their_own_face_with_its_day(
    spinner: Any, gallery: FakeGallery, own: OwnFaces
) -> None:
    gallery.store("ada", "Ada")
    gallery.store("bo", "Bo")
    assert own.of((5,)) == {}  # nothing is known yet
    gallery.say(_5="ada")
    until(spinner, lambda: years(own) == [2025], "the face")
    assert own.of((5, 6))[5][0].portrait.id == "ada"
    assert own.of((5, 6))[6] == ()  # somebody whom nobody knows
    assert set(gallery.asked) == {"ada"}


def test_without_a_gallery_nobody_is_known(own: OwnFaces, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own.of((5,)) == {}
    monkeypatch.setattr(tested, "STATE_S", 0.0)
    assert own.of((5,)) == {5: ()}


def test_a_face_of_the_same_name_counts_only_if_others_may_wear_it(
    spinner: Any, gallery: FakeGallery, own: OwnFaces
) -> None:
    gallery.store("ada", "Ada")
    gallery.store("old", "ada", others=True)
    gallery.store("other", "Ada")  # perhaps another Ada, for whom it is alone
    gallery.store("bo", "Adam", others=True)
    gallery.say(_5="ada")
    until(spinner, lambda: years(own) == [2020, 2025], "both faces, the oldest first")
    assert set(gallery.asked) == {"ada", "old"}


def test_a_face_is_forgotten_with_its_person_and_when_it_is_erased(
    spinner: Any, gallery: FakeGallery, own: OwnFaces
) -> None:
    gallery.store("ada", "Ada")
    gallery.say(_5="ada")
    until(spinner, lambda: years(own) == [2025], "the face")
    del gallery.faces["ada"]
    gallery.revision += 1
    gallery.say(_5="ada")
    until(spinner, lambda: years(own) == [], "the erased face to be forgotten")
    gallery.store("bo", "Bo")
    gallery.say(_5="bo")
    until(spinner, lambda: years(own) == [2024], "the next one's face")
    gallery.say()
    until(spinner, lambda: years(own) == [], "the one who left")
    assert len(own) == 0
