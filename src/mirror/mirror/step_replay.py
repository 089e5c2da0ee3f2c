"""Plays a bag into the graph frame by frame: nothing is left out, and the same comes out every time."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirror.arguments import is_true, parse_arguments
from mirror.graph import NodeSpec, Plan, graph_named
from mirror.replay_results import FrameResult
from mirror_core.bags.reader import BagReader
from mirror_core.diagnostics import Level
from mirror_core.environment import RANGE_VARIABLE, apply_defaults
from mirror_core.errors import ModelError, SourceError, StoreError, UsageError

if TYPE_CHECKING:
    from mirror_core.frame import Frame
    from mirror_core.node import MirrorNode

__all__ = ["Steps", "open_steps"]

# Whoever receives before whoever sends, see `mirror_core.stepping`. Left out are those that only listen
# (window, page, log), and those that act by services (gallery, gestures): nothing waits for an answer.
TURNS = ("effects", "mood", "bodies", "faces", "camera")
PATIENCE_S = 3600.0  # for which a frame waits for its faces
NOBODY = "OFF"  # of ROS's discovery: nothing comes in from other processes, and nothing goes out


@dataclass
class _Heard:
    """What the nodes publish, by topic, since the last frame."""

    newest: dict[str, Any] = field(default_factory=dict)

    def listener(self, topic: str) -> Callable[[Any], None]:
        return lambda item: self.newest.__setitem__(topic, item)


class Steps:
    """The frames of a bag, and what comes of each.

    Attributes:
        notes: what is to be said of the bag.
        effects: that are applied, in order.
    """

    def __init__(self, nodes: Mapping[str, MirrorNode], heard: _Heard, rest: Callable[[], None]) -> None:
        self._nodes = nodes
        self._camera: Any = nodes["camera"]
        self._heard = heard
        self._rest = rest
        self.notes: tuple[str, ...] = self._camera.notes
        self.effects: tuple[str, ...] = nodes["effects"].config.effects

    @property
    def problems(self) -> tuple[str, ...]:
        """What the nodes have to complain of, e.g. a model that does not load: it then has no results."""
        reports = {name: node.report() for name, node in self._nodes.items()}
        return tuple(
            f"{name}: {report.message}" for name, report in reports.items() if report.level > Level.OK
        )

    def __iter__(self) -> Iterator[FrameResult]:
        """Play it; every frame is finished before the next comes.

        Raises:
            SourceError: where the bag is damaged.
            ModelError: if a model hangs.
        """
        while (frame := self._next()) is not None:
            heard = self._heard.newest
            yield FrameResult(
                frame, heard.get("faces"), heard.get("moods"), heard.get("bodies"), heard.get("image")
            )

    def _next(self) -> Frame | None:
        self._heard.newest.clear()
        frame: Frame | None = self._camera.show_next()
        self._rest()
        return frame


@contextmanager
def open_steps(bag: Path | str, words: Sequence[str] = ()) -> Iterator[Steps]:
    """Bring up the nodes of the graph `replay` that answer to a frame, in this process and alone with it.

    Args:
        bag: a folder of rosbag2, or one of its files.
        words: further arguments of the graph, `name:=value`.

    Raises:
        UsageError: on a person's mistake, e.g. a bag that cannot be played; also where the bag turns out to
            be damaged while it is played, or a model hangs.
    """
    graph = graph_named("replay")
    values = parse_arguments(graph.arguments, [f"bag:={bag}", *words])
    if is_true(values["loop"]):
        raise UsageError("loop:=true is refused with --step: it would never end.")
    plan = graph.plan({**values, "use_sim_time": "false"})
    try:
        with BagReader(bag):  # before the models are loaded
            pass
    except StoreError as error:
        raise UsageError(str(error)) from error
    before = os.environ.get(RANGE_VARIABLE)
    os.environ[RANGE_VARIABLE] = NOBODY
    apply_defaults()
    try:
        yield from _run(plan)
    finally:
        if before is None:
            del os.environ[RANGE_VARIABLE]
        else:
            os.environ[RANGE_VARIABLE] = before


def _run(plan: Plan) -> Iterator[Steps]:
    import cv2
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    from mirror_core.codecs import BODIES, FACES, FRAMES, MOODS, Codec
    from mirror_core.stepping import SteppedNodes

    cv2.setNumThreads(1)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        specs = {spec.name: spec for spec in plan.nodes}
        there = [name for name in TURNS if name in specs]
        stack = SteppedNodes([_factory(plan, specs[name]) for name in there])
        try:
            stack.bring_up()
            nodes = dict(zip(there, stack.nodes, strict=True))
            heard = _Heard()
            outputs: dict[str, tuple[str, Codec[Any]]] = {
                "faces": ("faces", FACES),
                "mood": ("moods", MOODS),
                "bodies": ("bodies", BODIES),
                "effects": ("image", FRAMES),
            }
            for topic, codec in [outputs[name] for name in there if name in outputs]:
                nodes["camera"].subscription(codec, topic, heard.listener(topic), direct=True)
            stack.connect()
            yield Steps(nodes, heard, stack.rest)
        except (SourceError, ModelError) as error:
            raise UsageError(str(error)) from error
        finally:
            stack.close()
    finally:
        rclpy.try_shutdown()


def _factory(plan: Plan, spec: NodeSpec) -> Callable[[], Any]:
    if spec.name == "camera":
        spec = replace(spec, factory="mirror_camera.stepped_camera:SteppedCamera")
    if spec.name == "effects":
        spec = replace(spec, parameters={**spec.parameters, "patience": PATIENCE_S, "governor.on": False})
    module, _, attribute = spec.factory.partition(":")
    return lambda: getattr(importlib.import_module(module), attribute)(cli_args=plan.ros_arguments(spec))
