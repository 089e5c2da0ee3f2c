"""A name for a device from what its browser says about itself."""

from __future__ import annotations

import re

from mirror_web.catalogue import Texts

__all__ = ["device_name"]

TEXTS = Texts("access")
# The first that fits: browsers name those whom they resemble as well.
BROWSERS = (
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Opera", r"OPR/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("Chromebook", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def device_name(agent: str) -> str:
    """A name such as "iPhone, Safari" for a User-Agent header; nothing else of the header is kept."""
    system = _first(SYSTEMS, agent)
    browser = _first(BROWSERS, agent)
    return ", ".join(filter(None, (system, browser))) or TEXTS["unknown_device"]


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")
