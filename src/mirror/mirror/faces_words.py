"""What people write and read at `mirror faces`: which face they mean, and what was agreed to."""

from __future__ import annotations

from datetime import datetime

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope, utc_now
from mirror_gallery.gallery import ListedFace

__all__ = ["SHORT_ID", "consent_of", "found", "kept", "said"]

SHORT_ID = 8  # characters of an id that lists show; any unique beginning of four or more is understood
LEAST_ID = 4


def found(faces: list[ListedFace], wanted: str) -> ListedFace:
    """The one face that a person means: by id, the beginning of an id, or name.

    Raises:
        UsageError: if there is none, or several.
    """
    exact = [face for face in faces if face.id == wanted]
    named = [face for face in faces if face.name.casefold() == wanted.casefold()]
    begun = [face for face in faces if len(wanted) >= LEAST_ID and face.id.startswith(wanted)]
    matches = exact or named or begun
    if not matches:
        raise UsageError(f"There is no stored face {wanted!r}; see `mirror faces list`.")
    if len(matches) > 1:
        those = ", ".join(f"{face.id[:SHORT_ID]} ({face.name})" for face in matches)
        raise UsageError(f"{wanted!r} could be any of {those}; give an id.")
    return matches[0]


def consent_of(until: str, this_visit: bool, until_revoked: bool, others: bool, recognise: bool) -> Consent:
    """The consent that the options state; without any, until it is revoked, for the person alone.

    Raises:
        UsageError: if they contradict each other, or the day is none or has passed.
    """
    if sum([bool(until), this_visit, until_revoked]) > 1:
        raise UsageError("Give one of --until, --this-visit and --until-revoked.")
    scope, day = (Scope.THIS_VISIT if this_visit else Scope.UNTIL_REVOKED), None
    if until:
        scope = Scope.UNTIL_DATE
        try:
            day = datetime.fromisoformat(until).astimezone()
        except (ValueError, OverflowError):
            raise UsageError(f"--until {until} is refused: a day such as 2027-01-01 is needed.") from None
    consent = Consent(scope, day, others_may_wear=others, recognise=recognise)
    consent.require_current(utc_now())
    return consent


def kept(consent: Consent) -> str:
    """How long a face is kept, in words."""
    if consent.until is not None:
        return f"until {consent.until.astimezone():%Y-%m-%d %H:%M}"
    return "for this visit" if consent.scope is Scope.THIS_VISIT else "until erased"


def said(consent: Consent) -> str:
    """A consent as a sentence."""
    wearers = "others may wear it" if consent.others_may_wear else "nobody else may wear it (--others)"
    known = "the mirror may recognise you" if consent.recognise else "the mirror does not recognise you"
    return f"Kept {kept(consent)}; {wearers}; {known}."
