"""The mirror robot on the demo reel: its joints move with the person, and rest when nobody is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

DEACTIVATE = 4  # lifecycle_msgs/Transition


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(request: pytest.FixtureRequest, start_mirror: Callable[..., Any]) -> Iterator[Any]:
    mirror = start_mirror(
        *("camera:=demo", "web:=false", "display:=false", "gallery:=false", "gestures:=false"),
        *("mood:=false", "bodies:=false", "mimic:=true", "hri:=true", f"composed:={request.param}"),
        parameters={"mimic": {"rest_after_s": 0.5}},
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


def test_joints_move_within_their_limits_and_come_to_rest(mirror: Any, observer: Any) -> None:
    from geometry_msgs.msg import PointStamped
    from sensor_msgs.msg import JointState

    from mirror_robot.joints import MIRROR_HEAD

    states = observer.listen(JointState, f"{mirror.namespace}/joint_states", keep=2000)
    points = observer.listen(PointStamped, f"{mirror.namespace}/look_at")

    def travel(joint: str) -> float:
        found = [state.position[list(state.name).index(joint)] for state in states.messages]
        return max(found) - min(found) if found else 0.0

    # The reel's people never stop glancing to the sides; their faces move little.
    observer.until(lambda: travel("head_yaw") > 0.05 and travel("head_pitch") > 0.02, "the head to move")
    observer.until(lambda: points.messages, "a point to look at")
    assert points.messages[-1].header.frame_id == "camera_optical"
    assert 0.3 < points.messages[-1].point.z < 5.0

    assert observer.change_state(f"{mirror.namespace}/camera", DEACTIVATE)
    rest = [joint.rest for joint in MIRROR_HEAD]
    observer.until(
        lambda: list(states.messages[-1].position) == pytest.approx(rest, abs=1e-3),
        "the head to come to rest",
    )
    for state in states.messages:
        for joint, position, speed in zip(MIRROR_HEAD, state.position, state.velocity, strict=True):
            assert joint.lower <= position <= joint.upper
            assert abs(speed) <= joint.speed * (1 + 1e-9)


def test_without_hri_msgs_the_bridge_says_so(mirror: Any, observer: Any) -> None:
    from importlib.util import find_spec

    if find_spec("hri_msgs") is not None:
        pytest.skip("hri_msgs is installed")
    hri = f"{mirror.namespace}/hri"
    observer.until(lambda: observer.status(hri) is not None, "the bridge's diagnostics")
    assert observer.level(hri) == 1
    assert observer.status(hri).message.startswith("hri_msgs is not installed")


def test_the_mirror_ends_without_complaint(mirror: Any) -> None:
    mirror.interrupt()
    mirror.assert_clean_end()
