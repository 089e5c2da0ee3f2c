"""A short soak of the whole mirror, and one of a mirror that grows: the same bars let only the one pass."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")

from mirror.soak.plan import SoakPlan
from mirror.soak.report import verdict
from mirror.soak.run import SoakResult, soak
from mirror.soak.trends import SHORT_LIMITS

QUICK = (("landmarks",), ("mask",), ("caricature",), ("deform",))  # their models are loaded in the warm-up
NODES = {"bodies", "camera", "display", "effects", "faces", "foxglove", "gallery", "gestures", "health"}
LEAKY = '''
import os, threading
from mirror_core.parameters import NoParameters
from mirror_effects import Effect


class Leak(Effect):
    """Keeps a quarter of a megabyte of each frame, and now and then a file and a thread."""

    name = "leak"
    needs = frozenset()
    Parameters = NoParameters
    kept = []

    def apply(self, image, scene):
        self.kept.append(bytearray(os.urandom(256) * 1024))
        if len(self.kept) % 20 == 0:
            self.kept.append(open(os.devnull))
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        return image
'''


@pytest.fixture
def soaked(claim_domain: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> Callable[..., SoakResult]:
    """Run a soak in a ROS domain of its own."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(claim_domain()))
    return soak


@pytest.mark.timeout(900)
def test_the_mirror_does_not_grow(soaked: Callable[..., SoakResult]) -> None:
    plan = SoakPlan(frames=1200, warm_up_frames=800, hold_frames=30, stacks=QUICK, sample_s=0.5)
    result = soaked(plan)
    said = f"{result.done}, {result.refusals}, {result.complaints}, {result.errors}"
    assert result.frames > 1100
    assert set(result.nodes) >= NODES
    assert result.done["switches of effects"] >= 8, said
    assert result.done["faces erased"] >= 1, said
    assert result.done["pages loaded"] > 5, said
    missed = [bar for bar in verdict(result, SHORT_LIMITS) if not bar.is_held]
    assert missed == [], said


@pytest.mark.timeout(300)
def test_a_mirror_that_grows_is_found_out(
    soaked: Callable[..., SoakResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leaky_effects.py").write_text(LEAKY)
    about = tmp_path / "leaky_effects-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky-effects\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[mirror.effects]\nleak = leaky_effects:Leak\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    # A plan that would take very long: Ctrl-C ends it.
    plan = SoakPlan(frames=1_000_000, warm_up_frames=100, hold_frames=60, stacks=(("leak",),), sample_s=0.5)
    told: list[str] = []

    def interrupt(line: str) -> None:
        told.append(line)
        if line[0].isdigit() and int(line.split(maxsplit=1)[0]) > 600:
            signal.raise_signal(signal.SIGINT)

    result = soaked(plan, interrupt)
    assert told[-1].startswith("Ended early")
    missed = {
        bar.what.split(" (")[0].split(",")[0] for bar in verdict(result, SHORT_LIMITS) if not bar.is_held
    }
    assert missed >= {"memory of its own", "resident memory", "descriptors", "threads"}
    assert sys.modules.get("leaky_effects") is None  # it ran in the mirror, not here
