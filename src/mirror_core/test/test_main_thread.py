"""Work for the main thread: done in the serving thread, in order, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from mirror_core.main_thread import MainThread, main_thread


def test_tasks_run_in_the_serving_thread_in_the_order_in_which_they_came() -> None:
    main, stop = MainThread(), threading.Event()
    ran: list[tuple[str, int]] = []

    def leave() -> None:
        for name in ("one", "two"):
            main.post(lambda name=name: ran.append((name, threading.get_ident())))  # type: ignore[misc]
        main.post(stop.set)

    poster = threading.Thread(target=leave)
    poster.start()
    main.serve(stop)
    poster.join()
    here = threading.get_ident()
    assert ran == [("one", here), ("two", here)]


def test_serving_ends_while_nothing_comes(eventually: Callable[..., Any]) -> None:
    main, stop = MainThread(), threading.Event()
    server = threading.Thread(target=main.serve, args=(stop,))
    server.start()
    eventually(lambda: main.is_served, "the thread to serve")
    stop.set()
    server.join(20)
    assert not server.is_alive()
    assert not main.is_served


def test_a_task_that_raises_ends_the_serving_with_its_error() -> None:
    main = MainThread()

    def broken() -> None:
        raise RuntimeError("no display")

    main.post(broken)
    with pytest.raises(RuntimeError, match="no display"):
        main.serve(threading.Event())
    assert not main.is_served


def test_a_process_has_one_main_thread() -> None:
    assert main_thread() is main_thread()
