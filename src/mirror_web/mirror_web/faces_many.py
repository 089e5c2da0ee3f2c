"""Adding many faces: several photos or an archive, one consent for all, and the job that stores them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from nicegui import ui

from mirror_core.errors import MirrorError, UsageError
from mirror_gallery.consent import Scope
from mirror_web.catalogue import Texts, spoken_language
from mirror_web.consent_form import ConsentForm
from mirror_web.controls import Alert, button, sheet
from mirror_web.job_tray import FileTray
from mirror_web.job_uploads import JobUploads, Tray
from mirror_web.jobs import Jobs
from mirror_web.jobs_faces import ARCHIVE, ENDINGS, FILES, MOST_FILES, consent_json
from mirror_web.jobs_record import Job, JobState
from mirror_web.uploads import LARGEST_UPLOAD_MB

__all__ = ["open_many_sheet"]

TEXTS = Texts("faces_many")
LARGEST_ARCHIVE_MB = 500
NAME_IN_FILE = "-"  # every file has a name of its own, so that none is asked for


def open_many_sheet(root: ui.element, jobs: Jobs, uploads: JobUploads) -> None:
    """Ask for files and what was agreed, and let them be stored.

    Args:
        root: where the sheet is made.
        jobs: all long work.
        uploads: what the server awaits.
    """
    _ManySheet(root, jobs, uploads)


class _ManySheet:
    """One open sheet."""

    def __init__(self, root: ui.element, jobs: Jobs, uploads: JobUploads) -> None:
        self._root, self._jobs, self._uploads = root, jobs, uploads
        self._job: Job | None = None
        self._ticket = ""
        with sheet(root, TEXTS["title"]) as self._dialog:
            self._build()
        self._dialog.on("hide", self._leave, args=[])

    def _build(self) -> None:
        ui.label(TEXTS["intro"]).classes("m-hint")
        self._tray = FileTray(
            accept=",".join(("image/*", *sorted(ENDINGS))),
            title=TEXTS["drop"],
            hint=TEXTS["drop_hint"].format(photo=LARGEST_UPLOAD_MB, archive=LARGEST_ARCHIVE_MB),
            icon="collections",
            many=True,
            photos=True,
            on_chosen=lambda: self._alert.show(None),
            on_sent=self._sent,
        )
        self._form = ConsentForm((Scope.UNTIL_REVOKED, Scope.UNTIL_DATE), NAME_IN_FILE, with_name=False)
        with ui.element("div").classes("m-checks"):
            self._agreed = ui.checkbox(TEXTS["agreed"])
        self._alert = Alert()
        with ui.element("div").classes("m-sheet-buttons"):
            button(Texts("faces")["cancel"], self._dialog.close, kind="quiet")
            self._go = button(TEXTS["go"], self._begin, kind="main")

    async def _begin(self) -> None:
        files = self._tray.files
        answers, error = self._form.answers_or_error()
        if not files:
            error = TEXTS["no_files"]
        elif len(files) > MOST_FILES:
            error = TEXTS["too_many"].format(limit=MOST_FILES)
        elif error is None and not self._agreed.value:
            error = TEXTS["not_agreed"]
        self._alert.show(error)
        if answers is None or error is not None:
            return
        order = {"consent": consent_json(answers[1]), "language": spoken_language()}
        key = "job_one" if len(files) == 1 else "job"
        title = TEXTS[key].format(count=len(files), name=files[0].name)[:60]
        try:
            job = await asyncio.to_thread(lambda: self._jobs.add("faces", title, order, receiving=True))
        except MirrorError as refusal:
            self._alert.show(str(refusal))
            return
        self._go.props("disabled")
        self._job = job
        folder, last = self._jobs.folder(job.id) / FILES, len(files) - 1

        def put(file: Path) -> None:
            if self._jobs.job(job.id).state is not JobState.RECEIVING:
                raise UsageError(Texts("film")["make_cancelled"])
            too_large = file.stat().st_size > LARGEST_UPLOAD_MB * 1_000_000
            if too_large and file.suffix.lower() != ARCHIVE:
                raise UsageError(Texts("job_uploads")["too_large_unknown"].format(limit=LARGEST_UPLOAD_MB))
            if int(file.name.partition(" ")[0]) == last:
                self._jobs.received(job.id)  # also where the browser is gone by now

        tray = Tray(folder, ENDINGS, LARGEST_ARCHIVE_MB, MOST_FILES, put, lambda: self._jobs.touch(job.id))
        self._ticket = self._uploads.open(tray)
        self._tray.send(self._ticket)

    async def _sent(self, errors: list[str]) -> None:
        self._uploads.close(self._ticket)
        job, self._job = self._job, None
        self._go.props(remove="disabled")
        if job is None:
            return
        if len(errors) == len(self._tray.files):
            self._alert.show(errors[0] or TEXTS["send_failed"])
            await asyncio.to_thread(self._jobs.remove, job.id)
            return
        await asyncio.to_thread(self._jobs.received, job.id)
        self._dialog.close()
        with self._root:
            if errors:
                sentence = errors[0] or TEXTS["send_failed"]
                ui.notify(TEXTS["refused"].format(count=len(errors), sentence=sentence), position="bottom")
            ui.notify(TEXTS["begun"], position="bottom")

    async def _leave(self) -> None:
        """Closed: what is still being sent is given up."""
        self._uploads.close(self._ticket)
        self._tray.abort()
        if self._job is not None:
            await asyncio.to_thread(self._jobs.remove, self._job.id)
