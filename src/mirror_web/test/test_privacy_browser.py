"""The Privacy page in headless Chromium: shutter, who is stored, what goes where, erasing all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mirror_core.moods import MoodLabel
from mirror_gallery.consent import Consent, Scope
from mirror_web.control import CameraState
from mirror_web.mood_testing import at, known_rows, write_rows
from mirror_web.privacy_control import Deed, Reach, served_destination, stored_destination


@pytest.fixture
def served(served_once):
    served_once.faces.clear()
    served_once.control.refusal = None
    served_once.control.set_shutter(False)
    served_once.moods.is_on, served_once.moods.refusal = False, None
    served_once.privacy.told = (
        stored_destination("gallery_database", "postgresql://me:hush@db.example.org/faces"),
        stored_destination("mood_export", "", Reach.OFF),
        served_destination("page", "127.0.0.1"),
    )
    return served_once


def test_privacy_says_who_is_stored_and_what_leaves_the_machine(open_page, served):
    until = datetime.now(UTC) + timedelta(days=20)
    served.faces.store("Ada", Consent(Scope.UNTIL_DATE, until, True, False))
    served.faces.store("Smile", preset=True)
    page = open_page("/privacy")
    page.wait_for_selector("[data-face=face-1]")
    said = page.locator(".m-facts").first.inner_text()
    assert "Others may wear it. The mirror does not recognise this person by itself." in said
    assert "Smile" not in said
    page.get_by_text("One thing leaves this machine").wait_for()
    page.wait_for_selector("[data-place=gallery_database][data-reach=outside]")
    page.wait_for_selector("[data-place=mood_export][data-reach=off]")
    assert "hush" not in page.content()
    served.faces.store("Grace", Consent(Scope.THIS_VISIT))
    page.get_by_text("Grace").wait_for()


def test_privacy_says_what_was_done_without_names(open_page, served):
    page = open_page("/privacy")
    page.get_by_text("Nothing was done with anybody’s face.").wait_for()
    when = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    served.privacy.done = (
        Deed(when, "stored", "3f2a9c0b1d", "capture"),
        Deed(when, "erased", "3f2a9c0b1d", "visit"),
        Deed(when, "from a newer mirror", "", "command"),
    )
    page.wait_for_selector("[data-deed=erased]")
    assert page.locator("[data-deed]").count() == 3
    first = page.locator("[data-deed]").first.inner_text()  # the newest
    assert first.startswith("from a newer mirror")
    erased = page.locator("[data-deed=erased]").inner_text()
    assert "A face was erased" in erased
    assert "person 3f2a9c0b1d · the visit was over" in erased


def test_privacy_switches_the_shutter_and_the_mood_log(open_page, served, eventually):
    page = open_page("/privacy")
    page.get_by_role("switch", name="Camera").click()
    eventually(lambda: served.control.current.camera is CameraState.OFF, "the change")
    page.get_by_text("The camera is switched off; the mirror takes no picture at all.").wait_for()
    page.get_by_role("button", name="Switch it on").click()
    eventually(lambda: served.moods.is_on is True, "the change")


def test_everything_is_erased_after_one_question(open_page, served):
    served.faces.store("Ada", Consent(Scope.UNTIL_REVOKED))
    served.faces.store("Grace", Consent(Scope.UNTIL_REVOKED))
    served.faces.store("Smile", preset=True)
    write_rows(served.moods.database, known_rows(at(9, 12), 20, MoodLabel.HAPPY, 0.7))
    page = open_page("/privacy")
    page.wait_for_selector("[data-face=face-1]")
    page.get_by_role("button", name="Erase everything").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Erase for good").click()
    dialog.get_by_role("alert").filter(has_text="Tick first").wait_for()
    assert len(served.faces.stored) == 3
    dialog.get_by_text("Yes, everybody’s faces, moods and takes").click()
    dialog.get_by_role("button", name="Erase for good").click()
    page.get_by_text("Faces erased: 2.").wait_for()
    page.get_by_text("Seconds of moods erased: 20.").wait_for()
    assert [face.name for face in served.faces.stored.values()] == ["Smile"]
    page.get_by_text("No face of anybody is stored.").wait_for()


def test_what_cannot_be_erased_is_said(open_page, served):
    served.faces.store("Ada", Consent(Scope.UNTIL_REVOKED))
    served.faces.refusal, served.moods.refusal = "The disk is read-only.", "The mood log cannot be written."
    page = open_page("/privacy")
    page.get_by_role("button", name="Erase everything").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Yes, everybody’s faces, moods and takes").click()
    dialog.get_by_role("button", name="Erase for good").click()
    page.get_by_text("The disk is read-only.").wait_for()
    page.get_by_text("The mood log cannot be written.").wait_for()
    page.get_by_text("Faces erased: 0.").wait_for()
