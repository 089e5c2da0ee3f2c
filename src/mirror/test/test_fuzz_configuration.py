"""Bad configuration: parameter files, launch arguments and parameters are refused, or allowed."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror.arguments import parse_arguments
from mirror.graph import GRAPHS
from mirror.parameter_file import check_parameter_file
from mirror_core.errors import ParameterError, UsageError
from mirror_core.parameters import specs_of, update
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_numbers, odd_texts, promised
from mirror_effects.registry import find_effects

FULL = Path(__file__).resolve().parents[3] / "config" / "full.yaml"
NODES = (
    *("mirror_camera.camera_node:CameraNode", "mirror_tracking.faces_node:FacesNode"),
    *("mirror_tracking.bodies_node:BodiesNode", "mirror_tracking.gestures_node:GesturesNode"),
    *("mirror_gallery.gallery_node:GalleryNode", "mirror_mood.mood_node:MoodNode"),
    *("mirror_mood.mood_log_node:MoodLogNode", "mirror_display.display_node:DisplayNode"),
    *("mirror_web.web_node:WebNode", "mirror_inspection.health_node:HealthNode"),
    *("mirror_inspection.foxglove_node:FoxgloveNode", "mirror_robot.mimic_node:MimicNode"),
)
BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghij", "bcdefghijk", strict=True)
)
YAML_ODDITIES = (
    *(b"[" * 5000, b"{a: " * 5000, BOMB.encode(), b"a: &a {b: *a}", b"a: 2001-99-99", b"a: !!int ''"),
    *(
        b"a: !!timestamp x",
        b"a: !!python/object/apply:os.system [x]",
        b"a: " + b"9" * 5000,
        b"\xff\xfe\x00",
        b"\x00",
    ),
    *(
        b"? {a: b}\n: c",
        b"? [a]\n: b",
        b"--- a\n--- b",
        b"%YAML 9.9\n---\na",
        b"<<: 1",
        b"a: !!binary '*'",
        b"\ta: b",
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@fuzz(100)
@given(
    content=st.one_of(
        damaged(FULL.read_bytes()),
        st.sampled_from(YAML_ODDITIES),
        json_values().map(lambda value: yaml.safe_dump(value).encode("utf-8", "replace")),
        st.dictionaries(
            odd_texts(), st.fixed_dictionaries({"ros__parameters": json_values()}), max_size=3
        ).map(lambda value: yaml.safe_dump(value).encode("utf-8", "replace")),
        st.binary(max_size=80),
    )
)
def test_parameter_files_are_refused_or_laid_out(folder: Path, content: bytes) -> None:
    file = folder / "parameters.yaml"
    file.write_bytes(content)
    with promised("parameter file", UsageError):
        check_parameter_file(file)


@fuzz(80)
@given(
    name=st.sampled_from(sorted(GRAPHS)),
    words=st.lists(
        st.one_of(
            odd_texts(),
            st.builds(
                "{}:={}".format,
                st.sampled_from(
                    sorted({argument.name for graph in GRAPHS.values() for argument in graph.arguments})
                ),
                odd_texts()
                | odd_numbers().map(str)
                | st.sampled_from(("true", "mask,swap", "demo", "a/b/c")),
            ),
        ),
        max_size=4,
    ),
)
def test_launch_arguments_are_refused_or_planned(name: str, words: list[str]) -> None:
    with promised("launch arguments", UsageError):
        graph = GRAPHS[name]
        plan = graph.plan(parse_arguments(graph.arguments, words))
        assert plan.nodes
        for node in plan.nodes:
            assert all(isinstance(word, str) for word in plan.ros_arguments(node))


def configurations() -> dict[str, Any]:
    """Name → configuration dataclass of every node and effect."""
    found: dict[str, Any] = {}
    for place in NODES:
        module, _, name = place.partition(":")
        found[name] = getattr(importlib.import_module(module), name).CONFIG
    for name, effect in find_effects([]).effects.items():
        if specs_of(effect.Parameters):
            found[f"effect {name}"] = effect.Parameters
    return found


CONFIGURATIONS = configurations()
odd_values = st.one_of(
    odd_numbers(),
    odd_texts(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.lists(odd_texts(), max_size=4),
    st.lists(st.integers(), max_size=2),
    st.none(),
    st.binary(max_size=4),
)


@fuzz(150)
@given(which=st.sampled_from(sorted(CONFIGURATIONS)), data=st.data())
def test_parameters_are_refused_or_within_their_limits(which: str, data: st.DataObject) -> None:
    config = CONFIGURATIONS[which]()
    specs = {spec.name: spec for spec in specs_of(config)}
    names = st.sampled_from(sorted(specs)) | odd_texts()
    values = data.draw(st.dictionaries(names, odd_values, min_size=1, max_size=3))
    with promised("ROS parameters", ParameterError):
        changed = update(config, values)
        for name, spec in specs.items():
            value = getattr(changed, name)
            if isinstance(value, float):
                assert math.isfinite(value)
            if spec.minimum is not None and not isinstance(value, bool):
                assert value >= spec.minimum
