"""Small parts that several pages are made of: buttons, sheets (dialogs) and asking without a traceback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts

__all__ = ["Alert", "ask", "button", "icon_button", "jpeg_url", "set_prop", "sheet"]

_SHELL = Texts("shell")


def button(
    text: str,
    on_click: Callable[..., Any] | None,
    *,
    icon: str = "",
    kind: str = "plain",
    label: str = "",
    pressed: bool | None = None,
) -> ui.element:
    """A text button.

    Args:
        text: what stands on it.
        on_click: called without arguments, or awaited; None where a script listens.
        icon: name of a Material icon before the text.
        kind: "main" for the one thing to do, "danger" for what cannot be undone, "plain", "quiet".
        label: for a screen reader where the text alone does not say enough.
        pressed: whether a switch-like button is on; None for a plain one.
    """
    element = ui.element("button").classes(f"m-button m-button-{kind}").props('type="button"')
    if label:
        element.props["aria-label"] = label
    if pressed is not None:
        element.props["aria-pressed"] = str(pressed).lower()
    if on_click is not None:
        element.on("click", on_click, args=[])
    with element:
        if icon:
            ui.icon(icon, size="19px").props('aria-hidden="true"')
        ui.label(text)
    return element


def set_prop(element: ui.element, name: str, value: object) -> None:
    """Set an attribute; nothing is sent to the browser where it has that value already."""
    if element.props.get(name) != value:
        element.props[name] = value


def icon_button(icon: str, label: str, on_click: Callable[..., Any]) -> ui.element:
    """A button with nothing but an icon; `label` is its tooltip and its name for a screen reader."""
    element = ui.element("button").classes("m-icon-button").props('type="button"')
    element.props["aria-label"] = element.props["title"] = label
    element.on("click", on_click, args=[])
    with element:
        ui.icon(icon, size="22px").props('aria-hidden="true"')
    return element


@contextmanager
def sheet(root: ui.element, title: str) -> Iterator[ui.dialog]:
    """A dialog with a heading; on a phone it stands at the lower edge. It is gone once it is closed.

    Args:
        root: where it is made: an element that stays, unlike the button that was pressed.
        title: its heading.
    """
    with root:
        dialog = ui.dialog()
    dialog.props["aria-label"] = title
    dialog.on("hide", dialog.delete, args=[])
    with dialog, ui.element("div").classes("m-sheet"):
        with ui.element("div").classes("m-panel-head"):
            ui.label(title).classes("m-sheet-title").props('role="heading" aria-level="2"')
            icon_button("close", _SHELL["close"], dialog.close)
        yield dialog
    dialog.open()


class Alert:
    """A place for one sentence that a screen reader says at once; without one it takes no room."""

    def __init__(self, classes: str = "m-error") -> None:
        self._label = ui.label().classes(classes).props('role="alert"')
        self.show(None)

    def show(self, sentence: str | None) -> None:
        """Show this sentence, None for nothing."""
        self._label.set_text(sentence or "")
        self._label.set_visibility(bool(sentence))


async def ask(call: Callable[..., str | None], *arguments: Any) -> str | None:
    """Call the graph in a worker thread; returns None, or the sentence that says why it did not work."""
    try:
        return await asyncio.to_thread(call, *arguments)
    except MirrorError as error:
        return str(error)


def jpeg_url(jpeg: bytes) -> str:
    """A picture as an address that holds it, so that no browser stores it under an address of ours."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
