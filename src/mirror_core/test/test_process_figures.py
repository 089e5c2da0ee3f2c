"""What a process says that it takes of the machine."""

from __future__ import annotations

import errno
import os
import socket

import psutil
import pytest

from mirror_core.process_figures import SPAN_S, ProcessFigures
from mirror_core.testing import FakeClock


def test_a_process_says_who_it_is_and_how_much_memory_it_takes() -> None:
    values = ProcessFigures()()
    assert values["process"] == f"{os.getpid()} on {socket.gethostname()}"
    assert abs(float(values["process memory [MB]"]) - psutil.Process().memory_info().rss / 1e6) < 50


def test_it_is_read_anew_only_after_a_while() -> None:
    clock = FakeClock()
    figures = ProcessFigures(clock)
    first = figures()
    held = bytearray(os.urandom(1_000_000)) * 80  # 80 MB that the process has from now on
    clock.advance(SPAN_S / 2)
    assert figures() == first
    clock.advance(SPAN_S)
    assert float(figures()["process memory [MB]"]) > float(first["process memory [MB]"]) + 40
    assert len(held) == 80_000_000


def test_who_changes_an_answer_changes_no_other() -> None:
    figures = ProcessFigures(FakeClock())
    first = dict(figures())
    figures().clear()  # type: ignore[attr-defined]
    assert figures() == first


def test_where_no_file_can_be_opened_the_reading_before_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    figures = ProcessFigures(clock)
    first = figures()

    def fails(*_: object) -> float:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(psutil.Process, "cpu_percent", fails)
    clock.advance(2 * SPAN_S)
    assert figures() == first
