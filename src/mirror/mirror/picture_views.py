"""Which pages the documentation shows, how large, and when all of a page is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror.picture_mood_page import MOOD_READY

__all__ = ["PAGES", "SCROLL", "PageView"]

LIVE_READY = (
    "document.querySelector('[data-effect=landmarks][aria-pressed=true]') && "
    "[...document.querySelectorAll('.m-state')].some(e => e.innerText === 'Live') && "
    "document.getElementById('mirror-picture').naturalWidth > 0"
)
FACES_READY = (
    "document.getElementById('mirror-picture').naturalWidth > 0 && "
    "document.querySelector('[data-capture=running]') && "
    "document.querySelector('[data-face] img, .m-gallery .m-empty') && "
    "document.querySelector('.m-ring-done')?.getAttribute('stroke-dasharray')?.startsWith('0.6')"
)
EFFECTS_READY = (
    "document.getElementById('mirror-picture').naturalWidth > 0 && "
    "document.querySelector('[data-card=landmarks] [data-parameter]') && "
    "document.querySelector('.m-preset')"
)
FILM_READY = (
    "document.getElementById('mirror-picture').naturalWidth > 0 && "
    "document.querySelector('[data-take]') && document.querySelector('[data-scene] img')?.naturalWidth > 0"
)
HEALTH_READY = (
    "document.querySelectorAll('[data-node]').length > 7 && document.querySelector('.m-chart-live canvas')"
)
SETTINGS_READY = (
    "document.querySelector('[data-panel=widgets] select')?.value && "
    "document.querySelector('[data-panel=watermark] select')?.value === 'text'"
)
SCROLL = "selector => scrollBy(0, document.querySelector(selector).getBoundingClientRect().top - 76)"
SHAPE_READY = "Math.abs(window.mirrorShape?.values?.[0] ?? 0) > 0.01"


@dataclass(frozen=True, slots=True)
class PageView:
    """What a picture of the page shows.

    Attributes:
        width, height, density: of the browser, in pixels and pixels per pixel.
        time_s: position in the demo reel.
        path: of the page.
        clicks: selectors of what is clicked before.
        ready: JavaScript condition that says that all is there.
        settings: effect → its parameters that differ from their defaults.
        top: selector of what is scrolled to the upper edge; empty: nothing.
    """

    width: int
    height: int
    density: float
    time_s: float
    path: str = "/"
    clicks: tuple[str, ...] = ()
    ready: str = LIVE_READY
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    top: str = ""


PLAYING = {"film": {"attract_after": 0.0}}
PAGES = {
    "live_desktop": PageView(1280, 600, 1.0, 53.0),
    "live_phone": PageView(390, 720, 1.5, 29.0),
    "faces_desktop": PageView(1280, 720, 1.0, 53.0, "/faces", ready=FACES_READY),
    "faces_phone": PageView(390, 780, 1.5, 29.0, "/faces", ready=FACES_READY),
    "mood_desktop": PageView(1280, 1876, 1.0, 29.0, "/mood?scale=two_weeks", ready=MOOD_READY),
    "mood_phone": PageView(390, 1320, 1.5, 29.0, "/mood?scale=week", ready=MOOD_READY),
    "effects_desktop": PageView(1280, 900, 1.0, 53.0, "/effects", ready=EFFECTS_READY),
    "effects_phone": PageView(390, 1320, 1.5, 29.0, "/effects", ready=EFFECTS_READY),
    "film_desktop": PageView(1280, 1000, 1.0, 29.0, "/film", ready=FILM_READY, settings=PLAYING),
    "film_phone": PageView(390, 1500, 1.5, 29.0, "/film", ready=FILM_READY, settings=PLAYING),
    "health_desktop": PageView(1280, 1100, 1.0, 29.0, "/health", ready=HEALTH_READY),
    "health_phone": PageView(390, 1320, 1.5, 29.0, "/health", ready=HEALTH_READY),
    "settings_desktop": PageView(
        1280, 1100, 1.0, 29.0, "/settings", ready=SETTINGS_READY, top="[data-panel=widgets]"
    ),
    "settings_phone": PageView(
        390, 1400, 1.5, 29.0, "/settings", ready=SETTINGS_READY, top="[data-panel=watermark]"
    ),
    "shape_desktop": PageView(1280, 720, 1.0, 29.0, "/shape", ("[data-preset=sunshine]",), ready=SHAPE_READY),
}
