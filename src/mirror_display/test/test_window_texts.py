"""The window's texts: every language says everything, in the same places; dates and effects are in words."""

from __future__ import annotations

import string
from datetime import datetime

import pytest

from mirror_core.errors import MirrorError
from mirror_core.text_files import TextFiles
from mirror_display.actions import HELP_LINES, help_lines
from mirror_display.parameter_news import change_words
from mirror_display.window_texts import language_codes, window_texts
from mirror_effects.registry import find_effects
from mirror_gallery.hints import HINTS

MOMENT = datetime(2026, 11, 28, 7, 5)
FILES = TextFiles("mirror_display", "The window")


def filled_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", language_codes())
def test_every_language_has_every_key_with_the_same_words_in_braces(code):
    english, other = FILES.of("en"), FILES.of(code)
    assert set(other) == set(english)
    assert {k: filled_in(t) for k, t in other.items()} == {k: filled_in(t) for k, t in english.items()}
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("code", language_codes())
def test_every_effect_and_every_hint_of_a_capture_has_its_words(code):
    texts = FILES.of(code)
    assert {f"effects.{name}" for name in find_effects([]).effects} <= set(texts)
    assert {key.removeprefix("hints.") for key in texts if key.startswith("hints.")} == set(HINTS)


def test_the_hints_are_the_gallerys_own_in_english():
    assert {key: window_texts()[f"hints.{key}"] for key in HINTS} == HINTS


def test_time_and_date_are_in_the_language():
    assert (window_texts("en").time(MOMENT), window_texts("en").date(MOMENT)) == (
        "07:05",
        "Saturday, 28 November",
    )
    assert window_texts("de").date(MOMENT) == "Samstag, 28. November"


def test_an_effect_of_another_package_is_called_by_its_name():
    assert window_texts("de").effect("swap") == "Gesichtstausch"
    assert window_texts("de").effect("big_ears") == "Big ears"
    assert window_texts("de").stack(("mask", "big_ears")) == "Maske, Big ears"


def test_the_help_lists_each_key_once_in_each_language():
    assert len({keys for keys, _ in HELP_LINES}) == len(HELP_LINES)
    assert ("C", "Kamera aus und an") in help_lines(window_texts("de"))


def test_a_language_without_a_file_is_said_in_one_sentence():
    with pytest.raises(MirrorError, match="The window's texts in the language xx cannot be read"):
        window_texts("xx")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mask.strength": 0.5}, "Mask: strength 0.50"),
        ({"landmarks.mirrored_text": True}, "Landmarks: mirrored text on"),
        ({"mask.mask": "kabuki"}, "Mask: mask kabuki"),
        ({"deform.a": 1, "deform.b": 2}, "Deform: 2 settings changed"),
        ({"patience": 0.1}, ""),  # of the node, not of an effect
    ],
)
def test_changed_parameters_are_said_in_a_few_words(changes, words):
    assert change_words(changes, window_texts()) == words
