"""The loop around the recogniser: whom it looks at and when, consent, erasure, and what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import ModelError, UsageError
from mirror_core.faces import Face
from mirror_core.frame import Frame, Image
from mirror_core.testing import FakeClock, synthetic_face, synthetic_faces
from mirror_gallery import recognition_loop
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.embeddings import Match
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.recognition_loop import EMBEDDING, RecognitionLoop
from mirror_gallery.store import FaceStore

YES = Consent(Scope.UNTIL_REVOKED, recognise=True)
NO = Consent(Scope.UNTIL_REVOKED, recognise=False)
COLOURS = {"Ada": 50, "Ben": 100, "Eve": 150}  # by which the fake recogniser knows people


def portrait(name: str) -> Portrait:
    picture = np.full((24, 24, 3), COLOURS[name], np.uint8)
    return Portrait(
        "", name, (FaceView(picture, np.full((24, 24), 255, np.uint8), np.zeros((468, 3), np.float32)),)
    )


class FakeRecogniser:
    """Knows people by one grey level; notes what it is asked."""

    def __init__(self) -> None:
        self.enrolled: list[str] = []
        self.looked = 0
        self.compared_with: list[set[str]] = []
        self.closed = False
        self.error: Exception | None = None
        self.version = b"1:"

    def close(self) -> None:
        self.closed = True

    def enrol(self, portrait: Portrait) -> bytes:
        if portrait.name == "Eve":
            raise UsageError("No picture of 'Eve' can be used to recognise them.")
        self.enrolled.append(portrait.name)
        return self.version + bytes([int(portrait.views[0].image[12, 12, 0])])

    def is_current(self, enrolled: bytes) -> bool:
        return enrolled.startswith(self.version)

    def identify(
        self, image: Image, landmarks: NDArray[np.floating[Any]], known: Mapping[str, bytes]
    ) -> Match | None:
        if self.error is not None:
            raise self.error
        self.looked += 1
        self.compared_with.append(set(known))
        x, y = landmarks[:, :2].mean(axis=0).astype(int)
        seen = int(image[y, x, 0])
        return next(
            (Match(person, 0.2, 0.9) for person, data in known.items() if abs(data[-1] - seen) <= 2), None
        )


class Scene:
    """A loop, the store behind it, and people in front of it."""

    def __init__(self, store: FaceStore, eventually: Callable[..., Any], **arguments: Any) -> None:
        self.store, self.eventually = store, eventually
        self.recogniser = FakeRecogniser()
        self.errors: list[Exception] = []
        self.clock = FakeClock()
        self.stamp_ns = 1_000_000_000
        self.created = 0
        self.themselves: dict[int, str] = {}
        self.loop = RecognitionLoop(store, self._create, self.errors.append, clock=self.clock, **arguments)

    def _create(self) -> FakeRecogniser:
        self.created += 1
        return self.recogniser

    def until(self, condition: Callable[[], Any], what: str) -> None:
        def met() -> Any:
            self.loop.poll()
            return condition()

        self.eventually(met, what)

    def until_known(self, *face_ids: str) -> None:
        self.until(lambda: self.loop.known == set(face_ids), f"{face_ids} to be known")

    def show(self, people: Mapping[int, str | int], step_s: float = 0.5) -> None:
        """One frame with these people, by track id, and its faces; time passes before it."""
        self.clock.advance(step_s)
        self.stamp_ns += round(step_s * 1e9)
        image = np.full((480, 640, 3), 220, np.uint8)
        faces: list[Face] = []
        for place, (track, name) in enumerate(people.items()):
            face = synthetic_face((100.0 + 140 * place, 240.0), 120.0, track_id=track)
            roi = face.roi
            colour = COLOURS[name] if isinstance(name, str) else name
            image[int(roi.y) : int(roi.y + roi.height), int(roi.x) : int(roi.x + roi.width)] = colour
            faces.append(face)
        self.loop.on_frame(Frame(image, self.stamp_ns))
        self.loop.on_faces(synthetic_faces(self.stamp_ns, *faces), self.themselves)

    def look(self, people: Mapping[int, str | int], step_s: float = 0.5) -> None:
        """Show people, and wait until somebody of them has been looked at."""
        before = self.recogniser.looked
        self.show(people, step_s)
        self.until(lambda: self.recogniser.looked > before, "a look")
        count = self.loop.durations.count
        self.until(lambda: self.loop.durations.count >= count, "its result")

    def looks(self, people: Mapping[int, str | int], count: int) -> None:
        for _ in range(count):
            self.look(people)

    def shows_until(self, people: Mapping[int, str | int], names: Mapping[int, str]) -> None:
        """Show people until these are recognised, by track id."""

        def met() -> bool:
            self.show(people)
            return self.names == names

        self.eventually(met, f"{names} to be recognised")

    @property
    def names(self) -> dict[int, str]:
        return {track: who.id for track, who in self.loop.present.items()}


@pytest.fixture(autouse=True)
def every_face_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition_loop, "is_worth_looking", lambda image, face: True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FaceStore]:
    store = FaceStore(str(tmp_path / "faces.sqlite"), str(tmp_path / "pictures"))
    yield store
    store.close()


@pytest.fixture
def start(store: FaceStore, eventually: Callable[..., Any]) -> Iterator[Callable[..., Scene]]:
    """`start()`: a scene, closed after the test."""
    scenes: list[Scene] = []

    def make(**arguments: Any) -> Scene:
        scenes.append(Scene(store, eventually, **arguments))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.loop.close()


def test_who_consented_is_enrolled_once_and_recognised(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    ben = store.add(portrait("Ben"), YES)
    scene = start()
    scene.until_known(ada, ben)
    assert sorted(scene.recogniser.enrolled) == ["Ada", "Ben"]
    assert store.derived_of_kind(EMBEDDING).keys() == {ada, ben}
    scene.shows_until({7: "Ben", 8: "Ada"}, {7: ben, 8: ada})
    assert all(who.recognised and who.confidence == pytest.approx(0.9) for who in scene.loop.present.values())

    again = start()  # the mirror starts anew: nothing is computed again
    again.until_known(ada, ben)
    assert again.recogniser.enrolled == []


def test_who_did_not_consent_is_neither_enrolled_nor_compared(
    store: FaceStore, start: Callable[..., Scene]
) -> None:
    ada = store.add(portrait("Ada"), YES)
    ben = store.add(portrait("Ben"), NO)
    scene = start()
    scene.until_known(ada)
    scene.looks({1: "Ben"}, 6)
    assert scene.names == {}
    assert all(compared == {ada} for compared in scene.recogniser.compared_with)
    assert store.get_derived(ben, EMBEDDING) is None


def test_strangers_are_looked_at_and_never_enrolled(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.looks({1: 200}, 6)
    assert scene.names == {}
    assert store.derived_of_kind(EMBEDDING).keys() == {ada}
    assert store.entries()[1] == 1


def test_nobody_is_looked_at_while_nobody_has_consented(
    store: FaceStore, start: Callable[..., Scene]
) -> None:
    store.add(portrait("Ben"), NO)
    scene = start()
    scene.until(lambda: scene.loop.durations.count, "the store to be read")
    scene.show({1: "Ben"})
    assert not scene.loop.wants_faces
    assert not scene.loop.wants_frames
    assert scene.recogniser.looked == 0


def test_pictures_are_wanted_only_while_somebody_may_be_looked_at(
    store: FaceStore, start: Callable[..., Scene]
) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    assert scene.loop.wants_faces
    assert not scene.loop.wants_frames  # nobody is there
    scene.show({1: "Ada"})
    assert scene.loop.wants_frames
    scene.themselves = {1: ada}
    scene.show({1: "Ada"})
    assert not scene.loop.wants_frames


def test_looks_are_half_a_second_apart(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.look({1: 200})
    before = scene.recogniser.looked
    for _ in range(9):
        scene.show({1: 200}, step_s=0.05)
    scene.loop.refresh()  # by whose end every look before it has ended
    count = scene.loop.durations.count
    scene.until(lambda: scene.loop.durations.count > count, "the refresh")
    assert scene.recogniser.looked == before
    scene.look({1: 200}, step_s=0.1)


def test_all_are_looked_at_in_turn(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    ben = store.add(portrait("Ben"), YES)
    scene = start()
    scene.until_known(ada, ben)
    scene.shows_until({1: 200, 2: 210, 3: "Ada", 4: "Ben"}, {3: ada, 4: ben})


def test_a_consent_that_is_withdrawn_counts_at_once(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.shows_until({1: "Ada"}, {1: ada})
    store.change_consent(ada, NO)
    scene.loop.refresh()
    scene.until_known()
    scene.show({1: "Ada"})
    assert scene.names == {}
    assert store.derived_of_kind(EMBEDDING) == {}


def test_an_erased_person_is_nobody_from_the_same_moment_on(
    store: FaceStore, start: Callable[..., Scene]
) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.shows_until({1: "Ada"}, {1: ada})
    scene.show({1: "Ada"}, step_s=2.0)  # a look is on its way that still knows her
    store.erase(ada)
    scene.loop.forget_faces([ada])
    assert scene.names == {}
    assert scene.loop.known == set()
    for _ in range(6):
        scene.show({1: "Ada"})
        assert scene.names == {}
    scene.loop.refresh()
    scene.until(lambda: not scene.loop.known, "her to be forgotten")
    assert store.derived_of_kind(EMBEDDING) == {}


def test_who_is_stored_later_is_recognised_too(store: FaceStore, start: Callable[..., Scene]) -> None:
    scene = start()
    scene.until(lambda: scene.loop.durations.count, "the store to be read")
    ada = store.add(portrait("Ada"), YES)
    scene.loop.refresh()
    scene.until_known(ada)
    scene.shows_until({1: "Ada"}, {1: ada})


def test_an_expired_consent_is_not_used_even_before_the_face_is_erased(
    store: FaceStore, start: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    ada = store.add(portrait("Ada"), Consent(Scope.UNTIL_DATE, until, recognise=True))
    scene = start()
    scene.until_known(ada)
    monkeypatch.setattr(recognition_loop, "utc_now", lambda: until)
    scene.loop.refresh()
    scene.until_known()


def test_embeddings_of_another_version_are_made_anew(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    store.put_derived(ada, EMBEDDING, b"0:?")
    scene = start()
    scene.until_known(ada)
    assert scene.recogniser.enrolled == ["Ada"]
    assert store.get_derived(ada, EMBEDDING) == b"1:2"  # 50 is the character 2


def test_a_face_that_cannot_be_used_does_not_keep_others_out(
    store: FaceStore, start: Callable[..., Scene], caplog: pytest.LogCaptureFixture
) -> None:
    store.add(portrait("Eve"), YES)
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.until(lambda: "No picture of 'Eve' can be used" in caplog.text, "the warning")
    assert scene.errors == []


def test_people_are_recognised_while_others_are_still_being_enrolled(
    store: FaceStore, start: Callable[..., Scene]
) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    for _ in range(40):
        store.add(portrait("Ben"), YES)
    scene.loop.refresh()
    scene.shows_until({1: "Ada"}, {1: ada})
    scene.until(lambda: len(scene.loop.known) == 41, "everybody to be enrolled")


def test_who_checks_out_is_left_alone(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.shows_until({1: "Ada"}, {1: ada})
    scene.loop.refuse(1)
    for _ in range(6):
        scene.show({1: "Ada"})
        assert scene.names == {}


def test_a_missing_library_is_reported_and_all_goes_on_when_it_is_there(
    store: FaceStore, eventually: Callable[..., Any]
) -> None:
    errors: list[Exception] = []
    is_there = False

    def create() -> FakeRecogniser:
        if not is_there:
            raise ModelError("dlib is not installed; run this.")
        return FakeRecogniser()

    loop = RecognitionLoop(store, create, errors.append)
    try:
        eventually(lambda: errors, "the error")
        assert {str(error) for error in errors} == {"dlib is not installed; run this."}
        is_there = True
        ada = store.add(portrait("Ada"), YES)

        def known() -> bool:
            loop.poll()
            return loop.known == {ada}

        eventually(known, "Ada to be enrolled")
    finally:
        loop.close()


def test_after_a_failure_looks_rest_and_then_go_on(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.recogniser.error = ModelError("dlib's process failed.")
    for expected in (1, 2):  # the second one after a rest
        scene.show({1: "Ada"}, step_s=1.6)
        scene.until(lambda count=expected: len(scene.errors) == count, "the error")  # type: ignore[misc]
    scene.recogniser.error = None
    before = scene.recogniser.looked
    scene.show({1: "Ada"}, step_s=1.6)  # the second rest is two seconds
    scene.show({1: "Ada"}, step_s=1.0)
    scene.until(lambda: scene.recogniser.looked > before, "the next look")
    scene.shows_until({1: "Ada"}, {1: ada})


def test_closing_closes_the_recogniser(store: FaceStore, start: Callable[..., Scene]) -> None:
    ada = store.add(portrait("Ada"), YES)
    scene = start()
    scene.until_known(ada)
    scene.loop.close()
    assert scene.recogniser.closed
