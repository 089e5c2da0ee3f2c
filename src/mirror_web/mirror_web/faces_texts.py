"""The sentences of the Faces page, and what consent, expiry and wearing are in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from mirror_gallery.consent import Consent, Scope
from mirror_web import calendar_words
from mirror_web.catalogue import Texts
from mirror_web.faces_control import FacesState, PersonInView, StoredFace

__all__ = [
    "HINTS",
    "QUALITY_NAMES",
    "SCOPE_HINTS",
    "SCOPE_NAMES",
    "TEXTS",
    "consent_lines",
    "count_words",
    "date_words",
    "kept_words",
    "person_name",
    "short_kept_words",
    "wearing_words",
]

TEXTS = Texts("faces")
SCOPE_NAMES, SCOPE_HINTS = Texts("faces_scopes"), Texts("faces_scope_hints")  # by Scope's values
QUALITY_NAMES = Texts("faces_qualities")
HINTS = Texts("faces_hints")  # by the keys of mirror_gallery.hints


def date_words(moment: datetime) -> str:
    """A moment's day where the mirror stands: "5 March 2027"."""
    return calendar_words.date_words(moment.astimezone())


def _last_day(consent: Consent) -> datetime:
    assert consent.until is not None
    return consent.until - timedelta(microseconds=1)  # `until` is the first moment at which it is gone


def _days_left(consent: Consent, now: datetime) -> str:
    days = (_last_day(consent).astimezone().date() - now.astimezone().date()).days
    if consent.has_expired(now):
        return TEXTS["days_passed"]
    return TEXTS[{0: "days_today", 1: "days_one"}.get(days, "days_more")].format(count=days)


def kept_words(consent: Consent | None, now: datetime) -> str:
    """How long a face is kept, as a sentence; without consent it is a preset's."""
    if consent is None:
        return TEXTS["kept_preset"]
    if consent.scope is Scope.THIS_VISIT:
        return TEXTS["kept_visit"]
    if consent.scope is Scope.UNTIL_DATE:
        last, left = date_words(_last_day(consent)), _days_left(consent, now)
        return TEXTS["kept_until"].format(date=last, left=left)
    return TEXTS["kept_revoked"]


def short_kept_words(face: StoredFace) -> str:
    """The same in a word or two, for below a thumbnail."""
    if face.preset or face.consent is None:
        return TEXTS["preset"]
    if face.consent.scope is Scope.THIS_VISIT:
        return TEXTS["short_visit"]
    if face.consent.scope is Scope.UNTIL_DATE:
        last = _last_day(face.consent).astimezone()
        return TEXTS["short_until"].format(date=calendar_words.short_date_words(last))
    return TEXTS["short_revoked"]


def consent_lines(face: StoredFace, now: datetime) -> tuple[str, ...]:
    """What the owner has agreed to, a sentence each."""
    lines = [kept_words(None if face.preset else face.consent, now)]
    if face.consent is not None and not face.preset:
        lines.append(TEXTS["others_wear" if face.consent.others_may_wear else "others_wear_not"])
        lines.append(TEXTS["recognised" if face.consent.recognise else "recognised_not"])
    return tuple(lines)


def person_name(person: PersonInView, state: FacesState) -> str:
    """What to call somebody in view: their name, or "Person 2"."""
    return state.names.get(person.person, "") or TEXTS["person_number"].format(number=person.number)


def wearing_words(person: PersonInView, state: FacesState) -> str:
    """What somebody in view wears, empty for nothing."""
    worn = state.worn.get(person.track_id, "")
    if worn:
        return TEXTS["wears"].format(name=state.names.get(worn, TEXTS["stored_face"]))
    if state.worn_by_everybody:
        name = state.names.get(state.worn_by_everybody, TEXTS["stored_face"])
        return TEXTS["wears_like_everybody"].format(name=name)
    return ""


def count_words(offset: int, shown: int, total: int) -> str:
    """Which part of a list is shown: "1–24 of 130"; empty where that is all of it."""
    if shown == total:
        return ""
    return TEXTS["count"].format(first=offset + 1, last=offset + shown, total=total)
