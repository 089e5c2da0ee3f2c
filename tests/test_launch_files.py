"""The launch files as `ros2 launch` reads them; where ROS's launch is not installed these are skipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

launch = pytest.importorskip("launch", reason="ROS's launch is not installed (the wheels have none)")
pytest.importorskip("launch_ros", reason="ROS's launch_ros is not installed (the wheels have none)")

FOLDER = Path(__file__).resolve().parent.parent / "launch"


def description_of(graph: str) -> Any:
    file = FOLDER / f"{graph}.launch.py"
    specification = importlib.util.spec_from_file_location(f"{graph}_launch", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.generate_launch_description()


@pytest.fixture(scope="module")
def description() -> Any:
    return description_of("full")


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


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.launch.py")), ids=lambda file: file.name)
def test_every_argument_is_described_and_has_the_table_s_default(file: Path) -> None:
    from mirror.graph import GRAPHS

    name = file.name.partition(".")[0]
    declared = {argument.name: argument for argument in description_of(name).get_launch_arguments()}
    assert list(declared) == [argument.name for argument in GRAPHS[name].arguments]
    for argument in GRAPHS[name].arguments:
        found = declared[argument.name]
        assert found.description.startswith(argument.description)  # launch adds the choices by itself
        assert "".join(part.text for part in found.default_value) == argument.default


def test_composed_it_starts_the_container_with_all_arguments(description: Any) -> None:
    (node,) = rendered(description, camera="demo", effects="none")
    assert (node.node_package, node.node_executable) == ("mirror", "container")


def test_separate_it_starts_each_node_with_its_executable_and_respawns_it(description: Any) -> None:
    nodes = rendered(description, camera="demo", composed="false", web="false")
    assert [(node.node_package, node.node_executable) for node in nodes] == [
        ("mirror_camera", "camera_node"),
        ("mirror_tracking", "faces_node"),
        ("mirror_tracking", "bodies_node"),
        ("mirror_gallery", "gallery_node"),
        ("mirror_tracking", "gestures_node"),
        ("mirror_mood", "mood_node"),
        ("mirror_mood", "mood_log_node"),
        ("mirror_effects", "effects_node"),
        ("mirror_display", "display_node"),
        ("mirror_inspection", "health_node"),
    ]


def test_a_refused_argument_stops_the_launch_with_the_same_sentence(description: Any) -> None:
    with pytest.raises(Exception, match=r"camera:=webcam is refused"):
        rendered(description, camera="webcam")
