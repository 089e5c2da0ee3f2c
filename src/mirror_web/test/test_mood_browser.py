"""The Mood page in headless Chromium: scales, ranges, people, calendar, comparison, files, and what may fail.

The clock of the mirror stands at 10:00 on Friday 20 March 2026 in Berlin, where the browser is too.
"""

from __future__ import annotations

import csv
import io
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_mood.log.csv_export import COLUMNS
from mirror_mood.log.queries import MoodQueries
from mirror_web.mood_testing import BATH, ZONE, FakeMoods, at, known_rows, write_rows

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 60_000
NOW_S = at(20, 10)
# What a picture shows: its series by mood, and the beginning and end of its time axis.
DRAWN = """(name) => {
  const option = getElement(Number(document.querySelector(name).id.slice(1))).chart.getOption();
  return {
    series: Object.fromEntries(option.series.filter(Boolean).map(({ id, data }) => [id, data])),
    axis: [option.xAxis[0].min, option.xAxis[0].max],
  };
}"""

# How many controls that can be seen have no name.
UNNAMED = """[...document.querySelectorAll(".m-mood-page :is(button, a, input, select)")]
  .filter(e => e.checkVisibility({ visibilityProperty: true }))
  .filter(e => !(e.innerText || e.getAttribute("aria-label") || e.labels?.length)).length"""


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_context(timezone_id=ZONE)  # one, whose cache all pages share
        browser.close()


@pytest.fixture
def served(served_once, tmp_path: Path):
    """A log in which Ada was happy this morning and sad last Friday, and somebody unknown was surprised."""
    served_once.faces.clear()
    ada = served_once.faces.store("Ada")
    path = tmp_path / "moods.sqlite"
    write_rows(
        str(path),
        known_rows(at(13, 9), 120, MoodLabel.SAD, 0.8, person=ada, feeling=(-0.5, -0.2)),
        known_rows(at(19, 18), 60, MoodLabel.NEUTRAL, 0.9, person=ada),
        known_rows(at(20, 9), 120, MoodLabel.HAPPY, 0.7, person=ada, feeling=(0.6, 0.4)),
        known_rows(at(20, 9, 30), 40, MoodLabel.SURPRISE, 0.6, mirror=BATH),
    )
    moods: FakeMoods = served_once.moods
    moods.database, moods.now, moods.is_on, moods.refusal = str(path), NOW_S, True, None
    moods.break_with(None)
    return served_once


def opened(browser, served, query: str = "", *, size: tuple[int, int] = (1280, 900), has_curves: bool = True):
    page = browser.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{served.url}/mood?{query}", wait_until="domcontentloaded")
    if has_curves:
        page.wait_for_function("window.mirrorMood?.shown")
    return page


@pytest.fixture
def page(browser, served) -> Iterator:
    page = opened(browser, served)
    yield page
    page.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_MS / 1000:.0f} s in vain"
        time.sleep(0.05)


def drawn(page, name: str = ".m-chart") -> dict:
    return page.evaluate(DRAWN, name)


def values(page, mood: str, name: str = ".m-chart") -> dict[int, float]:
    """Beginning of each bucket, epoch seconds → what is drawn there."""
    found: dict[int, float] = {}
    for moment, value in drawn(page, name)["series"][mood]:
        if value is not None:
            found.setdefault(round(moment / 1000), value)
    return found


def due(served, period, mood: MoodLabel, points: int = 100, **whose) -> dict[int, float]:
    """The same from the log."""
    with MoodQueries(served.moods.database) as log:
        series = log.series(*period, points=points, zone=ZONE, **whose)
    return {
        int(series.time_s[i]): round(float(series.of(mood)[i]), 4)
        for i in range(len(series))
        if series.count[i]
    }


def shows(page, served, period, mood: MoodLabel, **whose) -> None:
    """Wait until the picture has the log's values of a mood in a period, each with an end behind it."""
    wanted = due(served, period, mood, **whose)
    assert wanted

    def is_there() -> bool:
        found = values(page, mood.word)
        return all(found.get(moment) == value for moment, value in wanted.items())

    wait_until(is_there)
    assert drawn(page)["axis"] == [period[0] * 1000, period[1] * 1000]
    ends = set(values(page, mood.word)) - set(wanted)
    assert len(ends) <= len(wanted)


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def field(page, name: str):
    return page.locator(f"[data-field={name}]")


def test_a_scale_shows_the_values_of_the_log(page, served):
    shows(page, served, (at(19, 11), at(20, 11)), MoodLabel.HAPPY)
    assert values(page, "neutral")[at(19, 18)] == 0.9
    press(page, "2 weeks")
    page.wait_for_selector("[data-scale=two_weeks][aria-pressed=true]")
    shows(page, served, (at(6, 11), at(20, 11)), MoodLabel.SAD)
    assert page.get_by_text("a point is 6 hours").is_visible()
    assert page.locator("[data-scale][aria-pressed=true]").count() == 1


def test_the_seven_shares_stand_on_each_other_up_to_the_whole(page, served):
    series = drawn(page)["series"]
    assert set(series) == {label.word for label in MoodLabel}
    columns = zip(*series.values(), strict=True)
    sums = [sum(point[1] for point in points) for points in columns if points[0][1] is not None]
    assert sums
    assert all(abs(total - 1) < 0.001 for total in sums)


def test_a_person_and_a_mirror_are_chosen_by_name(page, served):
    period = (at(19, 11), at(20, 11))
    shows(page, served, period, MoodLabel.HAPPY)
    field(page, "person").select_option(label="Ada")
    wait_until(lambda: at(20, 9) in values(page, "happy") and values(page, "happy")[at(20, 9)] == 0.7)
    field(page, "person").select_option(label="Everybody unknown")
    shows(page, served, period, MoodLabel.SURPRISE, person="")
    wait_until(lambda: at(19, 18) not in values(page, "neutral"))
    field(page, "person").select_option(label="Everybody")
    field(page, "mirror").select_option(label=BATH)
    shows(page, served, period, MoodLabel.SURPRISE, mirror=BATH)


def test_any_range_is_chosen_in_the_fields_and_by_dragging(page, served):
    field(page, "from").fill("2026-03-20T08:00")
    field(page, "from").press("Tab")
    shows(page, served, (at(20, 8), at(20, 11)), MoodLabel.HAPPY)
    assert page.locator("[data-scale][aria-pressed=true]").count() == 0
    field(page, "to").fill("2026-03-20T10:00")
    field(page, "to").press("Tab")
    shows(page, served, (at(20, 8), at(20, 10)), MoodLabel.HAPPY)
    page.locator(".m-chart").scroll_into_view_if_needed()
    box = page.locator(".m-chart").bounding_box()
    left = 48  # of the axes
    middle = box["x"] + left + (box["width"] - left - 18) / 2
    page.mouse.move(middle, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(middle + 200, box["y"] + 100, steps=4)
    page.mouse.up()
    page.wait_for_function("location.search.includes('scale=fixed')")
    wait_until(lambda: abs(drawn(page)["axis"][0] / 1000 - at(20, 9)) < 60)
    start, end = (moment / 1000 for moment in drawn(page)["axis"])
    assert end - start == pytest.approx(200 / (box["width"] - left - 18) * 7200, abs=60)


def test_a_range_that_ends_before_it_begins_is_refused(page):
    field(page, "to").fill("2026-03-01T10:00")
    field(page, "to").press("Tab")
    page.get_by_role("alert").filter(has_text="The period has to end after it begins.").wait_for()
    page.wait_for_selector("[data-field=to][aria-invalid=true]")
    press(page, "Day")
    page.get_by_role("alert").filter(has_text="The period has to end").wait_for(state="hidden")


def test_the_number_of_points_is_chosen(page, served):
    period = (at(19, 11), at(20, 11))
    field(page, "points").fill("200")
    field(page, "points").press("Enter")
    page.get_by_text("a point is 10 minutes").wait_for()
    with MoodQueries(served.moods.database) as log:
        assert log.series(*period, points=200, zone=ZONE).bucket_s == 600
    assert values(page, "happy")[at(20, 9)] == 0.7  # of Ada alone: the other one came at half past nine
    field(page, "points").fill("1")
    field(page, "points").press("Enter")
    page.get_by_role("alert").filter(has_text="Points = 1 is refused: allowed are 2 … 5000.").wait_for()


def test_earlier_and_later_move_by_the_length(page, served):
    press(page, "Week")
    shows(page, served, (at(13, 11), at(20, 11)), MoodLabel.HAPPY)
    press(page, "Earlier")
    shows(page, served, (at(6, 11), at(13, 11)), MoodLabel.SAD)
    press(page, "Later")
    page.wait_for_function("mirrorMood.shown.includes('fixed')")
    wait_until(lambda: drawn(page)["axis"][1] >= at(20, 10) * 1000)


def test_new_rows_appear_by_themselves_where_one_looks(browser, served):
    page = opened(browser, served, f"scale=fixed&from={at(20, 9)}&to={at(20, 9, 10)}")
    period = (at(20, 9), at(20, 9, 10))
    shows(page, served, period, MoodLabel.HAPPY)
    page.evaluate("document.querySelector('.m-chart canvas').dataset.same = 'yes'")
    write_rows(served.moods.database, known_rows(at(20, 9, 5), 60, MoodLabel.FEAR, 0.95))
    shows(page, served, period, MoodLabel.FEAR)
    assert values(page, "fear")[at(20, 9, 5)] == 0.95
    assert page.evaluate("document.querySelector('.m-chart canvas').dataset.same") == "yes"
    assert "scale=fixed" in page.url
    page.close()


def test_what_ends_now_moves_on_with_the_time(browser, served):
    page = opened(browser, served, "scale=ten_minutes")
    wait_until(lambda: drawn(page)["axis"][1] == (NOW_S + 10) * 1000)
    page.get_by_text("Nobody was seen in this period.").wait_for()
    served.moods.now = NOW_S + 300
    write_rows(served.moods.database, known_rows(NOW_S + 280, 10, MoodLabel.ANGRY, 0.9))
    wait_until(lambda: values(page, "angry").get(NOW_S + 280) == 0.9)
    assert drawn(page)["axis"][1] == (NOW_S + 310) * 1000
    page.get_by_text("Nobody was seen in this period.").wait_for(state="hidden")
    page.close()


def test_browsers_are_independent(browser, served, page):
    other = opened(browser, served, "scale=week&view=feeling")
    press(page, "6 h")
    page.wait_for_function("mirrorMood.shown.includes('six_hours')")
    assert drawn(page)["axis"] == [at(20, 4, 1) * 1000, at(20, 10, 1) * 1000] or drawn(page)["axis"] == [
        at(20, 4, 10) * 1000,
        at(20, 10, 10) * 1000,
    ]
    assert set(drawn(other)["series"]) == {"valence", "arousal"}
    assert drawn(other)["axis"] == [at(13, 11) * 1000, at(20, 11) * 1000]
    other.close()


def test_valence_and_arousal_are_the_second_view(page):
    press(page, "Valence and arousal")
    page.wait_for_function("mirrorMood.shown.includes('feeling')")
    hour = values(page, "valence")[at(20, 9)], values(page, "arousal")[at(20, 9)]
    assert hour == (pytest.approx(0.6 * 120 / 160), pytest.approx(0.4 * 120 / 160))
    press(page, "Moods")
    wait_until(lambda: "happy" in drawn(page)["series"])


def test_a_choice_outlives_a_reload(page):
    press(page, "Week")
    field(page, "person").select_option(label="Ada")
    page.wait_for_function("location.search.includes('person=')")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_function("window.mirrorMood?.shown")
    page.wait_for_selector("[data-scale=week][aria-pressed=true]")
    wait_until(lambda: field(page, "person").evaluate("e => e.selectedOptions[0].text") == "Ada")


def test_the_calendar_has_the_days_moods_and_opens_a_day(page, served):
    friday = page.get_by_role("button", name="Friday 20 March: mostly happy")
    friday.wait_for()
    colour = friday.evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == "rgb(225, 214, 64)"  # nearly the whole colour: the mirror was 68 % sure
    assert page.get_by_role("button", name="Saturday 21 March: nobody was seen").is_disabled()
    page.get_by_role("button", name="Friday 13 March: mostly sad (80 %), seen for 2 min").click()
    shows(page, served, (at(13, 0), at(14, 0)), MoodLabel.SAD)
    page.wait_for_selector("[data-day='2026-03-13'][aria-pressed=true]")
    assert page.get_by_text("13 March 2026", exact=True).is_visible()
    press(page, "The month before")
    page.get_by_text("February 2026").wait_for()
    page.get_by_role("button", name="Sunday 1 February: nobody was seen").wait_for()
    assert page.locator("[data-day='2026-02-28']").is_visible()


def test_this_week_is_compared_with_the_last_one(page):
    page.get_by_text("This week was mostly happy, last week mostly sad.").wait_for()
    # This week: 120 happy seconds of 0.7, 60 neutral ones with 0.1/6, 40 surprised ones with 0.4/6.
    happy = round(100 * (120 * 0.7 + 60 * 0.1 / 6 + 40 * 0.4 / 6) / 220)
    row = page.locator("[data-compared=happy]")
    assert row.inner_text().split() == ["Happy", "3", "%", str(happy), "%", f"+{happy - 3}"]
    sad = page.locator("[data-compared=sad]").inner_text().split()
    assert sad[1:3] == ["80", "%"]
    lines = drawn(page, ".m-chart-compare")["series"]
    since = 4 * 86400 + 6 * 3600  # Friday's morning, in buckets of six hours
    assert [since, -0.5] in lines["first"]
    assert any(moment == since and value > 0 for moment, value in lines["second"])


def test_two_periods_of_ones_own_are_compared(page):
    field(page, "compare").select_option(label="Today with yesterday")
    page.get_by_text("Today was mostly happy, yesterday mostly neutral.").wait_for()
    field(page, "compare").select_option(label="Two periods of your own")
    field(page, "first_from").fill("2026-03-13")
    field(page, "first_to").fill("2026-03-13")
    field(page, "second_from").fill("2026-03-14")
    field(page, "second_to").fill("2026-03-15")
    page.get_by_text("Nobody was seen: second.").wait_for()
    field(page, "second_to").fill("2026-03-12")
    page.get_by_text("A period has to end after it begins.").wait_for()


def saved(page, name: str) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    rows = list(reader)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return rows


def test_what_is_shown_and_every_second_are_saved_as_csv(page):
    shown = saved(page, "Save what is shown")
    assert [row["DateTime"] for row in shown] == ["2026-03-19T18:00:00+01:00", "2026-03-20T09:00:00+01:00"]
    assert float(shown[0]["Neutral"]) == pytest.approx(0.9)
    assert float(shown[1]["Happy"]) == pytest.approx((120 * 0.7 + 40 * 0.4 / 6) / 160, abs=1e-6)
    assert [row["dominant"] for row in shown] == ["Neutral", "Happy"]
    seconds = saved(page, "Save every second")
    assert len(seconds) == 60 + 120 + 40
    assert seconds[60]["DateTime"] == "2026-03-20T09:00:00+01:00"
    assert float(seconds[60]["Happy"]) == pytest.approx(0.7)
    assert seconds[-1]["dominant"] == "Surprise"
    assert float(seconds[-1]["Surprise"]) == pytest.approx(0.6)
    field(page, "person").select_option(label="Everybody unknown")
    page.wait_for_function("document.querySelector('a[download]')?.href?.includes('person=')")
    assert {row["dominant"] for row in saved(page, "Save every second")} == {"Surprise"}


def test_the_numbers_stand_in_a_table(page):
    page.get_by_text("The numbers as a table").click()
    rows = page.locator(".m-table tbody tr").filter(has_text="Thu 19 Mar, 18:00")
    rows.wait_for()
    cells = dict(
        zip(
            page.locator(".m-table-place thead th").all_inner_texts(),
            rows.locator("th, td").all_inner_texts(),
            strict=True,
        )
    )
    assert (cells["Neutral"], cells["Happy"], cells["Seen"]) == ("90 %", "2 %", "1 min")


def test_everything_is_reached_with_the_keyboard(page):
    page.locator("[data-scale=week]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-scale=week][aria-pressed=true]")
    happy = page.locator("button[data-mood=happy]")
    assert happy.get_attribute("aria-pressed") == "true"
    happy.focus()
    page.keyboard.press("Space")
    wait_until(lambda: "happy" not in drawn(page)["series"])
    assert happy.get_attribute("aria-pressed") == "false"
    page.keyboard.press("Space")
    wait_until(lambda: "happy" in drawn(page)["series"])
    unnamed = page.evaluate(UNNAMED)
    assert unnamed == 0


def mood(track_id: int, label: MoodLabel, share: float, person: str = "", unsure: bool = False) -> Mood:
    probabilities = np.full(len(MoodLabel), (1 - share) / 6, np.float32)
    probabilities[label] = share
    return Mood(track_id, probabilities, unsure, person=person)


def test_live_lines_follow_who_stands_there(page, served):
    live = served.moods.live
    page.get_by_text("No moods come from the mirror at the moment.").wait_for()
    wait_until(lambda: live.is_watched)
    ada = next(iter(served.faces.names()))

    def tell(*moods: Mood) -> None:
        live.on_moods(MoodSet(0, "camera", moods))

    def chips() -> list[str]:
        tell(mood(7, MoodLabel.HAPPY, 0.82, ada), mood(9, MoodLabel.SAD, 0.55, unsure=True))
        return page.locator("[data-track]").all_inner_texts()

    wait_until(lambda: chips() == ["Ada: happy 82 %", "Somebody: unsure"])
    newest = lambda: drawn(page, ".m-chart-live")["series"]["happy"][-1][1]  # noqa: E731
    wait_until(lambda: newest() == 0.82)
    page.locator("[data-track='9']").click()
    page.wait_for_selector("[data-track='9'][aria-pressed=true]")
    wait_until(lambda: bool(chips()) and newest() == 0.075)
    assert drawn(page, ".m-chart-live")["axis"] == [-60, 0]

    def is_empty() -> bool:
        tell()
        return page.get_by_text("Nobody stands before the mirror.").is_visible()

    wait_until(is_empty)
    page.close()
    wait_until(lambda: not live.is_watched)


def test_while_there_is_no_log_the_page_says_how_to_switch_it_on(browser, served, tmp_path):
    moods = served.moods
    moods.database, moods.is_on = str(tmp_path / "none.sqlite"), False
    moods.log.close()
    page = opened(browser, served, has_curves=False)
    page.get_by_text(
        "No moods are kept: the mood log is switched off (parameter log of the node mood_log)."
    ).wait_for()
    moods.refusal = "log = true is refused: the disk is full."
    press(page, "Switch it on")
    page.get_by_role("alert").filter(has_text="the disk is full").wait_for()
    moods.refusal = None
    press(page, "Switch it on")
    wait_until(lambda: moods.is_on is True)
    page.get_by_text("The mood log is still empty; it fills while somebody stands").wait_for()
    page.get_by_role("button", name="Switch it on").wait_for(state="hidden")
    write_rows(moods.database, known_rows(NOW_S - 20, 10, MoodLabel.DISGUST, 0.8))
    page.wait_for_function("window.mirrorMood.shown")
    assert values(page, "disgust")[at(20, 9)] == 0.8
    page.get_by_text("The mood log is still empty").wait_for(state="hidden")
    page.close()


def test_who_sees_that_moods_are_kept_can_stop_it_there(page, served):
    served.moods.is_on = True
    page.get_by_text("The mood log is on: a row a second and person is kept").wait_for()
    press(page, "Stop keeping moods")
    wait_until(lambda: served.moods.is_on is False)
    page.get_by_text("The mood log is switched off, so nothing new is kept").wait_for()
    page.get_by_role("button", name="Stop keeping moods").wait_for(state="hidden")


def test_where_nobody_answers_it_says_so(browser, served, tmp_path):
    served.moods.database, served.moods.is_on = str(tmp_path / "none.sqlite"), None
    served.moods.log.close()
    page = opened(browser, served, has_curves=False)
    page.get_by_text("No moods are kept, and the mood log does not answer").wait_for()
    page.close()


def test_a_log_that_is_off_but_has_moods_is_shown_with_a_note(page, served):
    served.moods.is_on = False
    page.get_by_text("The mood log is switched off, so nothing new is kept").wait_for()
    shows(page, served, (at(19, 11), at(20, 11)), MoodLabel.HAPPY)


def test_a_log_that_cannot_be_read_is_said_and_tried_again(page, served):
    served.moods.break_with("The database server does not answer.")
    alert = page.get_by_role("alert").filter(has_text="The mood log cannot be read")
    alert.filter(has_text="The database server does not answer.").wait_for()
    assert values(page, "happy")  # what is known stays to be seen
    served.moods.break_with(None)
    alert.wait_for(state="hidden")


def test_a_log_that_cannot_be_read_from_the_start_is_said(browser, served):
    served.moods.break_with("The database server does not answer.")
    page = opened(browser, served, has_curves=False)
    page.get_by_role("alert").filter(has_text="The database server does not answer.").wait_for()
    assert page.get_by_text("Reading the mood log").count() == 0
    served.moods.break_with(None)
    page.wait_for_function("window.mirrorMood.shown")
    page.close()


@pytest.mark.parametrize("query", ["scale=two_weeks", "scale=minute", "view=feeling"])
def test_on_a_phone_everything_fits_the_width(browser, served, query):
    page = opened(browser, served, query, size=(360, 780))
    page.get_by_text("The numbers as a table").click()
    page.get_by_text("mostly happy, last week mostly sad").wait_for()
    field(page, "compare").select_option(label="Two periods of your own")
    field(page, "second_to").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_a_lost_connection_is_said_and_mended(browser, served):
    """The last test of this module: it stops the server for a moment."""
    page = opened(browser, served, "scale=week")
    page.wait_for_function("window.socket?.connected")
    lost = page.get_by_text("The connection to the mirror is lost; what you see is how it was before.")
    assert lost.is_hidden()
    page.wait_for_timeout(600)  # the script looks for the connection twice a second
    served.server.stop()
    lost.wait_for()
    served.server.start()
    lost.wait_for(state="hidden")
    page.wait_for_function("window.mirrorMood?.shown")
    assert "scale=week" in page.url
    page.close()
