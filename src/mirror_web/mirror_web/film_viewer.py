"""A film to watch on the page: a picture with play, pause and a place to go to."""

from __future__ import annotations

from nicegui import ui

from mirror_web.catalogue import Texts
from mirror_web.controls import icon_button

__all__ = ["build_film_viewer"]

TEXTS = Texts("film")


def build_film_viewer(source: str, seconds: float, description: str) -> None:
    """Build it in the current NiceGUI slot; nothing moves until somebody presses play.

    Args:
        source: its address, to which /picture and /film are added (`film_routes`).
        seconds: how long it is.
        description: what is seen, for a screen reader.
    """
    with ui.element("div").classes("m-player").props("data-film-player role=group") as player:
        player.props["aria-label"] = description
        player.props["data-source"], player.props["data-seconds"] = source, round(seconds, 2)
        player.props["data-play"], player.props["data-pause"] = TEXTS["play_film"], TEXTS["pause_film"]
        player.props["data-playing"] = "no"
        picture = ui.element("img").props('data-film="picture" draggable=false')
        picture.props["src"], picture.props["alt"] = f"{source}/picture?at=0", description
        with ui.element("div").classes("m-player-bar"):
            icon_button("play_arrow", TEXTS["play_film"], lambda: None).props('data-film="play"')
            slider = ui.element("input").props('type=range min=0 step=0.5 value=0 data-film="place"')
            slider.props["max"], slider.props["aria-label"] = round(seconds, 1), TEXTS["film_place"]
            minutes, rest = divmod(int(seconds), 60)
            ui.html(f"0:00 / {minutes}:{rest:02d}", sanitize=False).props('data-film="time"').classes(
                "m-hint"
            )
