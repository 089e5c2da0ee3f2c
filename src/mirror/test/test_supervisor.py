"""The supervisor: what it starts again, when it ends, and that nothing outlives it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror import supervisor
from mirror.supervisor import Process, Supervisor


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "POLL_S", 0.001)


def python(script: str, *words: str) -> list[str]:
    return [sys.executable, "-S", "-E", "-c", script, *words]


# Adds a line to a file; ends with status 1 until the file has argv[2] lines, then with 0.
FAIL_AT_FIRST = """
import sys
with open(sys.argv[1], "a") as file:
    file.write("run\\n")
sys.exit(0 if len(open(sys.argv[1]).readlines()) > int(sys.argv[2]) else 1)
"""

SLEEP = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"


class PauseClock:
    """Time that passes only while a process is not running, and by `run_s` with each run."""

    def __init__(self, process: Process, run_s: float = 0.0) -> None:
        self._process = process
        self._run_s = run_s
        self._calls_of_this_run = 0  # the first one tells when the run began
        self.now_s = 100.0

    def __call__(self) -> float:
        if self._process._popen is None:
            self.now_s += 0.25
            self._calls_of_this_run = 0
        else:
            self._calls_of_this_run += 1
            if self._calls_of_this_run == 2:
                self.now_s += self._run_s
        return self.now_s


def pauses_told(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [record.getMessage() for record in caplog.records if record.name == "mirror.supervisor"]
    return [message.rpartition(" in ")[2] for message in messages]


def test_a_process_that_fails_is_started_again_after_growing_pauses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = tmp_path / "runs"
    process = Process("The mirror", python(FAIL_AT_FIRST, str(runs), "6"))
    with caplog.at_level(logging.ERROR):
        status = Supervisor([process], clock=PauseClock(process)).run()
    assert status == 0
    assert len(runs.read_text().splitlines()) == 7
    assert process.restarts == 6
    assert pauses_told(caplog) == ["0.5 s.", "1.0 s.", "2.0 s.", "4.0 s.", "8.0 s.", "8.0 s."]
    assert caplog.records[0].getMessage() == "The mirror ended with exit status 1; it starts again in 0.5 s."


def test_after_a_long_run_there_is_no_pause(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    process = Process("The mirror", python(FAIL_AT_FIRST, str(tmp_path / "runs"), "3"))
    with caplog.at_level(logging.ERROR):
        assert Supervisor([process], clock=PauseClock(process, run_s=11.0)).run() == 0
    assert [line.partition("again ")[2] for line in pauses_told(caplog)] == ["at once."] * 3


def test_a_crash_in_native_code_is_told_by_its_signal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    crash = """
import os, signal, sys
if os.path.exists(sys.argv[1]):
    sys.exit(0)
open(sys.argv[1], "w").close()
os.kill(os.getpid(), signal.SIGSEGV)
"""
    process = Process("The mirror", python(crash, str(tmp_path / "crashed")))
    with caplog.at_level(logging.ERROR):
        assert Supervisor([process], clock=PauseClock(process)).run() == 0
    assert "The mirror ended with signal SIGSEGV" in caplog.text
    assert process.restarts == 1


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_when_an_essential_process_ends_by_itself_all_end(tmp_path: Path) -> None:
    script = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    pid_file = tmp_path / "pid"
    window = f"import os, time\nwhile not os.path.getsize({str(pid_file)!r}): time.sleep(0.01)"
    pid_file.touch()
    others = Process("faces", python(script, str(pid_file)), essential=False)
    assert Supervisor([others, Process("display", python(window))]).run() == 0
    assert not alive(int(pid_file.read_text()))


def test_a_process_that_is_not_essential_may_end_and_the_others_go_on(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    short = f"open({str(ended)!r}, 'w').write('once\\n')"
    long = (
        f"import os, sys, time\nwhile not os.path.exists({str(ended)!r}): time.sleep(0.01)\ntime.sleep(0.1)"
    )
    rviz = Process("rviz", python(short), essential=False)
    assert Supervisor([rviz, Process("display", python(long))]).run() == 0
    assert rviz.restarts == 0
    assert ended.read_text() == "once\n"


def test_it_ends_when_everything_has_ended_by_itself() -> None:
    processes = [Process(name, python("pass"), essential=False) for name in ("one", "two")]
    assert Supervisor(processes).run() == 0


def test_a_persons_mistake_ends_all_with_status_2_and_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    started = tmp_path / "started"
    mistake = (
        f"import os, sys, time\nwhile not os.path.exists({str(started)!r}): time.sleep(0.01)\n"
        "print('path:=nowhere is refused.', file=sys.stderr); sys.exit(2)"
    )
    process = Process("camera", python(mistake), essential=False)
    sleeper = python("import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n" + SLEEP, str(started))
    assert Supervisor([process, Process("sleeper", sleeper)]).run() == 2
    assert process.restarts == 0
    assert capfd.readouterr().err == "path:=nowhere is refused.\n"


def test_noise_of_native_libraries_is_left_out_of_the_messages(capfd: pytest.CaptureFixture[str]) -> None:
    script = (
        "import sys\n"
        "for line in ('W0000 00:00:1700000000.123456 1 x.cc] noise', 'INFO: Created TensorFlow Lite XNNPACK "
        "delegate for CPU.', '[ERROR] [camera]: It is gone.'): print(line, file=sys.stderr)"
    )
    assert Supervisor([Process("camera", python(script))]).run() == 0
    assert capfd.readouterr().err == "[ERROR] [camera]: It is gone.\n"


def test_children_know_their_supervisor_and_get_its_environment(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = (
        f"import os; open({str(told)!r}, 'w').write(os.environ['MIRROR_SUPERVISOR_PID'] + os.environ['X'])"
    )
    Supervisor([Process("one", python(script))], {**os.environ, "X": " yes"}).run()
    assert told.read_text() == f"{os.getpid()} yes"


def interrupt_when(
    condition: Callable[[], bool], eventually: Callable[..., Any], what: str
) -> threading.Thread:
    def wait() -> None:
        try:
            eventually(condition, what)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_ctrl_c_ends_the_children_once_and_is_waited_for(
    tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    script = """
import signal, sys, time
def stop(number, frame):
    with open(sys.argv[1] + ".log", "a") as file: file.write("interrupted\\n")
    time.sleep(0.2)
    with open(sys.argv[1] + ".log", "a") as file: file.write("released\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1], "w").close()
time.sleep(600)
"""
    files = [tmp_path / name for name in ("one", "two")]
    before = signal.getsignal(signal.SIGINT)
    thread = interrupt_when(lambda: all(f.exists() for f in files), eventually, "both children")
    assert Supervisor([Process(f.name, python(script, str(f))) for f in files]).run() == 0
    thread.join()
    for file in files:
        assert Path(f"{file}.log").read_text() == "interrupted\nreleased\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_child_that_does_not_want_to_end_is_killed(
    tmp_path: Path,
    eventually: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(supervisor, "STOP_S", 0.1)
    file = tmp_path / "started"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP
    process = Process("deaf", python(deaf, str(file)))
    thread = interrupt_when(file.exists, eventually, "the child")
    assert Supervisor([process]).run() == 0
    thread.join()
    assert process._popen is not None
    assert process._popen.returncode == -signal.SIGKILL
    assert "did not stop within" in caplog.text


def test_a_child_that_somebody_interrupts_ends_all_and_is_not_restarted(
    tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    file = tmp_path / "started"
    process = Process("one", python("import signal; signal.signal(2, signal.SIG_DFL)\n" + SLEEP, str(file)))

    def terminate() -> None:
        eventually(file.exists, "the child")
        popen = process._popen
        assert popen is not None
        popen.terminate()

    thread = threading.Thread(target=terminate)
    thread.start()
    assert Supervisor([process]).run() == 0
    thread.join()
    assert process.restarts == 0


def test_before_each_start_what_was_left_is_cleared_away(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.touch()
    script = (
        "import sys; from pathlib import Path; "
        f"runs = Path({str(runs)!r}); runs.write_text(runs.read_text() + 'x'); "
        "sys.exit(1 if len(runs.read_text()) < 3 else 0)"
    )
    process = Process("node", python(script))
    calls: list[int] = []
    clear = lambda: calls.append(len(runs.read_text()))  # noqa: E731
    assert Supervisor([process], clock=PauseClock(process), before_start=clear).run() == 0
    assert calls == [0, 1, 2]
