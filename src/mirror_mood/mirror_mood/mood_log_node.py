"""The mood log node: keeps moods over weeks, if somebody says so, and uploads them where that is wanted.

Subscribed: moods (mirror_msgs/MoodArray, only while `log` is true), gallery/state (mirror_msgs/GalleryState,
only where there is a log: whose face is erased loses their moods too).

It asks the service gallery/list. Pages and programs read the log by its URL (`mirror_mood.log.queries`), not
through this node. By default, `log` being false, no mood is kept, and nothing is subscribed or written.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.codecs import MOODS
from mirror_core.diagnostics import Level
from mirror_core.errors import ParameterError
from mirror_core.hosting import leave, run_node
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_mood.log.recorder import EXPORT_VARIABLE, MoodRecorder, RecorderSettings, resolved_export
from mirror_mood.log.rows import MIRROR_LENGTH
from mirror_mood.log.schema import DATABASE_VARIABLE, may_exist
from mirror_mood.log.store import check_keeping
from mirror_msgs.msg import GalleryState
from mirror_msgs.srv import ListFaces

__all__ = ["MoodLogNode", "MoodLogParameters"]

LOOK_S = 1.0  # how often it is looked after seconds that are over, and at how the log stands
LIST_S = 30.0  # how often the gallery is asked who is in it, also without a change
MOODS_DEPTH = 60  # moods that may wait: two seconds at 30 Hz
STATE_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
LEVELS = {"log": Level.ERROR, "keeping": Level.WARN, "upload": Level.WARN}


@dataclass(frozen=True)
class MoodLogParameters:
    """Whether moods are kept, where, for how long, and where they are uploaded."""

    log: bool = parameter(False, "Keep moods: one row a second and person.")
    database_url: str = parameter(
        "",
        "Where moods are kept: a file, sqlite:////path or postgresql://user:password@host/name; "
        f"empty: ${DATABASE_VARIABLE}, else the state folder.",
        live=False,
    )
    mirror_id: str = parameter(
        "",
        "Name of this mirror in the log, one for each mirror; empty: host and namespace.",
        live=False,
    )
    keep_days: int = parameter(
        30, "Days for which single seconds are kept; 0: for ever.", minimum=0, maximum=36500
    )
    keep_summaries_days: int = parameter(
        400, "Days for which sums of minutes, hours and days are kept; 0: for ever.", minimum=0, maximum=36500
    )
    export_url: str = parameter(
        "",
        "Where new rows are uploaded as Parquet: a folder, or s3://bucket/prefix; "
        f"empty: ${EXPORT_VARIABLE}, else nowhere.",
        live=False,
    )
    export_period: float = parameter(
        3600.0, "Every so many seconds new rows are uploaded.", minimum=10.0, maximum=604800.0
    )
    write_period: float = parameter(
        5.0,
        "Every so many seconds rows are written; a crash loses what came since.",
        minimum=0.1,
        maximum=600.0,
    )
    queue_rows: int = parameter(
        36000,
        "Rows that wait in memory while the log cannot be written; then the oldest are dropped.",
        minimum=100,
        maximum=10000000,
    )

    def __post_init__(self) -> None:
        check_keeping(self.keep_days, self.keep_summaries_days)
        if len(self.mirror_id) > MIRROR_LENGTH or not (self.mirror_id.isprintable()):
            raise ParameterError(
                f"mirror_id = {self.mirror_id[:80]!r} is refused: allowed are up to {MIRROR_LENGTH} "
                "printable characters."
            )


class MoodLogNode(MirrorNode):
    """Keeps moods; see the module."""

    NAME = "mood_log"
    CONFIG = MoodLogParameters

    def open(self) -> None:
        """Begin to keep moods, or only look after those that were kept earlier."""
        self._recorder: MoodRecorder | None = None
        self._moods: Any = None
        self._state_in: Any = None
        self._client: Any = None
        self._answer: Any = None
        self._asked_s, self._revision = 0.0, -1
        self.at_close(self._end)
        self._begin(self.config)
        self.timer(LOOK_S, self._look_after)
        for name in ("written", "waiting", "dropped", "duplicates", "too_old"):
            self.health.counters[f"rows {name.replace('_', ' ')}"] = partial(self._count, name)
        self.health.counters["rows uploaded"] = lambda: (
            0 if self._recorder is None else self._recorder.exported.rows
        )
        self.follow_demand(self._follow_demand)

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Begin or end to keep moods, or go on with other periods."""
        if not self._is_open:
            return
        if old.log != new.log:
            self._end()
            self._begin(new)
        elif self._recorder is not None:
            self._recorder.change(self._settings(new))

    # ---- the recorder

    def _settings(self, config: MoodLogParameters) -> RecorderSettings:
        return RecorderSettings(
            mirror=config.mirror_id or f"{socket.gethostname()}{self.get_namespace()}"[:MIRROR_LENGTH],
            url=config.database_url,
            records=config.log,
            keep_days=config.keep_days,
            keep_summaries_days=config.keep_summaries_days,
            export_url=resolved_export(config.export_url),
            export_period_s=config.export_period,
            queue_rows=config.queue_rows,
            write_period_s=config.write_period,
        )

    def _begin(self, config: MoodLogParameters) -> None:
        if not (config.log or may_exist(config.database_url)):
            return
        self._recorder = MoodRecorder(self._settings(config))
        self._client = self.create_client(ListFaces, "gallery/list")
        self._state_in = self.create_subscription(GalleryState, "gallery/state", self._on_state, STATE_QOS)

    def _end(self) -> None:
        recorder, self._recorder = self._recorder, None
        if self._moods is not None:
            self.release(self._moods)
            self._moods = None
        if self._state_in is not None:
            self.destroy_subscription(self._state_in)
            self.destroy_client(self._client)
            self._state_in = self._client = self._answer = None
        if recorder is not None:
            status = recorder.close()
            if status.dropped:
                self.get_logger().warning(
                    f"{status.dropped} rows of the mood log are lost. {status.problem}".rstrip()
                )
        for key in LEVELS:
            self.health.clear_condition(f"mood {key}")

    def _count(self, name: str) -> float:
        return 0 if self._recorder is None else float(getattr(self._recorder.status, name))

    # ---- what comes in

    def _follow_demand(self) -> None:
        wanted = self.is_running and self._recorder is not None and self.config.log
        if wanted and self._moods is None:
            self._moods = self.subscription(MOODS, "moods", self._on_moods, depth=MOODS_DEPTH)
        elif not wanted and self._moods is not None:
            self.release(self._moods)
            self._moods = None

    def _on_moods(self, moods: MoodSet) -> None:
        if self._recorder is not None:
            self._recorder.take(moods)
            self.health.rate.tick()

    def _on_state(self, message: GalleryState) -> None:
        if message.revision != self._revision:
            self._revision, self._asked_s = message.revision, 0.0
            self._ask_gallery()

    def _ask_gallery(self) -> None:
        """Ask who is in the gallery, unless it was asked a moment ago."""
        now_s = time.monotonic()
        if self._client is None or now_s - self._asked_s < LIST_S or not self._client.service_is_ready():
            return
        self._asked_s = now_s
        self._answer = self._client.call_async(ListFaces.Request())
        self._answer.add_done_callback(self._on_list)

    def _on_list(self, answer: Any) -> None:
        if answer is not self._answer or self._recorder is None or answer.result() is None:
            return
        faces = answer.result().faces
        # A gallery that fails answers with an empty list; one that works lists its presets at least.
        if faces and len(faces) == answer.result().total:
            self._recorder.know(face.id for face in faces if not face.preset)

    # ---- time passes

    def _look_after(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        recorder.tick()
        self._ask_gallery()
        for key, sentence in recorder.problems().items():
            if sentence:
                self.health.set_condition(f"mood {key}", LEVELS[key], sentence)
            else:
                self.health.clear_condition(f"mood {key}")


def main() -> None:
    """Entry point of the `mood_log_node` executable."""
    leave(run_node(MoodLogNode))
