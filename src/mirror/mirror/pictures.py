"""Makes the documentation's pictures from the demo reel, through the code that the mirror itself runs.

    scripts/pictures                  all of them
    scripts/pictures landmarks help   some of them

The window's pictures need no screen, camera or ROS and come out the same every time. The page's are
taken in headless Chromium, where that and Playwright are installed. graph_running starts a whole mirror and
draws what is connected in it.
"""

from __future__ import annotations

import importlib
import os
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mirror.effect_sheets import SHEETS
from mirror.picture_mood_page import demo_moods
from mirror.picture_moods import mood_reader
from mirror.picture_pages import STACKS, demo_mirror
from mirror.picture_views import PAGES, SCROLL, PageView
from mirror_camera.reel import Reel
from mirror_core.errors import MirrorError, UsageError
from mirror_core.faces import FaceSet, Roi
from mirror_core.frame import Frame, Image
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_tracking.tracker import FaceTracker

__all__ = ["PAGES", "WINDOWS", "Moment", "main", "window_picture"]

FOLDER = Path("docs/pictures")
RUNNING_GRAPH = "graph_running"
SIZE = (1280, 720)  # width and height of the reel and of the window
RATE_HZ = 30.0
LEAD_S = 1.0  # the tracker follows this much of the reel before a picture is taken
JPEG_QUALITY = 86
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)
PATIENCE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Moment:
    """What a picture of the window shows.

    Attributes:
        time_s: position in the demo reel.
        effects: the stack.
        settings: effect → its parameters that differ from their defaults.
        keys: pygame key codes that are pressed before.
        moods: the faces' moods are read and shown.
    """

    time_s: float
    effects: tuple[str, ...] = ("landmarks",)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: tuple[int, ...] = ()
    moods: bool = False


KEY_H = ord("h")  # pygame's code of a letter's key is the letter's own

WINDOWS = {
    "landmarks": Moment(13.3),
    "two_people": Moment(54.0),
    "none": Moment(13.3, ("none",)),
    "mask": Moment(54.0, ("mask",), {"mask": {"mask": "kabuki", "per_person": True}}),
    "wear_mask": Moment(54.0, ("wear_mask",), {"wear_mask": {"per_person": True}}),
    "exchange": Moment(53.0, ("swap",), {"swap": {"mode": "exchange"}}),
    "help": Moment(29.0, keys=(KEY_H,)),
    "mood_ring": Moment(54.0, (), moods=True),
}


def shown_frames(
    effects: Sequence[str],
    from_s: float,
    to_s: float,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    on_faces: Callable[[Frame, FaceSet], None] | None = None,
) -> Iterator[Frame]:
    """The reel from `from_s` to `to_s`, tracked and with the effects: what the window gets.

    `on_faces` is called with each of the camera's frames and its faces.
    """
    reel, tracker = Reel(*SIZE), FaceTracker()
    classes = find_effects([]).effects
    stack = EffectStack(classes)
    stack.choose(effects)
    for name, values in (settings or {}).items():
        stack.set_parameters(name, update(classes[name].Parameters(), values))
    try:
        for index in range(round((to_s - from_s) * RATE_HZ) + 1):
            time_s = from_s + index / RATE_HZ
            frame = Frame(reel.render(time_s), round(time_s * 1e9))
            faces = tracker.update(frame)
            if on_faces is not None:
                on_faces(frame, faces)
            scene = Scene(frame.stamp_ns, faces.faces)
            yield frame.with_image(stack.apply(frame.image, scene), "effects")
        if stack.failed:
            raise MirrorError(f"These effects failed: {stack.failed}.")
    finally:
        stack.close()
        tracker.close()


def window_picture(moment: Moment) -> Image:
    """What the window shows at this moment: uint8 [720, 1280, 3], BGR."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import pygame

    from mirror_display.parameters import WindowParameters
    from mirror_display.window import MirrorWindow

    now = [0.0]  # the window's clock: nothing in the picture hangs on how fast this machine is
    window = MirrorWindow(WindowParameters(mood_ring=moment.moods), clock=lambda: now[0])
    on_faces = mood_reader(window.moods, lambda: now[0]) if moment.moods else None
    window.open()
    try:
        span = (moment.time_s - LEAD_S, moment.time_s)
        for frame in shown_frames(moment.effects, *span, moment.settings, on_faces):
            window.submit(frame)
            window.step(0.0)
            now[0] += 1 / RATE_HZ
        for key in moment.keys:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
        window.set_effect_name(window.stage.texts.stack(moment.effects))
        window.step(0.0)  # reads the keys …
        window.step(0.0)  # … and shows what they changed
        return window.snapshot()
    finally:
        window.close()


def _demo_gallery(image: Image) -> Any:
    """The faces that ship with the program, with the people in a picture, one of whom is being captured."""
    from mirror_gallery.consent import Consent, Scope
    from mirror_gallery.photo import find_faces
    from mirror_gallery.presets import load_preset, preset_names
    from mirror_gallery.thumbnail import thumbnail_jpeg
    from mirror_web.faces_testing import FakeFaces

    faces = FakeFaces()
    for name in preset_names():
        portrait = load_preset(name)
        faces.store(portrait.name, preset=True, thumbnail=thumbnail_jpeg(portrait.views[0]))
    boxes = [Roi.around(points) for points in find_faces(image)]
    faces.stand(*((box.x, box.y, box.width, box.height) for box in boxes))
    faces.start_capture(1, "Ada", Consent(Scope.THIS_VISIT))
    faces.advance(
        1,
        0.62,
        "turn_left",
        "Turn your head a little to your left.",
        pose=0.35,
        light=0.92,
        sharpness=0.85,
        size=0.8,
        stability=0.95,
    )
    return faces


@contextmanager
def _served_page(view: PageView) -> Iterator[str]:
    """The address of a page whose picture stands still at the wanted moment."""
    from mirror_web.control import CameraState, Status
    from mirror_web.parameters import WebParameters
    from mirror_web.server import PageServer
    from mirror_web.stream import FrameBroadcaster

    ages = []
    shown = STACKS.get(view.path, ("none",))
    for still in shown_frames(shown, view.time_s - LEAD_S, view.time_s, view.settings):
        ages.append(still.trace.age_s())
    settings = WebParameters(port=0)
    broadcaster = FrameBroadcaster(settings)
    status = Status(CameraState.RUNNING, fps=RATE_HZ, latency_ms=statistics.median(ages) * 1e3)
    is_mood = view.path.startswith("/mood")
    behind = demo_moods() if is_mood else nullcontext((_demo_gallery(still.image), None))
    stop = threading.Event()

    def deliver() -> None:
        while not stop.wait(1 / RATE_HZ):
            broadcaster.submit(still)

    thread = threading.Thread(target=deliver, name="pictures")
    with behind as (faces, moods), demo_mirror(view.path) as mirror:
        mirror.control.current = status
        server = PageServer(
            settings,
            broadcaster,
            mirror.control,
            faces,
            moods,
            presets=mirror.presets,
            health=mirror.health,
            settings_control=mirror.settings,
            film=mirror.film,
        )
        server.start()
        thread.start()
        try:
            server.wait_ready(PATIENCE_MS / 1000)
            yield server.url
        finally:
            stop.set()
            thread.join()
            server.stop()


def page_picture(view: PageView, browser_path: str) -> Image:
    """What a browser shows: uint8 [height × density, width × density, 3], BGR."""
    playwright: Any = importlib.import_module("playwright.sync_api")
    with _served_page(view) as url, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=list(BROWSER_ARGUMENTS))
        page = browser.new_page(
            viewport={"width": view.width, "height": view.height},
            device_scale_factor=view.density,
            timezone_id="UTC",
            locale="en-GB",
        )
        page.set_default_timeout(PATIENCE_MS)
        # The stream never ends, so the page is never loaded.
        page.goto(url + view.path, wait_until="domcontentloaded")
        for selector in view.clicks:
            page.wait_for_function("window.mirrorShape?.values")
            page.click(selector)
        page.wait_for_function(view.ready)
        if view.top:
            page.evaluate(SCROLL, view.top)
        page.wait_for_function("document.fonts.status === 'loaded'")
        time.sleep(1.0)  # transitions of the page end
        encoded = page.screenshot()
        browser.close()
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def _write_jpeg(path: Path, image: Image) -> None:
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])


def _write_png(path: Path, image: Image) -> None:
    cv2.imwrite(str(path), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _page_makers() -> dict[str, Callable[[], Image]]:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None or importlib.util.find_spec("playwright") is None:
        return {}
    return {name: lambda view=view: page_picture(view, browser) for name, view in PAGES.items()}  # type: ignore[misc]


def main(names: Sequence[str], folder: Path = FOLDER) -> None:
    """Make the named pictures, or all.

    Raises:
        UsageError: on an unknown name.
    """
    known = (*WINDOWS, *SHEETS, *PAGES, RUNNING_GRAPH)
    for name in names:
        if name not in known:
            raise UsageError(f"{name} is not a picture: allowed are {', '.join(known)}.")
    folder.mkdir(parents=True, exist_ok=True)
    pages = _page_makers()
    for name in names or known:
        if name in WINDOWS:
            path = folder / f"{name}.jpg"
            _write_jpeg(path, window_picture(WINDOWS[name]))
        elif name in SHEETS:
            path = folder / f"{name}.jpg"
            _write_jpeg(path, SHEETS[name]())
        elif name == RUNNING_GRAPH:
            from mirror.picture_graph import running_graph_drawing  # the others need no ROS

            path = folder / f"{name}.svg"
            path.write_text(running_graph_drawing(), "utf-8")
        elif name in pages:
            path = folder / f"{name}.png"
            _write_png(path, pages[name]())
        else:
            print(f"{name}: left as it is, because Chromium or Playwright is missing")
            continue
        print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UsageError as error:
        sys.exit(str(error))
