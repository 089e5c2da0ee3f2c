"""A place to drop or choose files for long work; they stay in the browser until they are sent, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from mirror_web.catalogue import Texts
from mirror_web.controls import button

__all__ = ["FileTray", "TrayFile", "add_tray_scripts"]

TEXTS = Texts("job_uploads")


@dataclass(frozen=True, slots=True)
class TrayFile:
    """A chosen file: its name and size in bytes."""

    name: str
    size: int


def add_tray_scripts() -> None:
    """Load what `FileTray` needs into the current page."""
    for script in ("upload", "jobs"):
        ui.add_head_html(f'<script src="/assets/{script}.js" defer></script>')


class FileTray:
    """The drop area in the current NiceGUI slot.

    Args:
        accept: which files the file dialog offers, such as "video/*".
        title, hint: what stands in the area.
        icon: name of a Material icon.
        many: whether more than one may be chosen.
        photos: whether pictures are turned upright and shrunk before they are sent.
        on_chosen: called when other files are chosen.
        on_sent: called (or awaited) when all were sent, with a sentence for each that was refused; one is
            empty where the mirror was not reached.
    """

    def __init__(
        self,
        *,
        accept: str,
        title: str,
        hint: str,
        icon: str,
        many: bool,
        photos: bool,
        on_chosen: Callable[[], Any],
        on_sent: Callable[[list[str]], Any],
    ) -> None:
        self.files: tuple[TrayFile, ...] = ()
        self._on_chosen, self._on_sent = on_chosen, on_sent
        self._client = ui.context.client
        self._area = ui.element("div").classes("m-drop").props("data-tray")
        if photos:
            self._area.props("data-photos")
        self._area.on("chosen", self._take, args=["detail"])
        self._area.on("sent", self._sent, args=["detail"])
        with self._area:
            ui.icon(icon, size="34px").props('aria-hidden="true"')
            ui.label(title)
            button(TEXTS["choose_many" if many else "choose_one"], None).props("data-choose-tray")
            self._names = ui.label(hint).classes("m-hint m-tray-names").props('role="status"')
            progress = ui.element("progress").props("max=100 value=0 hidden")
            progress.props["aria-label"] = TEXTS["sending"]
            picker = ui.element("input").props("type=file hidden tabindex=-1")
            picker.props["accept"] = accept
            if many:
                picker.props("multiple")

    def _take(self, event: events.GenericEventArguments) -> None:
        chosen = event.args["detail"]["files"]
        self.files = tuple(TrayFile(str(each["name"]), int(each["size"])) for each in chosen)
        names = [file.name for file in self.files]
        megabytes = f"{sum(file.size for file in self.files) / 1e6:.1f}"
        if len(names) == 1:
            self._names.set_text(TEXTS["chosen_one"].format(name=names[0], size=megabytes))
        elif names:
            self._names.set_text(TEXTS["chosen_many"].format(count=len(names), size=megabytes))
        self._on_chosen()

    async def _sent(self, event: events.GenericEventArguments) -> None:
        result = self._on_sent([str(error) for error in event.args["detail"]["errors"]])
        if result is not None:
            await result

    def send(self, ticket: str) -> None:
        """Let the browser send its files to `JobUploads`."""
        area = json.dumps(self._area.html_id)
        self._client.run_javascript(f"window.mirrorTray.send({area}, {json.dumps(ticket)})")

    def abort(self) -> None:
        """Send no more, and forget the files."""
        self._client.run_javascript(f"window.mirrorTray?.abort({json.dumps(self._area.html_id)})")
