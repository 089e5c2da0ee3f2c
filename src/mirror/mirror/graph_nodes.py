"""The nodes that graphs are made of: packages, executables, classes, and what launch arguments set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mirror.arguments import is_true
from mirror.graph_plan import NodeSpec
from mirror_camera.source import SourceSettings, source_names
from mirror_core.errors import UsageError
from mirror_core.parameters import specs_of
from mirror_effects.names import effect_names

__all__ = [
    "bodies_node",
    "camera_node",
    "display_nodes",
    "effects_node",
    "faces_node",
    "gallery_node",
    "gestures_node",
    "inspection_nodes",
    "mood_nodes",
    "replay_node",
    "robot_nodes",
]


def camera_node(values: Mapping[str, str]) -> NodeSpec:
    """The camera, with its source from the arguments."""
    path = values["path"]
    known = ("auto", *source_names())
    if values["camera"] not in known:
        raise UsageError(f"camera:={values['camera']} is refused: allowed is {' | '.join(known)}.")
    if values["camera"] in ("bag", "video", "images") and "://" not in path:
        if not path:
            raise UsageError(
                f"camera:={values['camera']} needs path:=, the {values['camera']} to show, "
                "e.g. path:=clip.mp4."
            )
        if not Path(path).expanduser().exists():
            raise UsageError(f"path:={path} is refused: there is no such file or folder.")
        path = str(Path(path).expanduser().resolve())
    # Where nothing is asked for, the parameter file and what was set on the page have a say.
    asked = values["camera"] != "auto" or path
    parameters: dict[str, object] = {"source": values["camera"], "path": path} if asked else {}
    if values["camera"] == "bag" and is_true(values.get("use_sim_time", "false")):
        parameters["publish_clock"] = True  # else nobody would, and time would stand still
    return NodeSpec(
        "camera", "mirror_camera", "camera_node", "mirror_camera.camera_node:CameraNode", parameters
    )


def replay_node(values: Mapping[str, str]) -> NodeSpec:
    """The camera that plays a bag; without one, its picture says what it needs."""
    bag = values["bag"]
    if bag and not Path(bag).expanduser().exists():
        raise UsageError(f"bag:={bag} is refused: there is no such file or folder.")
    (speed,) = (spec for spec in specs_of(SourceSettings) if spec.name == "speed")
    try:
        rate = speed.check(float(values["rate"]), "rate")
    except ValueError:
        raise UsageError(f"rate:={values['rate']} is refused: allowed is {speed.constraint}.") from None
    parameters = {
        "source": "bag",
        "path": str(Path(bag).expanduser().resolve()) if bag else "",
        "speed": rate,
        "loop": is_true(values["loop"]),
        "publish_clock": is_true(values["use_sim_time"]),
    }
    return NodeSpec(
        "camera", "mirror_camera", "camera_node", "mirror_camera.camera_node:CameraNode", parameters
    )


def faces_node() -> NodeSpec:
    """The face tracker."""
    return NodeSpec("faces", "mirror_tracking", "faces_node", "mirror_tracking.faces_node:FacesNode")


def bodies_node(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """The body tracker, if it is wanted; it works only while something asks for bodies."""
    if not is_true(values["bodies"]):
        return ()
    factory = "mirror_tracking.bodies_node:BodiesNode"
    return (NodeSpec("bodies", "mirror_tracking", "bodies_node", factory),)


def effects_node(values: Mapping[str, str]) -> NodeSpec:
    """The effects, with the stack and, where a graph has such an argument, the film scene."""
    known = effect_names()
    stack = [word.strip() for word in values["effects"].split(",") if word.strip()]
    for name in stack:
        if name not in known:
            raise UsageError(f"effects:={values['effects']} is refused: allowed are {', '.join(known)}.")
    if len(set(stack)) < len(stack):
        raise UsageError(f"effects:={values['effects']} is refused: each effect may stand once.")
    parameters: dict[str, object] = {"effects": stack or ["none"]}
    if values.get("scene"):  # else the parameter file's, or the first one
        parameters["film.scene"] = values["scene"]
    return NodeSpec(
        "effects",
        "mirror_effects",
        "effects_node",
        "mirror_effects.effects_node:EffectsNode",
        parameters,
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


def mood_nodes(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """What reads moods and what keeps them, if it is wanted."""
    if not is_true(values["mood"]):
        return ()
    return (
        NodeSpec("mood", "mirror_mood", "mood_node", "mirror_mood.mood_node:MoodNode"),
        NodeSpec("mood_log", "mirror_mood", "mood_log_node", "mirror_mood.mood_log_node:MoodLogNode"),
    )


def robot_nodes(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """What drives a robot's head, and what tells other robots about faces, as far as they are wanted."""
    nodes = []
    if is_true(values["mimic"]):
        nodes.append(NodeSpec("mimic", "mirror_robot", "mimic_node", "mirror_robot.mimic_node:MimicNode"))
        factory = "mirror_robot.head_model_node:HeadModelNode"
        nodes.append(NodeSpec("head_model", "mirror_robot", "head_model_node", factory))
    if is_true(values["hri"]):
        nodes.append(NodeSpec("hri", "mirror_robot", "hri_node", "mirror_robot.hri_node:HriNode"))
    return tuple(nodes)


def inspection_nodes(values: Mapping[str, str], others: Sequence[NodeSpec]) -> tuple[NodeSpec, ...]:
    """What looks into the graph: the summary of its health and, if it is wanted, Foxglove's server."""
    nodes = []
    if is_true(values["foxglove"]):
        factory = "mirror_inspection.foxglove_node:FoxgloveNode"
        nodes.append(NodeSpec("foxglove", "mirror_inspection", "foxglove_node", factory))
    watched = [spec.name for spec in (*others, *nodes)]
    factory = "mirror_inspection.health_node:HealthNode"
    nodes.append(NodeSpec("health", "mirror_inspection", "health_node", factory, {"nodes": watched}))
    return tuple(nodes)
