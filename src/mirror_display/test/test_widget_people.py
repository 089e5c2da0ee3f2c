"""Who may be called by name: people who are there and whose stored consent lets the mirror recognise them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time

from mirror_core.qualities import LATCHED
from mirror_display.widgets import people as module
from mirror_display.widgets.people import NamedPeople
from mirror_msgs.msg import Consent, GalleryFace, GalleryState, Presence
from mirror_msgs.srv import ListFaces

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
AGREED = Consent(scope=Consent.UNTIL_REVOKED, recognise=True)
SILENT = Consent(scope=Consent.UNTIL_REVOKED, others_may_wear=True)
ENDED = Consent(scope=Consent.UNTIL_DATE, until=Time(sec=int(NOW.timestamp()) - 1), recognise=True)
LASTING = Consent(scope=Consent.UNTIL_DATE, until=Time(sec=int(NOW.timestamp()) + 60), recognise=True)


class FakeGallery:
    """Lists stored faces and says who is there."""

    def __init__(self, node: Any) -> None:
        self._state = node.create_publisher(GalleryState, "gallery/state", LATCHED)
        node.create_service(ListFaces, "gallery/list", self._list)
        self.faces: dict[str, GalleryFace] = {}
        self.revision = 1
        self.asked = 0

    def store(self, **consents: Consent) -> None:
        """`store(ada=AGREED)`: store or replace a face, under the name "Ada"."""
        for key, consent in consents.items():
            self.faces[key] = GalleryFace(id=key, name=key.title(), consent=consent)
        self.revision += 1

    def say(self, *present: str) -> None:
        """Publish who is there."""
        there = [Presence(face_id=track, gallery_id=key) for track, key in enumerate(present, start=1)]
        self._state.publish(GalleryState(revision=self.revision, present=there))

    def _list(self, request: Any, response: Any) -> Any:
        self.asked += 1
        faces = list(self.faces.values())
        response.total = len(faces)
        response.faces = faces[request.offset : request.offset + request.limit]
        return response


@pytest.fixture
def gallery(spinner: Any) -> FakeGallery:
    return FakeGallery(spinner.node("gallery"))


@pytest.fixture
def named(spinner: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "ANSWER_S", 60.0)
    people = NamedPeople(spinner.node("display"))
    yield lambda: tuple(person.name for person in people.here(NOW))
    people.close()


def answered(spinner: Any, named: Callable[[], Any], gallery: FakeGallery) -> tuple[str, ...]:
    """Who is named once the gallery has answered, and nothing more is on its way."""
    before = gallery.asked
    spinner.until(lambda: named() is not None and gallery.asked > before, "a question to the gallery")
    for _ in range(20):
        spinner.executor.spin_once(timeout_sec=0.02)
    return named()


def test_only_who_agreed_to_be_recognised_is_named(
    spinner: Any, gallery: FakeGallery, named: Callable[[], Any]
) -> None:
    gallery.store(ada=AGREED, bo=SILENT, cy=ENDED, di=LASTING)
    gallery.say("bo", "di", "cy", "ada", "nobody")
    assert spinner.until(named, "the names") == ("Di", "Ada")


def test_who_checks_in_without_that_consent_is_never_named(
    spinner: Any, gallery: FakeGallery, named: Callable[[], Any]
) -> None:
    gallery.store(ada=AGREED, bo=SILENT)
    gallery.say("bo")
    assert answered(spinner, named, gallery) == ()


def test_a_preset_is_nobody(spinner: Any, gallery: FakeGallery, named: Callable[[], Any]) -> None:
    gallery.store(ada=AGREED)
    gallery.faces["ada"].preset = True
    gallery.say("ada")
    assert answered(spinner, named, gallery) == ()


def test_a_name_is_gone_with_its_person_and_with_a_consent_that_is_withdrawn(
    spinner: Any, gallery: FakeGallery, named: Callable[[], Any]
) -> None:
    gallery.store(ada=AGREED, bo=AGREED)
    gallery.say("ada", "bo")
    spinner.until(lambda: named() == ("Ada", "Bo"), "both names")
    gallery.say("bo")
    spinner.until(lambda: named() == ("Bo",), "the first to leave")
    gallery.store(bo=SILENT)
    gallery.say("bo")
    spinner.until(lambda: named() == (), "the consent to be heeded")
    assert answered(spinner, named, gallery) == () if gallery.asked < 3 else named() == ()
    gallery.store(bo=AGREED)
    gallery.say("bo")
    spinner.until(lambda: named() == ("Bo",), "the name to come back")


def test_a_large_gallery_is_looked_through_page_by_page(
    spinner: Any, gallery: FakeGallery, named: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    gallery.store(**{f"p{number}": AGREED for number in range(10)})
    gallery.say("p9")
    assert spinner.until(named, "the last name") == ("P9",)
    assert gallery.asked == 3
    gallery.say("p9", "p0")
    spinner.until(lambda: named() == ("P9", "P0"), "the second name")
    asked = gallery.asked
    for _ in range(20):
        named()
        spinner.executor.spin_once(timeout_sec=0.01)
    assert gallery.asked == asked  # what is known is not asked again
