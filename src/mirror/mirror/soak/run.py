"""One soak: start the mirror, use it, read what it takes, end it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mirror.soak.exercise import Exercise
from mirror.soak.page_visits import PageVisits
from mirror.soak.plan import SoakPlan
from mirror.soak.trends import Sample
from mirror.soak.usage import usage_of
from mirror.soak.watch import GraphWatch
from mirror_core.environment import defaults
from mirror_core.errors import MirrorError

__all__ = ["SoakResult", "soak"]

START_S = 90.0
STOP_S = 30.0
PAGE = re.compile(r"live page is at (http://\S+?)\.?\s")
FEWEST_SAMPLES = 20  # after the warm-up, for Ctrl-C to leave a result
TAIL = 600  # characters of the mirror's messages in an error
OWN_DOMAIN = 99  # unless the environment names one: another mirror of this host must not be heard
ADDED_VARIABLE = "PYTHONPATH"


@dataclass(frozen=True)
class SoakResult:
    """What was read and done.

    Attributes:
        plan: what was run.
        warm_up: readings before the warm-up's end.
        samples: those after it.
        done: how often each thing was done.
        refusals: what the mirror did not do, with its own sentences.
        complaints: sentences of nodes that were not well.
        nodes: that were heard.
        seconds: from the mirror's start to its end.
        status: with which the mirror ended.
        errors: lines of the mirror's messages that tell of an error.
    """

    plan: SoakPlan
    warm_up: tuple[Sample, ...]
    samples: tuple[Sample, ...]
    done: Mapping[str, int]
    refusals: Mapping[str, int]
    complaints: tuple[str, ...]
    nodes: tuple[str, ...]
    seconds: float
    status: int
    errors: tuple[str, ...] = field(default_factory=tuple)

    @property
    def frames(self) -> int:
        """Shown after the warm-up."""
        return self.samples[-1].frames - self.samples[0].frames if self.samples else 0

    @property
    def frames_per_s(self) -> float:
        """How quickly they were shown."""
        span_s = self.samples[-1].time_s - self.samples[0].time_s if self.samples else 0.0
        return self.frames / span_s if span_s > 0 else 0.0


def _environment(folder: Path) -> dict[str, str]:
    """That of the mirror: a state of its own, no screen, no network."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {
        **kept,
        **defaults(),
        "SDL_VIDEODRIVER": "dummy",
        "XDG_STATE_HOME": str(folder / "state"),
        "ROS_LOG_DIR": str(folder / "log"),
        "ROS_DOMAIN_ID": os.environ.get("ROS_DOMAIN_ID", str(OWN_DOMAIN)),
    }


@contextmanager
def _mirror(plan: SoakPlan, folder: Path, messages: Path) -> Iterator[subprocess.Popen[bytes]]:
    words = plan.words(plan.write_parameters(folder))
    with messages.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mirror.command", "run", "full", *words],
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def soak(plan: SoakPlan, say: Callable[[str], None] = lambda _: None) -> SoakResult:
    """Run a mirror as the plan says; Ctrl-C ends it early, and what was read until then is the result.

    Args:
        plan: what to run.
        say: told how far it is, a line every now and then.

    Raises:
        MirrorError: if the mirror does not start, or stands still.
        KeyboardInterrupt: at Ctrl-C before there is anything to judge.
    """
    with tempfile.TemporaryDirectory(prefix="mirror-soak-") as name:
        folder = Path(name)
        messages = folder / "messages.txt"
        begun_s = time.monotonic()
        with _mirror(plan, folder, messages) as process:
            run = _Run(plan, process, messages, say)
            try:
                run.run()
            except KeyboardInterrupt:
                if len(run.samples) < FEWEST_SAMPLES:
                    raise
                say(f"Ended early: what {run.watch.frames} frames have shown is judged.")
            except MirrorError as error:
                said = messages.read_text(errors="replace")[-TAIL:]
                raise MirrorError(f"{error} The mirror has said:\n{said}") from error
            finally:
                run.close()
        said = messages.read_text(errors="replace")
        return SoakResult(
            plan=plan,
            warm_up=tuple(run.warm_up),
            samples=tuple(run.samples),
            done={**run.exercise.done, "pages loaded": run.loads, "pages that failed": run.failed_loads},
            refusals=dict(run.exercise.refusals),
            complaints=tuple(run.watch.complaints),
            nodes=run.watch.nodes,
            seconds=time.monotonic() - begun_s,
            status=int(process.returncode),
            errors=tuple(line for line in said.splitlines() if "[ERROR]" in line or "Traceback" in line),
        )


class _Run:
    """The parts of a soak, and its readings."""

    def __init__(
        self, plan: SoakPlan, process: subprocess.Popen[bytes], messages: Path, say: Callable[[str], None]
    ) -> None:
        self._plan, self._process, self._messages, self._say = plan, process, messages, say
        self._begun_s = self._read_s = self._said_s = time.monotonic()
        domain = int(os.environ.get("ROS_DOMAIN_ID", OWN_DOMAIN))
        self.watch = GraphWatch(domain, self._look)
        self.exercise = Exercise(plan, self.watch)
        self._visits: PageVisits | None = None
        self._total = plan.warm_up_frames + plan.frames
        self.warm_up: list[Sample] = []
        self.samples: list[Sample] = []

    @property
    def loads(self) -> int:
        """Pages that were loaded."""
        return self._visits.loads if self._visits is not None else 0

    @property
    def failed_loads(self) -> int:
        """Pages that were not answered."""
        return self._visits.failures if self._visits is not None else 0

    def run(self) -> None:
        """Wait for the first picture, then round after round until all frames were shown."""
        self.watch.until(lambda: self.watch.frames > 0, "the first picture in the window", START_S)
        page = self.watch.until(self._page, "the page's address", START_S)
        self._visits = PageVisits(page)
        while not self._is_over():
            self.exercise.round(self._is_over)

    def _page(self) -> str:
        found = PAGE.findall(self._messages.read_text(errors="replace"))
        return str(found[-1]) if found else ""

    def _is_over(self) -> bool:
        return self.watch.frames >= self._total

    def _look(self) -> None:
        if (status := self._process.poll()) is not None:
            raise MirrorError(f"The mirror ended by itself, with exit status {status}.")
        now_s = time.monotonic()
        if now_s - self._read_s < self._plan.sample_s or self.watch.frames == 0:
            return
        self._read_s = now_s
        sample = Sample(
            time_s=now_s - self._begun_s,
            frames=self.watch.frames,
            usage=usage_of(self._process.pid),
            p50_ms=self.watch.p50_ms,
            p99_ms=self.watch.p99_ms,
            round_number=self.exercise.round_number,
            stack=",".join(self.exercise.stack),
            restarts=self.watch.restarts,
        )
        (self.samples if sample.frames >= self._plan.warm_up_frames else self.warm_up).append(sample)
        if now_s - self._said_s > 10 * self._plan.sample_s:
            self._said_s = now_s
            self._say(
                f"{sample.frames} of {self._total} frames, {sample.usage.rss_mb:.0f} MB, "
                f"{sample.usage.descriptors} descriptors, {sample.usage.threads} threads, "
                f"p50 {sample.p50_ms:.1f} ms"
            )

    def close(self) -> None:
        """Leave the mirror."""
        if self._visits is not None:
            self._visits.close()
        self.exercise.close()
        self.watch.close()
