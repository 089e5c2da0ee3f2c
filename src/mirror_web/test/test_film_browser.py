"""The Film page in headless Chromium: scenes and takes are played, looked at, erased; long work is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_core.parameters import specs_of
from mirror_effects.film_effect import FilmParameters
from mirror_web.film_testing import write_drawn_film, write_scene, write_take
from mirror_web.jobs_process import mark_of
from mirror_web.jobs_record import JobState

CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def served(served_once: Any) -> Any:
    served = served_once
    served.control.available = ("none", "landmarks", "film")
    served.control.active, served.control.refusal = ("landmarks",), None
    specs = specs_of(FilmParameters)
    served.control.parameters["film"] = tuple(LiveParameter(s.name, s.default, s.description) for s in specs)
    served.control.changes += 1
    served.film.takes.erase_all()
    for scene in served.film.scenes.scenes():
        if scene.is_own:
            served.film.scenes.erase(scene.name)
    served.jobs.remove_all()
    served.faces.clear()
    return served


def film_value(served: Any, name: str) -> object:
    return next(each.value for each in served.control.parameters["film"] if each.name == name)


def test_a_scene_is_played_as_chosen_in_all_browsers(open_page: Any, served: Any, eventually: Any) -> None:
    write_scene(served.film.scenes.folder, "waltz", "Waltz")
    first, second = open_page("/film"), open_page("/film", width=390, height=844, locale="de-DE")
    first.get_by_role("button", name="Play Waltz").click()
    eventually(lambda: served.control.active == ("film",), "the stack")
    assert film_value(served, "scene") == "waltz"
    first.get_by_text("The mirror plays: Waltz.").wait_for()
    second.get_by_text("Der Spiegel spielt: Waltz.").wait_for()
    first.locator("[data-film-choice=participants]").select_option("two")
    first.locator("[data-film-choice=second_scene]").select_option("detective")
    eventually(lambda: film_value(served, "second_scene") == "detective", "the second scene")
    first.locator("[data-film-choice=view]").select_option("inset")
    first.locator("[data-film-choice=show_score]").check()
    eventually(lambda: film_value(served, "show_score") is True, "the points")
    assert (film_value(served, "participants"), film_value(served, "view")) == ("two", "inset")
    second.wait_for_function("document.querySelector('[data-film-choice=view]')?.value === 'inset'")
    second.wait_for_function("document.querySelector('[data-film-choice=show_score]')?.checked")
    second.locator("[data-film-choice=corner]").wait_for()
    served.control.set_effect_parameters("film", {"participants": "turns"})  # from elsewhere
    first.locator("[data-film-choice=turn]").fill("45")
    first.locator("[data-film-choice=turn]").dispatch_event("change")
    eventually(lambda: film_value(served, "turn") == 45.0, "the turn")
    first.get_by_role("button", name="Stop").click()
    eventually(lambda: served.control.active == ("none",), "the stack without it")
    served.control.refusal = "The effects do not answer."
    first.get_by_role("button", name="Play The detective").click()
    first.get_by_text("The effects do not answer.").wait_for()


def test_a_scene_of_ones_own_is_looked_at_and_erased_after_a_question(open_page: Any, served: Any) -> None:
    write_scene(served.film.scenes.folder, "waltz", "Waltz")
    page = open_page("/film")
    page.get_by_role("button", name="Look at Waltz").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("450 of 500 pictures can be used: 18 seconds.").wait_for()
    dialog.get_by_text("Who is seen: Ada is seen, and agrees.").wait_for()
    page.wait_for_function("document.querySelector('[data-film=picture]')?.naturalWidth === 192")
    dialog.get_by_role("button", name="Erase").click()
    page.get_by_role("button", name="Erase for good").click()
    page.locator("[data-scene=waltz]").wait_for(state="detached")
    assert [scene.name for scene in served.film.scenes.scenes()] == ["detective"]
    page.get_by_role("button", name="Look at The detective").click()
    page.get_by_text("comes with Mirror").wait_for()
    dialog.get_by_text("Likeness to the clip 71 %").wait_for()
    assert dialog.get_by_role("button", name="Erase").count() == 0


def test_a_take_is_recorded_only_with_a_name_and_consent(
    open_page: Any, served: Any, eventually: Any
) -> None:
    served.control.active = ("film",)
    page, other = open_page("/film"), open_page("/film")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("Give the name of who is recorded first.").wait_for()
    page.get_by_label("Who is recorded?").fill("Ada Lovelace")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("Tick first that this person agrees.").wait_for()
    page.get_by_text("This person agrees to be recorded.").click()
    page.get_by_role("button", name="Record", exact=True).click()
    eventually(lambda: film_value(served, "take") == "Ada Lovelace", "the take")
    other.get_by_text("Ada Lovelace is recorded, with consent.").wait_for()
    other.get_by_role("button", name="End the take").click()
    eventually(lambda: film_value(served, "take") == "", "its end")
    page.get_by_role("button", name="Record", exact=True).wait_for()


def test_takes_are_watched_saved_and_erased(open_page: Any, served: Any, tmp_path: Path) -> None:
    take = write_take(served.film.takes.folder, "Ada Lovelace", NOON, seconds=30.0)
    page = open_page("/film")
    page.get_by_role("button", name="Watch the take of Ada Lovelace").click()
    dialog = page.get_by_role("dialog")
    page.wait_for_function("document.querySelector('[data-film=picture]')?.naturalWidth === 320")
    dialog.locator("[data-film=play]").click()
    page.wait_for_function("document.querySelector('[data-film=place]')?.value > 0.5")
    dialog.locator("[data-film=play]").click()
    page.wait_for_selector("[data-film-player][data-playing=no]")
    dialog.locator("[data-film=place]").fill("20")
    page.wait_for_function("document.querySelector('[data-film=time]')?.textContent === '0:20 / 0:30'")
    # Its grey rises by ten a second: the picture is that of the place.
    page.wait_for_function(
        """async () => {
          const image = document.querySelector('[data-film=picture]');
          const pen = new OffscreenCanvas(320, 180).getContext('2d');
          await image.decode();
          pen.drawImage(image, 0, 0);
          return Math.abs(pen.getImageData(4, 4, 1, 1).data[0] - 200) < 8;
        }"""
    )
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the take of Ada Lovelace").click()
    download.value.save_as(tmp_path / "saved.mp4")
    assert (tmp_path / "saved.mp4").read_bytes() == served.film.takes.file_of(take).read_bytes()
    assert download.value.suggested_filename == f"{take}.mp4"
    page.get_by_role("button", name="Erase the take of Ada Lovelace").click()
    page.get_by_role("button", name="Erase for good").click()
    page.locator(f"[data-take='{take}']").wait_for(state="detached")
    page.get_by_text("Nothing was recorded yet.").wait_for()
    assert list(served.film.takes.folder.iterdir()) == []


def test_an_uploaded_clip_becomes_a_job_that_is_cancelled_and_removed(
    open_page: Any, served: Any, eventually: Any, tmp_path: Path
) -> None:
    clip = tmp_path / "my_dance.mp4"
    write_drawn_film(clip, 600.0, (96, 96))  # the real command is at it for minutes
    page, other = open_page("/film"), open_page("/health", width=390, height=844, locale="de-DE")
    page.get_by_role("button", name="Make a scene").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("pip install --no-deps -r requirements/train.txt").wait_for()
    send = dialog.get_by_role("button", name="Send and judge the clip")
    send.click()
    dialog.get_by_text("Choose a clip first.").wait_for()
    (tmp_path / "notes.avi").write_bytes(b"no film")
    dialog.locator("input[type=file]").set_input_files(str(tmp_path / "notes.avi"))
    dialog.get_by_text("notes.avi (0.0 MB)").wait_for()
    dialog.get_by_label("Title of the scene").fill("My dance")
    dialog.get_by_label("Whose is the clip?").fill("CC0, drawn")
    dialog.get_by_label("Who is seen, and has agreed?").fill("Nobody is seen")
    dialog.get_by_text("I may use this clip").click()
    send.click()
    dialog.get_by_role("alert").filter(has_text="notes.avi").wait_for()
    eventually(lambda: not served.jobs.jobs(), "the refused job's end")
    dialog.locator("input[type=file]").set_input_files(str(clip))
    dialog.get_by_text("my_dance.mp4").wait_for()
    send.click()
    dialog.wait_for(state="detached")
    (job,) = served.jobs.jobs()
    assert (job.title, job.order["name"], job.order["only_report"]) == ("My dance", "my_dance", True)
    eventually(lambda: served.jobs.job(job.id).step, "its first step")
    pid = served.jobs.job(job.id).pid
    assert mark_of(pid)
    card = page.locator(f"[data-job='{job.id}'][data-state=running]")
    card.locator(".m-job-standing").filter(has_text="Step ").wait_for()
    # The header of every page shows it, and opens the same list.
    other.locator(".m-jobs-button").click()
    there = other.get_by_role("dialog").locator(f"[data-job='{job.id}']")
    there.locator(".m-job-standing").filter(has_text="Schritt ").wait_for()
    page.close()
    there.get_by_role("button", name="Abbrechen").click()
    there.locator(".m-job-standing").filter(has_text="Abgebrochen. Was bisher getan ist, bleibt").wait_for()
    assert mark_of(pid) is None
    assert served.jobs.job(job.id).state is JobState.CANCELLED
    assert served.film.scenes.work_folder("my_dance").is_dir()
    there.get_by_role("button", name="Entfernen").click()
    there.get_by_text("Alle Dateien dieser Arbeit").wait_for()  # only then there are two such buttons
    there.get_by_role("button", name="Entfernen").last.click()
    there.wait_for(state="detached")
    assert served.jobs.jobs() == ()
    assert not served.film.scenes.work_folder("my_dance").exists()
    assert not served.jobs.folder(job.id).exists()
    other.locator(".m-jobs-button").wait_for(state="hidden")


def test_many_faces_are_imported_and_seen_everywhere(
    open_page: Any, served: Any, eventually: Any, tmp_path: Path
) -> None:
    names = ["Ada Lovelace", "Grace Hopper", "Joan Clarke"]
    for name in names:
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((60, 60, 3), 90, np.uint8))
    page = open_page("/faces")
    page.get_by_role("button", name="Add many").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files([str(tmp_path / f"{name}.png") for name in names])
    dialog.get_by_text("3 files").wait_for()
    dialog.get_by_role("button", name="Send and store").click()
    dialog.get_by_text("Tick first that these people agree.").wait_for()
    dialog.get_by_text("Others may wear this face").click()
    dialog.get_by_text("These are faces of people who agree to it.").click()
    dialog.get_by_role("button", name="Send and store").click()
    dialog.wait_for(state="detached")
    for name in names:
        page.get_by_text(name, exact=True).wait_for()
    (job,) = served.jobs.jobs()
    eventually(lambda: served.jobs.job(job.id).state is JobState.DONE, "its end")
    assert {consent.others_may_wear for _, _, consent, _ in served.faces.added} == {True}
    assert {data[:3] for data, *_ in served.faces.added} == {
        b"\xff\xd8\xff"
    }  # shrunk by the browser, as JPEG
    page.locator(".m-jobs-button").click()
    page.locator(".m-job-standing").filter(has_text="Done. Faces stored: 3.").wait_for()


def test_takes_are_erased_on_the_privacy_page_alone_and_with_everything(
    open_page: Any, served: Any, eventually: Any
) -> None:
    for name in ("Ada", "Grace"):
        write_take(served.film.takes.folder, name, NOON)
    page = open_page("/privacy")
    page.get_by_text("Ada · 14 March 2026").wait_for()
    page.get_by_role("button", name="Erase all takes").click()
    page.get_by_role("dialog").get_by_role("button", name="Erase for good").click()
    page.get_by_text("Takes erased: 2.").wait_for()
    page.get_by_text("Nobody was recorded.").wait_for()
    write_take(served.film.takes.folder, "Joan", NOON + timedelta(days=1))
    served.control.set_effect_parameters("film", {"take": "Joan"})
    page.get_by_role("button", name="Erase everything").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Yes, everybody’s faces, moods and takes").click()
    dialog.get_by_role("button", name="Erase for good").click()
    page.get_by_text("Takes erased: 1.").wait_for()
    assert served.film.takes.takes() == ()
    assert film_value(served, "take") == ""


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "de-DE")])
def test_the_page_fits_and_everything_has_a_name(
    open_page: Any, served: Any, width: int, locale: str
) -> None:
    write_scene(served.film.scenes.folder, "waltz", "Waltz")
    write_take(served.film.takes.folder, "Ada", NOON)
    page = open_page("/film", width=width, height=844, locale=locale)
    page.locator("[data-take]").wait_for()
    page.evaluate(CHECKS)
    assert page.evaluate("window.pageChecks.nameless()") == []
    assert page.evaluate("window.pageChecks.pale()") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Tab")
    page.get_by_role(
        "button", name="Watch the take" if locale == "en-GB" else "Aufnahme von Ada"
    ).first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").locator("[data-film=play]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-film-player][data-playing=yes]")
