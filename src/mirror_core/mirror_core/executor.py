"""An executor that costs little each time that something happens.

rclpy's SingleThreadedExecutor makes its wait set anew before each callback, from every entity of the node (a
lifecycle node has forty and more: services of parameters and transitions, events of publishers), and wakes
itself twice after each callback, which makes it again. All of that holds Python's interpreter, for which the
other nodes of the process wait.

This one keeps the set while nobody makes or destroys an entity, calls plain callbacks directly, and runs all
that is ready before it waits again. Services, clients, actions and coroutines go through rclpy's own tasks.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle, TimerCancelledError
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.waitable import NumberOfEntities

__all__ = ["NodeExecutor"]

S_TO_NS = 10**9
FOREVER_NS = -1  # as rcl_wait has it
SUSPENDED_S = 0.005  # how often a coroutine that waits for something is asked whether it can go on

# Timers, subscriptions, guard conditions, clients, services, waitables.
Entities = tuple[list[Any], list[Any], list[Any], list[Any], list[Any], list[Any]]


class NodeExecutor(SingleThreadedExecutor):
    """Runs the callbacks of its nodes in the thread that spins; in place of rclpy's executor.

    Each turn runs everything that is ready, not one callback only.
    """

    def __init__(self, *, context: Context | None = None) -> None:
        super().__init__(context=context)
        self._tasks: list[tuple[Any, Any, Any]]  # rclpy's own: (task, entity, node)
        self._waiting: _WaitList | None = None
        self._turn = threading.RLock()  # held by the thread that spins

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait until something is ready, or for `timeout_sec` seconds (None: without end), and run it all.

        Raises:
            ExternalShutdownException: when ROS has ended.
            Exception: what a callback raises; what else was ready is run the next time.
        """
        with self._turn:
            try:
                if not self._is_shutdown:
                    self._spin(timeout_sec)
            finally:
                if self._is_shutdown:
                    self._forget()

    def wake(self) -> None:
        """End a wait; from any thread, also while the executor is being shut down."""
        try:
            super().wake()
        except InvalidHandle:
            return  # somebody has shut it down meanwhile

    def remove_node(self, node: Node) -> None:
        """Stop managing a node; call it in the thread that spins, before the node is destroyed."""
        super().remove_node(node)
        with self._turn:
            self._forget()

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """End; from any thread. A wait ends at once, a callback is finished first."""
        ended = bool(super().shutdown(timeout_sec))
        if self._turn.acquire(blocking=False):  # else the thread that spins does it
            self._forget()
            self._turn.release()
        return ended

    def _forget(self) -> None:
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    def _spin(self, timeout_sec: float | None) -> None:
        are_suspended = self._go_on_with_tasks()
        if are_suspended:
            timeout_sec = SUSPENDED_S if timeout_sec is None else min(timeout_sec, SUSPENDED_S)
        waiting = self._wait_list(are_suspended)
        is_left = any(guard._executor_triggered for guard in waiting.guards)
        timeout_ns = FOREVER_NS if timeout_sec is None else int(timeout_sec * S_TO_NS)
        waiting.wait(0 if is_left else timeout_ns)
        if self._is_shutdown:
            return
        if not self._context.ok():
            raise ExternalShutdownException
        self._run_ready(waiting)

    def _go_on_with_tasks(self) -> bool:
        """Run what was given to `create_task`, and coroutines that have waited; whether some wait on."""
        with self._tasks_lock:
            tasks = [task for task, _, _ in self._tasks]
        if not tasks:
            return False
        for task in tasks:
            if not task.executing() and not task.done():
                _run(task)
        with self._tasks_lock:
            self._tasks = [each for each in self._tasks if not each[0].done() and not each[0].cancelled()]
            return bool(self._tasks)

    def _wait_list(self, are_suspended: bool) -> _WaitList:
        """The one of the last time, unless something was made or destroyed."""
        nodes = self.get_nodes()
        entities: Entities = (
            [each for node in nodes for each in node.timers],
            [each for node in nodes for each in node.subscriptions],
            [each for node in nodes for each in node.guards],
            [each for node in nodes for each in node.clients],
            [each for node in nodes for each in node.services],
            [each for node in nodes for each in node.waitables],
        )
        if are_suspended:  # what shares a group with a coroutine that waits would be ready, but may not run
            for kind in entities:
                kind[:] = filter(self.can_execute, kind)
        if self._waiting is None or self._waiting.entities != entities:
            self._forget()
            own = [guard for guard in (self._guard, self._sigint_gc) if guard is not None]
            self._waiting = _WaitList(self._context, entities, own)
        return self._waiting

    def _run_ready(self, waiting: _WaitList) -> None:
        timers, subscriptions, guards, clients, services = waiting.ready()
        for guard in guards:  # a wait takes what they were told: none may be lost when a callback raises
            guard._executor_triggered = True
        for waitable in waiting.ready_waitables():
            self._run_by_task(waitable, self._take_waitable)
        for timer in timers:
            self._run_timer(timer, waiting)
        for subscription in subscriptions:
            self._run_subscription(subscription)
        for guard in waiting.guards:
            if guard._executor_triggered and _is_alive(guard):
                self._run_guard(guard)
        for client in clients:
            self._run_by_task(client, self._take_client)
        for service in services:
            self._run_by_task(service, self._take_service)

    def _run_by_task(self, entity: Any, take: Callable[[Any], Any]) -> None:
        if not self._is_shutdown:
            _run(self._make_handler(entity, None, take))

    def _run_timer(self, timer: Any, waiting: _WaitList) -> None:
        if id(timer) not in waiting.plain_timers:
            if _is_alive(timer) and timer.handle.is_timer_ready():
                self._run_by_task(timer, self._take_timer)
            return
        try:
            with timer.handle:
                if not timer.handle.is_timer_ready():
                    return  # cancelled, or set back, by a callback before it
                timer.handle.call_timer_with_info()
        except (InvalidHandle, TimerCancelledError):
            return
        timer.callback()

    def _run_subscription(self, subscription: Any) -> None:
        if inspect.iscoroutinefunction(subscription.callback):
            self._run_by_task(subscription, self._take_subscription)
            return
        try:
            with subscription.handle:
                taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
        except InvalidHandle:
            return  # destroyed by a callback before it
        if taken is None:
            return
        if subscription._callback_type is Subscription.CallbackType.MessageOnly:
            subscription.callback(taken[0])
        else:
            subscription.callback(*taken)

    def _run_guard(self, guard: Any) -> None:
        if inspect.iscoroutinefunction(guard.callback):
            self._run_by_task(guard, self._take_guard_condition)
            return
        guard._executor_triggered = False
        if guard.callback is not None:
            guard.callback()


class _WaitList:
    """What is waited for: its handles are held, so that none is destroyed while rcl looks at it.

    Args:
        context: of the nodes.
        entities: of the nodes.
        own: guard conditions of the executor itself, which have no callback.

    Attributes:
        entities: as given.
        guards: the nodes' guard conditions.
        plain_timers: ids of the timers whose callback is a function without arguments.
    """

    def __init__(self, context: Context, entities: Entities, own: Sequence[Any]) -> None:
        self.entities = entities
        self.guards = entities[2]
        self.plain_timers = {id(timer) for timer in entities[0] if _takes_nothing(timer.callback)}
        self._stack = ExitStack()
        timers, subscriptions, guards, clients, services = (self._held(kind) for kind in entities[:5])
        self._timers, self._subscriptions, self._guards = timers, subscriptions, guards
        self._clients, self._services = clients, services
        self._own = self._held(own)
        self._waitables = []
        count = NumberOfEntities(
            len(subscriptions), len(guards) + len(self._own), len(timers), len(clients), len(services)
        )
        for waitable in entities[5]:
            try:
                self._stack.enter_context(waitable)
            except InvalidHandle:
                continue
            self._waitables.append(waitable)
            count += waitable.get_num_entities()
        if context.handle is None:
            raise ExternalShutdownException
        self._stack.enter_context(context.handle)
        self._set = rclpy_implementation.WaitSet(
            count.num_subscriptions,
            count.num_guard_conditions,
            count.num_timers,
            count.num_clients,
            count.num_services,
            count.num_events,
            context.handle,
        )

    def _held(self, entities: Sequence[Any]) -> dict[int, Any]:
        """Those that are not destroyed, by the address by which rcl tells that they are ready."""
        held = {}
        for entity in entities:
            try:
                self._stack.enter_context(entity.handle)
            except InvalidHandle:
                continue
            held[entity.handle.pointer] = entity
        return held

    def wait(self, timeout_ns: int) -> None:
        """Wait until something is ready; below 0: without end."""
        waiting = self._set
        waiting.clear_entities()
        for subscription in self._subscriptions.values():
            waiting.add_subscription(subscription.handle)
        for client in self._clients.values():
            waiting.add_client(client.handle)
        for service in self._services.values():
            waiting.add_service(service.handle)
        for timer in self._timers.values():
            waiting.add_timer(timer.handle)
        for guard in (*self._guards.values(), *self._own.values()):
            waiting.add_guard_condition(guard.handle)
        for waitable in self._waitables:
            waitable.add_to_wait_set(waiting)
        waiting.wait(timeout_ns)

    def ready(self) -> Iterator[list[Any]]:
        """Timers, subscriptions, guard conditions, clients and services that are ready after a wait."""
        ready = self._set.get_ready_entities
        for held, pointers in (
            (self._timers, ready("timer")),
            (self._subscriptions, ready("subscription")),
            (self._guards, ready("guard_condition")),
            (self._clients, ready("client")),
            (self._services, ready("service")),
        ):
            yield [held[pointer] for pointer in pointers if pointer in held]

    def ready_waitables(self) -> list[Any]:
        """Actions and events that are ready after a wait."""
        return [waitable for waitable in self._waitables if waitable.is_ready(self._set)]

    def close(self) -> None:
        """Let go of the handles: what was destroyed meanwhile is gone now."""
        self._stack.close()


def _run(task: Any) -> None:
    task()
    error = task.exception()
    if error is not None:
        raise error


def _is_alive(entity: Any) -> bool:
    """Whether nobody has destroyed it."""
    try:
        with entity.handle:
            return True
    except InvalidHandle:
        return False


def _takes_nothing(callback: Any) -> bool:
    return not inspect.iscoroutinefunction(callback) and not inspect.signature(callback).parameters
