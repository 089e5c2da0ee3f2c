"""The doctor says how much shared memory killed programs have left."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror import doctor
from mirror_core.dead_segments import DeadSegment


def segment(size: int) -> DeadSegment:
    return DeadSegment(Path("/dev/shm/fastdds_0"), Path("/dev/shm/fastdds_0_el"), size)


def test_what_was_left_behind_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "dead_segments", lambda: [segment(70 * 2**20), segment(58 * 2**20)])
    (finding,) = doctor._left_behind()
    assert finding.verdict is doctor.Verdict.NOTE
    assert finding.found == (
        "Programs that were killed have left 128 MB of shared memory in /dev/shm (2 segments of Fast DDS)."
    )
    assert "fastdds shm clean" in finding.advice
    assert doctor._left_behind in doctor.CHECKS


@pytest.mark.parametrize("found", [[], [segment(1000)]])
def test_nothing_or_next_to_nothing_is_not_worth_a_word(
    monkeypatch: pytest.MonkeyPatch, found: list[DeadSegment]
) -> None:
    monkeypatch.setattr(doctor, "dead_segments", lambda: found)
    assert list(doctor._left_behind()) == []
