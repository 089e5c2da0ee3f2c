"""Runs nodes: one executor thread each, restarted alone when a callback raises.

The container runs many nodes with `run_hosts`, a node's own executable runs one; everything else is
the same. One executor per node, because an exception in one callback ends a shared MultiThreadedExecutor
and with it the healthy nodes.
"""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

import cv2
import rclpy
from rclpy._rclpy_pybind11 import RCLError, RCLInvalidROSArgsError, UnknownROSArgsError
from rclpy.executors import ExternalShutdownException
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.signals import SignalHandlerOptions

from mirror_core.environment import STARTED_VARIABLE, apply_defaults
from mirror_core.errors import UsageError
from mirror_core.executor import NodeExecutor
from mirror_core.free_memory import keep_giving_back
from mirror_core.main_thread import main_thread
from mirror_core.node import MirrorNode

__all__ = ["NodeHost", "leave", "run_hosts", "run_node", "seconds_since_start"]

logger = logging.getLogger("mirror.hosting")

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 8.0
HEALTHY_AFTER_S = 10.0  # after this long without failure the pauses are short again
SWITCH_INTERVAL_S = (
    0.0005  # a thread that wants the interpreter waits this long, not 5 ms: the frame path has several
)
SPIN_S = 1.0  # after which a spinning node looks whether it should stop, should a wake be lost
JOIN_S = 10.0
STAGE_S = 4.0  # for which the nodes of a stage are waited for before the next ones start
STAGE_POLL_S = 0.05  # how soon the end of such a wait is seen
ORPHAN_POLL_S = 1.0  # how soon a process sees that its supervisor is gone

SUPERVISOR_VARIABLE = "MIRROR_SUPERVISOR_PID"
_IMPORTED_NS = time.monotonic_ns()

EXIT_OK = 0
EXIT_USAGE = 2
EXIT_EXHAUSTED = 3  # no file descriptor is left: only a new process helps, and the supervisor starts one


def seconds_since_start() -> float:
    """Seconds since this mirror was started: by its supervisor, else by this process."""
    started = os.environ.get(STARTED_VARIABLE, "")
    return (time.monotonic_ns() - (int(started) if started.isdigit() else _IMPORTED_NS)) * 1e-9


class NodeHost:
    """One node in its own thread: created, configured, activated, spun, released, restarted.

    Args:
        name: for messages.
        create: makes the node; called again after a failure.
        on_usage_error: called when a person's mistake (a wrong parameter) makes the node impossible;
            the host then gives up.
        on_exhausted: called when the node fails because this process has no file descriptor left; the host
            then gives up, because starting the node again needs more of them.

    Attributes:
        restarts: how often the node was started again after a failure.
        last_error: the newest failure as one line.
    """

    def __init__(
        self,
        name: str,
        create: Callable[[], MirrorNode],
        on_usage_error: Callable[[UsageError], None] | None = None,
        on_exhausted: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.node: MirrorNode | None = None
        self.restarts = 0
        self.last_error = ""
        self._in_a_row = 0  # failures with the same line
        self._create = create
        self._on_usage_error = on_usage_error
        self._on_exhausted = on_exhausted
        self._stop = threading.Event()
        self._executor: NodeExecutor | None = None
        self._active = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"node {name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wait_active(self, timeout_s: float) -> bool:
        """Wait until the node is active."""
        return self._active.wait(timeout_s)

    @property
    def is_settled(self) -> bool:
        """Whether the node is active and has what others should wait for at the start."""
        node = self.node
        return node is not None and node.is_settled

    def request_stop(self) -> None:
        """Ask the node to stop; returns at once."""
        self._stop.set()
        executor = self._executor
        if executor is not None:
            executor.wake()

    def join(self, timeout_s: float = JOIN_S) -> bool:
        """Wait until the node has been released; False if it did not end in time."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._stop.is_set():
            try:
                ran_healthy = self._run_once()
            except ExternalShutdownException:
                return
            except UsageError as error:
                self.last_error = str(error)
                if self._on_usage_error is not None:
                    self._on_usage_error(error)
                else:
                    logger.error("%s: %s", self.name, error)
                return
            if self._stop.is_set():
                return
            if ran_healthy:
                backoff_s = FIRST_BACKOFF_S
            self.restarts += 1
            self._stop.wait(backoff_s)
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)

    def _run_once(self) -> bool:
        """Run the node until it fails or should stop; returns whether it ran long enough to be healthy."""
        executor = self._executor = NodeExecutor()
        node: MirrorNode | None = None
        clock = threading.Event()  # only to measure: set when the node has run long enough
        timer = threading.Timer(HEALTHY_AFTER_S, clock.set)
        timer.daemon = True
        try:
            node = self._create()
            self.node = node
            node.health.counters["restarts"] = lambda: self.restarts
            if self.last_error:
                node.health.counters["last error"] = lambda: self.last_error
            executor.add_node(node)
            self._bring_up(node)
            timer.start()
            self._active.set()
            while not self._stop.is_set():
                executor.spin_once(timeout_sec=SPIN_S)
        except (UsageError, ExternalShutdownException):
            raise
        except Exception as error:
            if self._on_exhausted is not None and _is_out_of_descriptors(error):
                self._on_exhausted()
                self._stop.set()
            else:
                self._report(error)
        finally:
            timer.cancel()
            self._active.clear()
            self.node = None
            self._executor = None
            self._release(node, executor)
        return clock.is_set()

    def _bring_up(self, node: MirrorNode) -> None:
        node.announces_mistakes = False
        for trigger in (node.trigger_configure, node.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                raise node.failure or RuntimeError(f"{self.name} could not be started")
        node.announces_mistakes = True

    def _report(self, error: Exception) -> None:
        line = f"{type(error).__name__}: {error}"
        self._in_a_row = self._in_a_row + 1 if line == self.last_error else 1
        if self._in_a_row > 1:
            # The 2nd, 4th, 8th … time: what fails all night must not fill the disk with one sentence.
            if self._in_a_row & (self._in_a_row - 1) == 0:
                times = f"{self._in_a_row} times in a row"
                logger.error("%s failed %s (%s); it is restarted.", self.name, times, line)
        else:
            trace = "".join(traceback.format_exception(error))
            logger.error("%s failed and is restarted alone:\n%s", self.name, trace)
        self.last_error = line

    def _release(self, node: MirrorNode | None, executor: NodeExecutor) -> None:
        try:
            if node is not None:
                executor.remove_node(node)
                if rclpy.ok():
                    node.trigger_shutdown()
                node.destroy_node()
        except Exception as error:
            logger.error("%s could not be released cleanly: %s", self.name, error)
        finally:
            executor.shutdown(timeout_sec=1.0)


def _is_out_of_descriptors(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is that no more files can be opened."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            return True
        if os.strerror(errno.EMFILE) in str(error):  # rcl says only in words what the system said
            return True
        error = error.__cause__ or error.__context__
    return False


def _end_with_supervisor() -> None:
    """Send this process SIGINT when the supervisor that started it is gone, however that ended."""
    supervisor = os.environ.get(SUPERVISOR_VARIABLE, "")
    if not supervisor.isdigit():
        return

    def watch() -> None:
        while os.getppid() == int(supervisor):
            time.sleep(ORPHAN_POLL_S)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, name="supervisor watch", daemon=True).start()


def _in_stages(hosts: Sequence[NodeHost], stages: Sequence[Collection[str]]) -> list[list[NodeHost]]:
    """The hosts that start together, first those of the first stage, last those of none."""
    named = {name for stage in stages for name in stage}
    chosen = [[host for host in hosts if host.name in stage] for stage in stages]
    return [*chosen, [host for host in hosts if host.name not in named]]


def _start(stages: Sequence[Sequence[NodeHost]], stop: threading.Event) -> None:
    for hosts in stages:
        for host in hosts:
            host.start()
        end_s = time.monotonic() + STAGE_S
        while not all(host.is_settled for host in hosts):
            if stop.wait(STAGE_POLL_S) or time.monotonic() > end_s:
                break


def run_hosts(
    factories: Sequence[tuple[str, Callable[[], MirrorNode]]],
    arguments: Sequence[str] | None = None,
    stages: Sequence[Collection[str]] = (),
) -> int:
    """Run nodes until Ctrl-C, SIGTERM or a person's mistake; call it in the main thread.

    Args:
        factories: (name, function that makes the node).
        arguments: command line for `rclpy.init` (its --ros-args part is used).
        stages: names of nodes that start before others, which would take the interpreter from them for
            their imports; the next stage starts when one is settled, or has had its time.

    Returns:
        The process's exit status: 0, 2 after a person's mistake, 3 where no file descriptor is left.
    """
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] [%(name)s]: %(message)s")
    logging.getLogger("matplotlib").setLevel(logging.WARNING)  # it comes with mediapipe and tells of fonts
    stop = threading.Event()
    mistakes: list[UsageError] = []
    hosts: list[NodeHost] = []
    exhausted = threading.Event()

    def end() -> None:
        # The nodes too, at once: work on the main thread (a window) returns when its node stops.
        stop.set()
        for host in hosts:
            host.request_stop()
        main_thread().wake()

    def on_usage_error(error: UsageError) -> None:
        mistakes.append(error)
        end()

    def on_exhausted() -> None:
        if not exhausted.is_set():
            exhausted.set()
            limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            logger.error(
                "This process may open no more than %d files, and has: it ends, to be started again. "
                "Raise the limit (`ulimit -n`) if this comes back.",
                limit,
            )
        end()

    def on_signal(_number: int, _frame: Any) -> None:
        end()

    apply_defaults()
    words = None if arguments is None else list(arguments)
    try:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        # The nodes are the parallelism: OpenCV's own threads would spin on the cores that others need.
        cv2.setNumThreads(1)
        rclpy.init(args=words, signal_handler_options=SignalHandlerOptions.NO)
    except (RCLError, RCLInvalidROSArgsError, UnknownROSArgsError) as error:
        logger.error("%s", error)
        return EXIT_USAGE
    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    _end_with_supervisor()
    keep_giving_back(stop)
    hosts += [NodeHost(name, create, on_usage_error, on_exhausted) for name, create in factories]
    starter = threading.Thread(
        target=_start, args=(_in_stages(hosts, stages), stop), name="start", daemon=True
    )
    try:
        starter.start()
        main_thread().serve(stop)
    finally:
        # A second Ctrl-C during the shutdown would end it half way.
        for number in previous:
            signal.signal(number, signal.SIG_IGN)
        end()
        starter.join()
        for host in reversed(hosts):
            if not host.join():
                logger.error("%s did not stop within %.0f s.", host.name, JOIN_S)
        rclpy.try_shutdown()
    for mistake in mistakes[:1]:
        logger.error("%s", mistake)
    if exhausted.is_set():
        return EXIT_EXHAUSTED
    return EXIT_USAGE if mistakes else EXIT_OK


def leave(status: int) -> NoReturn:
    """End the process now; everything of ours has been released.

    The models' native threads may take many seconds of an orderly interpreter exit on a busy machine,
    or abort it.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run_node(node_class: type[MirrorNode], arguments: Sequence[str] | None = None) -> int:
    """Run one node as its own process; the body of every node's executable."""
    return run_hosts([(node_class.NAME, node_class)], arguments)
