"""The web node: image in, the live page out.

Subscribed: image (sensor_msgs/Image, only while a browser shows it), faces (mirror_msgs/FaceArray, only while
the Faces page is open), moods (mirror_msgs/MoodArray, only while the Mood page is open), gallery/state
(mirror_msgs/GalleryState), gallery/captures (mirror_msgs/CaptureStatus), /diagnostics
(diagnostic_msgs/DiagnosticArray), /rosout (rcl_interfaces/Log). The page itself is `mirror_web.server`.
Service: page/pair (std_srvs/Trigger), whose answer is a link that lets one phone in, once.
"""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.diagnostics import Level
from mirror_core.frame import Frame
from mirror_core.graph_control import GraphControl
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_web.faces_view import FacesView
from mirror_web.film_shelf import shelf_of
from mirror_web.graph_view import GraphView
from mirror_web.health_view import HealthView
from mirror_web.jobs import Jobs
from mirror_web.jobs_faces import faces_kind
from mirror_web.jobs_scene import scene_kind
from mirror_web.mood_view import MoodView
from mirror_web.pairing_service import PairingService
from mirror_web.parameters import WebParameters
from mirror_web.privacy_view import PrivacyView
from mirror_web.server import PageServer
from mirror_web.settings_view import SettingsView
from mirror_web.stream import FrameBroadcaster
from mirror_web.welcome import Welcome

__all__ = ["WebNode"]


class WebNode(MirrorNode):
    """Serves the live page."""

    NAME = "web"
    CONFIG = WebParameters

    def open(self) -> None:
        """Take the port and connect to the graph."""
        self._images: Any = None
        self._faces_in: Any = None
        self._moods_in: Any = None
        self._broadcaster = FrameBroadcaster(self.config)
        control = GraphControl(self)
        self.at_close(control.close)
        view = GraphView(control, self.get_namespace().strip("/"))
        diagnostics = self.create_subscription(DiagnosticArray, "/diagnostics", view.on_diagnostics, 10)
        self.at_close(self.destroy_subscription, diagnostics)
        health = HealthView(self)
        self.at_close(health.close)
        self._faces = FacesView(self)
        self.at_close(self._faces.close)
        self._moods = MoodView(self)
        self.at_close(self._moods.close)
        privacy = PrivacyView(self, lambda: str(self.config.host))
        self.at_close(privacy.close)
        settings = SettingsView(self)
        self.at_close(settings.close)
        film = shelf_of(view)
        jobs = Jobs({"scene": scene_kind(film.scenes), "faces": faces_kind(self._faces)})
        jobs.start()
        self.at_close(jobs.close)
        self._server = PageServer(
            self.config,
            self._broadcaster,
            view,
            self._faces,
            self._moods,
            health=health.record,
            privacy=privacy,
            settings_control=settings,
            film=film,
            jobs=jobs,
        )
        self.at_close(self._server.stop)
        self._server.start()
        self.at_close(PairingService(self, self._server.context.access).close)
        self.get_logger().info(self._server.announcement)
        Welcome.begin(self._server.context, self._server.url, self._server.wait_ready)
        self.health.set_condition("page", Level.OK, self._server.announcement)
        self.health.counters.update(
            {
                "browsers": lambda: self._broadcaster.watchers,
                "encoded": lambda: self._broadcaster.encoded,
                "page": lambda: self._server.url,
            }
        )
        self.follow_demand(self._follow_demand)

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Send the picture with the new settings."""
        if hasattr(self, "_server"):
            self._broadcaster.update(new)
            self._server.update(new)

    def _follow_demand(self) -> None:
        wanted = self.is_running and self._broadcaster.watchers > 0
        self._images = self.follow(self._images, wanted, FRAMES, "image", self._on_frame)
        wanted = self.is_running and self._faces.is_watched
        self._faces_in = self.follow(self._faces_in, wanted, FACES, "faces", self._faces.on_faces)
        wanted = self.is_running and self._moods.live.is_watched
        self._moods_in = self.follow(self._moods_in, wanted, MOODS, "moods", self._moods.live.on_moods)

    def _on_frame(self, frame: Frame) -> None:
        self._broadcaster.submit(frame)
        self.health.rate.tick()


def main() -> None:
    """Entry point of the `web_node` executable."""
    leave(run_node(WebNode))
