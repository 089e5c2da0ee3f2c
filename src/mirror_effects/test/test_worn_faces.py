"""The effects' side of the gallery: worn faces are fetched once, kept up to date, gone when erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.errors import UsageError
from mirror_effects import fetched_faces as module
from mirror_effects.testing import painted, portrait_of, room, wearer
from mirror_effects.worn_faces import WornFaces
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import encode
from mirror_msgs.msg import GalleryState, Worn
from mirror_msgs.srv import GetFace

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
CREATED = datetime(2024, 5, 1, tzinfo=UTC)


def portrait(name: str, skin: tuple[int, int, int] = (130, 160, 205)) -> Portrait:
    face = wearer((80.0, 80.0), 110.0)
    return portrait_of(painted(room(60, (160, 160)), [face], skin=skin), face, name=name)


class FakeGallery:
    """Serves stored faces and says who wears what."""

    def __init__(self, node: Any, offer: bool = True) -> None:
        self._node = node
        self._state = node.create_publisher(GalleryState, "gallery/state", LATCHED)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.revision = 0
        self.is_broken = False
        if offer:
            self.offer()

    def offer(self) -> None:
        """Offer the service."""
        self._node.create_service(GetFace, "gallery/get", self._get)

    def store(self, face: Portrait) -> None:
        """Store or replace a face."""
        self.files[face.id] = encode(face, CREATED, None)
        self.revision += 1

    def say(self, **worn: str) -> None:
        """`say(_5="ada", everybody="bo")`: publish who wears what."""
        tracks = {
            (Worn.EVERYBODY if who == "everybody" else int(who[1:])): name for who, name in worn.items()
        }
        messages = [Worn(face_id=track, gallery_id=name) for track, name in tracks.items()]
        self._state.publish(GalleryState(revision=self.revision, worn=messages))

    def _get(self, request: Any, response: Any) -> Any:
        self.asked.append(request.id)
        response.revision = self.revision
        response.success = request.id in self.files and not self.is_broken
        if response.success:
            response.data = self.files[request.id]
        else:
            response.message = "There is no such face."
        return response


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine an answer may take long; it is not lost for that."""
    monkeypatch.setattr(module, "ANSWER_S", 60.0)


@pytest.fixture
def gallery(spinner: Any) -> FakeGallery:
    return FakeGallery(spinner.node("gallery"))


@pytest.fixture
def worn(spinner: Any) -> Any:
    made = WornFaces(spinner.node("effects"))
    yield made
    made.close()


def test_a_worn_face_arrives_as_it_was_stored(spinner: Any, gallery: FakeGallery, worn: WornFaces) -> None:
    ada = portrait("Ada")
    gallery.store(ada)
    gallery.say(_5="ada")
    found = spinner.until(lambda: worn.worn_by((5, 6)), "the face")
    assert list(found) == [5]
    assert (found[5].id, found[5].name) == ("ada", "Ada")
    np.testing.assert_array_equal(found[5].views[0].landmarks, ada.views[0].landmarks)
    np.testing.assert_array_equal(found[5].views[0].opacity, ada.views[0].opacity)
    assert len(worn) == 1


def test_what_was_said_before_the_effect_began_counts_too(spinner: Any, gallery: FakeGallery) -> None:
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    late = WornFaces(spinner.node("late_effects"))
    spinner.until(lambda: late.worn_by((5,)), "the face of the latched state")
    late.close()


def test_different_people_wear_different_faces_and_everybody_else_a_common_one(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    for name in ("Ada", "Bo", "Cy"):
        gallery.store(portrait(name))
    gallery.say(_5="ada", _7="bo", everybody="cy")
    found = spinner.until(lambda: (f := worn.worn_by((5, 6, 7))) and len(f) == 3 and f, "all three faces")
    assert {track: face.id for track, face in found.items()} == {5: "ada", 6: "cy", 7: "bo"}
    assert sorted(gallery.asked) == ["ada", "bo", "cy"]


def test_a_face_is_fetched_once_however_many_frames_show_it(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    first = spinner.until(lambda: worn.worn_by((5,)), "the face")[5]
    gallery.say(_5="ada", _6="ada")
    again = spinner.until(lambda: worn.worn_by((6,)), "the second wearer")
    assert again[6] is first
    assert gallery.asked == ["ada"]


def test_an_erased_face_is_dropped_with_the_message_that_says_so(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    spinner.until(lambda: worn.worn_by((5,)), "the face")
    del gallery.files["ada"]
    gallery.revision += 1
    gallery.say()
    spinner.until(lambda: not worn.worn_by((5,)), "the face's end")
    assert len(worn) == 0
    gallery.say(_5="ada")  # somebody insists
    spinner.until(lambda: len(gallery.asked) >= 2, "another try")
    assert worn.worn_by((5,)) == {}


def test_a_face_whose_erasure_is_learnt_only_by_asking_is_dropped_too(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    spinner.until(lambda: worn.worn_by((5,)), "the face")
    del gallery.files["ada"]
    gallery.revision += 1
    gallery.say(_5="ada")
    spinner.until(lambda: not worn.worn_by((5,)), "the face's end")


def test_a_changed_face_takes_over_and_an_unchanged_one_stays_the_same_object(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    gallery.store(portrait("Ada"))
    gallery.store(portrait("Bo"))
    gallery.say(_5="ada", _6="bo")
    before = spinner.until(lambda: (f := worn.worn_by((5, 6))) and len(f) == 2 and f, "both faces")
    gallery.store(portrait("Bo", skin=(60, 190, 60)))
    gallery.say(_5="ada", _6="bo")
    after = spinner.until(
        lambda: (f := worn.worn_by((5, 6))) and f[6] is not before[6] and len(gallery.asked) == 4 and f,
        "the new version of one face",
    )
    assert after[5] is before[5]
    assert after[6].views[0].image.mean() != before[6].views[0].image.mean()


def test_a_preset_needs_no_gallery(spinner: Any, worn: WornFaces, monkeypatch: pytest.MonkeyPatch) -> None:
    mean = portrait("Mean")
    monkeypatch.setattr(module, "load_preset", lambda name: mean)
    silent = FakeGallery(spinner.node("gallery"), offer=False)
    silent.say(everybody="preset:mean")
    assert spinner.until(lambda: worn.worn_by((3,)), "the preset")[3] is mean


def test_a_preset_that_does_not_load_is_tried_again(
    spinner: Any, worn: WornFaces, gallery: FakeGallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    mean, tries = portrait("Mean"), []

    def load(name: str) -> Portrait:
        tries.append(name)
        if len(tries) == 1:
            raise UsageError("There is no preset face 'mean'.")
        return mean

    monkeypatch.setattr(module, "load_preset", load)
    gallery.say(_1="preset:mean")
    spinner.until(lambda: worn.worn_by((1,)), "the preset, at the second try")
    assert tries == ["preset:mean"] * 2


def test_a_gallery_that_comes_later_is_waited_for(spinner: Any, worn: WornFaces) -> None:
    late = FakeGallery(spinner.node("gallery"), offer=False)
    late.store(portrait("Ada"))
    late.say(_5="ada")
    spinner.until(lambda: worn._faces, "the state")
    late.offer()
    spinner.until(lambda: worn.worn_by((5,)), "the face")


def test_an_answer_that_is_no_face_file_is_asked_for_again(
    spinner: Any, gallery: FakeGallery, worn: WornFaces
) -> None:
    gallery.files["ada"] = b"no zip"
    gallery.revision = 1
    gallery.say(_5="ada")
    spinner.until(lambda: len(gallery.asked) >= 2, "another try")
    assert worn.worn_by((5,)) == {}
    gallery.store(portrait("Ada"))
    spinner.until(lambda: worn.worn_by((5,)), "the mended face")


def test_a_lost_answer_is_asked_for_again(
    spinner: Any, gallery: FakeGallery, worn: WornFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.2)
    lost: list[Any] = []
    ask = worn._client.call_async

    def call(request: Any) -> Any:
        if not lost:
            import rclpy.task

            lost.append(rclpy.task.Future())
            return lost[0]
        return ask(request)

    monkeypatch.setattr(
        worn,
        "_client",
        type(
            "Client",
            (),
            {
                "service_is_ready": lambda self: True,
                "call_async": lambda self, request: call(request),
                "handle": worn._client,
            },
        )(),
    )
    client = worn._client.handle
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    spinner.until(lambda: worn.worn_by((5,)), "the face, at the second try")
    assert len(lost) == 1
    worn._client = client


def test_what_arrives_after_the_end_is_thrown_away(
    spinner: Any, gallery: FakeGallery, eventually: Callable[..., Any]
) -> None:
    gone = WornFaces(spinner.node("gone_effects"))
    gallery.store(portrait("Ada"))
    gallery.say(_5="ada")
    spinner.until(lambda: gone._faces, "the state")
    gone.close()
    assert gone.worn_by((5,)) == {}
    assert len(gone) == 0


# ---- the node


def test_the_effects_node_listens_to_the_gallery_only_while_an_effect_needs_it(
    spinner: Any, start_host: Callable[..., Any]
) -> None:
    from rclpy.parameter import Parameter

    from mirror_effects.effects_node import EffectsNode

    host = start_host(EffectsNode)
    watch = spinner.node("watch")

    def listeners() -> int:
        return int(watch.count_subscribers("gallery/state"))

    assert listeners() == 0
    for effects, count in ((["swap"], 1), (["landmarks"], 0), (["mask", "swap", "caricature"], 1)):
        (result,) = host.node.set_parameters([Parameter("effects", value=effects)])
        assert result.successful, result.reason
        spinner.until(lambda count=count: listeners() == count, f"{count} listeners with {effects}")
