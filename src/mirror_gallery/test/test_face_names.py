"""Names of faces: tidied in one way only, and nothing invisible gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_gallery.face_names import MOST_CHARACTERS, checked_name, folded


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("Ada", "Ada"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),  # white space
        ("e\u0301", "\u00e9"),  # two ways to write é
        ("王\u3000芳", "王 芳"),  # a wide space
        ("👩‍🚀", "👩‍🚀"),  # an emoji that is held together by invisible joiners
        ("x" * MOST_CHARACTERS, "x" * MOST_CHARACTERS),
    ],
)
def test_names_are_tidied(given_name: str, stored: str) -> None:
    assert checked_name(given_name) == stored


@pytest.mark.parametrize(
    ("given_name", "why"),
    [
        ("", "empty"),
        (" \u2003 ", "empty"),
        ("x" * (MOST_CHARACTERS + 1), "at most 80"),
        ("A\0da", "control"),
        ("A\x1b[31mda", "control"),  # colours a terminal
        ("A\u202eda", "control"),  # turns the direction of the text that follows
        ("A\ud800da", "control"),  # half a character
    ],
)
def test_names_that_are_refused(given_name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        checked_name(given_name)


@given(st.text(max_size=90))
def test_a_stored_name_is_tidy_already(text: str) -> None:
    try:
        name = checked_name(text)
    except UsageError:
        return
    assert checked_name(name) == name
    name.encode()


@pytest.mark.parametrize(("one", "other"), [("ADA", "ada"), ("Straße", "STRASSE"), ("Ünal", "u\u0308nal")])
def test_search_does_not_mind_case_or_composition(one: str, other: str) -> None:
    assert folded(one) == folded(other)
