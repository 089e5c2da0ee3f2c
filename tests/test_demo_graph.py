"""The whole graph on the demo reel as its users meet it, composed and as separate processes.

All tests of one kind share one running mirror; the last one ends it with Ctrl-C.
"""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

NODES = (
    *("camera", "faces", "effects", "display", "bodies", "gallery", "gestures", "mood", "mood_log", "web"),
    "health",
)
FIRST_ROS = Path(__file__).resolve().parent.parent / "docs" / "first_ros.md"
CHANGED = 12  # grey levels from which a pixel counts as drawn upon
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
DEACTIVATE, ACTIVATE = 4, 3  # lifecycle_msgs/Transition


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(
    request: pytest.FixtureRequest, start_mirror: Callable[..., Any], taken_port: int
) -> Iterator[Any]:
    mirror = start_mirror(
        "camera:=demo", f"composed:={request.param}", parameters={"web": {"port": taken_port}}
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


def newest_triple(raw: Any, shown: Any, faces: Any, stamp_of: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """A camera picture, what was shown of it, and its faces: three messages of one stamp."""
    raws = {stamp_of(message): message for message in raw.messages}
    pictures = {stamp_of(message): message for message in shown.messages}
    for message in reversed(faces.messages):
        key = stamp_of(message)
        if message.faces and key in raws and key in pictures:
            return raws[key], pictures[key], message
    return None


def drawn_shares(raw: np.ndarray, shown: np.ndarray, faces: Any) -> tuple[float, int]:
    """The share of changed pixels around the landmarks, and how many changed far from all faces."""
    changed = cv2.absdiff(raw, shown).max(axis=2)
    near = np.zeros(raw.shape[:2], np.uint8)
    far = np.ones(raw.shape[:2], bool)
    for face in faces:
        points = np.asarray(face.landmarks, np.float32).reshape(478, 3)[:, :2]
        for x, y in points:
            cv2.circle(near, (int(x), int(y)), 2, 1, -1)
        margin = int(0.7 * face.roi.height) + 60  # axes and the id's label
        x, y, width, height = face.roi.x_offset, face.roi.y_offset, face.roi.width, face.roi.height
        rows = slice(max(y - margin, 0), y + height + margin)
        far[rows, max(x - margin, 0) : x + width + margin] = False
    return float((changed[near > 0] > CHANGED).mean()), int((changed[far] > 0).sum())


def test_pictures_arrive_as_plain_ros_images_and_move(
    mirror: Any, observer: Any, pixels_of: Callable[[Any], np.ndarray]
) -> None:
    from sensor_msgs.msg import Image

    images = observer.listen(Image, f"{mirror.namespace}/image", keep=10)
    # A placeholder may come first, while the reel is being opened.
    observer.until(
        lambda: images.count >= 10 and images.messages[0].header.frame_id == "camera_optical",
        "ten pictures of the camera over ROS",
    )
    images.close()
    for message in images.messages:
        assert (message.width, message.height, message.step, message.encoding) == (1280, 720, 3840, "bgr8")
        assert message.header.frame_id == "camera_optical"
    first, last = pixels_of(images.messages[0]), pixels_of(images.messages[-1])
    assert first.std() > 20  # a picture, not a surface
    assert (cv2.absdiff(first, last).max(axis=2) > CHANGED).mean() > 0.005


def test_faces_arrive_with_all_landmarks_inside_the_picture(mirror: Any, observer: Any) -> None:
    from mirror_msgs.msg import FaceArray

    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces")
    observer.until(lambda: faces.messages and faces.messages[-1].faces, "a face")
    faces.close()
    message = faces.messages[-1]
    assert (message.image_width, message.image_height) == (1280, 720)
    assert message.header.frame_id == "camera_optical"
    for face in message.faces:
        assert len(face.landmarks) == 478 * 3
        points = np.asarray(face.landmarks, np.float32).reshape(478, 3)[:, :2]
        centre = points.mean(axis=0)
        assert face.roi.x_offset < centre[0] < face.roi.x_offset + face.roi.width
        assert face.roi.y_offset < centre[1] < face.roi.y_offset + face.roi.height
        assert face.id >= 1
        assert 0.3 < face.head_pose.position.z < 5.0  # metres in front of the camera


def test_the_program_of_the_page_for_people_new_to_ros_hears_faces(
    mirror: Any, start_process: Callable[..., Any]
) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", FIRST_ROS.read_text("utf-8"), re.DOTALL)
    peer = start_process(program, PYTHONUNBUFFERED="1", ROS_DOMAIN_ID=str(mirror.domain))
    assert peer.wait_for("faces").strip() in ("0 faces", "1 faces", "2 faces")
    assert mirror.namespace == "/mirror"  # as the program has it


def test_landmarks_are_drawn_on_the_faces_of_the_same_picture(
    mirror: Any, observer: Any, pixels_of: Callable[[Any], np.ndarray], stamp_of: Callable[[Any], Any]
) -> None:
    from sensor_msgs.msg import Image

    from mirror_msgs.msg import FaceArray

    raw = observer.listen(Image, f"{mirror.namespace}/camera/image_raw")
    shown = observer.listen(Image, f"{mirror.namespace}/image")
    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces")

    def drawn() -> bool:
        triple = newest_triple(raw, shown, faces, stamp_of)
        if triple is None:
            return False
        near, far = drawn_shares(pixels_of(triple[0]), pixels_of(triple[1]), triple[2].faces)
        return near > 0.5 and far == 0

    observer.until(drawn, "a picture with landmarks drawn on its own faces and nowhere else")
    for topic in (raw, shown, faces):
        topic.close()


def test_every_node_reports_health_and_those_at_work_a_rate(mirror: Any, observer: Any) -> None:
    names = [f"{mirror.namespace}/{name}" for name in NODES]
    observer.until(lambda: all(observer.level(name) == 0 for name in names), "OK from every node")
    working = names[:4]  # the others work only while somebody wants something of them
    observer.until(
        lambda: all(observer.number(name, "rate [Hz]") > 1 for name in working),
        "a rate of every working node",
    )
    assert all(observer.figure(name, "restarts") == "0" for name in names)
    assert observer.figure(f"{mirror.namespace}/camera", "source") == "demo"
    assert observer.number(f"{mirror.namespace}/web", "encoded") == 0


def test_effects_change_live_and_none_leaves_every_pixel(
    mirror: Any, observer: Any, pixels_of: Callable[[Any], np.ndarray], stamp_of: Callable[[Any], Any]
) -> None:
    from sensor_msgs.msg import Image

    from mirror_msgs.msg import FaceArray

    effects = f"{mirror.namespace}/effects"
    raw = observer.listen(Image, f"{mirror.namespace}/camera/image_raw")
    shown = observer.listen(Image, f"{mirror.namespace}/image")
    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces")  # keeps the tracker at work

    def share() -> float:
        triple = newest_triple(raw, shown, faces, stamp_of)
        return -1.0 if triple is None else float((pixels_of(triple[0]) != pixels_of(triple[1])).mean())

    assert observer.set_parameter(effects, "effects", ["none"]) == ""
    observer.until(lambda: share() == 0.0, "the plain picture after effects = none")
    assert list(observer.parameter(effects, "effects")) == ["none"]
    assert observer.set_parameter(effects, "effects", ["landmarks"]) == ""
    observer.until(lambda: share() > 0.001, "landmarks in the picture again")
    for topic in (raw, shown, faces):
        topic.close()


@pytest.mark.parametrize(
    ("where", "value", "told"),
    [
        ("effects landmarks.mesh_opacity", 2.0, ("landmarks.mesh_opacity", "2.0", "0", "1")),
        ("effects patience", -0.1, ("patience", "-0.1", "0")),
        ("effects effects", ["nonsense"], ("effects", "nonsense", "none", "landmarks")),
        ("effects effects", ["none", "none"], ("effects", "once")),
        ("camera rate_hz", 1000.0, ("rate_hz", "1000", "240")),
        ("camera frame_id", 7, ("frame_id", "7")),
        ("display rotation", 45, ("rotation", "45", "0", "90", "180", "270")),
        ("web jpeg_quality", 101, ("jpeg_quality", "101", "100")),
    ],
)
def test_a_refused_parameter_says_what_is_allowed(
    mirror: Any, observer: Any, where: str, value: Any, told: tuple[str, ...]
) -> None:
    node, _, name = where.partition(" ")
    before = observer.parameter(f"{mirror.namespace}/{node}", name)
    reason = observer.set_parameter(f"{mirror.namespace}/{node}", name, value)
    assert "refused" in reason
    assert all(word in reason for word in told), reason
    assert "\n" not in reason
    assert observer.parameter(f"{mirror.namespace}/{node}", name) == before


def test_the_shutter_closes_the_source_and_shows_a_placeholder_until_it_is_opened(
    mirror: Any, observer: Any, pixels_of: Callable[[Any], np.ndarray]
) -> None:
    from sensor_msgs.msg import Image

    camera = f"{mirror.namespace}/camera"
    images = observer.listen(Image, f"{mirror.namespace}/image")

    def shown() -> str:
        return images.messages[-1].header.frame_id if images.messages else ""

    observer.until(lambda: shown() == "camera_optical", "the camera's picture")
    assert observer.change_state(camera, DEACTIVATE)
    observer.until(lambda: shown() == "placeholder", "the placeholder of a closed shutter")
    first = pixels_of(images.messages[-1])
    assert first.shape == (720, 1280, 3)
    assert first.mean() < 80  # a calm dark picture
    observer.until(
        lambda: observer.status(camera).message == "Not active." and observer.figure(camera, "frames") == "0",
        "a camera that says it is not active and has closed its source",
    )
    count = images.count
    observer.until(lambda: images.count >= count + 2, "further placeholders")
    assert {message.header.frame_id for message in list(images.messages)[-2:]} == {"placeholder"}
    assert np.array_equal(pixels_of(images.messages[-1]), first)
    assert observer.change_state(camera, ACTIVATE)
    observer.until(lambda: shown() == "camera_optical", "the camera's picture after the shutter was opened")
    observer.until(lambda: observer.number(camera, "frames") > 0, "a counting camera")
    images.close()


@pytest.fixture
def page(mirror: Any, observer: Any) -> Iterator[Any]:
    """The live page in headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    observer.until(lambda: mirror.page, "the page's address")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.set_default_timeout(60_000)
        page.goto(mirror.page, wait_until="domcontentloaded")  # the stream never ends
        page.wait_for_selector("[data-effect=landmarks]")
        page.wait_for_function("document.getElementById('mirror-picture').naturalWidth > 0")
        yield page
        browser.close()


def test_the_page_shows_a_moving_picture_and_its_switches_reach_the_graph(
    mirror: Any, observer: Any, page: Any
) -> None:
    assert "is taken, so the live page is at" in mirror.messages
    picture = page.locator("#mirror-picture")
    first = picture.screenshot()
    observer.until(lambda: picture.screenshot() != first, "another picture on the page")
    observer.until(
        lambda: observer.number(f"{mirror.namespace}/web", "rate [Hz]") > 0, "the page's rate while watched"
    )

    page.click("[data-effect=none]")
    page.wait_for_selector("[data-effect=none][aria-pressed=true]")
    assert list(observer.parameter(f"{mirror.namespace}/effects", "effects")) == ["none"]
    page.click("[data-effect=landmarks]")
    page.wait_for_selector("[data-effect=landmarks][aria-pressed=true]")
    assert list(observer.parameter(f"{mirror.namespace}/effects", "effects")) == ["landmarks"]

    assert observer.change_state(f"{mirror.namespace}/camera", DEACTIVATE)
    page.get_by_text("Camera off", exact=True).wait_for()
    page.get_by_role("switch", name="Camera").click()
    observer.until(
        lambda: observer.number(f"{mirror.namespace}/camera", "frames") > 0, "the camera opened by the page"
    )
    page.get_by_text("Camera off", exact=True).wait_for(state="hidden")


def test_nothing_is_encoded_once_the_page_is_closed(mirror: Any, observer: Any) -> None:
    web = f"{mirror.namespace}/web"
    observer.until(lambda: observer.figure(web, "browsers") == "0", "a page without browsers")
    encoded = observer.figure(web, "encoded")
    seen = observer.status(web)
    observer.until(lambda: observer.status(web) is not seen, "the page's next report")
    assert observer.figure(web, "encoded") == encoded


def test_ctrl_c_ends_everything_cleanly_even_pressed_twice(mirror: Any, observer: Any) -> None:
    # The last test of its kind: it ends the shared mirror.
    names = [f"{mirror.namespace}/{name}" for name in NODES]
    observer.until(lambda: all(observer.level(name) == 0 for name in names), "every node at work")
    assert len(mirror.children()) >= 1
    mirror.interrupt()
    time.sleep(0.2)  # into the shutdown, where a person presses it again
    mirror.interrupt()
    mirror.assert_clean_end()
