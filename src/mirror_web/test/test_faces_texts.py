"""Consent, expiry and wearing in words, and what the consent form makes of its fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_web.consent_form import consent_of
from mirror_web.faces_control import FacesState, PersonInView, StoredFace
from mirror_web.faces_details import file_name
from mirror_web.faces_texts import (
    consent_lines,
    count_words,
    kept_words,
    person_name,
    short_kept_words,
    wearing_words,
)

NOW = datetime(2026, 3, 1, 12, 0).astimezone()  # noon where the mirror stands


def until(day: datetime) -> Consent:
    """A consent whose last day is this one."""
    midnight = datetime(day.year, day.month, day.day).astimezone() + timedelta(days=1)
    return Consent(Scope.UNTIL_DATE, midnight)


def face(consent: Consent | None) -> StoredFace:
    return StoredFace("id", "Ada", NOW, consent, preset=consent is None)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (12, "Kept until 13 March 2026 (12 more days); then erased by itself."),
        (1, "Kept until 2 March 2026 (one more day); then erased by itself."),
        (0, "Kept until 1 March 2026 (today is the last day); then erased by itself."),
        (-1, "Kept until 28 February 2026 (that day has passed); then erased by itself."),
    ],
)
def test_an_expiry_names_the_last_day_and_what_is_left_of_it(days, words):
    assert kept_words(until(NOW + timedelta(days=days)), NOW) == words


def test_every_scope_is_said_in_a_sentence_and_in_a_word():
    assert kept_words(Consent(Scope.THIS_VISIT), NOW).startswith("Kept for this visit")
    assert kept_words(Consent(Scope.UNTIL_REVOKED), NOW) == "Kept until somebody erases it here."
    assert kept_words(None, NOW) == "Comes with the mirror and belongs to nobody."
    words = [
        short_kept_words(face(consent))
        for consent in (Consent(Scope.THIS_VISIT), until(NOW), Consent(Scope.UNTIL_REVOKED), None)
    ]
    assert words == ["This visit", "Until 1 Mar 2026", "Until revoked", "Preset"]


def test_what_was_agreed_is_said_either_way():
    agreed = Consent(Scope.UNTIL_REVOKED, others_may_wear=True, recognise=True)
    assert consent_lines(face(agreed), NOW)[1:] == (
        "Others may wear it.",
        "The mirror may recognise this person.",
    )
    assert consent_lines(face(Consent(Scope.UNTIL_REVOKED)), NOW)[1:] == (
        "Nobody else may wear it.",
        "The mirror does not recognise this person by itself.",
    )
    assert len(consent_lines(face(None), NOW)) == 1


def test_people_are_called_by_name_where_it_is_known():
    ada, other = PersonInView(7, 1, (0, 0, 1, 1), "a"), PersonInView(9, 2, (0, 0, 1, 1))
    state = FacesState(people=(ada, other), names={"a": "Ada", "m": "Mask"}, worn={7: "m"})
    assert [person_name(p, state) for p in state.people] == ["Ada", "Person 2"]
    assert [wearing_words(p, state) for p in state.people] == ["wears Mask", ""]
    all_wear = FacesState(people=(other,), names={"m": "Mask"}, worn_by_everybody="m")
    assert wearing_words(other, all_wear) == "wears Mask, like everybody"


def test_a_part_of_a_list_is_counted_and_a_whole_one_is_not():
    assert count_words(24, 24, 130) == "25–48 of 130"
    assert count_words(0, 5, 5) == ""


def test_a_date_in_the_form_is_the_last_day_on_which_the_face_is_kept():
    consent = consent_of(Scope.UNTIL_DATE, "2026-03-01", others_may_wear=True, recognise=False, now=NOW)
    assert consent.until == datetime(2026, 3, 2).astimezone().astimezone(UTC)
    assert (consent.others_may_wear, consent.recognise) == (True, False)


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-28", "9999-12-31"])
def test_a_day_that_is_missing_or_over_is_refused(day):
    with pytest.raises(UsageError, match="last day"):
        consent_of(Scope.UNTIL_DATE, day, others_may_wear=False, recognise=False, now=NOW)


def test_the_date_counts_only_where_a_date_was_chosen():
    assert consent_of(Scope.THIS_VISIT, "2001-01-01", others_may_wear=False, recognise=True).until is None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ada Lovelace", "Ada Lovelace.mirrorface"),
        ("Zoë", "Zoë.mirrorface"),
        ("../../etc", "_.._etc.mirrorface"),
        ("???", "___.mirrorface"),
        ("..", "face.mirrorface"),
    ],
)
def test_an_exported_file_is_called_by_the_face_and_stays_in_its_folder(name, file):
    assert file_name(name) == file
