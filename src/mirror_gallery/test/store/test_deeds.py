"""What a store tells the audit log, by which way, and what it removes in time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mirror_core.store.audit import AuditLog
from mirror_core.store.copies import copy_before
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore

Make = Callable[..., Portrait]


@pytest.fixture
def log(tmp_path: Path, clock: Any) -> AuditLog:
    return AuditLog(tmp_path / "audit", clock)


@pytest.fixture
def store(tmp_path: Path, clock: Any, log: AuditLog) -> Any:
    with FaceStore(
        str(tmp_path / "faces.sqlite"), str(tmp_path / "pictures"), clock=clock, audit=log, way="command"
    ) as store:
        yield store


def told(log: AuditLog, face_id: str) -> list[tuple[str, str]]:
    return [(entry.event, entry.way) for entry in log.entries() if entry.who == log.number(face_id)]


def test_everything_that_is_done_is_told_by_its_way(
    store: FaceStore, log: AuditLog, portrait: Make, clock: Any
) -> None:
    until = clock() + timedelta(days=3)
    dated = store.add(portrait("Dated"), Consent(Scope.UNTIL_DATE, until, others_may_wear=True))
    visitor = store.add(portrait("Visitor"), Consent(Scope.THIS_VISIT), "capture")
    kept = store.import_(store.export(dated), Consent(Scope.UNTIL_REVOKED, recognise=True), "Kept")
    store.rename(kept, "Other")
    store.put_derived(kept, "embedding", b"e" * 40)
    store.change_consent(kept, Consent(Scope.UNTIL_REVOKED))
    store.end_visits([visitor])
    clock.turn(days=4)
    store.erase_expired()
    store.erase(kept)
    assert told(log, dated) == [("stored", "command"), ("erased", "expiry")]
    assert told(log, visitor) == [("stored", "capture"), ("erased", "visit")]
    assert told(log, kept) == [
        ("stored", "command"),
        ("renamed", "command"),
        ("consent", "command"),
        ("erased", "command"),
    ]
    first, _, _, _, change, *_ = log.entries()
    assert first.details == {
        "views": 2,
        "consent": "until_date",
        "others_may_wear": True,
        "recognise": False,
        "until": until.isoformat(timespec="seconds"),
    }
    assert change.details["purged"] == 1
    lying = b"".join(file.read_bytes() for file in log.folder.iterdir())
    assert not any(word in lying for word in (b"Dated", b"Visitor", b"Kept", b"Other", kept.encode()))


def test_what_fails_is_not_told(store: FaceStore, log: AuditLog, portrait: Make, clock: Any) -> None:
    from mirror_core.errors import UsageError

    with pytest.raises(UsageError):
        store.add(portrait(), Consent(Scope.UNTIL_DATE, clock() - timedelta(days=1)))
    with pytest.raises(UsageError):
        store.erase("nobody")
    assert list(log.entries()) == []


def test_what_is_kept_for_a_while_is_removed_with_what_has_expired(
    store: FaceStore, log: AuditLog, portrait: Make, clock: Any
) -> None:
    store.add(portrait(), Consent(Scope.UNTIL_REVOKED))
    assert store.database.file is not None
    copy = copy_before(store.database.file, "0000", "It")
    store.erase_expired()
    assert copy.exists()
    assert [entry.event for entry in log.entries()] == ["stored"]
    past = time.time() - 31 * 86400
    os.utime(copy, (past, past))
    clock.turn(days=430)
    store.erase_expired()
    assert not copy.exists()
    assert list(log.entries()) == []
