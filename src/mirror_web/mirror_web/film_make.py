"""Making a scene from a clip: the questions, the upload, and the job that follows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicegui import ui

from mirror_core.errors import MirrorError, UsageError
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, sheet
from mirror_web.film_scenes import FilmScenes
from mirror_web.job_tray import FileTray
from mirror_web.job_uploads import JobUploads, Tray
from mirror_web.jobs import Jobs
from mirror_web.jobs_record import Job, JobState
from mirror_web.jobs_scene import CLIP, CLIPS, LARGEST_CLIP_MB, scene_name, taken_clip

__all__ = ["TRAIN_COMMAND", "open_make_sheet"]

TEXTS = Texts("film")
TRAIN_COMMAND = "pip install --no-deps -r requirements/train.txt"
CROPS, SIZES = ("auto", "centre"), ("fast", "full")
MINUTES = (0, 30, 60, 120, 240, 480)  # to train; 0: as long as the recipe wants


def open_make_sheet(root: ui.element, jobs: Jobs, uploads: JobUploads, scenes: FilmScenes) -> None:
    """Ask for a clip and whose it is, and let the scene be made.

    Args:
        root: where the sheet is made.
        jobs: all long work.
        uploads: what the server awaits.
        scenes: where the scene goes.
    """
    _MakeSheet(root, jobs, uploads, scenes)


class _MakeSheet:
    """One open sheet."""

    def __init__(self, root: ui.element, jobs: Jobs, uploads: JobUploads, scenes: FilmScenes) -> None:
        from mirror_training.film_scene.training import can_train_here

        self._root, self._jobs, self._uploads, self._scenes = root, jobs, uploads, scenes
        self._job: Job | None = None
        self._ticket = ""
        self._rows: dict[str, ui.element] = {}
        self._can_train = can_train_here()
        with sheet(root, TEXTS["make_title"]) as self._dialog:
            self._build()
        self._dialog.on("hide", self._leave, args=[])

    def _build(self) -> None:
        ui.label(TEXTS["make_intro"]).classes("m-hint")
        if not self._can_train:
            with ui.element("div").classes("m-detail m-note m-no-training"):
                ui.label(TEXTS["no_training"])
                ui.label(TRAIN_COMMAND).classes("m-fact-value")
        self._tray = FileTray(
            accept=",".join(("video/*", *sorted(CLIPS))),
            title=TEXTS["drop_clip"],
            hint=TEXTS["drop_clip_hint"].format(limit=f"{LARGEST_CLIP_MB / 1000:.0f}"),
            icon="movie",
            many=False,
            photos=False,
            on_chosen=self._chosen,
            on_sent=self._sent,
        )
        self._title = ui.input(TEXTS["title"]).classes("m-field m-film-field")
        self._title.props('outlined maxlength=60 autocomplete="off" data-field="title"')
        self._licence = ui.input(TEXTS["licence"]).classes("m-field m-film-field")
        self._licence.props('outlined maxlength=200 data-field="licence"')
        ui.label(TEXTS["licence_hint"]).classes("m-hint")
        self._consent = ui.input(TEXTS["consent"]).classes("m-field m-film-field")
        self._consent.props('outlined maxlength=200 data-field="consent"')
        ui.label(TEXTS["consent_hint"]).classes("m-hint")
        with ui.element("div").classes("m-film-choices"):
            self._crop = self._select("crop", CROPS)
            self._size = self._select("size", SIZES)
            self._minutes = self._select("minutes", tuple(map(str, MINUTES)))
        if not self._can_train:
            for name in ("size", "minutes"):
                self._rows[name].set_visibility(False)
        with ui.element("div").classes("m-checks"):
            self._agreed = ui.checkbox(TEXTS["make_agreed"])
        self._alert = Alert()
        with ui.element("div").classes("m-sheet-buttons"):
            button(TEXTS["cancel"], self._dialog.close, kind="quiet")
            words = TEXTS["make_go" if self._can_train else "make_report"]
            self._go = button(words, self._begin, kind="main")

    def _select(self, name: str, words: tuple[str, ...]) -> dict[str, str]:
        held = {"value": words[0]}
        with ui.element("label").classes("m-film-row") as self._rows[name]:
            ui.label(TEXTS[f"make_{name}"])
            select = ui.element("select").props(f'data-make="{name}"')
            with select:
                for word in words:
                    option = ui.element("option")
                    option.props["value"] = word
                    option.props["label"] = TEXTS[f"make_{name}_{word}"]
        select.on(
            "change",
            lambda event: held.update(value=str(event.args)),
            js_handler="(event) => emit(event.target.value)",
        )
        return held

    # ---- what a person does

    def _chosen(self) -> None:
        self._alert.show(None)
        if not self._title.value and self._tray.files:
            stem = Path(self._tray.files[0].name).stem
            self._title.set_value(" ".join(stem.replace("_", " ").split())[:60])

    def _order(self) -> Mapping[str, Any]:
        """What the job needs to know.

        Raises:
            UsageError: one sentence that says what is missing.
        """
        title, licence, consent = (
            " ".join(str(each.value or "").split()) for each in (self._title, self._licence, self._consent)
        )
        if not self._tray.files:
            raise UsageError(TEXTS["make_no_clip"])
        if self._tray.files[0].size > LARGEST_CLIP_MB * 1_000_000:
            raise UsageError(TEXTS["make_too_large"].format(limit=f"{LARGEST_CLIP_MB / 1000:.0f}"))
        if not title or not licence or not consent:
            raise UsageError(TEXTS["make_missing"])
        if not self._agreed.value:
            raise UsageError(TEXTS["make_not_agreed"])
        taken = {scene.name for scene in self._scenes.scenes()}
        taken |= {str(job.order.get("name")) for job in self._jobs.jobs() if job.kind == "scene"}
        minutes = int(self._minutes["value"])
        return {
            "name": scene_name(title, taken),
            "title": title,
            "licence": licence,
            "consent": consent,
            "crop": self._crop["value"],
            "size": self._size["value"],
            "minutes": minutes or None,
            "only_report": not self._can_train,
        }

    async def _begin(self) -> None:
        try:
            order = await asyncio.to_thread(self._order)
            job = await asyncio.to_thread(
                lambda: self._jobs.add("scene", str(order["title"]), order, receiving=True)
            )
        except MirrorError as error:
            self._alert.show(str(error))
            return
        self._alert.show(None)
        self._go.props("disabled")
        self._job = job
        tray = Tray(
            self._jobs.folder(job.id) / CLIP,
            CLIPS,
            LARGEST_CLIP_MB,
            1,
            self._put,
            lambda: self._jobs.touch(job.id),
        )
        self._ticket = self._uploads.open(tray)
        self._tray.send(self._ticket)

    def _put(self, file: Path) -> None:
        """Take the clip, in a worker thread; the job begins also where the browser is gone by now."""
        assert self._job is not None
        if self._jobs.job(self._job.id).state is not JobState.RECEIVING:
            raise UsageError(TEXTS["make_cancelled"])
        taken_clip(file)
        self._jobs.received(self._job.id)

    async def _sent(self, errors: list[str]) -> None:
        self._uploads.close(self._ticket)
        job, self._job = self._job, None
        self._go.props(remove="disabled")
        if not errors:
            self._dialog.close()
            with self._root:
                ui.notify(TEXTS["make_begun"], position="bottom")
            return
        self._alert.show(errors[0] or TEXTS["send_failed"])
        if job is not None:
            await asyncio.to_thread(self._jobs.remove, job.id)

    async def _leave(self) -> None:
        """Closed: an upload that is under way is given up."""
        self._uploads.close(self._ticket)
        self._tray.abort()
        if self._job is not None:
            await asyncio.to_thread(self._jobs.remove, self._job.id)
