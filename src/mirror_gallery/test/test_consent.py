"""Consents: scope and date go together, time zones do not matter, and expiry is exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope, as_utc, utc_now

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_a_consent_until_a_date_needs_the_date() -> None:
    with pytest.raises(UsageError, match="needs that date"):
        Consent(Scope.UNTIL_DATE)


@pytest.mark.parametrize("scope", [Scope.THIS_VISIT, Scope.UNTIL_REVOKED])
def test_other_consents_have_no_date(scope: Scope) -> None:
    with pytest.raises(UsageError, match="Only a consent until a date"):
        Consent(scope, NOON)


def test_a_date_needs_a_time_zone() -> None:
    with pytest.raises(UsageError, match="time zone"):
        Consent(Scope.UNTIL_DATE, datetime(2026, 6, 1, 12))


def test_a_date_beyond_utc_s_years_is_refused() -> None:
    edge = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(UsageError, match="years 1 to 9999"):
        Consent(Scope.UNTIL_DATE, edge)


def test_nobody_else_may_wear_or_recognise_a_face_by_default() -> None:
    consent = Consent(Scope.UNTIL_REVOKED)
    assert not consent.others_may_wear
    assert not consent.recognise


@given(zone=ZONES, ahead_us=st.integers(-(10**9), 10**9))
def test_a_consent_expires_at_its_moment_in_whichever_time_zone(zone: timezone, ahead_us: int) -> None:
    consent = Consent(Scope.UNTIL_DATE, NOON.astimezone(zone))
    now = NOON - timedelta(microseconds=ahead_us)
    assert consent.until == NOON
    assert consent.until is not None
    assert consent.until.tzinfo is UTC
    assert consent.has_expired(now) == (ahead_us <= 0)
    assert consent.has_expired(now.astimezone(zone)) == (ahead_us <= 0)


@pytest.mark.parametrize("scope", [Scope.THIS_VISIT, Scope.UNTIL_REVOKED])
def test_consents_without_a_date_never_expire_by_themselves(scope: Scope) -> None:
    assert not Consent(scope).has_expired(datetime.max.replace(tzinfo=UTC))


def test_a_new_consent_must_last_into_the_future() -> None:
    consent = Consent(Scope.UNTIL_DATE, NOON)
    consent.require_current(NOON - timedelta(seconds=1))
    with pytest.raises(UsageError, match="2026-06-01 12:00 UTC has passed"):
        consent.require_current(NOON)


def test_the_present_moment_knows_that_it_is_utc() -> None:
    assert as_utc(utc_now(), "now").tzinfo is UTC
