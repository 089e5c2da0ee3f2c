"""The shell around every page: the list of pages, top bar, navigation, dark look, phone size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mirror_core.errors import UsageError
from mirror_web.access import Access
from mirror_web.catalogue import Texts, languages, spoken_language
from mirror_web.control import MirrorControl
from mirror_web.effect_presets import PresetStore
from mirror_web.faces_control import FacesControl, UnansweredFaces
from mirror_web.film_shelf import FilmShelf
from mirror_web.health_control import HealthControl, UnansweredHealth
from mirror_web.job_uploads import JobUploads
from mirror_web.jobs import Jobs
from mirror_web.language import COOKIE
from mirror_web.mood_control import MoodsControl, UnansweredMoods
from mirror_web.parameters import WebParameters
from mirror_web.privacy_control import PrivacyControl, UnansweredPrivacy
from mirror_web.settings_control import SettingsControl, UnansweredSettings
from mirror_web.uploads import Uploads

if TYPE_CHECKING:
    from mirror_web.stream import FrameBroadcaster

__all__ = ["Page", "PageContext", "build_shell", "pages", "register_page"]

KEPT_S = 365 * 86400  # for so long a browser keeps the language that was chosen
HEAD = (
    '<link rel="stylesheet" href="/assets/theme.css">'
    '<link rel="stylesheet" href="/assets/faces.css"><link rel="stylesheet" href="/assets/access.css">'
    '<link rel="stylesheet" href="/assets/jobs.css">'
    '<script src="/assets/access.js" defer></script>'
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
        presets: of the Effects page.
        health: how the nodes are doing.
        privacy: what leaves this machine.
        access: who may use the page from elsewhere.
        settings_control: the mirror's settings.
        film: scenes and takes.
        jobs: long work.
        job_uploads: files that long work awaits.
    """

    settings: WebParameters
    broadcaster: FrameBroadcaster
    control: MirrorControl
    faces: FacesControl = field(default_factory=UnansweredFaces)
    uploads: Uploads = field(default_factory=Uploads)
    moods: MoodsControl = field(default_factory=UnansweredMoods)
    presets: PresetStore = field(default_factory=PresetStore)
    health: HealthControl = field(default_factory=UnansweredHealth)
    privacy: PrivacyControl = field(default_factory=UnansweredPrivacy)
    access: Access = field(default_factory=Access)
    settings_control: SettingsControl = field(default_factory=UnansweredSettings)
    film: FilmShelf = field(default_factory=FilmShelf)
    jobs: Jobs = field(default_factory=Jobs)
    job_uploads: JobUploads = field(default_factory=JobUploads)


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        path: where it is served, such as "/mood".
        title: its name in the navigation: a key of the catalogue's section "shell", or the name itself.
        icon: name of a Material icon.
        build: called once for each browser tab; makes the page's elements with NiceGUI.
    """

    path: str
    title: str
    icon: str
    build: Callable[[PageContext], None]

    @property
    def name(self) -> str:
        """The title in the language of whoever is being served."""
        return _TEXTS.get(self.title, self.title)


_TEXTS = Texts("shell")
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
    brand = context.settings.name or _TEXTS["brand"]
    ui.page_title(f"{page.name} · {brand}")
    ui.colors(primary="#ffbe5c", dark="#14181d", dark_page="#0b0d10", negative="#ff6b6b")
    drawer = ui.left_drawer(value=None, bordered=False).props("breakpoint=900 width=208").classes("m-drawer")
    with drawer, ui.element("nav").classes("m-nav") as navigation:
        navigation.props["aria-label"] = _TEXTS["pages"]
        for entry in pages():
            link = ui.link(target=entry.path).classes("m-nav-item")
            if entry.path == page.path:
                link.classes("m-nav-here").props('aria-current="page"')
            with link:
                ui.icon(entry.icon)
                ui.label(entry.name)
        _build_language()
    with ui.header().classes("m-header"):
        menu = ui.element("button").props('type="button"').classes("m-icon-button m-menu")
        menu.props["aria-label"] = _TEXTS["menu"]
        menu.on("click", drawer.toggle)
        with menu:
            ui.icon("menu")
        ui.html('<img src="/assets/mirror.svg" alt="" width="26" height="26">', sanitize=False)
        ui.label(brand).classes("m-brand")
        ui.label(page.name).classes("m-where").props('role="heading" aria-level="1"')
        _build_jobs(context)
        _build_connect(context)
    with ui.element("div").classes("m-main"):  # in the page's <main>, which is Quasar's
        page.build(context)


def _build_jobs(context: PageContext) -> None:
    """The indicator of long work."""
    from nicegui import ui

    from mirror_web.jobs_indicator import build_jobs_indicator

    build_jobs_indicator(context.jobs, ui.element("div").classes("m-sheets"))


def _build_connect(context: PageContext) -> None:
    """The button that connects a phone."""
    from nicegui import ui

    from mirror_web.access_panel import open_access_sheet
    from mirror_web.controls import icon_button

    root = ui.element("div").classes("m-sheets")
    label = Texts("access")["connect"]
    icon_button("phonelink_ring", label, lambda: open_access_sheet(root, context.access)).classes("m-connect")


def _build_language() -> None:
    """The choice of a language; the page is loaded again in it, and the browser keeps it for a year."""
    from nicegui import ui

    with ui.element("label").classes("m-language"):
        ui.icon("translate").props('aria-hidden="true"')
        select = ui.element("select").props('id="mirror-language"')
        select.props["aria-label"] = _TEXTS["language"]
        with select:
            for code, name in languages().items():
                option = ui.html(name, tag="option", sanitize=False)
                option.props["value"] = option.props["lang"] = code
                if code == spoken_language():
                    option.props["selected"] = True
    select.on(
        "change",
        js_handler=f"(event) => {{ document.cookie = `{COOKIE}=${{event.target.value}}; path=/; "
        f"max-age={KEPT_S}; samesite=strict`; location.reload(); }}",
    )
