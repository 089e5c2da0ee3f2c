"""The mood graph on the demo reel: moods of the faces, shown, acted upon, and kept only where asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

HAPPY = 3  # mirror_msgs/Mood: the reel's person smiles
RULE = "name=smile mood=happy duration=1 cooldown=3600 effects=landmarks"


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(
    request: pytest.FixtureRequest,
    start_mirror: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    log = tmp_path_factory.mktemp("state") / "moods.sqlite"
    mirror = start_mirror(
        *("camera:=demo", "web:=false", f"composed:={request.param}"),
        graph="mood",
        parameters={"display": {"mood_ring": True}},
        XDG_STATE_HOME=str(log.parent),
        MIRROR_MOOD_DATABASE=str(log),
    )
    mirror.log = log
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


def kept(mirror: Any) -> Any:
    """All that the mood log holds, as one total; None while there is no log."""
    from mirror_mood.log.queries import MoodQueries, NoMoodLogError

    try:
        with MoodQueries(str(mirror.log)) as log:
            state = log.state()
            return log.total(state.first_s, state.latest_s + 1) if state.latest_s is not None else None
    except NoMoodLogError:
        return None


def test_moods_are_those_of_the_faces_of_the_same_frame(mirror: Any, observer: Any, stamp_of: Any) -> None:
    from mirror_msgs.msg import FaceArray, MoodArray

    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces", keep=300)
    moods = observer.listen(MoodArray, f"{mirror.namespace}/moods", keep=300)

    def matched() -> Any:
        found = {stamp_of(message): message for message in faces.messages}
        pairs = [(message, found.get(stamp_of(message))) for message in moods.messages if message.moods]
        return next((pair for pair in reversed(pairs) if pair[1] is not None), None)

    mood, face = observer.until(matched, "moods and faces of one frame")
    assert {each.face_id for each in mood.moods} == {each.id for each in face.faces}
    assert mood.header.frame_id == face.header.frame_id
    for each in mood.moods:
        assert sum(each.probabilities) == pytest.approx(1, abs=1e-3)
        assert each.probabilities[each.dominant] == max(each.probabilities)
        assert each.source == "fused"

    def is_read_as_happy() -> bool:
        newest = [each for message in list(moods.messages)[-5:] for each in message.moods]
        return bool(newest) and all(each.dominant == HAPPY and not each.unsure for each in newest)

    observer.until(is_read_as_happy, "the smile to be read")
    assert moods.messages[-1].moods[0].valence > 0.3


def test_the_picture_stays_as_it_is(mirror: Any, observer: Any, pixels_of: Any, stamp_of: Any) -> None:
    from sensor_msgs.msg import Image

    raw = observer.listen(Image, f"{mirror.namespace}/camera/image_raw", keep=60)
    shown = observer.listen(Image, f"{mirror.namespace}/image", keep=60)

    def pair() -> Any:
        found = {stamp_of(message): message for message in raw.messages}
        return next(((found[k], m) for m in shown.messages if (k := stamp_of(m)) in found), None)

    before, after = observer.until(pair, "a picture and what is shown of it")
    assert (pixels_of(before) == pixels_of(after)).all()


def test_nothing_is_kept_until_somebody_asks_for_it_and_then_each_second_is(
    mirror: Any, observer: Any
) -> None:
    assert not list(mirror.log.parent.rglob("mood*"))
    assert observer.set_parameter(f"{mirror.namespace}/mood_log", "log", True) == ""
    total = observer.until(lambda: (found := kept(mirror)) and found.count >= 3 and found, "three seconds")
    assert total.means.sum() == pytest.approx(1, abs=0.01)
    assert total.means.argmax() == HAPPY
    assert observer.set_parameter(f"{mirror.namespace}/mood_log", "log", False) == ""


def test_a_rule_changes_the_effects_and_says_so(mirror: Any, observer: Any) -> None:
    from mirror_msgs.msg import MoodEvent

    events = observer.listen(MoodEvent, f"{mirror.namespace}/mood_events")
    refusal = observer.set_parameter(f"{mirror.namespace}/mood", "rules", ["name=a mood=gloomy"])
    assert "allowed are angry, disgust" in refusal
    assert observer.set_parameter(f"{mirror.namespace}/mood", "rules", [RULE]) == ""
    observer.until(lambda: events.count > 0, "the rule to fire")
    (event,) = events.messages
    assert (event.rule, event.mood, event.action) == ("smile", HAPPY, "effect:landmarks")
    effects = f"{mirror.namespace}/effects"
    observer.until(lambda: list(observer.parameter(effects, "effects")) == ["landmarks"], "the effect")


def test_it_ends_cleanly(mirror: Any, observer: Any) -> None:
    mirror.interrupt()
    assert mirror.wait() == 0, mirror.tail
    mirror.assert_clean_end()
