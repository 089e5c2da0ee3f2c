"""The graph table: which nodes each launch file starts, with which parameters and arguments.

The launch files render it into launch_ros actions (`mirror.launching`); `mirror run` and the
container render the same table where ROS's launch is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mirror.arguments import BOOLEANS, Argument, is_true
from mirror.graph_nodes import (
    bodies_node,
    camera_node,
    display_nodes,
    effects_node,
    faces_node,
    gallery_node,
    gestures_node,
    inspection_nodes,
    mood_nodes,
    replay_node,
    robot_nodes,
)
from mirror.graph_plan import Graph, NodeSpec, Plan
from mirror_core.errors import UsageError

__all__ = ["GRAPHS", "Graph", "NodeSpec", "Plan", "graph_named"]

COMMON_ARGUMENTS = (
    Argument(
        "composed",
        "true",
        "All nodes in one process, frames handed over without copies; false: a process for each node.",
        BOOLEANS,
    ),
    Argument("display", "true", "Open the mirror's window (offscreen where there is no screen).", BOOLEANS),
    Argument("web", "true", "Serve the live page, by default at http://127.0.0.1:8080.", BOOLEANS),
    Argument(
        "browser",
        "auto",
        "Open the page in a browser; auto: where a person starts the mirror from a terminal of a desktop.",
        ("auto", *BOOLEANS),
    ),
    Argument(
        "foxglove", "false", "Serve the graph to Foxglove, by default at ws://127.0.0.1:8765.", BOOLEANS
    ),
    Argument("rviz", "false", "Also start rviz2 with Mirror's layout (needs a ROS installation).", BOOLEANS),
    Argument(
        "ram_only",
        "false",
        "Write nothing to the disk: faces, moods, settings and logs stay in memory and end with the mirror.",
        BOOLEANS,
    ),
    Argument("namespace", "mirror", "ROS namespace of all nodes and topics."),
    Argument("config", "", "ROS parameter file; empty: the one that comes with Mirror."),
)

SETTINGS_ARGUMENT = Argument(
    "settings",
    "true",
    "Use what was set on the page, and keep what is set there; false: neither.",
    BOOLEANS,
)

CAMERA_ARGUMENTS = (
    Argument(
        "camera",
        "auto",
        "Where pictures come from: auto (the first camera, else the demo reel), v4l2, video, images, "
        "bag, demo, or the name of a source plugin.",
    ),
    Argument(
        "path",
        "",
        "What to open: a device (/dev/video0, 0 or part of its name) for v4l2, a file or URL for video, "
        "a folder for images and bag.",
    ),
)

CLOCK_ARGUMENT = Argument(
    "use_sim_time",
    "false",
    "All nodes follow /clock in place of the machine's time: that of a bag (camera:=bag), of a simulation, "
    "or of `ros2 bag play --clock`.",
    BOOLEANS,
)

REPLAY_ARGUMENTS = (
    Argument("bag", "", "The recording: a folder of rosbag2 (SQLite or MCAP), or its .db3 or .mcap file."),
    Argument("rate", "1.0", "Speed; 0.5 is half as fast as it was recorded."),
    Argument("loop", "false", "Begin again at the end.", BOOLEANS),
    Argument(
        "use_sim_time",
        "true",
        "Time is the bag's: the camera publishes /clock, and all nodes follow it; false: the machine's own.",
        BOOLEANS,
    ),
)

EFFECTS_HELP = "Effects in order, separated by commas, e.g. landmarks; none shows the plain picture."
BODIES_ARGUMENT = Argument(
    "bodies", "true", "Track bodies where an effect or another node asks for them.", BOOLEANS
)
GALLERY_ARGUMENT = Argument("gallery", "true", "Capture and keep faces, and let people wear them.", BOOLEANS)
GESTURES_ARGUMENT = Argument(
    "gestures",
    "true",
    "Recognise nods, shakes and tilts of the head; what they do is set by parameters.",
    BOOLEANS,
)
MOOD_ARGUMENT = Argument(
    "mood",
    "true",
    "Read moods where something asks for them, and keep them where the parameter log of mood_log says so.",
    BOOLEANS,
)
ROBOT_ARGUMENTS = (
    Argument("mimic", "false", "Move a robot's head as the nearest person moves theirs.", BOOLEANS),
    Argument(
        "hri", "false", "Publish faces as REP-155 has them, for other robots (needs hri_msgs).", BOOLEANS
    ),
)


def _inspected(
    make: Callable[[Mapping[str, str]], tuple[NodeSpec, ...]],
) -> Callable[[Mapping[str, str]], tuple[NodeSpec, ...]]:
    """A graph's nodes, and those that look into it."""

    def nodes(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
        made = make(values)
        # Another host's part of a graph is looked into by the mirror's own host.
        return made if values.get("remote") == "host" else (*made, *inspection_nodes(values, made))

    return nodes


def _full(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (camera_node(values), *_behind_the_camera(values))


def _replay(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (replay_node(values), *_behind_the_camera(values))


def _behind_the_camera(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (
        faces_node(),
        *bodies_node(values),
        *gallery_node(values),
        *gestures_node(values),
        *mood_nodes(values),
        *robot_nodes(values),
        effects_node(values),
        *display_nodes(values),
    )


def _mood(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (
        camera_node(values),
        faces_node(),
        *gallery_node(values),
        *mood_nodes({**values, "mood": "true"}),
        effects_node(values),
        *display_nodes(values),
    )


def _film(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    if values["remote"] == "host":
        return (effects_node(values),)
    return (
        camera_node(values),
        *((faces_node(),) if is_true(values["faces"]) else ()),
        *bodies_node({**values, "bodies": "true"}),
        *(() if is_true(values["remote"]) else (effects_node(values),)),
        *display_nodes(values),
    )


def _unmask(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    return (camera_node(values), faces_node(), effects_node(values), *display_nodes(values))


GRAPHS: dict[str, Graph] = {
    graph.name: graph
    for graph in (
        Graph(
            "full",
            "The whole mirror: camera, face tracking, gallery, moods, effects, window and live page.",
            (
                *CAMERA_ARGUMENTS,
                Argument("effects", "landmarks", EFFECTS_HELP),
                BODIES_ARGUMENT,
                GALLERY_ARGUMENT,
                GESTURES_ARGUMENT,
                MOOD_ARGUMENT,
                *ROBOT_ARGUMENTS,
                CLOCK_ARGUMENT,
                SETTINGS_ARGUMENT,
                *COMMON_ARGUMENTS,
            ),
            _inspected(_full),
        ),
        Graph(
            "mood",
            "The mirror that reads moods: camera, face tracking, moods, window and page, without effects.",
            (
                *CAMERA_ARGUMENTS,
                Argument("effects", "none", EFFECTS_HELP),
                GALLERY_ARGUMENT,
                CLOCK_ARGUMENT,
                SETTINGS_ARGUMENT,
                *COMMON_ARGUMENTS,
            ),
            _inspected(_mood),
        ),
        Graph(
            "replay",
            "The whole mirror with a recorded bag in place of the camera.",
            (
                *REPLAY_ARGUMENTS,
                Argument("effects", "landmarks", EFFECTS_HELP),
                BODIES_ARGUMENT,
                GALLERY_ARGUMENT,
                GESTURES_ARGUMENT,
                MOOD_ARGUMENT,
                *ROBOT_ARGUMENTS,
                *COMMON_ARGUMENTS,
            ),
            _inspected(_replay),
        ),
        Graph(
            "film",
            "The mirror in which people move a film's character: camera, body tracking, window, page.",
            (
                *CAMERA_ARGUMENTS,
                Argument("effects", "film", EFFECTS_HELP),
                Argument("scene", "", "Name of the film scene; empty: the first one that is installed."),
                Argument("faces", "false", "Track faces, too, for effects that need them.", BOOLEANS),
                Argument(
                    "remote",
                    "false",
                    "true: another host in the network runs the effects; host: this is that host.",
                    (*BOOLEANS, "host"),
                ),
                CLOCK_ARGUMENT,
                SETTINGS_ARGUMENT,
                *COMMON_ARGUMENTS,
            ),
            _inspected(_film),
        ),
        Graph(
            "unmask",
            "The mirror that shows people without their medical mask: camera, face tracking, window, page. "
            "effects:=wear_mask,unmask first puts masks on people who wear none.",
            (
                *CAMERA_ARGUMENTS,
                Argument("effects", "unmask", EFFECTS_HELP),
                CLOCK_ARGUMENT,
                SETTINGS_ARGUMENT,
                *COMMON_ARGUMENTS,
            ),
            _inspected(_unmask),
        ),
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
