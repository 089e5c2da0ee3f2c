"""The lifecycle node: its parameters, its transitions, what it releases and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock

from mirror_core.codecs import FRAMES
from mirror_core.diagnostics import Level
from mirror_core.errors import MirrorError, ParameterError, SourceError, UsageError
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


@dataclass(frozen=True)
class Settings:
    """Parameters of each kind."""

    strength: float = parameter(1.0, "Share of the mask.", minimum=0.0, maximum=2.0)
    count: int = parameter(3, "How many.", minimum=1)
    low: int = parameter(1, "Must not exceed high.")
    high: int = parameter(9, "Must not be under low.")
    words: tuple[str, ...] = parameter(("a",), "Words.", choices=("a", "b", "c"))
    title: str = parameter("", "Any text.", live=False)

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ParameterError(f"low = {self.low} is refused: allowed is high = {self.high} or less.")


@dataclass(frozen=True)
class Extra:
    """A second group."""

    size: int = parameter(5, "Size.", minimum=1, maximum=10)


class Probe(MirrorNode):
    """Writes down what happens to it; `broken` names the hooks that raise."""

    NAME = "tested"
    CONFIG = Settings

    def __init__(self, **arguments: Any) -> None:
        self.log: list[str] = []
        self.broken: dict[str, Exception] = {}
        self.changes: list[tuple[str, Any, Any]] = []
        self.refuse_change: MirrorError | None = None
        super().__init__(**arguments)

    def extra_configs(self) -> dict[str, Any]:
        return {"mask.": Extra()}

    def _happens(self, what: str) -> None:
        self.log.append(what)
        if what in self.broken:
            raise self.broken[what]

    def open(self) -> None:
        self.at_close(self.log.append, "release 1")
        self.at_close(self.log.append, "release 2")
        self.output = self.publisher(FRAMES, "image")
        self._happens("open")

    def start(self) -> None:
        self._happens("start")

    def stop(self) -> None:
        self._happens("stop")

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        current = self.config_of(prefix)
        assert current is new
        self.changes.append((prefix, old, new))
        if self.refuse_change is not None:
            raise self.refuse_change


@pytest.fixture
def make(spinner: Any) -> Callable[..., Probe]:
    def make_node(*words: str) -> Probe:
        node: Probe = spinner.add(Probe(cli_args=["--ros-args", *words] if words else None))
        return node

    return make_node


def change(node: Probe, **values: Any) -> list[Any]:
    names = {name: name.replace("__", ".") for name in values}
    results: list[Any] = node.set_parameters(
        [Parameter(names[name], value=value) for name, value in values.items()]
    )
    return results


def state_of(node: Probe) -> int:
    return int(node._state_machine.current_state[0])


# ---- declaration


def test_parameters_are_declared_with_default_description_and_range(make: Callable[..., Probe]) -> None:
    node = make()
    assert node.get_parameter("strength").value == 1.0
    assert node.get_parameter("words").value == ["a"]
    assert node.get_parameter("mask.size").value == 5
    assert node.config == Settings()
    strength = node.describe_parameter("strength")
    assert strength.description == "Share of the mask."
    assert strength.additional_constraints == "0.0 … 2.0"
    span = strength.floating_point_range[0]
    assert (span.from_value, span.to_value) == (0.0, 2.0)
    size = node.describe_parameter("mask.size").integer_range[0]
    assert (size.from_value, size.to_value, size.step) == (1, 10, 1)
    count = node.describe_parameter("count").integer_range[0]
    assert (count.from_value, count.to_value) == (1, 2**62)
    assert node.describe_parameter("words").additional_constraints == "a | b | c"
    assert "next start" in node.describe_parameter("title").description


def test_the_command_line_overrides_the_defaults_with_the_declared_types(make: Callable[..., Probe]) -> None:
    node = make("-p", "strength:=2", "-p", "words:=b,c", "-p", "mask.size:=7", "-p", "use_sim_time:=true")
    assert node.config == Settings(strength=2.0, words=("b", "c"))
    assert node.config_of("mask.") == Extra(size=7)
    assert node.get_parameter("strength").type_ == Parameter.Type.DOUBLE
    assert node.get_parameter("words").value == ["b", "c"]
    assert node.get_parameter("use_sim_time").value is True


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-p", "colour:=1"], "colour is not a parameter: allowed are strength, count"),
        (["-p", "mask.colour:=1"], r"mask\.colour is not a parameter: allowed are size\."),
        (["-p", "strength:=7.0"], r"strength = 7\.0 is refused: allowed is 0\.0 … 2\.0\."),
        (["-p", "count:=two"], "count = 'two' is refused: allowed is a whole number"),
        (["-p", "low:=10"], "low = 10 is refused: allowed is high = 9 or less"),
        (["-p", "words:=[]"], "tested: a parameter has no value"),
        (["-p", "strength"], "tested: .*strength"),
        (["--no-such-option"], "tested: .*--no-such-option"),
    ],
)
def test_a_wrong_override_is_a_persons_mistake_in_one_sentence(
    make: Callable[..., Probe], words: list[str], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        make(*words)


def test_a_parameter_file_is_checked_like_the_command_line(make: Callable[..., Probe], tmp_path: Any) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("/**:\n  ros__parameters:\n    strength: 0\n    mask: {size: 2}\n")
    bad.write_text("/**:\n  ros__parameters:\n    mask: {size: 20}\n")
    node = make("--params-file", str(good))
    assert (node.config.strength, node.config_of("mask.").size) == (0.0, 2)
    with pytest.raises(ParameterError, match=r"mask\.size = 20 is refused: allowed is 1 … 10"):
        make("--params-file", str(bad))


# ---- changes


def test_a_change_is_live_and_tells_the_node_what_changed(make: Callable[..., Probe]) -> None:
    node = make()
    assert change(node, strength=0.5)[0].successful
    assert node.config.strength == 0.5
    assert node.get_parameter("strength").value == 0.5
    assert node.changes == [("", Settings(), Settings(strength=0.5))]
    assert change(node, mask__size=2)[0].successful
    assert node.changes[1:] == [("mask.", Extra(), Extra(size=2))]


def test_a_change_takes_the_declared_type(make: Callable[..., Probe]) -> None:
    node = make()
    assert all(result.successful for result in change(node, strength=2, words="b, c"))
    assert node.get_parameter("strength").type_ == Parameter.Type.DOUBLE
    assert node.get_parameter("words").value == ["b", "c"]
    assert node.config.words == ("b", "c")
    assert change(node, words=["c"])[0].successful
    assert node.config.words == ("c",)


def test_a_value_out_of_range_is_refused_with_the_range_and_the_old_value_stays(
    make: Callable[..., Probe],
) -> None:
    node = make()
    results = change(node, strength=7.0, count=4)
    assert not results[0].successful
    assert results[0].reason == "strength = 7.0 is refused: allowed is 0.0 … 2.0."
    assert results[1].successful
    assert node.config == Settings(count=4)
    assert node.get_parameter("strength").value == 1.0


def test_a_parameter_that_does_not_exist_is_refused_by_its_name(make: Callable[..., Probe]) -> None:
    result = change(make(), colour=1)[0]
    assert not result.successful
    assert result.reason.startswith("colour is not a parameter: allowed are strength")


def test_a_change_that_the_node_refuses_leaves_the_old_value(make: Callable[..., Probe]) -> None:
    node = make()
    node.refuse_change = SourceError("There is no such camera.")
    result = change(node, strength=0.5)[0]
    assert (result.successful, result.reason) == (False, "There is no such camera.")
    assert node.config == Settings()
    assert node.get_parameter("strength").value == 1.0


def test_ros_own_parameters_are_left_to_ros(make: Callable[..., Probe]) -> None:
    node = make()
    assert change(node, use_sim_time=True)[0].successful
    assert node.get_parameter("use_sim_time").value is True
    assert node.changes == []


def test_an_atomic_change_sets_all_or_nothing(make: Callable[..., Probe]) -> None:
    node = make()
    refused = node.set_parameters_atomically(
        [
            Parameter("count", value=5),
            Parameter("mask.size", value=6),
            Parameter("strength", value=7.0),
            Parameter("title", value="never"),
        ]
    )
    assert (refused.successful, refused.reason) == (
        False,
        "strength = 7.0 is refused: allowed is 0.0 … 2.0.",
    )
    assert node.config == Settings()
    assert node.config_of("mask.") == Extra()
    assert [node.get_parameter(name).value for name in ("count", "mask.size")] == [3, 5]
    accepted = node.set_parameters_atomically([Parameter("count", value=5), Parameter("mask.size", value=6)])
    assert accepted.successful
    assert (node.config.count, node.config_of("mask.").size) == (5, 6)


def test_taking_an_atomic_change_back_passes_only_allowed_combinations(make: Callable[..., Probe]) -> None:
    node = make()
    refused = node.set_parameters_atomically(
        [Parameter("high", value=30), Parameter("low", value=20), Parameter("strength", value=7.0)]
    )
    assert not refused.successful
    assert (node.config.low, node.config.high) == (1, 9)


def test_the_atomic_service_goes_the_same_way(make: Callable[..., Probe], spinner: Any) -> None:
    node, asker = make(), spinner.node("asker")
    client = asker.create_client(SetParametersAtomically, "tested/set_parameters_atomically")
    spinner.until(client.service_is_ready, "the parameter service")
    changes = [Parameter("count", value=5), Parameter("mask.size", value=60)]
    request = SetParametersAtomically.Request(parameters=[p.to_parameter_msg() for p in changes])
    future = client.call_async(request)
    spinner.until(future.done, "the answer of the parameter service")
    result = future.result().result
    assert (result.successful, result.reason) == (False, "mask.size = 60 is refused: allowed is 1 … 10.")
    assert node.config.count == 3


# ---- transitions


def test_hooks_run_in_order_and_releases_in_reverse(make: Callable[..., Probe]) -> None:
    node = make()
    assert node.trigger_configure() == SUCCESS
    assert not node.is_running
    assert node.trigger_activate() == SUCCESS
    assert node.is_running
    assert node.trigger_deactivate() == SUCCESS
    assert not node.is_running
    assert node.trigger_cleanup() == SUCCESS
    assert node.log == ["open", "start", "stop", "release 2", "release 1"]
    assert node.failure is None


def test_a_node_can_be_paused_and_resumed_and_opened_again(make: Callable[..., Probe]) -> None:
    node = make()
    node.trigger_configure()
    for _ in range(3):
        assert node.trigger_activate() == SUCCESS
        assert node.trigger_deactivate() == SUCCESS
    assert node.log == ["open", *["start", "stop"] * 3]
    node.trigger_cleanup()
    assert node.trigger_configure() == SUCCESS
    assert node.log[-3:] == ["release 2", "release 1", "open"]


def test_shutting_down_an_active_node_stops_it_first(make: Callable[..., Probe]) -> None:
    node = make()
    node.trigger_configure()
    node.trigger_activate()
    assert node.trigger_shutdown() == SUCCESS
    assert node.log == ["open", "start", "stop", "release 2", "release 1"]


def test_destroying_a_node_in_any_state_releases_what_it_took(
    make: Callable[..., Probe], spinner: Any
) -> None:
    for steps in ([], ["trigger_configure"], ["trigger_configure", "trigger_activate"]):
        node = make()
        for step in steps:
            getattr(node, step)()
        spinner.destroy(node)
        expected = [
            [],
            ["open", "release 2", "release 1"],
            ["open", "start", "stop", "release 2", "release 1"],
        ]
        assert node.log == expected[len(steps)]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SourceError("The camera is busy."), "Cannot configure: The camera is busy."),
        (KeyError("gain"), "Cannot configure: KeyError: 'gain'"),
    ],
)
def test_an_open_that_raises_is_told_and_what_it_took_is_released(
    make: Callable[..., Probe], error: Exception, sentence: str
) -> None:
    node = make()
    node.broken["open"] = error
    assert node.trigger_configure() == FAILURE
    assert state_of(node) == State.PRIMARY_STATE_UNCONFIGURED
    assert node.failure is error
    assert (node.report().level, node.report().message) == (Level.ERROR, sentence)
    assert node.log == ["open", "release 2", "release 1"]
    assert not node.output.has_subscribers
    node.broken.clear()
    assert node.trigger_configure() == SUCCESS
    assert node.failure is None
    assert node.report().level == Level.OK


def test_a_start_that_raises_leaves_the_node_open_and_not_running(make: Callable[..., Probe]) -> None:
    node = make()
    node.trigger_configure()
    node.broken["start"] = SourceError("No frames come.")
    assert node.trigger_activate() == FAILURE
    assert state_of(node) == State.PRIMARY_STATE_INACTIVE
    assert not node.is_running
    assert node.report().message == "Cannot activate: No frames come."
    node.broken.clear()
    assert node.trigger_activate() == SUCCESS
    assert node.is_running


def test_a_stop_that_raises_does_not_keep_the_releases_from_running(make: Callable[..., Probe]) -> None:
    node = make()
    node.trigger_configure()
    node.trigger_activate()
    node.broken["stop"] = RuntimeError("stuck")
    assert node.trigger_shutdown() == FAILURE
    assert isinstance(node.failure, RuntimeError)
    assert node.log[-2:] == ["release 2", "release 1"]


def test_a_fault_of_a_nodes_own_thread_is_raised_in_its_executor(
    make: Callable[..., Probe], spinner: Any
) -> None:
    node = make()
    node.fail(SourceError("The cable is out."))
    with pytest.raises(SourceError, match="The cable is out"):
        spinner.until(lambda: False, "the fault")


def test_a_fault_after_the_end_of_the_node_does_no_harm(make: Callable[..., Probe], spinner: Any) -> None:
    node = make()
    spinner.destroy(node)
    node.fail(SourceError("too late"))


def test_demand_is_followed_while_the_node_is_open(make: Callable[..., Probe], spinner: Any) -> None:
    node = make()
    looks: list[bool] = []
    node.trigger_configure()
    node.follow_demand(lambda: looks.append(node.is_running))
    node.trigger_activate()
    assert looks == [True]
    spinner.until(lambda: len(looks) >= 3, "the node to look for demand by itself")
    node.trigger_deactivate()
    assert looks[-1] is False
    node.trigger_cleanup()
    count = len(looks)
    node.trigger_configure()
    node.trigger_activate()
    assert len(looks) == count


def test_timers_go_on_while_the_nodes_clock_stands_or_jumps_back(
    make: Callable[..., Probe], spinner: Any
) -> None:
    node = make("-p", "use_sim_time:=true")
    ticks: list[int] = []
    node.trigger_configure()
    node.timer(0.01, lambda: ticks.append(node.now_ns()))
    spinner.until(lambda: len(ticks) >= 3, "a timer while there is no /clock")
    assert ticks[-1] == 0
    clock = spinner.node("bag").create_publisher(Clock, "/clock", 1)
    for second in (7, 3):
        message = Clock(clock=Time(sec=second))
        spinner.until(
            lambda message=message: clock.publish(message) or ticks[-1] == message.clock.sec * 10**9,
            f"the node's clock at {second} s",
        )
        count = len(ticks)
        spinner.until(lambda count=count: len(ticks) >= count + 3, "a timer while the clock stands")


def test_a_followed_subscription_exists_exactly_while_it_is_wanted(make: Callable[..., Probe]) -> None:
    node = make()
    node.trigger_configure()
    listen = (FRAMES, "image", lambda frame: None)
    assert node.follow(None, False, *listen) is None
    made = node.follow(None, True, *listen)
    assert made is not None
    assert node.follow(made, True, *listen) is made
    assert node.output.has_subscribers
    assert node.follow(made, False, *listen) is None
    assert not node.output.has_subscribers


# ---- diagnostics


def test_diagnostics_carry_name_level_sentence_and_figures(
    make: Callable[..., Probe], spinner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror_core.node.DIAGNOSTICS_PERIOD_S", 0.05)
    node = make("-r", "__ns:=/mirror")
    ear = spinner.node("ear")
    heard: list[DiagnosticArray] = []
    ear.create_subscription(DiagnosticArray, "/diagnostics", heard.append, 10)
    node.health.counters["dropped"] = lambda: 4

    def last() -> Any:
        return heard[-1].status[0] if heard else None

    idle = spinner.until(last, "a message on /diagnostics")
    assert (idle.name, idle.message, idle.level) == ("mirror/tested", "Not active.", b"\x00")
    assert {pair.key: pair.value for pair in idle.values}["dropped"] == "4"
    assert heard[-1].header.stamp.sec > 0
    node.trigger_configure()
    node.trigger_activate()
    node.health.set_condition("light", Level.WARN, "It is dark.")
    warned = spinner.until(lambda: last() if last().message == "It is dark." else None, "the warning")
    assert warned.level == b"\x01"
    node.health.set_condition("camera", Level.ERROR, "Gone.")
    failed = spinner.until(lambda: last() if "Gone." in last().message else None, "the error")
    assert (failed.level, failed.message) == (b"\x02", "Gone. It is dark.")
