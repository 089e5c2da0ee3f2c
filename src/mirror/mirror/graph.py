"""The graph table: which nodes each launch file starts, with which parameters and arguments.

The launch files render it into launch_ros actions (`mirror.launching`); `mirror run` and the
container render the same table where ROS's launch is not installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.arguments import BOOLEANS, Argument, check_values, is_true
from mirror.locations import config_file
from mirror.parameter_file import check_parameter_file
from mirror_camera.source import source_names
from mirror_core.errors import UsageError
from mirror_effects.names import effect_names

__all__ = ["GRAPHS", "Graph", "NodeSpec", "Plan", "graph_named"]

NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node of a graph.

    Attributes:
        name: node name; also its key in the parameter file.
        package, executable: what `ros2 run` would start.
        factory: "module:Class" of the same node for the container.
        parameters: values that come from the launch arguments.
    """

    name: str
    package: str
    executable: str
    factory: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start for a given set of arguments."""

    namespace: str
    parameter_file: Path
    nodes: tuple[NodeSpec, ...]
    composed: bool
    rviz: bool

    def ros_arguments(self, node: NodeSpec) -> list[str]:
        """The `--ros-args` of one node: name, namespace, parameter file, then its own parameters."""
        words = ["--ros-args", "-r", f"__node:={node.name}", "-r", f"__ns:=/{self.namespace}"]
        words += ["--params-file", str(self.parameter_file)]
        for name, value in node.parameters.items():
            # JSON is YAML with all words quoted, so that "123" or "on" stays a text.
            words += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
        return words


@dataclass(frozen=True, slots=True)
class Graph:
    """One launch file: its arguments and the nodes they lead to."""

    name: str
    description: str
    arguments: tuple[Argument, ...]
    nodes: Callable[[Mapping[str, str]], tuple[NodeSpec, ...]]

    def plan(self, values: Mapping[str, str]) -> Plan:
        """Check the arguments and say what to start.

        Raises:
            UsageError: on an unknown name, a refused value or a missing file.
        """
        checked = check_values(self.arguments, values)
        namespace = checked["namespace"].strip("/")
        if not NAMESPACE.fullmatch(namespace):
            raise UsageError(
                f"namespace:={checked['namespace']} is refused: allowed are letters, digits, _ and / "
                "(each part starts with a letter), e.g. mirror or hall/mirror2."
            )
        given = checked["config"]
        parameter_file = Path(given).expanduser() if given else config_file(f"{self.name}.yaml")
        if not parameter_file.is_file():
            raise UsageError(f"config:={parameter_file} is refused: there is no such file.")
        check_parameter_file(parameter_file)
        return Plan(
            namespace=namespace,
            parameter_file=parameter_file.resolve(),
            nodes=self.nodes(checked),
            composed=is_true(checked["composed"]),
            rviz=is_true(checked["rviz"]),
        )


COMMON_ARGUMENTS = (
    Argument(
        "composed",
        "true",
        "All nodes in one process, frames handed over without copies; false: a process for each node.",
        BOOLEANS,
    ),
    Argument("display", "true", "Open the mirror's window (offscreen where there is no screen).", BOOLEANS),
    Argument("web", "true", "Serve the live page, by default at http://127.0.0.1:8080.", BOOLEANS),
    Argument("rviz", "false", "Also start rviz2 with Mirror's layout (needs a ROS installation).", BOOLEANS),
    Argument("namespace", "mirror", "ROS namespace of all nodes and topics."),
    Argument("config", "", "ROS parameter file; empty: the one that comes with Mirror."),
)

CAMERA_ARGUMENTS = (
    Argument(
        "camera",
        "auto",
        "Where pictures come from: auto (the first camera, else the demo reel), v4l2, video, images, "
        "demo, or the name of a source plugin.",
    ),
    Argument(
        "path",
        "",
        "What to open: a device (/dev/video0, 0 or part of its name) for v4l2, a file or URL for video, "
        "a folder for images.",
    ),
)


def camera_node(values: Mapping[str, str]) -> NodeSpec:
    """The camera, with its source from the arguments."""
    path = values["path"]
    known = ("auto", *source_names())
    if values["camera"] not in known:
        raise UsageError(f"camera:={values['camera']} is refused: allowed is {' | '.join(known)}.")
    if values["camera"] in ("video", "images") and "://" not in path:
        if not path:
            raise UsageError(
                f"camera:={values['camera']} needs path:=, the {values['camera']} to show, "
                "e.g. path:=clip.mp4."
            )
        if not Path(path).expanduser().exists():
            raise UsageError(f"path:={path} is refused: there is no such file or folder.")
        path = str(Path(path).expanduser().resolve())
    parameters = {"source": values["camera"], "path": path}
    return NodeSpec(
        "camera", "mirror_camera", "camera_node", "mirror_camera.camera_node:CameraNode", parameters
    )


def faces_node() -> NodeSpec:
    """The face tracker."""
    return NodeSpec("faces", "mirror_tracking", "faces_node", "mirror_tracking.faces_node:FacesNode")


def effects_node(values: Mapping[str, str]) -> NodeSpec:
    """The effects, with the stack from the arguments."""
    known = effect_names()
    stack = [word.strip() for word in values["effects"].split(",") if word.strip()]
    for name in stack:
        if name not in known:
            raise UsageError(f"effects:={values['effects']} is refused: allowed are {', '.join(known)}.")
    if len(set(stack)) < len(stack):
        raise UsageError(f"effects:={values['effects']} is refused: each effect may stand once.")
    return NodeSpec(
        "effects",
        "mirror_effects",
        "effects_node",
        "mirror_effects.effects_node:EffectsNode",
        {"effects": stack or ["none"]},
    )


def gallery_node(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """The gallery of stored faces, if it is wanted."""
    if not is_true(values["gallery"]):
        return ()
    factory = "mirror_gallery.gallery_node:GalleryNode"
    return (NodeSpec("gallery", "mirror_gallery", "gallery_node", factory),)


def gestures_node(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """What recognises head gestures, if it is wanted."""
    if not is_true(values["gestures"]):
        return ()
    factory = "mirror_tracking.gestures_node:GesturesNode"
    return (NodeSpec("gestures", "mirror_tracking", "gestures_node", factory),)


def display_nodes(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """The window and the page, as far as they are wanted."""
    nodes = []
    if is_true(values["display"]):
        nodes.append(
            NodeSpec("display", "mirror_display", "display_node", "mirror_display.display_node:DisplayNode")
        )
    if is_true(values["web"]):
        nodes.append(NodeSpec("web", "mirror_web", "web_node", "mirror_web.web_node:WebNode"))
    return tuple(nodes)


def _full(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (
        camera_node(values),
        faces_node(),
        *gallery_node(values),
        *gestures_node(values),
        effects_node(values),
        *display_nodes(values),
    )


GRAPHS: dict[str, Graph] = {
    "full": Graph(
        "full",
        "The whole mirror: camera, face tracking, effects, window and live page.",
        (
            *CAMERA_ARGUMENTS,
            Argument(
                "effects",
                "landmarks",
                "Effects in order, separated by commas, e.g. landmarks; none shows the plain picture.",
            ),
            Argument(
                "gallery",
                "true",
                "Capture and keep faces, and let people wear them.",
                BOOLEANS,
            ),
            Argument(
                "gestures",
                "true",
                "Recognise nods, shakes and tilts of the head; what they do is set by parameters.",
                BOOLEANS,
            ),
            *COMMON_ARGUMENTS,
        ),
        _full,
    )
}


def graph_named(name: str) -> Graph:
    """The graph with this name.

    Raises:
        UsageError: if there is none; lists those that there are.
    """
    if name not in GRAPHS:
        raise UsageError(f"{name} is not a graph: allowed are {', '.join(GRAPHS)}.")
    return GRAPHS[name]
