"""The list of long work with what can be done about each, in the header's panel and on pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from nicegui import events, ui

from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, ask, button, set_prop
from mirror_web.film_quality import quality_lines
from mirror_web.jobs import Jobs
from mirror_web.jobs_record import Job, JobState
from mirror_web.jobs_words import figure_words, percent, problem_lines, standing_words

__all__ = ["JobsList"]

TURN_S = 0.5
TEXTS, KINDS = Texts("jobs"), Texts("jobs_kinds")
ICONS = {
    JobState.RECEIVING: "upload",
    JobState.WAITING: "schedule",
    JobState.RUNNING: "autorenew",
    JobState.DONE: "task_alt",
    JobState.FAILED: "error",
    JobState.CANCELLED: "cancel",
    JobState.INTERRUPTED: "pause_circle",
}


class JobsList:
    """The list in the current NiceGUI slot; it brings itself up to date.

    Args:
        jobs: all of them.
        wanted: which are shown.
        empty: what stands there where there is none; nothing where this is empty.
    """

    def __init__(self, jobs: Jobs, wanted: Callable[[Job], bool] = lambda _: True, empty: str = "") -> None:
        self._jobs, self._wanted = jobs, wanted
        self._cards: dict[str, _JobCard] = {}
        self._empty = ui.label(empty).classes("m-hint")
        self._list = ui.element("ul").classes("m-jobs")
        self._list.props["aria-label"] = TEXTS["title"]
        self._turn()
        ui.timer(TURN_S, self._turn)

    def _turn(self) -> None:
        found = [job for job in self._jobs.jobs() if self._wanted(job)]
        waiting = [job.id for job in self._jobs.jobs() if job.state.is_open]
        self._empty.set_visibility(not found and bool(self._empty.text))
        for job_id in set(self._cards) - {job.id for job in found}:
            self._cards.pop(job_id).element.delete()
        for place, job in enumerate(found):
            card = self._cards.get(job.id)
            if card is None:
                with self._list:
                    card = self._cards[job.id] = _JobCard(self._jobs, job)
            if card.place != place:
                card.place = place
                card.element.move(self._list, place)
            card.show(job, waiting.index(job.id) if job.id in waiting else 0)


class _JobCard:
    """One job."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._id = jobs, job.id
        self._shown: Job | None = None
        self._is_open = False  # its log is looked at
        self._logged = ""
        self.place = -1
        with ui.element("li").classes("m-job") as self.element:
            self.element.props["data-job"] = job.id
            with ui.element("div").classes("m-job-head"):
                self._icon = ui.icon("schedule", size="22px").props('aria-hidden="true"')
                with ui.element("div").classes("m-job-words"):
                    ui.label(job.title).classes("m-job-title")
                    ui.label(KINDS.get(job.kind, job.kind)).classes("m-hint")
            self._words = ui.label().classes("m-job-standing")
            # Percentages would keep a screen reader talking; it is told when the state changes.
            self._said = ui.label().classes("m-unseen").props('role="status"')
            with ui.element("div").classes("m-progress").props('role="progressbar"') as self._bar:
                self._bar.props["aria-label"] = job.title
                self._bar.props["aria-valuemin"], self._bar.props["aria-valuemax"] = 0, 100
                self._done = ui.element("div").classes("m-progress-done")
            self._figures = ui.label().classes("m-hint")
            self._alert = Alert()
            with ui.element("div").classes("m-job-buttons"):
                self._cancel = button(TEXTS["cancel"], partial(self._do, jobs.cancel), icon="stop")
                self._go_on = button(TEXTS["go_on"], self._let_go_on, icon="play_arrow")
                self._make = button(TEXTS["make_now"], self._make_now, icon="movie", kind="main")
                self._remove = button(TEXTS["remove"], self._ask_remove, kind="quiet")
            for each, words in ((self._cancel, "cancel"), (self._go_on, "go_on"), (self._remove, "remove")):
                each.props["aria-label"] = f"{TEXTS[words]}: {job.title}"
            self._build_sure(jobs)
            self._more = ui.element("details").classes("m-more")
            self._more.on("toggle", self._on_toggle, js_handler="(event) => emit(event.target.open)")
            with self._more:
                with ui.element("summary"):
                    ui.label(TEXTS["more"])
                self._facts = ui.element("ul").classes("m-purged")
                self._log = ui.element("pre").classes("m-log").props('tabindex="0"')
                self._log.props["aria-label"] = TEXTS["log"]
                self._log.set_visibility(False)

    def _build_sure(self, jobs: Jobs) -> None:
        with ui.element("div").classes("m-note") as self._sure:
            ui.label(TEXTS["remove_sure"])
            with ui.element("div").classes("m-choices"):
                button(TEXTS["remove_no"], lambda: self._sure.set_visibility(False), kind="quiet")
                button(TEXTS["remove_yes"], partial(self._do, jobs.remove), kind="danger")
        self._sure.set_visibility(False)

    # ---- what a person does

    async def _do(self, call: Callable[[str], str | None]) -> None:
        self._alert.show(await ask(call, self._id))

    async def _let_go_on(self) -> None:
        self._alert.show(await ask(self._jobs.go_on, self._id))

    async def _make_now(self) -> None:
        self._alert.show(await ask(self._jobs.go_on, self._id, {"only_report": False}))

    async def _ask_remove(self) -> None:
        if (
            self._shown is not None
            and self._shown.state is JobState.DONE
            and not self._holds_files(self._shown)
        ):
            await self._do(self._jobs.remove)
        else:
            self._sure.set_visibility(True)

    @staticmethod
    def _holds_files(job: Job) -> bool:
        return job.kind == "scene" and bool(job.order.get("only_report"))

    # ---- what changes by itself

    def show(self, job: Job, before: int) -> None:
        """Bring the card up to date.

        Args:
            job: how it stands.
            before: how many come before it.
        """
        words = standing_words(job, before, time.time())
        self._words.set_text(words)
        share = percent(job)
        is_running = job.state is JobState.RUNNING
        self._bar.set_visibility(is_running)
        if is_running:
            self._done.style(f"width: {share or 0}%")
            set_prop(self._bar, "aria-valuenow", share or 0)
            set_prop(self._bar, "aria-valuetext", words)
        self._figures.set_text(figure_words(job.figures) if job.kind == "scene" else "")
        self._figures.set_visibility(bool(self._figures.text))
        if self._shown is None or job.state is not self._shown.state:
            self._said.set_text(f"{job.title}: {words}")
        if job != self._shown:
            self._show_state(job)
        if self._shown is None or job.outcome != self._shown.outcome:
            self._show_facts(job)
        self._shown = job
        if self._is_open:
            self._show_log()

    def _show_state(self, job: Job) -> None:
        set_prop(self.element, "data-state", str(job.state))
        self._icon.set_name(ICONS[job.state])
        self._cancel.set_visibility(job.state.is_open)
        self._go_on.set_visibility(job.state.can_go_on)
        self._remove.set_visibility(not job.state.is_open)
        is_report = job.state is JobState.DONE and self._holds_files(job)
        self._make.set_visibility(is_report and _can_train())
        if job.state.is_open:
            self._sure.set_visibility(False)

    def _show_facts(self, job: Job) -> None:
        lines = problem_lines(job)
        quality = job.outcome.get("quality")
        if isinstance(quality, dict):
            lines += quality_lines(quality)
        self._facts.clear()
        with self._facts:
            for line in lines:
                with ui.element("li"):
                    ui.label(line)
        self._facts.set_visibility(bool(lines))
        self._more.set_visibility(bool(lines) or job.kind == "scene")

    def _on_toggle(self, event: events.GenericEventArguments) -> None:
        self._is_open = bool(event.args)
        self._show_log()

    def _show_log(self) -> None:
        text = self._jobs.log(self._id)
        self._log.set_visibility(bool(text))
        if text != self._logged:
            self._logged = text
            self._log.clear()
            with self._log:
                ui.label(text)


def _can_train() -> bool:
    from mirror_training.film_scene.training import can_train_here

    return can_train_here()
