"""The mirror's window on a real screen (Xvfb): its pixels are the published picture's, its keys work."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

SCREEN = (800, 600)
WINDOW = (640, 360)
AGAIN_S = 10.0
LIGHT_PX = 60  # rows at the top in which the privacy light stands
PROGRAMS = ("Xvfb", "xdotool", "import")


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """The DISPLAY of a screen that nobody sees."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    reader, writer = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def on_screen(screen: str, *command: str) -> bytes:
    """What a program that works on the screen prints."""
    result = subprocess.run(
        command, env={**os.environ, "DISPLAY": screen}, capture_output=True, timeout=30, check=False
    )
    return result.stdout


def window(screen: str) -> str:
    """The X identity of the one window on the screen, "" while there is none."""
    found = on_screen(screen, "xdotool", "search", "--onlyvisible", "--class", ".").split()
    return found[-1].decode() if found else ""


@pytest.fixture(scope="module")
def still() -> np.ndarray:
    """A picture with fine structure whose left and right differ: uint8 [360, 640, 3]."""
    y, x = np.mgrid[: WINDOW[1], : WINDOW[0]]
    picture = np.stack([x * 255 // WINDOW[0], y * 255 // WINDOW[1], (x * 7 + y * 3) % 256], axis=2).astype(
        np.uint8
    )
    cv2.putText(picture, "left", (40, 180), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 5)
    return picture


@pytest.fixture(scope="module")
def mirror(
    start_mirror: Callable[..., Any], picture_folder: Callable[..., Path], screen: str, still: np.ndarray
) -> Iterator[Any]:
    mirror = start_mirror(
        "camera:=images",
        f"path:={picture_folder(still=still)}",
        "effects:=none",
        "web:=false",
        parameters={
            "camera": {"rate_hz": 20.0, "width": WINDOW[0], "height": WINDOW[1]},
            "display": {
                "width": WINDOW[0],
                "height": WINDOW[1],
                "fullscreen": False,
                "first_start": "never",
                "idle_after": 0.0,  # nobody is in the picture
            },
        },
        DISPLAY=screen,
        SDL_VIDEODRIVER="x11",
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


@pytest.fixture(scope="module")
def screenshot(observer: Any, screen: str) -> Callable[[], np.ndarray | None]:
    """`screenshot()`: the window's pixels as the X server holds them, uint8 [height, width, 3], BGR."""
    identity = observer.until(lambda: window(screen), "the window")

    def take() -> np.ndarray | None:
        data = on_screen(screen, "import", "-window", identity, "-depth", "8", "png:-")
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None

    return take


def press(screen: str, key: str) -> None:
    """Type a key in the window; without a window manager it needs the focus first."""
    identity = window(screen)
    # SDL takes a key that is down when the focus arrives for an old one.
    on_screen(screen, "xdotool", "windowfocus", "--sync", identity, "sleep", "0.3", "key", key)


def press_until(observer: Any, screen: str, key: str, condition: Callable[[], Any], what: str) -> None:
    """Type a key as a person does: once more where nothing has happened after a while."""
    pressed_s = float("-inf")

    def done() -> bool:
        nonlocal pressed_s
        if condition():
            return True
        if time.monotonic() - pressed_s > AGAIN_S:
            press(screen, key)
            pressed_s = time.monotonic()
        return False

    observer.until(done, what)


def test_the_window_shows_every_pixel_of_the_published_picture_mirrored(
    mirror: Any,
    observer: Any,
    screenshot: Callable[[], np.ndarray | None],
    still: np.ndarray,
    pixels_of: Callable[[Any], np.ndarray],
) -> None:
    from sensor_msgs.msg import Image

    images = observer.listen(Image, "/mirror/image")
    published = pixels_of(observer.until(lambda: images.messages and images.messages[-1], "a picture"))
    images.close()
    assert np.array_equal(published, still)

    def equal() -> bool:
        shown = screenshot()
        return shown is not None and np.array_equal(shown[LIGHT_PX:], published[LIGHT_PX:, ::-1])

    observer.until(equal, "a window whose pixels are the published picture's, mirrored, below the light")


def test_a_smaller_turned_window_still_shows_the_whole_picture(
    mirror: Any, observer: Any, screenshot: Callable[[], np.ndarray | None], still: np.ndarray
) -> None:
    for name, value in (("width", 180), ("height", 320), ("rotation", 90)):
        assert observer.set_parameter("/mirror/display", name, value) == ""
    wanted = cv2.rotate(
        cv2.resize(still[:, ::-1], (320, 180), interpolation=cv2.INTER_AREA), cv2.ROTATE_90_CLOCKWISE
    )

    def equal() -> bool:
        shown = screenshot()
        return (
            shown is not None
            and shown.shape == wanted.shape
            and bool(cv2.absdiff(shown, wanted).mean() < 3.0)
        )

    observer.until(equal, "the scaled and turned picture in the window")
    for name, value in (("width", WINDOW[0]), ("height", WINDOW[1]), ("rotation", 0)):
        assert observer.set_parameter("/mirror/display", name, value) == ""


def test_keys_choose_the_effect_and_close_the_shutter(
    mirror: Any, observer: Any, screen: str, screenshot: Callable[[], np.ndarray | None], still: np.ndarray
) -> None:
    from sensor_msgs.msg import Image

    images = observer.listen(Image, "/mirror/image")

    def shown() -> str:
        return images.messages[-1].header.frame_id if images.messages else ""

    def effects() -> list[str]:
        return list(observer.parameter("/mirror/effects", "effects"))

    press_until(observer, screen, "Right", lambda: effects() != ["none"], "the next effect")
    press_until(observer, screen, "Left", lambda: effects() == ["none"], "the effect before")
    press_until(observer, screen, "c", lambda: shown() == "placeholder", "a closed shutter")

    def dark() -> bool:
        picture = screenshot()
        return picture is not None and bool(picture.mean() < 80)

    observer.until(dark, "the placeholder in the window")
    press_until(observer, screen, "c", lambda: shown() == "camera_optical", "an open shutter")
    images.close()


def test_key_q_ends_the_whole_mirror_cleanly(mirror: Any, observer: Any, screen: str) -> None:
    # The last test: it ends the shared mirror.
    observer.until(lambda: observer.level("/mirror/display") == 0, "a healthy window")
    mirror.children()
    press(screen, "q")
    mirror.assert_clean_end()


def test_closing_the_window_of_separate_processes_ends_them_all(
    start_mirror: Callable[..., Any], observe: Callable[..., Any], screen: str
) -> None:
    mirror = start_mirror(
        "camera:=demo",
        "web:=false",
        "composed:=false",
        parameters={"display": {"first_start": "never"}},  # which Escape would skip
        DISPLAY=screen,
        SDL_VIDEODRIVER="x11",
    )
    observer = observe(mirror)
    observer.until(lambda: observer.number("/mirror/display", "frames") > 0, "a picture in the window")
    mirror.children()
    press(screen, "Escape")
    mirror.assert_clean_end()
