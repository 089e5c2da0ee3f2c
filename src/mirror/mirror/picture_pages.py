"""What stands behind the pictures of the Effects, Film, Health and Settings pages: a mirror in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mirror_camera.camera_node import CameraParameters
from mirror_camera.cameras import Camera
from mirror_core.testing import FakeClock
from mirror_display.parameters import WindowParameters
from mirror_display.widgets.registry import find_widgets
from mirror_effects.effects_node import EffectsParameters
from mirror_effects.registry import find_effects
from mirror_effects.watermark import WatermarkParameters
from mirror_gallery.gallery_node import GalleryParameters
from mirror_mood.mood_log_node import MoodLogParameters
from mirror_web.effect_presets import EffectPreset, PresetStore, StackEntry
from mirror_web.film_scenes import FilmScenes
from mirror_web.film_shelf import FilmShelf
from mirror_web.film_takes import FilmTakes
from mirror_web.film_testing import write_take
from mirror_web.health_record import HealthRecord
from mirror_web.parameters import WebParameters
from mirror_web.testing import FakeControl, FakeSettings, live_parameters

__all__ = ["STACKS", "DemoMirror", "demo_mirror"]

STACKS = {"/": ("landmarks",), "/effects": ("caricature", "landmarks"), "/film": ("film",)}
"""Path of a page → the effects that its picture shows; of any other one none."""

MINUTES_S = 300  # for which the nodes have been heard
NOW_S = datetime(2026, 3, 22, 21, 58, tzinfo=UTC).timestamp()
SEED = 7
NODES = {  # rate in Hz, median and 99th percentile of the latency in ms; none of what makes no pictures
    "camera": (30.0, 0.4, 1.1),
    "faces": (30.0, 6.2, 9.0),
    "effects": (30.0, 8.4, 13.0),
    "display": (30.0, 11.5, 18.0),
    "web": (30.0, 12.0, 21.0),
    "gallery": None,
    "mood": (10.0, 24.0, 37.0),
    "mood_log": None,
}
LINES = (  # logger, level, text, seconds ago
    ("mirror.camera", "info", "The demo reel is shown: 1280 × 720 at 30 a second.", 300),
    ("mirror.gallery", "info", "The gallery holds 5 faces.", 298),
    ("mirror.web", "info", "The page is at http://127.0.0.1:8080", 297),
    ("mirror.mood_log", "warn", "The upload of moods failed: bucket.example.org does not answer.", 20),
)


@dataclass(frozen=True, slots=True)
class DemoMirror:
    """What the page asks."""

    control: FakeControl
    presets: PresetStore
    health: HealthRecord
    settings: FakeSettings
    film: FilmShelf


@contextmanager
def demo_mirror(path: str) -> Iterator[DemoMirror]:
    """A mirror whose effects, takes, nodes and settings can be looked at.

    Args:
        path: of the page, which decides what the mirror does.
    """
    with tempfile.TemporaryDirectory(prefix="mirror-pictures-") as name:
        folder = Path(name)
        yield DemoMirror(
            _control(path), _presets(folder / "presets.json"), _health(), _settings(), _film(folder)
        )


def _control(path: str) -> FakeControl:
    effects = find_effects([]).effects
    control = FakeControl(tuple(effects))
    control.active = STACKS.get(path, ("landmarks",))
    control.parameters = {name: live_parameters(effect.Parameters) for name, effect in effects.items()}
    return control


def _presets(file: Path) -> PresetStore:
    store = PresetStore(file)
    for name, effect in (("Carnival", "mask"), ("Myself, more so", "caricature")):
        store.save(EffectPreset(name, (StackEntry(effect, {}),)))
    return store


def _health() -> HealthRecord:
    """Five minutes of diagnostics, in which the upload of moods has begun to fail."""
    clock, chance = FakeClock(NOW_S - MINUTES_S), np.random.default_rng(SEED)
    record = HealthRecord("mirror", clock)
    for second in range(MINUTES_S + 1):
        for name, figures in NODES.items():
            values = {"source": "demo"} if name == "camera" else {}
            if figures is not None:
                rate, p50, p99 = figures
                p50, p99 = p50 * chance.uniform(0.95, 1.1), p99 * chance.uniform(0.9, 1.25)
                values |= {"rate [Hz]": f"{rate}", "dropped": "0"}
                values |= {"latency p50 [ms]": f"{p50:.1f}", "latency p99 [ms]": f"{p99:.1f}"}
            failed = name == "mood_log" and second >= MINUTES_S - LINES[-1][3]
            record.take_status(f"mirror/{name}", int(failed), LINES[-1][2] if failed else "Running.", values)
        clock.advance(1 if second < MINUTES_S else 0)
    for logger, level, text, ago_s in LINES:
        record.take_log(logger, level, text, NOW_S - ago_s)
    return record


def _settings() -> FakeSettings:
    settings = FakeSettings()
    settings.found = (Camera(Path("/dev/video0"), "Front camera"),)
    settings.begin("camera", *live_parameters(CameraParameters))
    widgets = find_widgets([]).widgets
    groups = (p for name, widget in widgets.items() for p in live_parameters(widget.Parameters, f"{name}."))
    settings.begin("display", *live_parameters(WindowParameters), *groups)
    language = (p for p in live_parameters(EffectsParameters) if p.name == "language")
    settings.begin("effects", *language, *live_parameters(WatermarkParameters, "watermark."))
    settings.begin("gallery", *live_parameters(GalleryParameters))
    settings.begin("mood_log", *live_parameters(MoodLogParameters))
    settings.begin("web", *live_parameters(WebParameters))
    settings.set_parameters(
        "display", {"widgets": ("clock@top_left", "date@top_left", "greeting@bottom_centre")}
    )
    settings.set_parameters("effects", {"watermark.show": "text"})
    return settings


def _film(folder: Path) -> FilmShelf:
    takes: Any = folder / "takes"
    write_take(takes, "Ada", datetime(2026, 3, 21, 15, 4, tzinfo=UTC), seconds=42.0)
    write_take(takes, "Ben", datetime(2026, 3, 22, 19, 30, tzinfo=UTC), seconds=18.0)
    return FilmShelf(FilmScenes(lambda: folder / "scenes"), FilmTakes(lambda: takes))
