"""A job in words: how it stands, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from mirror_web.catalogue import Texts
from mirror_web.jobs_record import Job, JobState
from mirror_web.jobs_scene import REPORT_STEPS, STEPS

__all__ = ["figure_words", "percent", "problem_lines", "remaining_words", "standing_words"]

TEXTS, STEP_NAMES, KINDS = Texts("jobs"), Texts("jobs_steps"), Texts("jobs_kinds")
MINUTE_S, HOUR_S = 60.0, 3600.0


def percent(job: Job) -> int | None:
    """How much of the present step is done; None where nobody knows."""
    return None if job.share is None else int(100 * job.share)


def remaining_words(seconds: float) -> str:
    """About how long it still takes."""
    if seconds < 0.75 * MINUTE_S:
        return TEXTS["left_moment"]
    if seconds < 0.75 * HOUR_S:
        minutes = round(seconds / MINUTE_S)
        return TEXTS["left_minute"] if minutes <= 1 else TEXTS["left_minutes"].format(count=minutes)
    hours = round(seconds / HOUR_S)
    return TEXTS["left_hour"] if hours <= 1 else TEXTS["left_hours"].format(count=hours)


def standing_words(job: Job, before: int, now_s: float) -> str:
    """How a job stands, in a sentence or two.

    Args:
        job: it.
        before: how many come before it.
        now_s: seconds since 1970.
    """
    if job.state is JobState.WAITING:
        return TEXTS["waiting"] if not before else TEXTS["waiting_behind"].format(count=before)
    if job.state is JobState.RUNNING:
        return _running_words(job, now_s)
    if job.state is JobState.DONE:
        if job.kind == "faces":
            return TEXTS["done_faces"].format(count=int(job.outcome.get("stored", 0)))
        return TEXTS["done_report" if job.order.get("only_report") else f"done_{job.kind}"]
    if job.state is JobState.FAILED:
        return job.error or TEXTS["failed"]
    return TEXTS[job.state]


def _running_words(job: Job, now_s: float) -> str:
    if not job.step:
        return TEXTS["beginning"]
    what = STEP_NAMES.get(job.step, job.step)
    if job.kind == "faces":
        return TEXTS["faces_of"].format(what=what, done=job.done, total=job.total or 0)
    steps = REPORT_STEPS if job.order.get("only_report") else STEPS
    if job.step in steps:
        number = steps.index(job.step) + 1
        what = TEXTS["step_of"].format(number=number, count=len(steps), what=what)
    share, left_s = percent(job), job.remaining_s(now_s)
    if share is not None:
        what = f"{what} · {share} %"
    return what if left_s is None else f"{what} · {remaining_words(left_s)}"


def figure_words(figures: Mapping[str, float]) -> str:
    """How good a training becomes, empty where nothing is known yet."""
    said = []
    if "ssim" in figures:
        said.append(TEXTS["ssim"].format(percent=f"{100 * figures['ssim']:.0f}"))
    if "flicker_levels" in figures:
        said.append(TEXTS["flicker"].format(levels=f"{figures['flicker_levels']:.1f}"))
    if "epoch" in figures:
        said.append(TEXTS["rounds"].format(count=int(figures["epoch"])))
    return " · ".join(said)


def problem_lines(job: Job) -> list[str]:
    """What did not work of an import, a line each."""
    return [f"{name}: {sentence}" for name, sentence in job.outcome.get("problems", ())]
