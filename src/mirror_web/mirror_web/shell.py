"""The shell around every page: the list of pages, top bar, navigation, dark look, phone size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mirror_core.errors import UsageError
from mirror_web.control import MirrorControl
from mirror_web.faces_control import FacesControl, UnansweredFaces
from mirror_web.mood_control import MoodsControl, UnansweredMoods
from mirror_web.parameters import WebParameters
from mirror_web.uploads import Uploads

if TYPE_CHECKING:
    from mirror_web.stream import FrameBroadcaster

__all__ = ["Page", "PageContext", "build_shell", "pages", "register_page"]

HEAD = (
    '<link rel="stylesheet" href="/assets/theme.css">'
    '<meta name="theme-color" content="#0b0d10"><meta name="color-scheme" content="dark">'
)


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page is built from.

    Attributes:
        settings: the page's parameters.
        broadcaster: the picture stream.
        control: the graph.
        faces: the gallery.
        uploads: files that pages await.
        moods: moods now, and the log of them.
    """

    settings: WebParameters
    broadcaster: FrameBroadcaster
    control: MirrorControl
    faces: FacesControl = field(default_factory=UnansweredFaces)
    uploads: Uploads = field(default_factory=Uploads)
    moods: MoodsControl = field(default_factory=UnansweredMoods)


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        path: where it is served, such as "/mood".
        title: its name in the navigation.
        icon: name of a Material icon.
        build: called once for each browser tab; makes the page's elements with NiceGUI.
    """

    path: str
    title: str
    icon: str
    build: Callable[[PageContext], None]


_pages: dict[str, Page] = {}


def register_page(path: str, title: str, icon: str, build: Callable[[PageContext], None]) -> None:
    """Add a page to the navigation; pages stand there in the order of registration.

    Raises:
        UsageError: if the path is taken or does not begin with a slash.
    """
    if not path.startswith("/"):
        raise UsageError(f"A page's path begins with a slash, such as /mood, unlike {path!r}.")
    if path in _pages:
        raise UsageError(f"The page {path} exists already ({_pages[path].title}).")
    _pages[path] = Page(path, title, icon, build)


def pages() -> tuple[Page, ...]:
    """All registered pages in order."""
    return tuple(_pages.values())


def build_shell(page: Page, context: PageContext) -> None:
    """Build top bar, navigation and the page itself, in the current NiceGUI client."""
    from nicegui import ui  # takes half a second, which only the page's thread waits for

    ui.add_head_html(HEAD)
    ui.colors(primary="#ffbe5c", dark="#14181d", dark_page="#0b0d10", negative="#ff6b6b")
    drawer = ui.left_drawer(value=None, bordered=False).props("breakpoint=900 width=208").classes("m-drawer")
    with drawer, ui.element("nav").props('aria-label="Pages"').classes("m-nav"):
        for entry in pages():
            link = ui.link(target=entry.path).classes("m-nav-item")
            if entry.path == page.path:
                link.classes("m-nav-here").props('aria-current="page"')
            with link:
                ui.icon(entry.icon)
                ui.label(entry.title)
    with ui.header().classes("m-header"):
        menu = ui.element("button").props('aria-label="Menu" type="button"').classes("m-icon-button m-menu")
        menu.on("click", drawer.toggle)
        with menu:
            ui.icon("menu")
        ui.html('<img src="/assets/mirror.svg" alt="" width="26" height="26">', sanitize=False)
        ui.label("Mirror").classes("m-brand")
        ui.label(page.title).classes("m-where")
    with ui.element("main").classes("m-main"):
        page.build(context)
