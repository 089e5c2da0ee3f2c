"""Finding sources by name, and the settings they share."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_camera import source as source_module
from mirror_camera.demo import DemoSource
from mirror_camera.source import BUILT_IN_SOURCES, Grab, SourceSettings, make_source, source_names
from mirror_core.errors import ParameterError, ShapeError, SourceError, UsageError
from mirror_core.parameters import specs_of, update


class _Entry:
    def __init__(self, name: str, found: object) -> None:
        self.name, self._found = name, found

    def load(self) -> object:
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


def _install(monkeypatch: pytest.MonkeyPatch, *entries: _Entry) -> None:
    monkeypatch.setattr(source_module.metadata, "entry_points", lambda group: entries)


@pytest.mark.parametrize("name", sorted(BUILT_IN_SOURCES))
def test_built_in_sources_are_found_without_entry_points(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch)
    assert make_source(name).name == name


def test_an_unknown_name_is_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, _Entry("kinect", DemoSource))
    with pytest.raises(
        UsageError, match=r"no camera source 'webcam'.*demo, images, kinect, ros, v4l2, video"
    ):
        make_source("webcam")


def test_a_plugin_of_another_package_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(DemoSource):
        name = "other"

    _install(monkeypatch, _Entry("other", Other))
    assert "other" in source_names()
    assert isinstance(make_source("other", SourceSettings(width=32, height=24)), Other)


@pytest.mark.parametrize("found", [ImportError("no module kinect"), int, "text"])
def test_a_broken_plugin_is_a_sentence_not_a_traceback(
    found: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(monkeypatch, _Entry("kinect", found))
    with pytest.raises(SourceError, match="kinect"):
        make_source("kinect")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"width": 640}, "give both or neither"),  # half a size
        ({"width": -1, "height": 4}, "width = -1"),
        ({"rate_hz": 1000.0}, "rate_hz = 1000.0"),
        ({"speed": 0.0}, "speed = 0.0"),
        ({"fourcc": "MJPEG"}, "four letters"),
    ],
)
def test_settings_that_no_source_can_follow_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        update(SourceSettings(), values)


def test_every_setting_is_a_described_parameter() -> None:
    assert [spec.name for spec in specs_of(SourceSettings)] == [
        "path", "width", "height", "rate_hz", "loop", "speed", "topic", "stamps", "fourcc",
    ]  # fmt: skip
    assert all(spec.description.endswith(".") for spec in specs_of(SourceSettings))


def test_a_grab_holds_only_a_colour_picture() -> None:
    with pytest.raises(ShapeError, match=r"Grab.image must be uint8"):
        Grab(np.zeros((4, 4), np.uint8), 0)
