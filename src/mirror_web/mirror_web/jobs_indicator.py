"""The header's indicator of long work: how much there is and how far it is; it opens the list."""

from __future__ import annotations

from nicegui import ui

from mirror_web.catalogue import Texts
from mirror_web.controls import set_prop, sheet
from mirror_web.jobs import Jobs
from mirror_web.jobs_list import JobsList
from mirror_web.jobs_record import JobState
from mirror_web.jobs_words import percent, standing_words

__all__ = ["build_jobs_indicator"]

TURN_S = 1.0
TEXTS = Texts("jobs")


def build_jobs_indicator(jobs: Jobs, root: ui.element) -> None:
    """Build the button in the current NiceGUI slot; it is seen while there is any long work.

    Args:
        jobs: all of them.
        root: where the list's sheet is made.
    """
    shown = ui.element("button").classes("m-jobs-button").props('type="button" aria-haspopup="dialog"')
    with shown:
        icon = ui.icon("hourglass_top", size="20px").props('aria-hidden="true"')
        words = ui.label()
    seen = -1

    def open_list() -> None:
        with sheet(root, TEXTS["title"]):
            JobsList(jobs, empty=TEXTS["empty"])

    def turn() -> None:
        nonlocal seen
        found = jobs.jobs()
        if jobs.revision() == seen and not found:
            return
        seen = jobs.revision()
        to_do = [job for job in found if job.state.is_open]
        shown.set_visibility(bool(found))
        running = next((job for job in to_do if job.state is JobState.RUNNING), None)
        share = None if running is None else percent(running)
        is_hurt = any(job.state in (JobState.FAILED, JobState.INTERRUPTED) for job in found)
        icon.set_name("hourglass_top" if to_do else "error_outline" if is_hurt else "task_alt")
        text = f"{len(to_do)}" if to_do else ""
        words.set_text(f"{text} · {share} %" if share is not None else text)
        words.set_visibility(bool(text))
        said = TEXTS["open_list"].format(count=len(to_do))
        if running is not None:
            said = f"{said} {running.title}: {standing_words(running, 0, running.step_s)}"
        set_prop(shown, "aria-label", said)
        set_prop(shown, "title", TEXTS["title"])

    shown.on("click", open_list, args=[])
    shown.set_visibility(False)
    turn()
    ui.timer(TURN_S, turn)
