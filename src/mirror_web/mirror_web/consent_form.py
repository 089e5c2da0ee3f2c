"""The questions before a face is stored: its name, how long it may be kept, and what it may be used for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from nicegui import ui

from mirror_core.errors import MirrorError, UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.face_names import MOST_CHARACTERS, checked_name
from mirror_web.faces_texts import SCOPE_HINTS, SCOPE_NAMES, TEXTS

__all__ = ["ConsentForm", "consent_of"]

DEFAULT_DAYS = 30


def consent_of(
    scope: Scope, last_day: str, *, others_may_wear: bool, recognise: bool, now: datetime | None = None
) -> Consent:
    """The consent that a form says.

    Args:
        scope: how long.
        last_day: with `Scope.UNTIL_DATE` the last day on which the face is kept, as "2027-03-05" in
            the mirror's time zone.
        others_may_wear, recognise: see `Consent`.
        now: the present moment; tests hand in their own.

    Raises:
        UsageError: if the day is missing or has passed.
    """
    if scope is not Scope.UNTIL_DATE:
        return Consent(scope, None, others_may_wear, recognise)
    try:
        day = date.fromisoformat(last_day)
        until = datetime.combine(day + timedelta(days=1), datetime.min.time()).astimezone()
        consent = Consent(scope, until, others_may_wear, recognise)
    except (ValueError, OverflowError, UsageError) as error:
        raise UsageError(TEXTS["until_missing"]) from error
    if consent.has_expired(now or datetime.now(UTC)):
        raise UsageError(TEXTS["until_missing"])
    return consent


class ConsentForm:
    """The fields in the current NiceGUI slot.

    Args:
        scopes: which answers to "how long" there are; the first one is chosen.
        name_hint: says what an empty name means; empty: a name is needed.
        with_name: whether a name is asked for at all.
    """

    def __init__(
        self, scopes: tuple[Scope, ...] = tuple(Scope), name_hint: str = "", *, with_name: bool = True
    ) -> None:
        self._name_hint = name_hint
        self._name = ui.input(TEXTS["name"]).props(f'outlined maxlength={MOST_CHARACTERS} autocomplete="off"')
        self._name.classes("m-field").props["data-field"] = "name"
        self.set_name_hint(name_hint)
        self._name.set_visibility(with_name)
        ui.label(TEXTS["keep_until"]).classes("m-question")
        self._scope = ui.radio(
            {scope.value: SCOPE_NAMES[scope.value] for scope in scopes},
            value=scopes[0].value,
            on_change=self._show_scope,
        ).classes("m-radio")
        self._date = ui.input(
            TEXTS["until_date"], value=(date.today() + timedelta(days=DEFAULT_DAYS)).isoformat()
        )
        self._date.props("outlined type=date stack-label").classes("m-field")
        self._date.props["min"] = date.today().isoformat()
        self._date.props["data-field"] = "until"
        self._scope_hint = ui.label().classes("m-hint")
        with ui.element("div").classes("m-checks"):
            self._others = ui.checkbox(TEXTS["others_may_wear"])
            self._recognise = ui.checkbox(TEXTS["recognise"])
            ui.label(TEXTS["recognise_hint"]).classes("m-hint m-indented")
        self._show_scope()

    def set_name_hint(self, hint: str) -> None:
        """Change what an empty name means; see the class."""
        self._name_hint = hint
        self._name.props["hint"] = hint

    def _show_scope(self) -> None:
        scope = Scope(self._scope.value)
        self._date.set_visibility(scope is Scope.UNTIL_DATE)
        self._scope_hint.set_text(SCOPE_HINTS[scope.value])

    def name(self) -> str:
        """The name, tidied; empty only where that is allowed.

        Raises:
            UsageError: if it is missing or not allowed.
        """
        written = str(self._name.value or "")
        if not written.strip():
            if self._name_hint:
                return ""
            raise UsageError(TEXTS["name_missing"])
        return checked_name(written)

    def answers(self) -> tuple[str, Consent]:
        """Name and consent.

        Raises:
            MirrorError: one sentence that says what is missing.
        """
        name = self.name()
        return name, consent_of(
            Scope(self._scope.value),
            str(self._date.value or ""),
            others_may_wear=bool(self._others.value),
            recognise=bool(self._recognise.value),
        )

    def answers_or_error(self) -> tuple[tuple[str, Consent] | None, str | None]:
        """`answers`, or the sentence that says what is missing."""
        try:
            return self.answers(), None
        except MirrorError as error:
            return None, str(error)
