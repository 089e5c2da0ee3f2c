"""The lifecycle node that every Mirror node is.

A subclass names its configuration dataclass and overrides three hooks:

    open()   on configure: create publishers, open devices, load models
    start()  on activate:  begin to work
    stop()   on deactivate: pause; undo start()

What `open` takes it registers with `self.at_close(release, …)`; on cleanup, shutdown or failure, also
of an `open` that failed half way, the releases are called in reverse order. Publishers and
subscriptions made through `self.publisher` and `self.subscription` are closed by themselves. The
hooks may raise: rclpy would swallow that, here it is logged, said in diagnostics and kept in `failure`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, ClassVar, TypeVar

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rcl_interfaces.msg import SetParametersResult
from rclpy._rclpy_pybind11 import InvalidHandle, RCLInvalidROSArgsError, UnknownROSArgsError
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter

from mirror_core.codecs import Codec
from mirror_core.conversions import header
from mirror_core.credentials import without_credentials
from mirror_core.diagnostics import NOT_ACTIVE, Level, NodeHealth, Report
from mirror_core.errors import MirrorError, ParameterError, StoreError, UsageError
from mirror_core.parameters import NoParameters
from mirror_core.ros_parameters import ParameterGroups, refused
from mirror_core.settings import kept_settings, named_on_command_line
from mirror_core.transport import Publisher, Subscription

__all__ = ["MirrorNode"]

DIAGNOSTICS_PERIOD_S = 1.0
DEMAND_PERIOD_S = 0.1  # how soon a node sees that somebody listens, or nobody any more

T = TypeVar("T")


class MirrorNode(LifecycleNode):
    """Base of all Mirror nodes: parameters from a dataclass, wrapped transitions, diagnostics.

    Class attributes:
        NAME: default node name.
        CONFIG: frozen dataclass made with `mirror_core.parameters.parameter`.

    Attributes:
        health: figures and conditions that go to /diagnostics.
        failure: what the last transition raised, None after one that succeeded.
        announces_mistakes: whether a transition's `UsageError` is logged.
    """

    NAME: ClassVar[str] = "node"
    CONFIG: ClassVar[type[Any]] = NoParameters

    def __init__(self, **node_arguments: Any) -> None:
        name = node_arguments.pop("node_name", self.NAME)
        try:
            super().__init__(name, automatically_declare_parameters_from_overrides=True, **node_arguments)
        except (RCLInvalidROSArgsError, UnknownROSArgsError) as error:
            raise UsageError(f"{name}: {error}") from error
        except ValueError as error:  # rclpy's answer to the value [], which has no type
            raise UsageError(
                f"{name}: a parameter has no value ({error}); give it one, or leave it out for its default."
            ) from error
        self.health = NodeHealth()
        self.failure: Exception | None = None
        self.announces_mistakes = True
        self._is_open = False
        self._is_running = False
        self._closables: list[Publisher[Any] | Subscription[Any]] = []
        self._resources = ExitStack()
        self._look: Callable[[], None] | None = None
        self._fault: Exception | None = None
        try:
            self._parameter_groups = ParameterGroups(
                self, {"": self.CONFIG(), **self.extra_configs()}, self._kept_settings(node_arguments)
            )
        except BaseException:
            self.destroy_node()
            raise
        for sentence in (*self._parameter_groups.left_out, *self._parameter_groups.renamed):
            self.get_logger().warning(sentence)
        self._fault_guard = self.create_guard_condition(self._raise_fault)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_timer(DIAGNOSTICS_PERIOD_S, self._publish_diagnostics)

    def _kept_settings(self, node_arguments: dict[str, Any]) -> dict[str, Any]:
        """What people set on the page earlier, except for what this command line sets."""
        words = [*sys.argv, *(node_arguments.get("cli_args") or ())]
        try:
            return kept_settings(self.get_fully_qualified_name(), named_on_command_line(words))
        except StoreError as error:
            self.get_logger().warning(f"{error} The node uses its defaults.")
            return {}

    # ---- what a subclass overrides

    def extra_configs(self) -> dict[str, Any]:
        """More configuration dataclasses by prefix ("name."), e.g. one for each effect."""
        return {}

    def open(self) -> None:
        """Create publishers, open devices, load models."""

    def start(self) -> None:
        """Begin to work."""

    def stop(self) -> None:
        """Pause; undo `start`."""

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """A group's configuration has changed; `self.config` is already the new one.

        Raise a `MirrorError` to refuse the change; the old configuration then stays.
        """

    # ---- what a subclass uses

    @property
    def config(self) -> Any:
        """The current configuration, an instance of `CONFIG`."""
        return self._parameter_groups.configs[""]

    def config_of(self, prefix: str) -> Any:
        """The current configuration of the group with this prefix."""
        return self._parameter_groups.configs[prefix]

    @property
    def is_running(self) -> bool:
        """Whether the node is active."""
        return self._is_running

    @property
    def is_settled(self) -> bool:
        """Whether the node has what others should wait for at the start, such as the first picture."""
        return self._is_running

    def now_ns(self) -> int:
        """The ROS clock in nanoseconds; with `use_sim_time` that of /clock, 0 before the first."""
        return int(self.get_clock().now().nanoseconds)

    def publisher(self, codec: Codec[T], topic: str, *, depth: int = 1) -> Publisher[T]:
        """A publisher that is closed with the node."""
        publisher = Publisher(self, codec, topic, depth=depth)
        self._closables.append(publisher)
        return publisher

    def subscription(
        self,
        codec: Codec[T],
        topic: str,
        callback: Callable[[T], None],
        *,
        depth: int = 1,
        direct: bool = False,
    ) -> Subscription[T]:
        """A subscription that is closed with the node; see `Subscription` for `direct`."""
        subscription = Subscription(self, codec, topic, callback, depth=depth, direct=direct)
        self._closables.append(subscription)
        return subscription

    def at_close(self, release: Callable[..., Any], *arguments: Any) -> None:
        """Call `release(*arguments)` when the node closes; the last registered first."""
        self._resources.callback(release, *arguments)

    def create_timer(
        self,
        timer_period_sec: float,
        callback: Callable[[], Any],
        callback_group: Any = None,
        clock: Clock | None = None,
        **more: Any,
    ) -> Any:
        """A timer of rclpy, by default on the machine's steady clock.

        With `use_sim_time` the node's own clock follows a bag: it stands still and jumps back, and what a
        node has to do once a second has to be done all the same.
        """
        if clock is None:
            clock = Clock(clock_type=ClockType.STEADY_TIME)
        return super().create_timer(timer_period_sec, callback, callback_group, clock, **more)

    def timer(self, period_s: float, callback: Callable[[], Any]) -> Any:
        """A timer that is destroyed when the node closes."""
        timer = self.create_timer(period_s, callback)
        self.at_close(self.destroy_timer, timer)
        return timer

    def fail(self, error: Exception) -> None:
        """Let the node fail with what a thread of its own has raised; it is then restarted."""
        self._fault = error
        with suppress(InvalidHandle):  # the node is gone already
            self._fault_guard.trigger()

    def _raise_fault(self) -> None:
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    def follow_demand(self, look: Callable[[], None]) -> None:
        """Call `look` when the node starts or stops and a few times a second while it is open.

        `look` compares what is wanted with what is there (see `follow`): work nobody looks at is
        not done.
        """
        self._look = look
        self.timer(DEMAND_PERIOD_S, look)

    def look(self) -> None:
        """Look at once, and not a moment later, what is wanted (see `follow_demand`)."""
        if self._look is not None:
            self._look()

    @property
    def endpoint_count(self) -> int:
        """How many publishers and subscriptions the node holds through `publisher` and `subscription`."""
        return len(self._closables)

    def follow(
        self,
        subscription: Subscription[T] | None,
        wanted: bool,
        codec: Codec[T],
        topic: str,
        callback: Callable[[T], None],
    ) -> Subscription[T] | None:
        """Make, keep or close a subscription so that it exists exactly while it is wanted."""
        if wanted and subscription is None:
            return self.subscription(codec, topic, callback)
        if not wanted and subscription is not None:
            self.release(subscription)
            return None
        return subscription

    def release(self, endpoint: Publisher[Any] | Subscription[Any]) -> None:
        """Close one publisher or subscription before the node closes."""
        endpoint.close()
        self._closables.remove(endpoint)

    # ---- transitions

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Call `open`."""
        return self._transition("configure", self._open)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Call `start`."""
        super().on_activate(state)
        return self._transition("activate", self._start)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Call `stop`."""
        super().on_deactivate(state)
        # Where pausing fails, everything is released instead: a shutter must never stay half open.
        return self._transition("deactivate", self._stop, TransitionCallbackReturn.ERROR)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release what `open` took."""
        return self._transition("clean up", self._close)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Call `stop` and release, as far as that is due."""
        return self._transition("shut down", self._close)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release everything; the node may be configured again."""
        return self._transition("recover", self._close)

    def _transition(
        self,
        verb: str,
        action: Callable[[], None],
        failed: TransitionCallbackReturn = TransitionCallbackReturn.FAILURE,
    ) -> TransitionCallbackReturn:
        try:
            action()
        except Exception as error:
            self.failure = error
            sentence = str(error) if isinstance(error, MirrorError) else f"{type(error).__name__}: {error}"
            sentence = without_credentials(sentence)
            # What starts this node says a person's mistake itself, and once (mirror_core.hosting).
            if self.announces_mistakes or not isinstance(error, UsageError):
                self.get_logger().error(f"Cannot {verb}: {sentence}")
            self.health.set_condition("transition", Level.ERROR, f"Cannot {verb}: {sentence}")
            return failed
        self.failure = None
        self.health.clear_condition("transition")
        return TransitionCallbackReturn.SUCCESS

    def _open(self) -> None:
        self._is_open = True
        try:
            self.open()
        except BaseException:
            self._close()
            raise

    def _start(self) -> None:
        self._is_running = True
        try:
            self.start()
            if self._look is not None:
                self._look()
        except BaseException:
            self._is_running = False
            raise

    def _stop(self) -> None:
        if self._is_running:
            self._is_running = False
            if self._look is not None:
                self._look()
            self.stop()

    def _close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._stop()
        finally:
            self._look = None
            try:
                self._resources.close()
            finally:
                while self._closables:
                    self._closables.pop().close()

    def destroy_node(self) -> None:
        """Release everything, whatever state the node is in, and leave the graph."""
        try:
            self._close()
        finally:
            super().destroy_node()
            # rclpy leaves this one to the collector, and with it the node's place in the graph: until then a
            # node that is started again is there twice, and its old participant keeps a port of discovery.
            self._state_machine.destroy_when_not_in_use()

    # ---- parameters

    def set_parameters(self, parameter_list: list[Parameter]) -> list[SetParametersResult]:
        """Set each parameter that is allowed; the others are refused with the reason."""
        return [self.set_parameters_atomically([parameter]) for parameter in parameter_list]

    def set_parameters_atomically(self, parameter_list: list[Parameter]) -> SetParametersResult:
        """Set all parameters, or none where one is refused; they are checked together."""
        groups = getattr(self, "_parameter_groups", None)
        ours = [p for p in parameter_list if groups is not None and groups.is_ours(p.name)]
        foreign = [p for p in parameter_list if p not in ours]
        if groups is None or not ours:
            return super().set_parameters_atomically(parameter_list)
        try:
            configs, typed = groups.checked(ours)
        except ParameterError as error:
            return refused(error)
        before = {prefix: groups.configs[prefix] for prefix in configs}
        for prefix, config in configs.items():
            groups.configs[prefix] = config
            try:
                self.config_changed(prefix, before[prefix], config)
            except MirrorError as error:
                groups.configs[prefix] = before[prefix]
                self._take_back(before, list(configs)[: list(configs).index(prefix)])
                return refused(error)
        return super().set_parameters_atomically([*typed, *foreign])

    def _take_back(self, before: dict[str, Any], prefixes: list[str]) -> None:
        """Put groups back that had changed already; what was allowed before is allowed again."""
        for prefix in reversed(prefixes):
            new, self._parameter_groups.configs[prefix] = (
                self._parameter_groups.configs[prefix],
                before[prefix],
            )
            self.config_changed(prefix, new, before[prefix])

    # ---- diagnostics

    def report(self) -> Report:
        """What the node says about itself now."""
        report = self.health.report()
        if report.level == Level.OK and not self._is_running:
            return Report(Level.OK, NOT_ACTIVE, report.values)
        return report

    def _publish_diagnostics(self) -> None:
        report = self.report()
        status = DiagnosticStatus(
            level=bytes([int(report.level)]),
            name=self.get_fully_qualified_name().lstrip("/"),
            message=report.message,
            hardware_id="mirror",
            values=[KeyValue(key=key, value=value) for key, value in report.values.items()],
        )
        self._diagnostics.publish(DiagnosticArray(header=header(self.now_ns(), ""), status=[status]))
