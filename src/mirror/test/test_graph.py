"""The graph table: what each graph starts, and that all it names exists."""

from __future__ import annotations

import ast
import dataclasses
import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror.graph import GRAPHS, NodeSpec, Plan, graph_named
from mirror_core.errors import UsageError

SOURCES = Path(__file__).resolve().parents[2]
ROBOTS = graph_named("full").plan({"mimic": "true", "hri": "true", "foxglove": "true"})
ALL_SPECS = {
    spec.name: spec for plan in (*(g.plan({}) for g in GRAPHS.values()), ROBOTS) for spec in plan.nodes
}


def full(**values: str) -> Plan:
    return graph_named("full").plan(values)


def parameters_of(plan: Plan, node: str) -> Mapping[str, Any]:
    return next(spec.parameters for spec in plan.nodes if spec.name == node)


def test_the_full_graph_starts_the_whole_mirror_in_one_process() -> None:
    plan = full()
    assert [spec.name for spec in plan.nodes] == [
        *("camera", "faces", "bodies", "gallery", "gestures", "mood", "mood_log"),
        *("effects", "display", "web", "health"),
    ]
    assert plan.namespace == "mirror"
    assert plan.composed
    assert not plan.rviz
    assert parameters_of(plan, "camera") == {}  # what nobody asks for is left to files and settings
    assert parameters_of(plan, "effects") == {"effects": ["landmarks"]}
    assert plan.parameter_file.is_absolute()
    assert plan.parameter_file.name == "full.yaml"
    assert plan.parameter_file.is_file()


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        *[({name: "false"}, name) for name in ("display", "web", "bodies", "gallery", "gestures", "mood")],
        ({"mood": "false"}, "mood_log"),
        ({"web": "False"}, "web"),
    ],
)
def test_what_is_not_wanted_is_not_started(values: dict[str, str], missing: str) -> None:
    assert missing not in [spec.name for spec in full(**values).nodes]


def test_the_mood_graph_reads_moods_shows_them_and_leaves_the_picture_as_it_is() -> None:
    plan = graph_named("mood").plan({})
    assert [spec.name for spec in plan.nodes] == [
        *("camera", "faces", "gallery", "mood", "mood_log", "effects", "display", "web", "health")
    ]
    assert parameters_of(plan, "effects") == {"effects": ["none"]}
    assert "mood_ring: true" in plan.parameter_file.read_text("utf-8")


def test_the_unmask_graph_takes_masks_away_and_keeps_nothing() -> None:
    plan = graph_named("unmask").plan({})
    assert [spec.name for spec in plan.nodes] == ["camera", "faces", "effects", "display", "web", "health"]
    assert parameters_of(plan, "effects") == {"effects": ["unmask"]}
    trial = graph_named("unmask").plan({"effects": "wear_mask,unmask"})
    assert parameters_of(trial, "effects") == {"effects": ["wear_mask", "unmask"]}


def test_the_film_graph_tracks_bodies_and_plays_the_scene_that_is_named() -> None:
    plan = graph_named("film").plan({})
    assert [spec.name for spec in plan.nodes] == ["camera", "bodies", "effects", "display", "web", "health"]
    assert parameters_of(plan, "effects") == {"effects": ["film"]}
    named = graph_named("film").plan({"scene": "noir", "faces": "true"})
    assert parameters_of(named, "effects") == {"effects": ["film"], "film.scene": "noir"}
    assert [spec.name for spec in named.nodes][:3] == ["camera", "faces", "bodies"]


def test_another_host_can_run_the_film_graph_s_effects() -> None:
    mirror = graph_named("film").plan({"remote": "true"})
    host = graph_named("film").plan({"remote": "host", "scene": "noir"})
    names = [[spec.name for spec in plan.nodes] for plan in (mirror, host)]
    assert names == [["camera", "bodies", "display", "web", "health"], ["effects"]]
    assert parameters_of(host, "effects") == {"effects": ["film"], "film.scene": "noir"}


@pytest.mark.parametrize("name", ["mimic", "hri"])
def test_a_robot_is_served_only_where_it_is_asked_for(name: str) -> None:
    assert name not in [spec.name for spec in full().nodes]
    plan = full(**{name: "true"})
    (spec,) = (spec for spec in plan.nodes if spec.name == name)
    assert (spec.package, spec.executable) == ("mirror_robot", f"{name}_node")
    shown = ["head_model"] if name == "mimic" else []
    assert {spec.name for spec in plan.nodes} == {name, *shown, *(spec.name for spec in full().nodes)}


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_graph_is_looked_after_and_foxglove_sees_it_where_that_is_asked_for(graph: str) -> None:
    plain = graph_named(graph).plan({})
    *watched, health = plain.nodes
    assert (health.name, health.package, health.executable) == ("health", "mirror_inspection", "health_node")
    assert health.parameters == {"nodes": [spec.name for spec in watched]}
    *_, foxglove, health = graph_named(graph).plan({"foxglove": "true"}).nodes
    assert (foxglove.package, foxglove.executable) == ("mirror_inspection", "foxglove_node")
    assert health.parameters["nodes"][-1] == "foxglove"
    assert "foxglove" not in [spec.name for spec in plain.nodes]


def test_every_graph_has_its_launch_file() -> None:
    files = {path.name for path in (SOURCES.parent / "launch").glob("*.launch.py")}
    assert files == {f"{name}.launch.py" for name in GRAPHS}


@pytest.mark.parametrize(
    ("words", "stack"),
    [
        ("none", ["none"]),
        ("none,landmarks", ["none", "landmarks"]),
        (" landmarks , ", ["landmarks"]),
        ("", ["none"]),
    ],
)
def test_effects_are_separated_by_commas(words: str, stack: list[str]) -> None:
    assert parameters_of(full(effects=words), "effects") == {"effects": stack}


def test_a_clip_is_handed_on_with_its_full_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.mp4").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("clip.mp4", "~/clip.mp4", "./clip.mp4"):
        camera = parameters_of(full(camera="video", path=path), "camera")
        assert camera == {"source": "video", "path": str(tmp_path / "clip.mp4")}


@pytest.mark.parametrize(
    ("camera", "path"), [("video", "rtsp://cam/1"), ("v4l2", "0"), ("v4l2", "Logi"), ("v4l2", "/dev/video9")]
)
def test_a_url_or_a_device_is_handed_on_as_it_is(camera: str, path: str) -> None:
    assert parameters_of(full(camera=camera, path=path), "camera") == {"source": camera, "path": path}


@pytest.mark.parametrize(
    ("namespace", "plain"), [("mirror", "mirror"), ("/hall/mirror2/", "hall/mirror2"), ("A_1", "A_1")]
)
def test_a_namespace_is_taken_with_or_without_slashes(namespace: str, plain: str) -> None:
    assert full(namespace=namespace).namespace == plain


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"colour": "red"},
            r"^colour:= is not an argument: allowed are camera, path, effects, bodies, gallery, gestures,",
        ),
        ({"composed": "yes"}, r"^composed:=yes is refused: allowed is true \| false\.$"),
        ({"rviz": "1"}, r"^rviz:=1 is refused: allowed is true \| false\.$"),
        ({"camera": "webcam"}, r"^camera:=webcam is refused: allowed is auto \| .*demo \| images \|"),
        ({"camera": "video"}, r"^camera:=video needs path:=, the video to show, e\.g\. path:=clip\.mp4\.$"),
        ({"camera": "images"}, r"^camera:=images needs path:="),
        (
            {"camera": "video", "path": "/no/clip.mp4"},
            r"^path:=/no/clip\.mp4 is refused: there is no such file",
        ),
        ({"effects": "none,blur"}, r"^effects:=none,blur is refused: allowed are none, .*landmarks"),
        ({"config": "/no/such.yaml"}, r"^config:=/no/such\.yaml is refused: there is no such file\.$"),
        ({"namespace": ""}, r"^namespace:= is refused: allowed are letters, digits, _ and /"),
        ({"namespace": "2nd"}, r"^namespace:=2nd is refused"),
        ({"namespace": "a//b"}, r"^namespace:=a//b is refused"),
        ({"namespace": "my mirror"}, r"^namespace:=my mirror is refused"),
        ({"namespace": "mirror\n"}, r"^namespace:=mirror\\n is refused"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        full(**values)


def test_an_unknown_graph_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"^half is not a graph: allowed are full"):
        graph_named("half")


def test_an_own_parameter_file_is_found_from_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.yaml").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert full(config="~/own.yaml").parameter_file == tmp_path / "own.yaml"


def test_every_argument_has_a_description_and_an_allowed_default() -> None:
    for graph in GRAPHS.values():
        names = [argument.name for argument in graph.arguments]
        assert len(set(names)) == len(names)
        for argument in graph.arguments:
            assert argument.description.endswith(".")
            assert argument.check(argument.default) == argument.default


def entry_points_in_setup(package: str) -> dict[str, list[str]]:
    """The entry points that a package's setup.py declares, read without running it."""
    tree = ast.parse((SOURCES / package / "setup.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "entry_points":
            found: dict[str, list[str]] = ast.literal_eval(node.value)
            return found
    return {}


@pytest.mark.parametrize("spec", ALL_SPECS.values(), ids=ALL_SPECS)
def test_every_executable_of_the_table_is_installed_by_its_package(spec: NodeSpec) -> None:
    module, _, _ = spec.factory.partition(":")
    assert f"{spec.executable} = {module}:main" in entry_points_in_setup(spec.package)["console_scripts"]
    installed = {script.name: script.value for script in entry_points(group="console_scripts")}
    assert installed.get(spec.executable, f"{module}:main") == f"{module}:main"


@pytest.mark.parametrize("spec", ALL_SPECS.values(), ids=ALL_SPECS)
def test_every_factory_of_the_table_is_a_mirror_node_with_the_tables_name_and_parameters(
    spec: NodeSpec,
) -> None:
    pytest.importorskip("rclpy", reason="ROS 2 is not installed")
    pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")
    from mirror_core.node import MirrorNode
    from mirror_core.parameters import specs_of

    module_name, _, class_name = spec.factory.partition(":")
    module = importlib.import_module(module_name)
    node_class = getattr(module, class_name)
    assert issubclass(node_class, MirrorNode)
    assert spec.name == node_class.NAME
    assert callable(module.main)
    assert set(spec.parameters) <= {parameter.name for parameter in specs_of(node_class.CONFIG)}


TEXTS = [
    *("123", "1e3", "on", "", "null", "~", "[x]", "{a: b}", "# no comment", "%d", "-p", "a:=b"),
    *("/tmp/my clip.mp4", 'it\'s "here"', "Übung/ß …", "C:\\clips", " edge ", "tab\there", "emoji 🙂"),
]


def test_texts_reach_a_node_as_they_are(ros: Any, spinner: Any, tmp_path: Path) -> None:
    values: dict[str, Any] = {f"text_{index}": text for index, text in enumerate(TEXTS)}
    values |= {"words": ["on", "it's", "ä b", "1"], "number": 2.5, "whole": 3, "flag": False}
    folder = tmp_path / "with blanks 'n ümlauts"
    folder.mkdir()
    parameter_file = folder / "own.yaml"
    parameter_file.write_text("/**/camera:\n  ros__parameters:\n    from_file: here\n    number: 1.0\n")
    spec = dataclasses.replace(ALL_SPECS["camera"], parameters=values)
    words = full(config=str(parameter_file), namespace="hall/mirror2").ros_arguments(spec)
    node = spinner.node("renamed", cli_args=words, automatically_declare_parameters_from_overrides=True)
    assert node.get_fully_qualified_name() == "/hall/mirror2/camera"
    assert {name: node.get_parameter(name).value for name in values} == values
    assert node.get_parameter("from_file").value == "here"
