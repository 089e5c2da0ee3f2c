"""The text catalogue: every language says everything, and a request gets the right one."""

from __future__ import annotations

import asyncio
import re
import string
from datetime import date
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path

import pytest

import mirror_web
from mirror_core.errors import ParameterError
from mirror_core.live_parameter import LiveParameter
from mirror_core.parameters import specs_of
from mirror_display.parameters import WindowParameters
from mirror_display.widget_places import REGIONS
from mirror_display.widgets.registry import find_widgets
from mirror_effects.registry import find_effects
from mirror_effects.watermark import WatermarkParameters
from mirror_tracking.shape_model import shared_shape_model
from mirror_web.calendar_words import date_words, short_date_words, weekday_name
from mirror_web.catalogue import Texts, catalogue, languages, spoken, spoken_language
from mirror_web.language import COOKIE, accepted_language, request_language
from mirror_web.mood_testing import ZONE, at
from mirror_web.mood_texts import period_words, points_words
from mirror_web.parameter_words import TRANSLATED_ONLY, choice_name, parameter_hint, parameter_name
from mirror_web.parameters import WebParameters
from mirror_web.selection import shown_name
from mirror_web.shape_texts import component_words

PLACES = {code: catalogue(code) for code in languages()}
SOURCES = Path(mirror_web.__file__).parent


def filled_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_english_and_german_are_there_under_their_own_names():
    assert languages()["en"] == "English"
    assert languages()["de"] == "Deutsch"


@pytest.mark.parametrize("code", list(languages()))
def test_every_language_has_every_key_with_the_same_placeholders(code):
    english = PLACES["en"]
    other = {key: text for key, text in PLACES[code].items() if not key.startswith(TRANSLATED_ONLY)}
    assert set(other) == set(english)
    assert {key: filled_in(text) for key, text in other.items()} == {
        key: filled_in(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_what_only_translations_have_belongs_to_a_parameter(code):
    effects = find_effects().effects
    specs = {name: specs_of(effect.Parameters) for name, effect in effects.items()}
    specs["display"] = specs_of(WindowParameters)  # these stand on the Settings page
    specs["watermark"] = specs_of(WatermarkParameters)
    specs |= {name: specs_of(widget.Parameters) for name, widget in find_widgets().widgets.items()}
    names = {spec.name for found in specs.values() for spec in found} | {"component"}
    words = {str(w) for found in specs.values() for s in found if s.choices is not None for w in s.choices()}
    words |= set(REGIONS)
    known = {f"parameter_names.{name}" for name in names} | {f"choice_names.{word}" for word in words}
    known |= {f"parameter_hints.{name}.{spec.name}" for name, found in specs.items() for spec in found}
    known.add("parameter_hints.deform.component")
    extra = {key for key in PLACES[code] if key.startswith(TRANSLATED_ONLY)}
    assert extra <= known
    assert not any(key.startswith(TRANSLATED_ONLY) for key in PLACES["en"])


def test_parameters_speak_the_language_and_plugins_keep_their_own_words():
    component = LiveParameter("component_3", 0.0, "Component 3.")
    foreign = LiveParameter("glow_4", 0.0, "How much it glows.")
    assert (parameter_name("mesh_opacity"), choice_name("top_left")) == ("Mesh opacity", "Top left")
    assert parameter_hint("deform", component) == "Component 3."
    with spoken("de"):
        assert (parameter_name("mesh_opacity"), choice_name("top_left")) == (
            "Deckkraft des Netzes",
            "Oben links",
        )
        assert parameter_name("component_3") == "Komponente 3"
        assert parameter_hint("deform", component).startswith("Komponente 3 des Formmodells")
        assert (parameter_name("glow_4"), choice_name("of_a_plugin")) == ("Glow 4", "Of a plugin")
        assert parameter_hint("of_a_plugin", foreign) == "How much it glows."


def test_every_key_that_the_code_names_is_in_the_catalogue():
    found = 0
    for source in SOURCES.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        if "TEXTS" not in text and "Texts(" not in text:
            continue
        module = import_module(f"mirror_web.{source.stem}")
        for name, section in vars(module).items():
            if isinstance(section, Texts):
                for key in re.findall(rf'\b{name}\["([a-z_0-9]+)"\]', text):
                    assert key in section, f"{source.name}: {name}[{key!r}]"
                    found += 1
    assert found > 250


def test_dates_and_durations_speak_the_language():
    day = date(2026, 3, 5)
    assert (date_words(day), short_date_words(day), weekday_name(day)) == (
        "5 March 2026",
        "5 Mar 2026",
        "Thursday",
    )
    with spoken("de"):
        assert date_words(day) == "5. März 2026"
        assert weekday_name(day) == "Donnerstag"
        assert points_words(600) == "10 Minuten"
        assert period_words(at(9, 0), at(16, 0), ZONE) == "9. – 15. März 2026"
    assert spoken_language() == "en"


def test_components_and_effects_have_names_in_every_language():
    labels = shared_shape_model().labels
    assert component_words(4, "jaw and brows, up and down") == "4 · Jaw and brows, up and down"
    with spoken("de"):
        assert component_words(6, "mouth, sideways, one-sided") == "6 · Mund, seitwärts, einseitig"
        assert component_words(4, "jaw and brows, up and down") == "4 · Kiefer und Brauen, auf und ab"
        german = " ".join(component_words(number, label) for number, label in enumerate(labels, start=1))
        assert not set(re.findall(r"[a-z]+", german.lower())) & {"mouth", "jaw", "brows", "eyes", "and", "up"}
        assert shown_name("mask") == "Maske"
        assert shown_name("of_another_package") == "Of another package"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.4,en;q=0.3", "de"),
        ("en;q=0.1,de;q=0.2", "de"),
        ("de;q=0,fr", "en"),
        ("de;q=none", "en"),
        ("", "en"),
    ],
)
def test_the_browser_is_understood(header, code):
    assert accepted_language(header) == code


def test_a_choice_on_the_page_counts_most_then_the_parameter_then_the_browser():
    headers = {"accept-language": "en", "cookie": f"other=1; {COOKIE}=de"}
    assert request_language(headers, "en") == "de"
    assert request_language({"accept-language": "en"}, "de") == "de"
    assert request_language({"accept-language": "de"}, "") == "de"
    assert request_language({"cookie": f"{COOKIE}=xx"}, "") == "en"


def test_an_unknown_language_is_refused():
    with pytest.raises(ParameterError, match=r"language = xx is refused: allowed is de \| en"):
        WebParameters(language="xx")


def test_worker_threads_speak_the_language_of_who_asks():
    async def asked() -> str:
        with spoken("de"):
            return await asyncio.to_thread(lambda: Texts("shell")["menu"])

    assert asyncio.run(asked()) == "Menü"


def fetched(served, **headers: str) -> str:
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    connection.request("GET", "/", headers=headers)
    return connection.getresponse().read().decode()


def test_the_page_is_served_in_the_language_of_each_request(served):
    assert "Ganzer Bildschirm" in fetched(served, **{"Accept-Language": "de"})
    english = fetched(served, **{"Accept-Language": "de", "Cookie": f"{COOKIE}=en"})
    assert "Full screen" in english
    assert "Ganzer Bildschirm" not in english
    served.server.update(WebParameters(port=0, language="de"))
    assert '<html lang="de"' in fetched(served, **{"Accept-Language": "en"})
