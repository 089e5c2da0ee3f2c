"""The first minutes: what was found, in a few lines of the terminal, and the page opened on a desktop."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mirror_core.errors import MirrorError

if TYPE_CHECKING:
    from mirror_web.health_control import NodeFigures
    from mirror_web.shell import PageContext

__all__ = ["WELCOME_VARIABLE", "Welcome", "graphics_words", "open_in_browser", "welcome_wish"]

WELCOME_VARIABLE = "MIRROR_WELCOME"  # set by whoever starts the mirror: one of the two below, else nothing
SAY, OPEN = "say", "open"
PAGE_S = 60.0  # for the page to be built
CAMERA_S = 10.0  # for the camera to say what it shows
WINDOW_S = 3.0  # for the window to say that it runs
LOOK_S = 0.2
LITTLE_SPACE = 2**30  # bytes
GRAPHICS = ("/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dri/renderD*")
NO_CAMERA = "none was found, so the demo reel is shown; connect one, or name a clip: camera:=video path:=…"
LOCKED_CAMERA = "; this user may not open {device}: sudo usermod -aG video $USER, then log in anew"
OPENERS = ("xdg-open", "open")

_said = threading.Event()  # a node that is started again has nothing new to say


def welcome_wish(browser: str, environment: Mapping[str, str], is_terminal: bool) -> str:
    """What a starting mirror shall do: say what was found, or also open the page.

    Args:
        browser: "true", "false", or "auto": only for a person in a terminal of a desktop, not over ssh.
        environment: of the starting process.
        is_terminal: whether it reads from a terminal.
    """
    has_desktop = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    is_here = is_terminal and not environment.get("SSH_CONNECTION")
    return OPEN if has_desktop and (browser == "true" or (browser == "auto" and is_here)) else SAY


def open_in_browser(url: str, start: Callable[..., object] = subprocess.Popen) -> bool:
    """Open an address with the desktop's own program; False where there is none."""
    program = next((path for name in OPENERS if (path := shutil.which(name))), None)
    if program is None:
        return False
    nothing = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        start([program, url], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
        return True
    return False


def graphics_words(root: Path = Path("/")) -> str:
    """Which graphics processors the system offers, in words."""
    found = [path for pattern in GRAPHICS for path in sorted(root.glob(pattern.lstrip("/")))]
    if not found:
        return "none was found; the mirror needs none"
    return ", ".join(f"/{path.relative_to(root)}" for path in found)


class Welcome:
    """Says what was found, once in the life of a process.

    Args:
        context: what the page is built from.
        url: of the page.
    """

    def __init__(self, context: PageContext, url: str) -> None:
        self._context = context
        self._url = url

    @classmethod
    def begin(cls, context: PageContext, url: str, wait_ready: Callable[[float], None]) -> None:
        """Greet in a thread of its own, if this process is asked to and has not done so yet."""
        wish = os.environ.get(WELCOME_VARIABLE, "")
        if wish not in (SAY, OPEN) or _said.is_set():
            return
        _said.set()

        def greet() -> None:
            try:
                wait_ready(PAGE_S)
            except Exception:  # whatever it was, the page's server has said it
                return
            lines = list(cls(context, url).lines())
            if wish == OPEN and not open_in_browser(url):
                lines.append("  No program opens the page by itself (xdg-open); open it in a browser.")
            # Not through the log, whose times and names would hide it.
            print("\n".join(lines), file=sys.stderr, flush=True)

        threading.Thread(target=greet, name="mirror-web-welcome", daemon=True).start()

    def lines(self) -> Iterator[str]:
        """What was found, a line each."""
        rows = (
            ("Page", self._page()),
            ("Camera", self._camera()),
            ("Screen", self._screen()),
            ("GPU", graphics_words()),
            ("People", self._people()),
            ("Storage", self._storage()),
        )
        yield "The mirror is ready."
        for topic, words in rows:
            yield f"  {topic:<9}{words}"

    def _page(self) -> str:
        wish = self._context.settings.port
        if wish in (0, urlsplit(self._url).port):
            return self._url
        return f"{self._url}  (port {wish} is taken by another program)"

    def _camera(self) -> str:
        from mirror_camera.cameras import find_cameras

        cameras = find_cameras()
        source = self._source()
        if source == "demo" and not cameras:
            return NO_CAMERA
        closed = [camera for camera in cameras if not camera.accessible]
        words = _list(str(camera) for camera in cameras) or "none was found"
        if closed:
            words += LOCKED_CAMERA.format(device=closed[0].device)
        return words if source in ("", "v4l2") else f"{words}; shown is the source {source}"

    def _source(self) -> str:
        """What the camera node takes its pictures from; waits a moment until it says so."""
        camera = self._node("camera", CAMERA_S)
        return camera.source if camera is not None else ""

    def _node(self, name: str, patience_s: float) -> NodeFigures | None:
        """What a node says of itself; waits a moment until it does."""
        waited = threading.Event()
        for _ in range(round(patience_s / LOOK_S)):
            for node in self._context.health.health().nodes:
                if node.name == name and (node.source or name != "camera"):
                    return node
            waited.wait(LOOK_S)
        return None

    def _screen(self) -> str:
        if self._node("display", WINDOW_S) is None:
            return "no window runs"
        from mirror_display.screen import choose_screen

        choice = choose_screen(os.environ)
        return choice.offscreen_reason or f"a window is open ({choice.driver or 'desktop'})"

    def _people(self) -> str:
        from mirror_web.privacy_page import stored_people

        try:
            people, more = stored_people(self._context)
        except MirrorError as error:
            return str(error)
        count = len(people) + more
        return {0: "no face is stored", 1: "one face is stored"}.get(count, f"{count} faces are stored")

    def _storage(self) -> str:
        from mirror_core.store.places import state_folder
        from mirror_web.privacy_control import Reach, masked

        folder = state_folder()
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(existing).free
        words = f"{masked(str(folder))}, {free / 2**30:.1f} GB free"
        if free < LITTLE_SPACE:
            words += "; make room, or faces and moods cannot be stored"
        places = self._context.privacy.destinations()
        outside = [place.place for place in places if place.reach is Reach.OUTSIDE and "://" in place.place]
        return f"{words}; also {_list(outside)}" if outside else words


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
