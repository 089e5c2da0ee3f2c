"""The nodes that graphs are made of: packages, executables, classes, and what launch arguments set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mirror.arguments import is_true
from mirror.graph_plan import NodeSpec
from mirror_camera.source import source_names
from mirror_core.errors import UsageError
from mirror_effects.names import effect_names

__all__ = [
    "camera_node",
    "display_nodes",
    "effects_node",
    "faces_node",
    "gallery_node",
    "gestures_node",
    "mood_nodes",
]


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


def mood_nodes(values: Mapping[str, str]) -> tuple[NodeSpec, ...]:
    """What reads moods and what keeps them, if it is wanted."""
    if not is_true(values["mood"]):
        return ()
    return (
        NodeSpec("mood", "mirror_mood", "mood_node", "mirror_mood.mood_node:MoodNode"),
        NodeSpec("mood_log", "mirror_mood", "mood_log_node", "mirror_mood.mood_log_node:MoodLogNode"),
    )
