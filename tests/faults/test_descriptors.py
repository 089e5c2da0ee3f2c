"""No file descriptor is left: the mirror says so and goes on, or ends with one sentence to start anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")

PATIENCE_S = 90.0
# Files are opened until no more can be, in a mirror that runs in this process; then they are closed again.
RUNNING = """
import contextlib, os, sys, threading, time
from pathlib import Path
import numpy as np
import rclpy
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
from mirror_core.codecs import FRAMES
from mirror_core.errors import StoreError
from mirror_core.hosting import NodeHost, leave
from mirror_core.node import MirrorNode
from mirror_camera.camera_node import CameraNode
from mirror_effects.effects_node import EffectsNode
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore

folder = Path(sys.argv[1])

class Window(MirrorNode):
    NAME = "window"
    def open(self):
        self.count = 0
        self.subscription(FRAMES, "image", self.take)
    def take(self, frame):
        self.count += not frame.is_placeholder

def until(condition, what):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            print("in vain:", what, flush=True)
            leave(1)
        time.sleep(0.02)

rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
small = [Parameter("source", value="demo"), Parameter("width", value=160), Parameter("height", value=90)]
stack = [Parameter("effects", value=["none"]), Parameter("governor.on", value=False)]
window = NodeHost("window", Window)
effects = NodeHost("effects", lambda: EffectsNode(parameter_overrides=stack))
hosts = [window, NodeHost("camera", lambda: CameraNode(parameter_overrides=small)), effects]
for host in hosts:
    host.start()
for host in hosts:
    assert host.wait_active(60)
until(lambda: window.node.count > 5, "pictures")
grey, all_of_it = np.zeros((24, 24, 3), np.uint8), np.full((24, 24), 255, np.uint8)
face = FaceView(grey, all_of_it, np.zeros((468, 3), np.float32))
portrait, forever = Portrait("not-stored", "Ada", (face,)), Consent(Scope.UNTIL_REVOKED)
store = FaceStore(str(folder / "faces.sqlite"), str(folder / "pictures"), mirror="here")
store.add(portrait, forever)
opened = []
with contextlib.suppress(OSError):
    while True:
        opened.append(os.open("/dev/null", os.O_RDONLY))
print("no descriptor is left", flush=True)
try:
    store.add(portrait, forever)
except StoreError as error:
    print("refused:", error, flush=True)
count = window.node.count
until(lambda: window.node.count > count + 10, "pictures without descriptors")
for descriptor in opened:
    os.close(descriptor)
store.add(portrait, forever)
count = window.node.count
until(lambda: window.node.count > count + 10, "pictures afterwards")
print("stored", store.entries()[1], "restarts", [host.restarts for host in hosts], flush=True)
for host in hosts:
    host.request_stop()
for host in hosts:
    host.join(20)
leave(0)
"""
# A node that fails for want of descriptors cannot be made anew in this process.
FAILING = """
import errno, os, sys
from mirror_core.hosting import leave, run_hosts
from mirror_core.node import MirrorNode

class Hungry(MirrorNode):
    NAME = "hungry"
    def open(self):
        self.timer(0.05, self.eat)
    def eat(self):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "some file")

class Other(MirrorNode):
    NAME = "other"

leave(run_hosts([("hungry", Hungry), ("other", Other)], []))
"""


def test_pictures_go_on_without_descriptors_and_all_is_well_afterwards(
    start_process: Callable[..., Any], tmp_path: Any
) -> None:
    peer = start_process(RUNNING, str(tmp_path))
    peer.wait_for("no descriptor is left", PATIENCE_S)
    refused = peer.wait_for("refused: ", PATIENCE_S)
    assert refused.endswith(".")
    assert peer.wait_for("stored", PATIENCE_S) == "stored 2 restarts [0, 0, 0]"
    assert peer.wait(PATIENCE_S) == 0


def test_a_node_that_fails_for_want_of_descriptors_ends_the_process_with_one_sentence(
    start_process: Callable[..., Any],
) -> None:
    peer = start_process(FAILING)
    assert peer.wait(PATIENCE_S) == 3  # the supervisor starts it again
    told = [line for line in peer.errors if "[ERROR]" in line]
    assert len(told) == 1, peer.said
    assert "may open no more than" in told[0]
    assert "Traceback" not in peer.said
