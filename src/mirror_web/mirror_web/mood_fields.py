"""Native fields of the Mood page: a script fills them and tells what a person enters.

They are not bound to the server: what is just being typed must not be put back when the page changes.
"""

from __future__ import annotations

from nicegui import ui

__all__ = ["field", "option_field"]


def field(name: str, label: str, kind: str, **props: object) -> None:
    """An input; the page gets the event "mood_field" with [name, value] when it is changed.

    Args:
        name: by which script and page know it.
        label: that stands above it.
        kind: of the input, such as "number" or "date".
        props: more attributes.
    """
    with ui.element("label").classes("m-choice"):
        ui.label(label)
        element = ui.element("input")
        element.props.update({"type": kind, "data-field": name, **props})


def option_field(name: str, label: str) -> None:
    """A choice; see `field`."""
    with ui.element("label").classes("m-choice"):
        ui.label(label)
        ui.element("select").props["data-field"] = name
