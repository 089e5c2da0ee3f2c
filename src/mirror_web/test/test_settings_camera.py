"""From the camera node's parameters to what is offered on the page, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror_camera.cameras import Camera
from mirror_core.live_parameter import LiveParameter
from mirror_web.settings_camera import camera_changes, camera_rows, choice_words

CAMERAS = (Camera(Path("/dev/video0"), "Front"), Camera(Path("/dev/video2"), "Desk"))


def node(**values):
    settings = {"source": "auto", "path": "", "width": 0, "height": 0, "rate_hz": 0.0, **values}
    choices = {"source": ("auto", "demo", "v4l2", "video")}
    return {
        name: LiveParameter(name, value, choices=choices.get(name, ())) for name, value in settings.items()
    }


def test_cameras_stand_between_the_first_one_and_the_other_sources():
    choice, size, rate = camera_rows(node(), CAMERAS)
    assert choice.value == "auto"
    assert choice.choices == ("auto", "v4l2:/dev/video0", "v4l2:/dev/video2", "demo", "video")
    assert (size.value, rate.value) == ("0", "0")


@pytest.mark.parametrize(
    ("values", "value"),
    [
        ({"source": "v4l2"}, "v4l2:/dev/video0"),
        ({"source": "v4l2", "path": "2"}, "v4l2:/dev/video2"),
        ({"source": "v4l2", "path": "desk"}, "v4l2:/dev/video2"),
        ({"source": "v4l2", "path": "/dev/video7"}, "v4l2:/dev/video7"),  # unplugged
        ({"source": "demo"}, "demo"),
    ],
)
def test_the_camera_in_use_is_the_choice_however_it_was_named(values, value):
    choice = camera_rows(node(**values), CAMERAS)[0]
    assert choice.value == value
    assert value in choice.choices


def test_uncommon_sizes_and_rates_are_offered_too_and_a_path_where_one_is_needed():
    _, path, size, rate = camera_rows(
        node(source="video", path="a.mp4", width=800, height=600, rate_hz=12.5), ()
    )
    assert path.value == "a.mp4"
    assert size.value == size.choices[-1] == "800x600"
    assert rate.value == rate.choices[-1] == "12.5"


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("choice", "v4l2:/dev/video2", {"source": "v4l2", "path": "/dev/video2"}),
        ("choice", "auto", {"source": "auto", "path": ""}),
        ("choice", "video", {"source": "video", "path": ""}),
        ("path", " b.mp4 ", {"path": "b.mp4"}),
        ("size", "640x480", {"width": 640, "height": 480}),
        ("size", "0", {"width": 0, "height": 0}),
        ("size", "wide", None),
        ("rate_hz", "24", {"rate_hz": 24.0}),
        ("other", "1", None),
    ],
)
def test_a_choice_becomes_the_nodes_parameters(name, value, changes):
    assert camera_changes(name, value, node(source="v4l2", path="/dev/video0")) == changes


def test_the_same_source_keeps_its_path():
    assert camera_changes("choice", "video", node(source="video", path="a.mp4")) == {
        "source": "video",
        "path": "a.mp4",
    }


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("0", "The camera’s own"),
        ("v4l2:/dev/video2", "Desk (/dev/video2)"),
        ("v4l2:/dev/video9", "Not connected: /dev/video9"),
        ("640x480", "640 × 480"),
        ("12.5", "12.5 a second"),
        ("demo", "Demo reel"),
        ("of_a_plugin", "Of a plugin"),
    ],
)
def test_choices_have_words(word, words):
    assert choice_words(CAMERAS, word) == words
