"""The launch file as `ros2 launch` reads it; where ROS's launch is not installed these are skipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

launch = pytest.importorskip("launch", reason="ROS's launch is not installed (the wheels have none)")
pytest.importorskip("launch_ros", reason="ROS's launch_ros is not installed (the wheels have none)")

FILE = Path(__file__).resolve().parent.parent / "launch" / "full.launch.py"


@pytest.fixture(scope="module")
def description() -> Any:
    specification = importlib.util.spec_from_file_location("full_launch", FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.generate_launch_description()


def rendered(description: Any, **values: str) -> list[Any]:
    """The nodes that the launch file starts with these arguments."""
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch_ros.actions import Node

    context = launch.LaunchContext()
    context.launch_configurations.update(values)
    nodes = []
    for entity in description.entities:
        if isinstance(entity, DeclareLaunchArgument):
            entity.execute(context)
        elif isinstance(entity, OpaqueFunction):
            nodes += [action for action in entity.execute(context) or [] if isinstance(action, Node)]
    return nodes


def test_every_argument_is_described_and_has_the_table_s_default(description: Any) -> None:
    from mirror.graph import GRAPHS

    declared = {argument.name: argument for argument in description.get_launch_arguments()}
    assert list(declared) == [argument.name for argument in GRAPHS["full"].arguments]
    for argument in GRAPHS["full"].arguments:
        found = declared[argument.name]
        assert found.description == argument.description
        assert "".join(part.text for part in found.default_value) == argument.default


def test_composed_it_starts_the_container_with_all_arguments(description: Any) -> None:
    (node,) = rendered(description, camera="demo", effects="none")
    assert (node.node_package, node.node_executable) == ("mirror", "container")


def test_separate_it_starts_each_node_with_its_executable_and_respawns_it(description: Any) -> None:
    nodes = rendered(description, camera="demo", composed="false", web="false")
    assert [(node.node_package, node.node_executable) for node in nodes] == [
        ("mirror_camera", "camera_node"),
        ("mirror_tracking", "faces_node"),
        ("mirror_gallery", "gallery_node"),
        ("mirror_tracking", "gestures_node"),
        ("mirror_effects", "effects_node"),
        ("mirror_display", "display_node"),
    ]


def test_a_refused_argument_stops_the_launch_with_the_same_sentence(description: Any) -> None:
    with pytest.raises(Exception, match=r"camera:=webcam is refused"):
        rendered(description, camera="webcam")
