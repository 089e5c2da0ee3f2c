"""The live picture of the Faces page: who stands there gets a number, a capture gets its ring."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui import events, ui

from mirror_web.catalogue import Texts
from mirror_web.faces_control import CaptureState, FacesState
from mirror_web.faces_texts import person_name, wearing_words

__all__ = ["FacesStage", "overlay_of"]

_LIVE = Texts("live")

RESEND_TURNS = 10  # what has not changed is sent again after so many turns, for a browser that missed it


def overlay_of(state: FacesState, mirrored: bool) -> dict[str, Any]:
    """What the browser draws over the picture; boxes in pixels of the camera's picture, not mirrored."""
    rings = {
        capture.track_id: {"progress": round(capture.progress, 3), "state": str(capture.state)}
        for capture in state.captures
        if capture.state is not CaptureState.CANCELLED
    }
    people = [
        {
            "id": person.track_id,
            "number": person.number,
            "name": person_name(person, state),
            "worn": wearing_words(person, state),
            "box": [round(value, 1) for value in person.box],
            "ring": rings.get(person.track_id),
        }
        for person in state.people
    ]
    return {"size": list(state.image_size), "mirrored": mirrored, "people": people}


class FacesStage:
    """The picture in the current NiceGUI slot.

    Args:
        mirrored: asked at each turn whether the page's picture is mirrored.
        on_pick: called with the track id of a person who was tapped on.
    """

    def __init__(self, mirrored: Callable[[], bool], on_pick: Callable[[int], Any]) -> None:
        self._mirrored = mirrored
        self._sent = ""
        self._turns = 0
        self.is_seen = True
        with ui.element("div").classes("m-stage").props('id="mirror-stage"'):
            picture = ui.element("img").props('id="mirror-picture"')
            picture.props["alt"] = _LIVE["picture"]
            ui.element("div").props('id="mirror-overlay"').classes("m-overlay")
        ui.on("faces_pick", lambda event: on_pick(int(event.args)))
        ui.on("faces_seen", self._on_seen)

    def _on_seen(self, event: events.GenericEventArguments) -> None:
        self.is_seen = bool(event.args)
        self._sent = ""

    def show(self, state: FacesState) -> None:
        """Bring the overlay up to date."""
        overlay = json.dumps(overlay_of(state, self._mirrored()))
        self._turns += 1
        if overlay != self._sent or self._turns >= RESEND_TURNS:
            self._sent, self._turns = overlay, 0
            ui.run_javascript(f"window.mirrorFaces?.show({overlay})")
