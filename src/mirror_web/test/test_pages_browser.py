"""What all pages have in common, in headless Chromium: language, phone size, names and contrast."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_gallery.consent import Consent, Scope
from mirror_web.shell import pages

CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
READY = {  # the Film and Settings pages, whose tests have more to show, are looked at there
    "/": "[data-effect]",
    "/effects": "[data-parameter]",
    "/faces": "[data-face]",
    "/health": "[data-node]",
    "/mood": ".m-fields",
    "/privacy": "[data-face]",
    "/shape": ".m-slider",
}


@pytest.fixture
def served(served_once):
    served_once.faces.clear()
    return served_once


def test_the_language_is_chosen_on_the_page_and_stays(open_page, served):
    page = open_page("/privacy")
    page.get_by_role("combobox", name="Language").select_option("de")
    page.get_by_text("Kameraverschluss").wait_for()
    page.goto(f"{served.url}/health", wait_until="domcontentloaded")
    page.get_by_text("Teile des Spiegels").wait_for()
    assert page.title() == "Zustand · Mirror"
    assert page.get_attribute("html", "lang") == "de"


def test_what_happens_later_is_said_in_the_browsers_language_too(open_page, served):
    page = open_page("/privacy", locale="de-DE")
    page.get_by_role("button", name="Alles löschen").click()
    page.get_by_role("dialog").get_by_role("button", name="Endgültig löschen").click()
    page.get_by_role("alert").filter(has_text="Kreuzen Sie zuerst an").wait_for()


def test_no_page_shows_a_raw_key_or_is_too_wide_for_a_phone(open_page):
    for entry in pages():
        page = open_page(entry.path, width=390, height=844, locale="de-DE")
        page.evaluate(CHECKS)
        shown = page.evaluate("pageChecks.words()")
        raw = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\{\w*\}", shown)) - {"mood_log"}  # the node's name
        assert not raw, entry.path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, entry.path


@pytest.mark.parametrize("path", READY)
def test_everything_has_a_name_and_enough_contrast(open_page, served, path):
    served.faces.store("Ada", Consent(Scope.UNTIL_REVOKED))
    served.health.take_status("mirror/camera", 1, "The camera was unplugged.", {})
    served.control.parameters["landmarks"] = (LiveParameter("strength", 0.5, "How much.", 0.0, 1.0),)
    served.control.active = ("landmarks",)
    page = open_page(path)
    page.wait_for_selector(READY[path])
    page.evaluate(CHECKS)
    assert page.evaluate("pageChecks.nameless()") == []
    assert page.evaluate("pageChecks.pale()") == []
