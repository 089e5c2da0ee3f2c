"""What was done with people's faces and moods, from the audit log, as a part of the Privacy page."""

from __future__ import annotations

import asyncio
import contextlib

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.calendar_words import date_words
from mirror_web.catalogue import Texts
from mirror_web.privacy_control import Deed, PrivacyControl

__all__ = ["AuditPanel", "deed_words"]

SHOWN = 12  # of the newest; `mirror audit` shows all
TEXTS, EVENTS, WAYS = Texts("privacy"), Texts("privacy_events"), Texts("privacy_ways")


def deed_words(deed: Deed) -> tuple[str, str]:
    """What was done, and when, with whom and by what way: two short texts."""
    moment = deed.time.astimezone()
    what = _known(EVENTS, deed.event)
    parts = [f"{date_words(moment)}, {moment:%H:%M}"]
    if deed.who:
        parts.append(TEXTS["audit_who"].format(number=deed.who))
    if deed.way:
        parts.append(_known(WAYS, deed.way))
    return what, " · ".join(parts)


def _known(texts: Texts, word: str) -> str:
    """A word of the log in the page's language; as it stands there where a newer mirror wrote it."""
    return texts.get(word.replace(" ", "_"), word)


class AuditPanel:
    """The newest lines of the audit log; build it inside a page."""

    def __init__(self, privacy: PrivacyControl) -> None:
        self._privacy = privacy
        self._shown: tuple[Deed, ...] | None = None
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["audit"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["audit_hint"]).classes("m-hint")
            self._nothing = ui.label(TEXTS["audit_none"]).classes("m-question")
            self._list = ui.element("ul").classes("m-facts")

    async def turn(self) -> None:
        """Look for new lines; to be called now and then."""
        with contextlib.suppress(MirrorError):  # they are asked for again
            deeds = await asyncio.to_thread(self._privacy.deeds, SHOWN)
            if deeds == self._shown:
                return
            self._shown = deeds
            self._nothing.set_visibility(not deeds)
            self._list.clear()
            with self._list:
                for deed in reversed(deeds):
                    what, more = deed_words(deed)
                    with ui.element("li").classes("m-fact") as entry:
                        entry.props["data-deed"] = deed.event
                        ui.label(what).classes("m-fact-head")
                        ui.label(more).classes("m-hint")
