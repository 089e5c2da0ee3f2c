"""The Mood page: moods now, over time, day by day, and two periods beside each other."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from nicegui import events, ui

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_mood.log.answers import Presence
from mirror_mood.log.buckets import zone_named
from mirror_mood.log.queries import NoMoodLogError
from mirror_web.controls import Alert
from mirror_web.mood_answer import Answer, answer
from mirror_web.mood_calendar import CalendarPanel
from mirror_web.mood_choice import FIXED, MoodChoice, Period, View, Whose
from mirror_web.mood_comparison import ComparePanel
from mirror_web.mood_curves import legend
from mirror_web.mood_now import NowPanel
from mirror_web.mood_over_time import OverTime, chosen_of, people_options
from mirror_web.mood_pairs import OWN_FIELDS, PairChoice, local_day, month_of, own_start, pair
from mirror_web.mood_switch import LogSwitch
from mirror_web.mood_texts import TEXTS
from mirror_web.shell import PageContext

__all__ = ["build_mood_page"]

NOW_TURN_S = 0.2  # how often the live lines are drawn
TURN_S = 1.0  # how often the log is looked at
SLOW_TURN_S = 4.0  # the same where a point of the curves is a minute or more
SLOW_BUCKET_S = 60
OTHERS_S = 10.0  # calendar and comparison follow new rows so often
COMPARED_POINTS = 120
NAMES_S = 10.0  # names that are not known are asked for so often


def build_mood_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _MoodPage(context)


class _MoodPage:
    """One browser tab's Mood page."""

    def __init__(self, context: PageContext) -> None:
        self._faces = context.faces
        self._moods = context.moods
        self._log = context.moods.log
        self._client = ui.context.client
        request = self._client.request
        self._choice = MoodChoice.of_query(request.query_params if request is not None else {})
        self._zone: str | None = None  # unknown until the browser has told
        self._period: Period | None = None
        self._shown: tuple[Any, ...] | None = None  # what the curves answer
        self._bucket_s = 1
        self._loaded_s = self._others_s = self._names_s = float("-inf")
        self._others: tuple[Any, ...] | None = None
        self._names: Mapping[str, str] = {}
        self._people: tuple[Presence, ...] = ()
        self._month: date | None = None
        self._pair, self._own = PairChoice.WEEK, dict[str, date]()
        self._is_seen = True
        # One question of each kind at a time; a press on a scale does not wait for the calendar.
        self._lock, self._others_lock = asyncio.Lock(), asyncio.Lock()
        for style in ("faces", "mood"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        ui.add_head_html('<script src="/assets/mood.js" defer></script>')
        self._build()
        ui.on("mood_zone", self._on_zone)
        ui.on("mood_seen", self._on_seen)
        ui.on("mood_range", self._on_range)
        ui.on("mood_field", self._on_field)
        ui.timer(0.0, self._open, once=True)
        ui.timer(NOW_TURN_S, self._turn_now)
        ui.timer(TURN_S, self._turn)

    def _build(self) -> None:
        with ui.element("div").classes("m-mood-page"):
            ui.label(TEXTS["offline"]).classes("m-detail m-offline").props('role="alert"')
            with ui.element("div").classes("m-mood-wide") as self._trouble:
                self._alert = Alert()
            self._trouble.set_visibility(False)
            self._switch = LogSwitch(self._moods)
            self._now = NowPanel(self._moods.live)
            self._over_time = OverTime(self._choose_scale, self._choose_view, self._step)
            self._calendar = CalendarPanel(self._open_day, self._turn_month)
            self._compare = ComparePanel()

    def _open(self) -> None:
        """Tell the script where everything is; it answers with the browser's time zone."""
        over_time = self._over_time
        places = {
            "live": self._now.chart.id,
            "main": over_time.chart.id,
            "legend": over_time.legend.id,
            "table": over_time.table.id,
            "compare": self._compare.chart.id,
            **legend(),
        }
        self._client.run_javascript(f"window.mirrorMood.open({json.dumps(places)})")

    # ---- what a person does

    async def _on_zone(self, event: events.GenericEventArguments) -> None:
        zone = str(event.args)
        try:
            zone_named(zone)
        except UsageError:
            zone = ""  # the browser knows one that the mirror does not
        self._zone = zone
        self._now.is_open = True
        self._over_time.show_choice(self._choice, zone)
        await self._turn()

    async def _on_seen(self, event: events.GenericEventArguments) -> None:
        self._is_seen = bool(event.args)
        if self._is_seen:
            await self._turn()

    async def _on_range(self, event: events.GenericEventArguments) -> None:
        start_s, end_s = (int(value) for value in event.args)
        await self._choose_period(start_s, end_s)

    async def _on_field(self, event: events.GenericEventArguments) -> None:
        name, value = event.args
        if name in ("from", "to"):
            start_s, end_s = self._period or self._choice.fixed
            await self._choose_period(*((int(value), end_s) if name == "from" else (start_s, int(value))))
        elif name == "points":
            await self._try(name, lambda: replace(self._choice, points=int(value)))
        elif name in ("person", "mirror"):
            chosen = chosen_of(str(value))
            is_person = name == "person"
            await self._try(
                name,
                lambda: (
                    replace(self._choice, person=chosen)
                    if is_person
                    else replace(self._choice, mirror=chosen)
                ),
            )
        elif name == "compare":
            self._pair = PairChoice(value)
            await self._load_others(fields=True)
        elif name in OWN_FIELDS:
            self._own[name] = date.fromisoformat(str(value))
            await self._load_others(fields=True)

    async def _choose_scale(self, scale: str) -> None:
        await self._choose(replace(self._choice, scale=scale))

    async def _choose_view(self, view: View) -> None:
        await self._choose(replace(self._choice, view=view))

    async def _choose_period(self, start_s: int, end_s: int) -> None:
        await self._try("to", lambda: self._choice.between(start_s, end_s))

    async def _try(self, field: str, change: Any) -> None:
        try:
            choice = change()
        except (UsageError, ValueError) as error:
            self._over_time.refuse(field, True)
            self._say(str(error))
            return
        self._over_time.refuse(field, False)
        await self._choose(choice)

    async def _step(self, lengths: int) -> None:
        if self._period is not None:
            await self._choose(self._choice.moved(self._period, lengths, self._moods.now_s()))

    async def _open_day(self, period: Period) -> None:
        await self._choose(self._choice.between(*period))

    async def _turn_month(self, first: date) -> None:
        self._month = first
        await self._load_others()

    async def _choose(self, choice: MoodChoice) -> None:
        was, self._choice = self._choice, choice
        zone = self._zone or ""
        self._over_time.show_choice(choice, zone)
        self._calendar.mark(choice.fixed if choice.scale == FIXED else None)
        self._client.run_javascript(f"window.mirrorMood.address({json.dumps(urlencode(choice.query()))})")
        await self._load()
        if choice.whose != was.whose or self._pair is PairChoice.SHOWN:
            await self._load_others()

    # ---- what changes by itself

    def _turn_now(self) -> None:
        if self._is_seen:
            self._now.turn(self._names)

    async def _turn(self) -> None:
        if not self._is_seen or self._zone is None:
            return
        await self._switch.turn()
        now_s = asyncio.get_running_loop().time()
        if now_s - self._loaded_s < (SLOW_TURN_S if self._bucket_s >= SLOW_BUCKET_S else TURN_S * 0.9):
            return
        await self._load()
        if now_s - self._others_s >= OTHERS_S:
            await self._load_others(fields=self._others is None)

    async def _load(self) -> None:
        """Bring the curves to what is chosen and what the log has, if they are not."""
        if self._zone is None:
            return
        async with self._lock:
            self._loaded_s = asyncio.get_running_loop().time()
            try:
                now_s = self._moods.now_s()
                found = await asyncio.to_thread(
                    answer, self._log, self._choice, now_s, zone=self._zone, known=self._shown
                )
            except NoMoodLogError:
                found = None
            except StoreError as error:
                self._say(TEXTS["unreadable"].format(error=error))
                if self._shown is None:
                    self._over_time.cover("")
                return
            except MirrorError as error:
                self._say(TEXTS["refused"].format(error=error))
                return
            self._say(None)
            if found is None:
                self._over_time.cover(self._switch.empty_words)
                self._shown = None
            elif found.choice is self._choice and found.key != self._shown:
                await self._show(found)

    async def _show(self, found: Answer) -> None:
        self._shown, self._period, self._bucket_s = found.key, found.period, found.bucket_s
        self._over_time.show_curves(found.curves, found.period, self._zone or "")
        self._people = found.people
        await self._learn_names()
        options = people_options(found.people, self._names)
        self._over_time.show_fields(found.choice, found.period, options, found.mirrors)

    async def _load_others(self, fields: bool = False) -> None:
        """Bring calendar and comparison up to date."""
        if self._zone is None:
            return
        async with self._others_lock:
            self._others_s = asyncio.get_running_loop().time()
            zone, now_s = self._zone, self._moods.now_s()
            self._month = self._month or local_day(now_s, zone).replace(day=1)
            self._own = self._own or own_start(now_s, zone)
            if fields:
                self._compare.show_fields(self._pair, self._own)
            whose = self._choice.whose
            with contextlib.suppress(StoreError):  # the curves say so
                await self._load_month(whose, zone)
                await self._load_pair(whose, now_s, zone)

    async def _load_month(self, whose: Whose, zone: str) -> None:
        assert self._month is not None
        days = await asyncio.to_thread(self._log.calendar, *month_of(self._month), whose, zone)
        self._calendar.show(days, self._choice.fixed if self._choice.scale == FIXED else None)
        self._others = (self._month, whose)

    async def _load_pair(self, whose: Whose, now_s: float, zone: str) -> None:
        try:
            periods = pair(self._pair, now_s, self._period or self._choice.fixed, self._own, zone)
            both = (periods.first, periods.second)
            found = await asyncio.to_thread(self._log.compare, *both, COMPARED_POINTS, whose, zone)
        except UsageError as error:
            self._compare.refuse(str(error))
            return
        self._compare.show(found, periods, zone)

    async def _learn_names(self) -> None:
        needed = {presence.name for presence in self._people if presence.name}
        needed |= {mood.person for mood in self._moods.live.present() if mood.person}
        now_s = asyncio.get_running_loop().time()
        if needed <= self._names.keys() or now_s - self._names_s < NAMES_S:
            return
        self._names_s = now_s
        with contextlib.suppress(MirrorError):  # they are asked for again
            self._names = await asyncio.to_thread(self._faces.names)

    def _say(self, sentence: str | None) -> None:
        self._alert.show(sentence)
        self._trouble.set_visibility(sentence is not None)
