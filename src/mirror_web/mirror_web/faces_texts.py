"""Every sentence of the Faces page, and what consent, expiry and wearing are in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mirror_gallery.consent import Consent, Scope
from mirror_web.faces_control import FacesState, PersonInView, StoredFace

__all__ = [
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

TEXTS: Mapping[str, str] = {
    "mirror": "In the mirror",
    "nobody": "Nobody stands before the mirror. Step in front of it, and you appear here with a number.",
    "keep_face": "Keep a face",
    "add_file": "Add a photo or file",
    "gallery": "Gallery",
    "search": "Search names",
    "loading": "Loading the faces …",
    "empty": "No face is stored yet.",
    "empty_hint": "Keep the face of somebody who stands before the mirror, or add a photo.",
    "not_found": "No name contains this text.",
    "list_failed": "The faces could not be loaded. The page goes on trying.",
    "previous": "Previous",
    "next": "Next",
    "preset": "Preset",
    "cancel": "Cancel",
    "close": "Close",
    "start": "Start",
    "save": "Save",
    "take_off": "Take it off",
    "take_off_all": "Take it off everybody",
    "wear": "Wear a face",
    "wear_on": "Wear it",
    "everybody": "Everybody",
    "who": "Say who it is",
    "check_out": "Check out",
    "check_in_as": "This person is here",
    "check_in_hint": "Checking in says who stands there; the mirror does not find that out by itself.",
    "choose_worn": "Which face shall person {number} wear?",
    "choose_worn_all": "Which face shall everybody wear?",
    "choose_who": "Who is person {number}?",
    "swap_off": "A worn face shows while the effect “{effect}” is on.",
    "swap_switch_on": "Switch it on",
    # ---- capture
    "capture_title": "Keep a face",
    "capture_intro": "Look into the mirror; a ring fills around the face and says what to do.",
    "capture_who": "Whose face?",
    "capture_nobody": "Nobody stands before the mirror, so there is no face to keep. Step in front of it.",
    "capture_running": "Keeping {name}’s face",
    "capture_done": "Done",
    "capture_failed": "This did not work",
    "capture_cancelled": "Cancelled; nothing was kept",
    "capture_again": "Try again",
    "capture_elsewhere": "It was started elsewhere and is cancelled there.",
    # ---- names and consent
    "name": "Name",
    "name_missing": "Give the face a name first.",
    "keep_until": "How long may the mirror keep it?",
    "until_date": "Last day",
    "until_missing": "Choose the last day on which the face may be kept; it must not have passed.",
    "others_may_wear": "Others may wear this face",
    "recognise": "Recognise me when I come back",
    "recognise_hint": "Only with this does the mirror compare who stands there with this face.",
    # ---- one face
    "rename": "Rename",
    "export": "Export",
    "export_hint": "Saves the face as a file that this or another mirror can read.",
    "erase": "Erase",
    "erase_title": "Erase {name}?",
    "erase_hint": "The pictures and everything made from them are deleted for good.",
    "erase_no": "Keep it",
    "erase_yes": "Erase for good",
    "erased_title": "{name} is erased",
    "erased_list": "What was deleted:",
    "erased_nothing": "There was nothing else to delete.",
    "stored": "Stored {date}",
    "gone": "This face is no longer stored.",
    # ---- adding a file
    "add_title": "Add a face",
    "drop": "Drop a photo or a .mirrorface file here, or choose one",
    "drop_hint": "JPEG, PNG or WebP with one face, or a .mirrorface file; {limit} MB at most. "
    "With a photo, a JSON or CSV file of its points can be dropped too.",
    "drop_privacy": "The file goes to this mirror only and is not kept beside what is stored.",
    "choose_file": "Choose a file",
    "other_file": "Other file",
    "may_store": "It is my face, or its owner agrees.",
    "may_store_missing": "Tick that it is your face, or that its owner agrees.",
    "add": "Add",
    "adding": "Adding …",
    "added": "{name} is stored.",
    "name_in_file": "Empty: the name in the file",
    "no_file": "Choose a photo or a .mirrorface file first.",
    "send_failed": "The file did not reach the mirror; try again.",
    "upload_gone": "This upload is no longer awaited; open the page again and repeat it.",
    "too_large": "The file has {size} MB, but {limit} MB is the most; choose a smaller one.",
    "upload_empty": "The file is empty; choose another one.",
    "points_read": "Points from {name} are used.",
    # ---- landmarks by hand
    "points_title": "Place the points",
    "points_intro": "The mirror finds no face here. Move the mesh onto the face, then drag the dots to the "
    "places that they are named after.",
    "points_by_hand": "Place the points by hand",
    "points_keys": "Arrow keys move the chosen dot, with Shift in larger steps.",
    "points_reset": "Start again",
    "points_larger": "Larger",
    "points_smaller": "Smaller",
    "points_left": "Turn left",
    "points_right": "Turn right",
    "points_use": "Use these points",
}

SCOPE_NAMES: Mapping[Scope, str] = {
    Scope.THIS_VISIT: "For this visit",
    Scope.UNTIL_DATE: "Until a date",
    Scope.UNTIL_REVOKED: "Until I revoke it",
}
SCOPE_HINTS: Mapping[Scope, str] = {
    Scope.THIS_VISIT: "It is erased by itself when you leave.",
    Scope.UNTIL_DATE: "It is erased by itself after that day.",
    Scope.UNTIL_REVOKED: "It stays until somebody erases it on this page.",
}
QUALITY_NAMES: Mapping[str, str] = {
    "pose": "Pose",
    "light": "Light",
    "sharpness": "Sharpness",
    "size": "Size",
    "stability": "Stillness",
}


def date_words(moment: datetime) -> str:
    """A moment's day where the mirror stands: "5 March 2027"."""
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y}"


def _last_day(consent: Consent) -> datetime:
    assert consent.until is not None
    return consent.until - timedelta(microseconds=1)  # `until` is the first moment at which it is gone


def _days_left(consent: Consent, now: datetime) -> str:
    days = (_last_day(consent).astimezone().date() - now.astimezone().date()).days
    if consent.has_expired(now):
        return "that day has passed"
    return {0: "today is the last day", 1: "one more day"}.get(days, f"{days} more days")


def kept_words(consent: Consent | None, now: datetime) -> str:
    """How long a face is kept, as a sentence; without consent it is a preset's."""
    if consent is None:
        return "Comes with the mirror and belongs to nobody."
    if consent.scope is Scope.THIS_VISIT:
        return "Kept for this visit; erased by itself afterwards."
    if consent.scope is Scope.UNTIL_DATE:
        last, left = date_words(_last_day(consent)), _days_left(consent, now)
        return f"Kept until {last} ({left}); then erased by itself."
    return "Kept until somebody erases it here."


def short_kept_words(face: StoredFace) -> str:
    """The same in a word or two, for below a thumbnail."""
    if face.preset or face.consent is None:
        return TEXTS["preset"]
    if face.consent.scope is Scope.THIS_VISIT:
        return "This visit"
    if face.consent.scope is Scope.UNTIL_DATE:
        last = _last_day(face.consent).astimezone()
        return f"Until {last.day} {last:%b %Y}"
    return "Until revoked"


def consent_lines(face: StoredFace, now: datetime) -> tuple[str, ...]:
    """What the owner has agreed to, a sentence each."""
    lines = [kept_words(None if face.preset else face.consent, now)]
    if face.consent is not None and not face.preset:
        lines.append("Others may wear it." if face.consent.others_may_wear else "Nobody else may wear it.")
        lines.append(
            "The mirror may recognise this person."
            if face.consent.recognise
            else "The mirror does not recognise this person by itself."
        )
    return tuple(lines)


def person_name(person: PersonInView, state: FacesState) -> str:
    """What to call somebody in view: their name, or "Person 2"."""
    return state.names.get(person.person, "") or f"Person {person.number}"


def wearing_words(person: PersonInView, state: FacesState) -> str:
    """What somebody in view wears, empty for nothing."""
    worn = state.worn.get(person.track_id, "")
    if worn:
        return f"wears {state.names.get(worn, 'a stored face')}"
    if state.worn_by_everybody:
        return f"wears {state.names.get(state.worn_by_everybody, 'a stored face')}, like everybody"
    return ""


def count_words(offset: int, shown: int, total: int) -> str:
    """Which part of a list is shown: "1–24 of 130"; empty where that is all of it."""
    if shown == total:
        return ""
    return f"{offset + 1}–{offset + shown} of {total}"
