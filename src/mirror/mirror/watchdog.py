"""Tells systemd how the mirror is: ready with the first picture, alive while pictures flow.

The protocol is that of sd_notify(3): datagrams of `NAME=value` lines to the socket that `NOTIFY_SOCKET`
names.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path

from mirror_core.heartbeat import HEARTBEAT_VARIABLE

__all__ = ["Notifier", "Watchdog"]

SOCKET_VARIABLE = "NOTIFY_SOCKET"
PERIOD_VARIABLE = "WATCHDOG_USEC"
PROCESS_VARIABLE = "WATCHDOG_PID"
MEMORY = "/dev/shm"  # a file that is touched every second should wear no disk
LOOK_S = 0.5  # how often the sign of life is looked at
SHARE = 0.25  # of systemd's patience that passes between two messages
SEND_S = 1.0  # a manager that takes nothing must not hold the mirror up
READY = "READY=1\nSTATUS=The mirror shows pictures."
READY_BLIND = "READY=1\nSTATUS=The mirror runs without a window."
MISSING = "STATUS=No picture has been shown for {seconds:.0f} s."
STOPPING = "STOPPING=1\nSTATUS=The mirror stops."
MISSING_S = 10.0  # without a picture; then the status says so


class Notifier:
    """Sends messages to the service manager; without one it does nothing.

    Args:
        address: of its datagram socket: a path, or an abstract name that begins with @.
    """

    def __init__(self, address: str) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def __call__(self, message: str) -> None:
        """Send lines such as "READY=1"; a manager that has gone is not missed."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(SEND_S)
            try:
                sender.sendto(message.encode(), self._address)
            except OSError:
                return


class Watchdog:
    """Watches the sign of life of a mirror's window.

    Args:
        notify: takes messages for the service manager.
        heartbeat: file that is touched while pictures are shown; None: there is no window, and the
            mirror counts as alive while it runs.
        patience_s: after which the manager restarts a silent mirror; 0: it does not.
        clock: monotonic seconds; replaced in tests.
    """

    def __init__(
        self,
        notify: Callable[[str], None],
        heartbeat: Path | None,
        patience_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notify = notify
        self._heartbeat = heartbeat
        self._patience_s = patience_s
        self._clock = clock
        self._touched_ns = self._mtime_ns()
        self._is_ready = self._misses = False
        self._look_s = self._tell_s = float("-inf")
        self._shown_s = clock()

    @classmethod
    def of_environment(cls, environment: MutableMapping[str, str], has_window: bool) -> Watchdog | None:
        """The watchdog that systemd asks for, None where it asks for none.

        Args:
            environment: of the mirror's processes; the manager's variables are taken out, and the file
                of the sign of life is put in.
            has_window: whether pictures are expected.
        """
        address = environment.pop(SOCKET_VARIABLE, "")
        period, process = environment.pop(PERIOD_VARIABLE, ""), environment.pop(PROCESS_VARIABLE, "")
        if not address:
            return None
        is_asked = period.isdigit() and process in ("", str(os.getpid()))
        heartbeat = None
        if has_window:
            folder = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None
            descriptor, name = tempfile.mkstemp(prefix="mirror-", suffix=".alive", dir=folder)
            os.close(descriptor)
            environment[HEARTBEAT_VARIABLE] = name
            heartbeat = Path(name)
        return cls(Notifier(address), heartbeat, int(period) / 1e6 if is_asked else 0.0)

    def _mtime_ns(self) -> int:
        try:
            return 0 if self._heartbeat is None else self._heartbeat.stat().st_mtime_ns
        except OSError:
            return self._touched_ns if hasattr(self, "_touched_ns") else 0

    def turn(self) -> None:
        """Look, and say what is to be said; call it often, it returns at once."""
        now_s = self._clock()
        if now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_S
        touched_ns = self._mtime_ns()
        if self._heartbeat is not None and touched_ns == self._touched_ns:
            if self._is_ready and not self._misses and now_s - self._shown_s >= MISSING_S:
                self._misses = True
                self._notify(MISSING.format(seconds=now_s - self._shown_s))
            return
        self._touched_ns, self._shown_s = touched_ns, now_s
        if not self._is_ready or self._misses:
            self._notify(READY_BLIND if self._heartbeat is None else READY)
            self._is_ready, self._misses = True, False
        if self._patience_s > 0 and now_s >= self._tell_s:
            self._tell_s = now_s + self._patience_s * SHARE
            self._notify("WATCHDOG=1")

    def stop(self) -> None:
        """The mirror ends."""
        self._notify(STOPPING)
        if self._heartbeat is not None:
            self._heartbeat.unlink(missing_ok=True)
