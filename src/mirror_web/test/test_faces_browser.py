"""The Faces page in headless Chromium: gallery, capture, wearing, consent, erasing, adding, points by hand.

One page stays open for most tests; each begins with the same two stored faces and nobody there.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_gallery.consent import Consent, Scope
from mirror_web.faces_control import CaptureState
from mirror_web.uploads import LARGEST_UPLOAD_MB

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 60_000
# Closes what the test before has left, until the page stands as it began.
TIDY = """() => {
  const close = document.querySelector("[role=dialog] [aria-label=Close]");
  if (close) close.click();
  for (const button of document.querySelectorAll("[data-capture] button")) {
    if (button.innerText.trim() === "Close") button.click();
  }
  const search = document.querySelector(".m-search input");
  if (search.value) {
    search.value = "";
    search.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return !document.querySelector("[role=dialog], [data-capture], [data-person]")
    && [...document.querySelectorAll("[data-face] .m-face-name")].map(e => e.innerText).join() === "Kore,Ada";
}"""
BOX = (500.0, 180.0, 200.0, 240.0)


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(browser, served, width: int = 1280, height: int = 800):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{served.url}/faces", wait_until="domcontentloaded")
    page.wait_for_function("window.mirrorFaces && window.mirrorUpload && window.mirrorPoints")
    return page


@pytest.fixture
def served(served_once):
    served_once.faces.clear()
    served_once.control.refusal = None
    served_once.control.active = ("none",)
    return served_once


@pytest.fixture(scope="module")
def open_page(browser, served_once) -> Iterator:
    page = opened(browser, served_once)
    yield page
    page.close()


@pytest.fixture
def page(served, open_page):
    served.faces.store("Kore", preset=True)
    served.faces.store("Ada", Consent(Scope.UNTIL_REVOKED, others_may_wear=True))
    open_page.wait_for_function(TIDY)
    return open_page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of 320 × 240 px whose left half is dark."""
    image = np.full((240, 320, 3), 30, np.uint8)
    image[:, 160:] = 200
    path = tmp_path / "ada.png"
    assert cv2.imwrite(str(path), image)
    return path


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_MS / 1000:.0f} s in vain"
        time.sleep(0.02)


def press(page, name: str, within: str = "body") -> None:
    page.locator(within).get_by_role("button", name=name, exact=True).last.click()


def open_card(page, face: str) -> None:
    """Press a face's card until its sheet is there: the page may be drawing the cards anew at that moment."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while page.get_by_role("dialog").count() == 0:
        assert time.monotonic() < deadline, f"the sheet of {face} did not open"
        page.locator(f"[data-face='{face}']").first.click()
        with contextlib.suppress(playwright.TimeoutError):
            page.get_by_role("dialog").first.wait_for(timeout=3000)


def closed(page) -> None:
    page.get_by_role("dialog").wait_for(state="detached")


# ---- the gallery


def test_stored_faces_stand_there_with_picture_and_how_long_they_are_kept(page):
    cards = page.locator("[data-face]")
    assert cards.count() == 2
    assert cards.nth(0).inner_text().split("\n") == ["Kore", "Preset"]
    assert cards.nth(1).inner_text().split("\n") == ["Ada", "Until revoked"]
    assert page.evaluate(
        "[...document.querySelectorAll('[data-face] img')].every(i => i.complete && i.naturalWidth > 0)"
    )


def test_a_change_made_elsewhere_appears_by_itself(page, served):
    served.faces.store("Grace")
    page.locator("[data-face=face-3]").wait_for()
    served.faces.erase("face-2")
    page.locator("[data-face=face-2]").wait_for(state="detached")


def test_searching_and_turning_the_page(page, served):
    for number in range(60):
        served.faces.store(f"Visitor {number:02}")
    page.get_by_text("1–24 of 62").wait_for()
    press(page, "Next")
    page.get_by_text("25–48 of 62").wait_for()
    page.get_by_label("Search names").fill("visitor 5")
    page.wait_for_function("document.querySelectorAll('[data-face]').length === 10")
    page.get_by_label("Search names").fill("nobody of this name")
    page.get_by_text("No name contains this text.").wait_for()


def test_an_empty_gallery_says_what_to_do(browser, served):
    page = opened(browser, served)
    page.get_by_text("No face is stored yet.").wait_for()
    page.get_by_text("Keep the face of somebody who stands before the mirror").wait_for()
    page.close()


def test_a_gallery_that_is_away_is_told_and_comes_back(browser, served):
    served.faces.store("Ada")
    served.faces.is_available = False
    page = opened(browser, served)
    page.get_by_text("The gallery does not answer.").wait_for()
    page.wait_for_function("document.querySelector('.m-button-main')?.disabled")
    served.faces.is_available = True
    page.locator("[data-face]").wait_for()
    page.get_by_text("The gallery does not answer.").wait_for(state="hidden")
    page.close()


def test_a_list_that_fails_is_told_and_asked_for_again(browser, served):
    served.faces.broken = "The store is full."
    page = opened(browser, served)
    full = page.get_by_role("alert").filter(has_text="The store is full.")
    full.wait_for()
    served.faces.store("Ada")
    served.faces.broken = None
    page.locator("[data-face]").wait_for()
    served.faces.broken = "The store is full."
    page.get_by_label("Search names").fill("a")
    full.wait_for()
    served.faces.broken = None
    full.wait_for(state="hidden")
    page.close()


# ---- who stands there


def test_people_have_the_same_number_in_the_list_and_on_the_picture(page, served):
    served.faces.stand(BOX, (900.0, 200.0, 150.0, 180.0))
    first = page.locator("[data-person='1']")
    first.wait_for()
    page.locator("[data-row='2']").get_by_text("Person 2").wait_for()
    stage = page.locator("#mirror-stage").bounding_box()

    def is_in_place() -> bool:
        box = first.bounding_box()
        # The picture is mirrored, and 1280 px of it are as wide as the stage.
        wanted = stage["x"] + (1 - (BOX[0] + BOX[2] / 2) / 1280) * stage["width"]
        return abs(box["x"] + box["width"] / 2 - wanted) < 3

    wait_until(is_in_place)
    served.faces.stand()
    first.wait_for(state="detached")
    page.get_by_text("Nobody stands before the mirror.").wait_for()


def test_a_face_is_worn_by_a_person_and_taken_off(page, served):
    served.faces.stand(BOX)
    press(page, "Wear a face: Person 1")
    page.locator("[role=dialog] [data-face='preset:kore']").click()
    closed(page)
    page.locator("[data-row='1']").get_by_text("wears Kore").wait_for()
    assert served.faces.worn == {1: "preset:kore"}
    press(page, "Take it off: Person 1")
    wait_until(lambda: served.faces.worn == {})


def test_tapping_on_a_person_in_the_picture_asks_for_a_face(page, served):
    served.faces.stand(BOX)
    page.locator("[data-person='1']").click()
    page.get_by_role("dialog").get_by_text("Which face shall person 1 wear?").wait_for()


def test_everybody_wears_a_face_and_the_page_offers_the_effect_for_it(page, served):
    served.control.available = ("none", "swap")
    open_card(page, "face-2")
    press(page, "Wear it: Everybody")
    wait_until(lambda: served.faces.worn_by_everybody == "face-2")
    page.keyboard.press("Escape")
    closed(page)
    page.locator("[data-face=face-2]").get_by_text("worn").wait_for()
    press(page, "Switch it on")
    wait_until(lambda: served.control.active == ("swap",))
    page.get_by_role("button", name="Switch it on").wait_for(state="hidden")


def test_a_refusal_is_shown_where_the_button_is(page, served):
    served.faces.stand(BOX)
    served.faces.refusal = "Ada has not agreed that others wear this face."
    open_card(page, "face-2")
    press(page, "Wear it: Person 1")
    page.get_by_role("dialog").get_by_role("alert").filter(has_text="has not agreed").wait_for()
    assert served.faces.worn == {}


def test_checking_in_and_out(page, served):
    served.faces.stand(BOX)
    press(page, "Say who it is: Person 1")
    page.locator("[role=dialog] [data-face=face-2]").wait_for()
    assert page.locator("[role=dialog] [data-face='preset:kore']").count() == 0
    page.locator("[role=dialog] [data-face=face-2]").click()
    closed(page)
    page.locator("[data-person='1']").get_by_text("Ada").wait_for()
    press(page, "Check out: Ada")
    wait_until(lambda: served.faces.people[0].person == "")


# ---- capture


def begin_capture(page, served, name: str = "Grace") -> None:
    served.faces.stand(BOX)
    page.locator("[data-row='1']").wait_for()
    press(page, "Keep a face")
    page.get_by_label("Name", exact=True).fill(name)
    press(page, "Start", "[role=dialog]")
    closed(page)


def test_a_capture_shows_hint_quality_and_ring_and_ends_with_the_stored_face(page, served):
    begin_capture(page, served)
    page.locator("[data-capture=running]").wait_for()
    served.faces.advance(1, 0.4, "turn_left", "Turn your head a little to your left.", pose=0.3, light=0.9)
    page.get_by_text("Turn your head a little to your left.").wait_for()
    page.get_by_text("40%").wait_for()
    page.wait_for_function("document.querySelector('.m-ring')?.dataset.progress === '0.4'")
    meters = page.locator("[data-capture] [role=meter]")
    assert [meters.nth(i).get_attribute("aria-valuenow") for i in (0, 1)] == ["30", "90"]
    # The drawn part of the ring follows the progress.
    dash = "parseFloat(document.querySelector('.m-ring-done').getAttribute('stroke-dasharray'))"
    page.wait_for_function(f"Math.abs({dash} - 0.4) < 0.01")
    served.faces.finish(1, CaptureState.DONE, "")
    done = page.locator("[data-capture=done]")
    done.get_by_text("Grace is stored.").wait_for()
    page.locator("[data-face=face-3]").wait_for()
    press(page, "Close", "[data-capture=done]")
    done.wait_for(state="detached")


def test_the_consent_that_was_chosen_is_asked_for(page, served):
    served.faces.stand(BOX)
    page.locator("[data-row='1']").wait_for()
    press(page, "Keep a face")
    page.get_by_label("Name", exact=True).fill("Grace")
    page.get_by_text("Until a date").click()
    day = (datetime.now() + timedelta(days=3)).date()
    page.get_by_label("Last day").fill(day.isoformat())
    page.get_by_text("Recognise me when I come back").click()
    press(page, "Start", "[role=dialog]")
    page.locator("[data-capture=running]").wait_for()
    served.faces.finish(1, CaptureState.DONE, "")
    consent = served.faces.stored["face-3"].consent
    midnight = datetime(day.year, day.month, day.day).astimezone() + timedelta(days=1)
    assert consent == Consent(Scope.UNTIL_DATE, midnight.astimezone(UTC), False, True)


def test_without_a_name_nothing_begins(page, served):
    served.faces.stand(BOX)
    page.locator("[data-row='1']").wait_for()
    press(page, "Keep a face")
    press(page, "Start", "[role=dialog]")
    page.get_by_role("alert").filter(has_text="Give the face a name first.").wait_for()
    assert served.faces.captures == {}


def test_a_capture_is_cancelled_and_said_to_have_kept_nothing(page, served):
    begin_capture(page, served)
    press(page, "Cancel", "[data-capture=running]")
    page.locator("[data-capture=cancelled]").get_by_text("nothing was kept").wait_for()
    assert served.faces.captures[1].state is CaptureState.CANCELLED


def test_a_failed_capture_says_why_and_may_be_tried_again(page, served):
    begin_capture(page, served)
    served.faces.finish(1, CaptureState.FAILED, "It was too dark.")
    page.locator("[data-capture=failed]").get_by_text("It was too dark.").wait_for()
    press(page, "Try again", "[data-capture=failed]")
    page.get_by_role("dialog").get_by_text("How long may the mirror keep it?").wait_for()


def test_a_second_browser_sees_the_same_capture(browser, page, served):
    other = opened(browser, served, 390, 844)
    begin_capture(page, served)
    served.faces.advance(1, 0.7, "hold_still", "Hold still")
    for each in (page, other):
        each.locator("[data-capture=running]").get_by_text("Hold still").wait_for()
    other.close()


def test_with_nobody_there_the_sheet_says_so(page):
    press(page, "Keep a face")
    page.get_by_role("dialog").get_by_text("so there is no face to keep").wait_for()


# ---- one face


def test_a_face_is_renamed(page, served):
    open_card(page, "face-2")
    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    press(page, "Rename")
    closed(page)
    page.locator("[data-face=face-2]").get_by_text("Ada Lovelace").wait_for()


def test_a_face_is_erased_only_after_a_question_and_what_was_purged_is_said(page, served):
    open_card(page, "face-2")
    press(page, "Erase", "[role=dialog]")
    page.get_by_role("dialog").get_by_text("Erase Ada?").wait_for()
    assert "face-2" in served.faces.stored
    press(page, "Erase for good", "[role=dialog]")
    page.get_by_role("dialog").get_by_text("Ada is erased").wait_for()
    items = page.locator("[role=dialog] li")
    assert items.all_inner_texts() == ["3 pictures", "1 neutral baseline"]
    assert "face-2" not in served.faces.stored
    page.locator("[data-face=face-2]").wait_for(state="detached")


def test_a_face_is_exported_as_a_file(page, tmp_path):
    open_card(page, "face-2")
    with page.expect_download(timeout=PATIENCE_MS) as download:
        press(page, "Export", "[role=dialog]")
    assert download.value.suggested_filename == "Ada.mirrorface"
    download.value.save_as(tmp_path / "ada")
    assert (tmp_path / "ada").read_bytes() == b"mirrorface of face-2"


def test_a_preset_can_be_neither_renamed_nor_erased(page):
    open_card(page, "preset:kore")
    sheet = page.get_by_role("dialog")
    sheet.get_by_text("belongs to nobody").wait_for()
    assert sheet.get_by_role("button", name="Erase").count() == 0
    assert sheet.get_by_label("Name", exact=True).count() == 0


# ---- adding a file


def fill_add_sheet(page, *files: Path, name: str = "Grace") -> None:
    press(page, "Add a photo or file")
    page.locator("input[type=file]").set_input_files([str(file) for file in files])
    page.get_by_role("dialog").get_by_text(files[0].name).first.wait_for()
    if name:
        page.get_by_label("Name", exact=True).fill(name)
    page.get_by_text("It is my face, or its owner agrees.").click()


def test_a_photo_is_added(page, served, photo):
    fill_add_sheet(page, photo)
    press(page, "Add", "[role=dialog]")
    closed(page)
    page.locator("[data-face=face-3]").get_by_text("Grace").wait_for()
    data, name, consent, landmarks = served.faces.added[0]
    sent = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert sent.shape == (240, 320, 3) and sent[120, 40].max() < 60 and sent[120, 280].min() > 170
    assert (name, consent, landmarks) == ("Grace", Consent(Scope.UNTIL_REVOKED), None)


def test_without_agreement_nothing_is_sent(page, served, photo):
    press(page, "Add a photo or file")
    page.locator("input[type=file]").set_input_files(str(photo))
    page.get_by_role("dialog").get_by_text("ada.png").wait_for()
    page.get_by_label("Name", exact=True).fill("Grace")
    press(page, "Add", "[role=dialog]")
    page.get_by_role("alert").filter(has_text="Tick that it is your face").wait_for()
    assert served.faces.added == []


def test_a_face_file_needs_no_name(page, served, tmp_path):
    file = tmp_path / "ada.mirrorface"
    file.write_bytes(b"PK\x03\x04the content of a face file")
    fill_add_sheet(page, file, name="")
    press(page, "Add", "[role=dialog]")
    closed(page)
    assert served.faces.added[0][:2] == (b"PK\x03\x04the content of a face file", "")


def test_a_large_photo_is_shrunk_before_it_is_sent(page, served, tmp_path):
    large = tmp_path / "large.jpg"
    assert cv2.imwrite(str(large), np.full((1500, 3000, 3), 120, np.uint8))
    fill_add_sheet(page, large)
    press(page, "Add", "[role=dialog]")
    closed(page)
    sent = cv2.imdecode(np.frombuffer(served.faces.added[0][0], np.uint8), cv2.IMREAD_COLOR)
    assert sent.shape == (1024, 2048, 3)


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page, served, tmp_path):
    large = tmp_path / "large.mirrorface"
    with large.open("wb") as file:
        file.truncate(LARGEST_UPLOAD_MB * 1_000_000 + 1)
    press(page, "Add a photo or file")
    page.locator("input[type=file]").set_input_files(str(large))
    sentence = f"{LARGEST_UPLOAD_MB} MB is the most"
    page.get_by_role("alert").filter(has_text=sentence).wait_for()


def test_a_file_that_is_no_picture_is_refused_by_name(page, tmp_path):
    text = tmp_path / "letter.jpg"
    text.write_text("Dear mirror")
    press(page, "Add a photo or file")
    page.locator("input[type=file]").set_input_files(str(text))
    page.get_by_role("alert").filter(has_text="cannot read letter.jpg").wait_for()


def test_points_in_a_file_go_with_the_photo(page, served, photo, tmp_path):
    points = tmp_path / "ada.csv"
    points.write_text("\n".join(f"{x / 4},{x / 8}" for x in range(468)))
    fill_add_sheet(page, photo, points)
    page.get_by_text("Points from ada.csv are used.").wait_for()
    press(page, "Add", "[role=dialog]")
    closed(page)
    assert served.faces.added[0][3].tolist() == [[x / 4, x / 8] for x in range(468)]


def test_where_no_face_is_found_points_are_dragged_by_hand(page, served, photo):
    served.faces.finds_faces = False
    fill_add_sheet(page, photo)
    press(page, "Add", "[role=dialog]")
    corner = page.locator("[data-point='61']")
    corner.wait_for()
    page.wait_for_function("document.querySelector('.m-mesh')?.getAttribute('d')?.length > 100")
    before = [float(corner.get_attribute(axis)) for axis in ("cx", "cy")]
    corner.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_text("Left corner of the mouth").wait_for()
    box = page.locator("[data-point='152']").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 20, steps=3)
    page.mouse.up()
    placed = {
        index: [float(page.locator(f"[data-point='{index}']").get_attribute(a)) for a in ("cx", "cy")]
        for index in (61, 152)
    }
    assert placed[61][0] < before[0] and placed[61][1] > before[1]
    press(page, "Use these points")
    closed(page)
    landmarks = served.faces.added[-1][3]
    assert landmarks.shape == (468, 2)
    for index, place in placed.items():
        assert landmarks[index] == pytest.approx(place, abs=0.6)


# ---- everywhere


def test_on_a_phone_everything_fits_the_width(browser, served):
    served.faces.store("Somebody with a long name that does not fit below a picture")
    served.faces.stand(BOX)
    page = opened(browser, served, 390, 844)
    page.locator("[data-row='1']").wait_for()
    page.locator("[data-face]").wait_for()
    outside = """() => [...document.querySelectorAll("button")].filter(e => e.offsetParent).filter(e => {
      const r = e.getBoundingClientRect();
      return r.left < 0 || r.right > innerWidth + 1;
    }).map(e => e.innerText)"""
    for sheet in ("", "Keep a face", "Add a photo or file"):
        if sheet:
            press(page, sheet)
            page.get_by_role("dialog").get_by_label("Name", exact=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(outside) == []
        if sheet:
            press(page, "Close", "[role=dialog]")
            closed(page)
    page.close()


def test_everything_can_be_done_with_the_keyboard(page, served):
    page.locator("[data-face=face-2]").focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Wear it: Everybody").focus()
    page.keyboard.press("Space")
    wait_until(lambda: served.faces.worn_by_everybody == "face-2")
    page.keyboard.press("Escape")
    closed(page)


def test_the_page_asks_no_other_host(browser, served):
    served.faces.store("Ada")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2] if "://" in request.url else ""))
    page.goto(f"{served.url}/faces", wait_until="domcontentloaded")
    page.locator("[data-face]").wait_for()
    page.close()
    assert hosts - {""} == {served.url.split("/")[2]}
