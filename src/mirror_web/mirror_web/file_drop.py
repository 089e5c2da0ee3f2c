"""A place to drop or choose a file; it stays in the browser until it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from mirror_web.controls import button
from mirror_web.upload_kinds import PHOTO_OR_FACE, FileKind
from mirror_web.uploads import LARGEST_UPLOAD_MB, TEXTS, Handler, Uploads

__all__ = ["ChosenFile", "FileDrop", "add_upload_script"]

SEND_S = 120.0


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """What a person has chosen.

    Attributes:
        kind: "photo", "face" (a .mirrorface file), "points" (a JSON or CSV file) or "file" (as it is).
        name: of the file.
        sent: (width, height) of a photo in pixels as it will be sent.
        original: (width, height) as it was chosen: large photos are shrunk.
        text: of a file of points.
    """

    kind: str
    name: str
    sent: tuple[int, int] = (0, 0)
    original: tuple[int, int] = (0, 0)
    text: str = ""


def add_upload_script() -> None:
    """Load what `FileDrop` needs into the current page."""
    ui.add_head_html('<script src="/assets/upload.js" defer></script>')


class FileDrop:
    """The drop area in the current NiceGUI slot.

    Args:
        uploads: what the server awaits.
        accept: which files the file dialog offers, such as "image/*,.mirrorface".
        title, hint: what stands in the area.
        choose: what stands on its button.
        on_chosen: called (or awaited) with each chosen file that can be read.
        on_error: called with the sentence about one that cannot.
        kinds: what the server takes.
        as_it_is: the file is sent unchanged; a photo is turned and shrunk else, and loses its transparency.
    """

    def __init__(
        self,
        uploads: Uploads,
        *,
        accept: str,
        title: str,
        hint: str,
        choose: str,
        on_chosen: Callable[[ChosenFile], Any],
        on_error: Callable[[str], Any],
        kinds: Collection[FileKind] = PHOTO_OR_FACE,
        as_it_is: bool = False,
    ) -> None:
        self._uploads = uploads
        self._kinds = kinds
        self._on_chosen = on_chosen
        self._on_error = on_error
        self._client = ui.context.client
        self._area = ui.element("div").classes("m-drop").props("data-drop")
        self._area.props["data-limit"] = LARGEST_UPLOAD_MB * 1_000_000
        if as_it_is:
            self._area.props["data-as-it-is"] = True
        self._area.on("chosen", self._take, args=["detail"])
        with self._area:
            ui.element("img").props('alt=""')
            ui.icon("add_photo_alternate", size="34px").props('aria-hidden="true"')
            ui.label(title)
            button(choose, None).props("data-choose")
            ui.label(hint).classes("m-hint")
            picker = ui.element("input").props("type=file multiple hidden tabindex=-1")
            picker.props["accept"] = accept

    @property
    def area_id(self) -> str:
        """The area's id in the browser, under which scripts find the chosen picture."""
        return str(self._area.html_id)

    async def _take(self, event: events.GenericEventArguments) -> None:
        detail: Mapping[str, Any] = event.args["detail"]
        if "error" in detail:
            # A key of the catalogue, with what is filled in.
            said = {name: str(detail.get(name, "")) for name in ("size", "limit", "name")}
            self._on_error(TEXTS[str(detail["error"])].format(**said))
            return
        if detail["kind"] == "points":
            chosen = ChosenFile("points", str(detail["name"]), text=str(detail["text"]))
        else:
            self._area.classes(add="m-drop-filled")
            sent = (int(detail.get("width", 0)), int(detail.get("height", 0)))
            width, height = detail.get("original", sent)
            chosen = ChosenFile(str(detail["kind"]), str(detail["name"]), sent, (int(width), int(height)))
        result = self._on_chosen(chosen)
        if result is not None:
            await result

    async def send(self, handle: Handler) -> Mapping[str, Any]:
        """Let the browser send its file.

        Args:
            handle: gets the content in a worker thread; see `Uploads`.

        Returns:
            What `handle` returned, or {"error": a sentence, empty where the mirror was not reached}.
        """
        ticket = self._uploads.expect(handle, self._kinds)
        try:
            answer = await self._client.run_javascript(
                f'return await mirrorUpload.send("{self.area_id}", "{ticket}")', timeout=SEND_S
            )
        except TimeoutError:
            answer = None
        self._uploads.take(ticket)
        return answer if isinstance(answer, dict) else {"error": ""}

    def forget(self) -> None:
        """Let the browser forget its file."""
        self._client.run_javascript(f'window.mirrorUpload?.forget("{self.area_id}")')
