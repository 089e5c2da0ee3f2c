"""The executor: everything that rclpy's runs, with few looks at the node."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

import rclpy
from rclpy.action import ActionClient, ActionServer
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.task import Future
from std_msgs.msg import String
from std_srvs.srv import Trigger

from mirror_core.executor import NodeExecutor

SOON_S = 10.0


@pytest.fixture
def node(ros: Any) -> Iterator[Node]:
    made = ros.create_node("spun")
    yield made
    made.destroy_node()


@pytest.fixture
def executor(node: Node) -> Iterator[NodeExecutor]:
    made = NodeExecutor()
    made.add_node(node)
    yield made
    made.remove_node(node)
    made.shutdown()


@pytest.fixture
def spin_until(executor: NodeExecutor, eventually: Callable[..., Any]) -> Callable[..., Any]:
    def spin(condition: Callable[[], Any], what: str) -> Any:
        def look() -> Any:
            executor.spin_once(0.05)
            return condition()

        return eventually(look, what)

    return spin


def test_everything_that_is_ready_is_run_in_one_turn(node, executor):
    seen: list[str] = []
    guards = [node.create_guard_condition(lambda name=name: seen.append(name)) for name in "abc"]
    for guard in guards:
        guard.trigger()
    executor.spin_once(SOON_S)
    assert seen == ["a", "b", "c"]
    executor.spin_once(0.0)
    assert seen == ["a", "b", "c"]


def test_a_timer_ticks_and_a_cancelled_one_does_not(node, spin_until):
    ticks: list[int] = []
    timer = node.create_timer(0.005, lambda: ticks.append(1))
    spin_until(lambda: len(ticks) >= 3, "three ticks")
    timer.cancel()
    before = len(ticks)
    other: list[int] = []
    node.create_timer(0.005, lambda: other.append(1))
    spin_until(lambda: len(other) >= 3, "the other timer")
    assert len(ticks) == before


def test_a_timer_may_want_to_know_when_it_was_due(node, spin_until):
    from rclpy.timer import TimerInfo

    told: list[Any] = []

    def tick(info: TimerInfo) -> None:
        told.append(info)

    tick.__annotations__["info"] = TimerInfo  # not the text that `annotations` makes of it
    node.create_timer(0.005, tick)
    spin_until(lambda: told, "a tick")
    assert isinstance(told[0], TimerInfo)


def test_messages_come_with_and_without_what_is_known_of_them(node, spin_until):
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    plain: list[String] = []
    informed: list[tuple[String, Any]] = []
    waited: list[String] = []

    async def take(message: String) -> None:
        waited.append(message)

    node.create_subscription(String, "word", plain.append, latched)
    node.create_subscription(String, "word", lambda message, info: informed.append((message, info)), latched)
    node.create_subscription(String, "word", take, latched)
    node.create_publisher(String, "word", latched).publish(String(data="hello"))
    spin_until(lambda: plain and informed and waited, "the word")
    assert [message.data for message in (plain[0], informed[0][0], waited[0])] == ["hello"] * 3
    assert "source_timestamp" in informed[0][1]


def test_services_answer_and_clients_hear_it(node, spin_until):
    def answer(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = True, "done"
        return response

    node.create_service(Trigger, "plain", answer)
    client = node.create_client(Trigger, "plain")
    spin_until(client.service_is_ready, "the service")
    asked = client.call_async(Trigger.Request())
    spin_until(asked.done, "the answer")
    assert asked.result().message == "done"


def test_a_service_that_waits_lets_others_have_their_turn(node, executor, spin_until):
    slow = Future(executor=executor)

    async def answer(_: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success, response.message = True, await slow
        return response

    group = rclpy.callback_groups.ReentrantCallbackGroup()
    node.create_service(Trigger, "slow", answer, callback_group=group)
    client = node.create_client(Trigger, "slow")
    ticks: list[int] = []
    node.create_timer(0.005, lambda: ticks.append(1))
    spin_until(client.service_is_ready, "the service")
    asked = client.call_async(Trigger.Request())
    spin_until(lambda: executor._tasks, "the service to wait")
    before = len(ticks)
    spin_until(lambda: len(ticks) > before + 3, "ticks meanwhile")
    assert not asked.done()
    threading.Timer(0.02, slow.set_result, ("at last",)).start()  # from another thread
    spin_until(asked.done, "the answer")
    assert asked.result().message == "at last"
    spin_until(lambda: not executor._tasks, "nothing to be left")


def test_what_shares_a_group_with_a_coroutine_that_waits_does_not_run_meanwhile(node, executor, spin_until):
    gate = Future(executor=executor)
    order: list[str] = []

    async def long() -> None:
        order.append("begun")
        await gate
        order.append("ended")

    guard = node.create_guard_condition(long)
    other = node.create_guard_condition(lambda: order.append("other"))
    guard.trigger()
    spin_until(lambda: order, "the coroutine")
    other.trigger()
    for _ in range(5):
        executor.spin_once(0.01)
    assert order == ["begun"]
    gate.set_result(None)
    spin_until(lambda: len(order) == 3, "the other")
    assert order == ["begun", "ended", "other"]


def test_an_action_runs_from_goal_to_result(node, executor, spin_until):
    fibonacci = pytest.importorskip("mirror_msgs.action", reason="mirror_msgs is not built").CaptureFace

    def execute(goal: Any) -> Any:
        goal.succeed()
        return fibonacci.Result(success=True, message=goal.request.name)

    server = ActionServer(node, fibonacci, "act", execute)
    client = ActionClient(node, fibonacci, "act")
    spin_until(client.server_is_ready, "the action")
    sent = client.send_goal_async(fibonacci.Goal(name="Ada"))
    spin_until(sent.done, "the goal's acceptance")
    result = sent.result().get_result_async()
    spin_until(result.done, "the result")
    assert result.result().result.message == "Ada"
    client.destroy()
    server.destroy()


def test_what_a_callback_raises_comes_out_and_nothing_else_is_lost(node, executor):
    seen: list[str] = []

    def fail() -> None:
        raise LookupError("the cable is out")

    failing = node.create_guard_condition(fail)
    healthy = node.create_guard_condition(lambda: seen.append("healthy"))
    failing.trigger()
    healthy.trigger()
    with pytest.raises(LookupError, match="the cable is out"):
        executor.spin_once(SOON_S)
    executor.spin_once(0.0)
    assert seen == ["healthy"]


def test_what_a_task_raises_comes_out(executor):
    def fail() -> None:
        raise LookupError("the cable is out")

    executor.create_task(fail)
    with pytest.raises(LookupError, match="the cable is out"):
        executor.spin_once(0.0)


def test_what_a_callback_destroys_is_not_called_any_more(node, executor, eventually):
    seen: list[str] = []
    subscription = node.create_subscription(String, "word", lambda _: seen.append("word"), 1)
    publisher = node.create_publisher(String, "word", 1)
    eventually(lambda: publisher.get_subscription_count() == 1, "the subscription")
    second = node.create_guard_condition(lambda: seen.append("second"))

    def destroy() -> None:
        seen.append("destroyed")
        node.destroy_guard_condition(second)
        node.destroy_subscription(subscription)
        node.destroy_timer(timer)

    executor.spin_once(0.0)  # it waits for all of them
    publisher.publish(String(data="hello"))
    second.trigger()
    timer = node.create_timer(0.0, destroy)
    for _ in range(10):
        executor.spin_once(0.02)
    assert seen == ["destroyed"]


def test_what_is_made_in_a_callback_works_at_once(node, spin_until):
    seen: list[str] = []
    publisher = node.create_publisher(String, "word", 1)

    def make() -> None:
        node.create_subscription(String, "word", lambda message: seen.append(message.data), 1)

    node.create_guard_condition(make).trigger()

    def say() -> bool:
        publisher.publish(String(data="hello"))
        return bool(seen)

    spin_until(say, "a word")


def test_a_destroyed_entity_is_let_go(node, executor, eventually):
    node.create_subscription(String, "word", print, 1)
    executor.spin_once(0.0)
    assert node.count_subscribers("word") == 1
    for subscription in list(node.subscriptions):
        node.destroy_subscription(subscription)
    executor.spin_once(0.0)
    eventually(lambda: node.count_subscribers("word") == 0, "the subscription's end")


def test_a_wait_is_ended_from_another_thread(executor):
    threading.Timer(0.05, executor.wake).start()
    executor.spin_once(None)  # without end, else


def test_shutting_down_ends_a_wait(node, executor, eventually):
    thread = threading.Thread(target=executor.spin)
    thread.start()
    ran = threading.Event()
    node.create_guard_condition(ran.set).trigger()
    assert ran.wait(SOON_S)
    executor.shutdown()
    thread.join(SOON_S)
    assert not thread.is_alive()
    executor.wake()  # too late, and nothing comes of it


def test_a_callback_may_shut_it_down(node, executor):
    seen: list[str] = []
    node.create_guard_condition(executor.shutdown).trigger()
    executor.spin_once(SOON_S)
    executor.spin_once(SOON_S)
    assert seen == []
    assert executor._waiting is None


def test_the_end_of_ros_is_told(node):
    context = rclpy.Context()
    rclpy.init(context=context)
    other = rclpy.create_node("other", context=context)
    executor = NodeExecutor(context=context)
    executor.add_node(other)
    executor.spin_once(0.0)
    threading.Timer(0.05, context.try_shutdown).start()
    with pytest.raises(ExternalShutdownException):
        while True:
            executor.spin_once(SOON_S)
    executor.remove_node(other)
    other.destroy_node()
    executor.shutdown()
