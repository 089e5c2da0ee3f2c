"""The Settings page in headless Chromium: what is chosen there is kept, and what others set is seen."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_camera.cameras import Camera
from mirror_core.live_parameter import LiveParameter
from mirror_display.widgets.clock import ClockParameters
from mirror_display.widgets.mood_week import MoodWeekParameters
from mirror_effects.watermark import WatermarkParameters
from mirror_web import settings_places
from mirror_web.parameters import WebParameters
from mirror_web.settings_storage import Trial
from mirror_web.testing import live_parameters

CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
SOURCES = ("auto", "bag", "demo", "images", "ros", "v4l2", "video")
CAMERAS = (
    Camera(Path("/dev/video0"), "Front camera"),
    Camera(Path("/dev/video2"), "Desk camera", accessible=False),
)


@pytest.fixture
def settings(served_once):
    settings = served_once.settings
    settings.nodes, settings.began, settings.stored, settings.refusal = {}, {}, {}, None
    settings.found = CAMERAS
    settings.begin(
        "camera",
        LiveParameter("source", "auto", choices=SOURCES),
        LiveParameter("path", ""),
        LiveParameter("width", 1280),
        LiveParameter("height", 720),
        LiveParameter("rate_hz", 0.0),
    )
    settings.begin(
        "display",
        LiveParameter("mirrored", True, "Swap left and right, as a mirror does."),
        LiveParameter("rotation", 0, "Clockwise turn.", choices=("0", "90", "180", "270")),
        LiveParameter("fit", "letterbox", "How it fits.", choices=("letterbox", "fill")),
        LiveParameter("mood_ring", False, "Show the mood of each face."),
        LiveParameter("idle_after", 60.0, "Seconds without anybody.", 0.0, 86400.0),
        LiveParameter("of_a_plugin", "x", "Something of another package."),
        LiveParameter("widgets", ("date@top_left",)),
        *live_parameters(ClockParameters, "clock."),
        *live_parameters(MoodWeekParameters, "mood_week."),
    )
    settings.begin(
        "effects",
        LiveParameter("language", "en", "Language.", choices=("de", "en")),
        *live_parameters(WatermarkParameters, "watermark."),
    )
    settings.begin(
        "web",
        LiveParameter("name", "", "Name."),
        LiveParameter("language", "", "Language."),
        LiveParameter("mirrored", True, "Swap."),
        LiveParameter("host", "127.0.0.1", "Address to serve at."),
    )
    settings.begin(
        "gallery",
        LiveParameter("database_url", "postgresql://me:hush@db.example.org/faces"),
        LiveParameter("pictures_url", ""),
    )
    settings.begin(
        "mood_log",
        LiveParameter("database_url", ""),
        LiveParameter("export_url", ""),
        LiveParameter("mirror_id", ""),
    )
    return settings


@pytest.fixture
def page(open_page, settings):
    page = open_page("/settings")
    page.wait_for_selector("[data-panel=camera] [data-parameter=choice]")
    return page


def row(page, scope, name):
    return page.locator(f'[data-effect={scope}][data-parameter="{name}"]')


def test_a_camera_a_size_and_a_rate_are_chosen(page, settings, eventually):
    choice = page.get_by_label("Picture from", exact=True)
    labels = [option.get_attribute("label") for option in choice.locator("option").all()]
    assert labels[:3] == [
        "The first camera, else the demo reel",
        "Front camera (/dev/video0)",
        "Desk camera (/dev/video2), which this user may not open",
    ]
    choice.select_option(label="Front camera (/dev/video0)")
    eventually(
        lambda: settings.stored.get("camera") == {"source": "v4l2", "path": "/dev/video0"}, "the camera"
    )
    page.get_by_label("Picture size", exact=True).select_option("640x480")
    eventually(lambda: settings.stored["camera"].get("width") == 640, "the size")
    assert settings.stored["camera"]["height"] == 480
    page.get_by_label("Pictures a second", exact=True).select_option("15")
    eventually(lambda: settings.stored["camera"].get("rate_hz") == 15.0, "the rate")
    choice.select_option("video")
    row(page, "camera", "path").get_by_role("textbox").fill("/clips/street.mp4")
    page.keyboard.press("Tab")
    eventually(lambda: settings.stored["camera"]["path"] == "/clips/street.mp4", "the path")
    assert settings.stored["camera"]["source"] == "video"


def test_the_windows_parameters_are_all_there_and_two_browsers_stay_in_step(
    page, open_page, settings, eventually
):
    other = open_page("/settings", locale="de-DE")
    other.get_by_label("Drehung", exact=True).wait_for()
    page.get_by_label("Rotation", exact=True).select_option("90")
    eventually(lambda: settings.stored.get("display") == {"rotation": 90}, "the rotation")
    other.wait_for_function(
        "document.querySelector('[data-effect=display][data-parameter=rotation] select').value === '90'"
    )
    settings.set_parameters("display", {"mood_ring": True})  # as the window's key does
    for each in (page, other):
        each.wait_for_function(
            "document.querySelector('[data-effect=display][data-parameter=mood_ring] input').checked"
        )
    page.get_by_label("Of a plugin", exact=True).fill("y")
    page.keyboard.press("Tab")
    eventually(lambda: settings.stored["display"].get("of_a_plugin") == "y", "a parameter of anybody")
    row(page, "display", "rotation").get_by_role("button", name="Rotation").click()
    eventually(lambda: settings.stored["display"]["rotation"] == 0, "the default")


def test_what_is_refused_is_said_and_the_control_goes_back(page, settings):
    settings.refusal = "rotation = 90 is refused."
    page.get_by_label("Rotation", exact=True).select_option("90")
    page.get_by_role("alert").filter(has_text="rotation = 90 is refused.").first.wait_for()
    page.wait_for_function(
        "document.querySelector('[data-effect=display][data-parameter=rotation] select').value === '0'"
    )
    assert settings.stored == {}


def test_the_name_stands_in_the_title_and_goes_to_the_mood_log(page, served_once, settings, eventually):
    page.get_by_label("Name of this mirror", exact=True).fill("Hall")
    page.keyboard.press("Tab")
    eventually(lambda: settings.stored.get("mood_log") == {"mirror_id": "Hall"}, "the name in the log")
    assert settings.stored["web"] == {"name": "Hall"}
    served_once.server.update(replace(WebParameters(port=0), name="Hall"))
    page.goto(f"{served_once.url}/settings", wait_until="domcontentloaded")
    page.get_by_role("heading", level=1).wait_for()
    assert page.title() == "Settings · Hall"
    served_once.server.update(WebParameters(port=0))


def test_an_address_is_tried_before_it_is_used_and_its_password_is_never_seen(
    page, settings, tmp_path, eventually, monkeypatch
):
    place = page.locator("[data-place=gallery_pictures]")
    place.get_by_role("textbox").fill(str(tmp_path / "new" / "faces"))
    place.get_by_role("button", name="Test").click()
    place.get_by_text("A small object was written, read and removed").wait_for()
    assert list(tmp_path.iterdir()) == []
    secret = "s3://faces/mirror?secret_access_key=hush&endpoint=nowhere"
    place.get_by_role("textbox").fill(secret)
    place.get_by_role("button", name="Use").click()
    place.get_by_role("alert").wait_for()
    assert settings.stored == {}
    assert "hush" not in place.get_by_role("alert").inner_text()
    monkeypatch.setattr(
        settings_places, "try_address", lambda place, address: Trial(address == secret, "Fine.")
    )
    place.get_by_role("button", name="Use").click()
    eventually(lambda: "gallery" in settings.stored, "the address")
    place.get_by_text("It is used from the mirror’s next start on.").wait_for()
    place.get_by_text("s3://faces/mirror?secret_access_key=***").wait_for()
    page.locator("[data-place=gallery_database]").get_by_text(
        "postgresql://***@db.example.org/faces"
    ).wait_for()
    assert place.get_by_role("textbox").input_value() == ""
    assert "hush" not in page.content()
    place.get_by_role("button", name="Back to the default").click()
    eventually(lambda: settings.stored["gallery"]["pictures_url"] == "", "the default")


def test_a_database_that_is_none_is_told(page, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("This is no database. " * 100)
    place = page.locator("[data-place=mood_database]")
    place.get_by_role("textbox").fill(str(file))
    place.get_by_role("button", name="Test").click()
    place.get_by_role("alert").filter(has_text="is no SQLite database").wait_for()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(file).execute("SELECT 1 FROM sqlite_master")


def test_everything_goes_back_after_one_question(page, settings):
    settings.set_parameters("display", {"rotation": 180})
    page.get_by_text("Settings that were changed here: 1.").wait_for()
    page.get_by_role("button", name="Reset to defaults").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset", exact=True).click()
    page.get_by_text("Settings that were changed here: 0.").wait_for()
    assert settings.nodes["display"][1].value == 0


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_it_fits_a_phone_and_everything_has_a_name_and_enough_contrast(open_page, settings, locale):
    page = open_page("/settings", width=390, height=844, locale=locale)
    page.wait_for_selector("[data-panel=web] [data-parameter=language]")
    page.evaluate(CHECKS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("pageChecks.nameless()") == []
    assert page.evaluate("pageChecks.pale()") == []
    raw = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", page.evaluate("pageChecks.words()"))
    assert set(raw) <= {"mood_log"}  # the node's name


def test_the_watermark_is_switched_on_and_an_own_picture_is_chosen(
    page, settings, eventually, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    page.get_by_label("Mark altered pictures", exact=True).select_option("text")
    eventually(lambda: settings.stored.get("effects") == {"watermark.show": "text"}, "the watermark")
    row(page, "effects", "watermark.size").get_by_role("spinbutton").fill("0.1")
    page.keyboard.press("Tab")
    eventually(lambda: settings.stored["effects"].get("watermark.size") == 0.1, "its size")
    logo = np.full((20, 40, 4), (10, 200, 30, 128), np.uint8)
    encoded = cv2.imencode(".png", logo)[1].tobytes()
    files = page.locator("[data-panel=watermark] input[type=file]")
    files.set_input_files([{"name": "logo.png", "mimeType": "image/png", "buffer": encoded}])
    eventually(lambda: settings.stored["effects"]["watermark.show"] == "picture", "the own picture")
    kept = Path(settings.stored["effects"]["watermark.picture"])
    assert np.array_equal(cv2.imread(str(kept), cv2.IMREAD_UNCHANGED), logo)
    page.wait_for_function(
        "document.querySelector('[data-parameter=\"watermark.show\"] select').value === 'picture'"
    )
    files.set_input_files([{"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture" * 9}])
    page.locator("[data-panel=watermark]").get_by_role("alert").filter(
        has_text="is something else by its content"
    ).wait_for()
    assert settings.stored["effects"]["watermark.picture"] == str(kept)


def test_a_widget_is_moved_and_set_and_two_browsers_stay_in_step(page, open_page, settings, eventually):
    other = open_page("/settings", locale="de-DE")
    hours = row(page, "display", "clock.hours")
    page.get_by_label("Date", exact=True).wait_for()
    assert not hours.is_visible()
    page.get_by_label("Clock", exact=True).select_option("top_left")
    eventually(
        lambda: settings.stored.get("display") == {"widgets": ("date@top_left", "clock@top_left")},
        "the clock below the date",
    )
    page.get_by_label("Date", exact=True).select_option(label="Bottom centre")
    moved = ("clock@top_left", "date@bottom_centre")
    eventually(lambda: settings.stored["display"]["widgets"] == moved, "the date in another region")
    other.wait_for_function(
        "document.querySelector('[data-effect=widgets][data-parameter=date] select').value"
        " === 'bottom_centre'"
    )
    page.get_by_label("Clock: hours", exact=True).select_option("12")
    eventually(lambda: settings.stored["display"].get("clock.hours") == 12, "the hours")
    settings.set_parameters("display", {"widgets": ("greeting@middle_left",)})  # as a command does
    for each in (page, other):
        each.wait_for_function(
            "document.querySelector('[data-effect=widgets][data-parameter=greeting] select').value"
            " === 'middle_left'"
        )
    hours.wait_for(state="hidden")


def test_what_does_not_run_is_said(open_page, settings):
    settings.nodes = {}
    page = open_page("/settings")
    page.get_by_text("The camera does not answer").wait_for()
    assert page.get_by_text("The window does not run.").count() == 3
    page.get_by_text("The effects do not answer").wait_for()
    page.get_by_text("Neither the gallery nor the mood log runs.").wait_for()
