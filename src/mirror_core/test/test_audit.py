"""The audit log: numbers in place of names, lines that are only added, months that are not kept for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mirror_core.store.audit import AuditLog, Event

ADA, BEN = "3f2a9c0b1d5e4f6789abcdef01234567", "00112233445566778899aabbccddeeff"


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> AuditLog:
    return AuditLog(tmp_path / "audit", clock)


def test_what_is_done_is_read_back_without_the_id(log: AuditLog, tmp_path: Path) -> None:
    log.note(Event.STORED, ADA, "mirror", consent="until_revoked", views=3)
    log.note(Event.WORN, BEN, "mirror", by="everybody")
    log.note(Event.ERASED, ADA, "expiry")
    found = list(log.entries())
    assert [(each.event, each.way) for each in found] == [
        ("stored", "mirror"),
        ("worn", "mirror"),
        ("erased", "expiry"),
    ]
    assert found[0].details == {"consent": "until_revoked", "views": 3}
    assert found[0].time == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found[0].who == found[2].who == log.number(ADA) != found[1].who
    lying = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert ADA.encode() not in lying
    assert log.check() == []


def test_another_mirror_s_log_has_other_numbers(log: AuditLog, tmp_path: Path) -> None:
    assert log.number(ADA) == AuditLog(log.folder).number(ADA)
    assert log.number(ADA) != AuditLog(tmp_path / "other").number(ADA)


def test_only_this_user_can_read_it(log: AuditLog) -> None:
    log.note(Event.STORED, ADA, "mirror")
    assert log.folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in log.folder.iterdir()} == {0o600}


@pytest.mark.parametrize("change", ["drop", "edit", "swap"])
def test_a_changed_past_is_noticed(log: AuditLog, change: str) -> None:
    for _ in range(4):
        log.note(Event.WORN, ADA, "mirror")
    log.note(Event.WORN, BEN, "mirror")
    (file,) = log.folder.glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    if change == "drop":
        del lines[1]
    elif change == "edit":
        lines[1] = lines[1].replace(b"worn", b"none")
    else:
        lines[2], lines[4] = lines[4], lines[2]
    file.write_bytes(b"".join(lines))
    assert any("does not follow the one before it" in complaint for complaint in log.check())


def test_a_damaged_line_hides_no_other(log: AuditLog) -> None:
    log.note(Event.STORED, ADA, "mirror")
    (file,) = log.folder.glob("*.jsonl")
    with file.open("ab") as stream:
        stream.write(b"\xff{half a line\n")
    log.note(Event.ERASED, ADA, "mirror")
    assert [each.event for each in log.entries()] == ["stored", "erased"]
    assert len(log.check()) == 1


def test_months_are_kept_for_a_year_and_then_removed(log: AuditLog, clock: Clock) -> None:
    log.note(Event.STORED, ADA, "mirror")
    clock.now = datetime(2027, 4, 1, tzinfo=UTC)
    log.note(Event.WORN, ADA, "mirror")  # 13 months later: a new file, and the old one is still kept
    assert [each.event for each in log.entries()] == ["stored", "worn"]
    clock.now = datetime(2027, 5, 1, tzinfo=UTC)
    log.note(Event.ERASED, ADA, "mirror")
    assert [each.event for each in log.entries()] == ["worn", "erased"]


def test_programs_that_write_at_once_lose_nothing(log: AuditLog) -> None:
    script = (
        "import sys; from pathlib import Path; from mirror_core.store.audit import AuditLog, Event\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for _ in range(40): log.note(Event.WORN, sys.argv[2], 'mirror')"
    )
    words = [sys.executable, "-c", script, str(log.folder)]
    programs = [subprocess.Popen([*words, who]) for who in (ADA, BEN)]
    assert [program.wait(60) for program in programs] == [0, 0]
    found = list(log.entries())
    assert len(found) == 80
    assert {each.who for each in found} == {log.number(ADA), log.number(BEN)}
    assert log.check() == []


def test_what_cannot_be_written_is_logged_and_breaks_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    AuditLog(tmp_path / "file" / "audit").note(Event.STORED, ADA, "mirror")
    assert "is not in the audit log" in caplog.text
    assert ADA not in caplog.text


def test_lines_are_plain_json(log: AuditLog) -> None:
    log.note(Event.CONSENT, ADA, "mirror", recognise=False)
    (file,) = log.folder.glob("*.jsonl")
    line = json.loads(file.read_text())
    assert line == {
        "time": "2026-03-01T10:00:00+00:00",
        "event": "consent",
        "who": log.number(ADA),
        "way": "mirror",
        "details": {"recognise": False},
        "after": "0" * 64,
    }
