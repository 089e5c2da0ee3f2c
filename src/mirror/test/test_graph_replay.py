"""The replay graph: the whole mirror with a bag in place of the camera, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror.graph import graph_named
from mirror_core.errors import UsageError


def test_a_bag_takes_the_place_of_the_camera_and_all_else_is_the_full_mirror(tmp_path: Path) -> None:
    plan = graph_named("replay").plan({"bag": str(tmp_path), "rate": "0.5", "loop": "True"})
    camera, *others = plan.nodes
    assert camera.parameters == {
        "source": "bag",
        "path": str(tmp_path.resolve()),
        "speed": 0.5,
        "loop": True,
        "publish_clock": True,
    }
    assert others == list(graph_named("full").plan({}).nodes[1:])
    assert "stamps: bag" in plan.parameter_file.read_text("utf-8")


def test_time_is_the_bags_for_all_nodes_unless_told_otherwise(tmp_path: Path) -> None:
    plan = graph_named("replay").plan({"bag": str(tmp_path)})
    assert all("use_sim_time:=true" in plan.ros_arguments(node) for node in plan.nodes)
    own = graph_named("replay").plan({"bag": str(tmp_path), "use_sim_time": "false"})
    assert own.nodes[0].parameters["publish_clock"] is False
    followed = graph_named("full").plan({"use_sim_time": "true"})
    assert all("use_sim_time:=true" in followed.ros_arguments(node) for node in followed.nodes)
    assert "publish_clock" not in followed.nodes[0].parameters  # the clock is somebody else's
    words = {"camera": "bag", "path": str(tmp_path)}
    played = graph_named("mood").plan({**words, "use_sim_time": "true"})
    assert played.nodes[0].parameters["publish_clock"] is True
    assert "publish_clock" not in graph_named("mood").plan(words).nodes[0].parameters
    for plan in (own, graph_named("full").plan({})):
        assert plan.clock_parameters == {}
        assert not any("use_sim_time" in word for node in plan.nodes for word in plan.ros_arguments(node))


def test_it_plays_once_and_as_fast_as_it_was_recorded_unless_told_otherwise(tmp_path: Path) -> None:
    parameters = graph_named("replay").plan({"bag": str(tmp_path)}).nodes[0].parameters
    assert (parameters["speed"], parameters["loop"]) == (1.0, False)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"bag": "/no/such/bag"}, "bag:=/no/such/bag is refused: there is no such file or folder."),
        ({"rate": "fast"}, "rate:=fast is refused: allowed is 0.05 … 20.0."),
        ({"rate": "99"}, "rate = 99.0 is refused: allowed is 0.05 … 20.0."),
        ({"rate": "nan"}, "rate = nan is refused: allowed is 0.05 … 20.0."),
        ({"loop": "perhaps"}, "loop:=perhaps is refused: allowed is true | false."),
        ({"camera": "demo"}, "camera:= is not an argument"),
    ],
)
def test_what_is_not_allowed_is_refused(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        graph_named("replay").plan(values)
    assert str(caught.value).startswith(sentence)
