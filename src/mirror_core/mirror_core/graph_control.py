"""Steering the graph from a window or a page: the effect stack, effects' parameters, the camera's shutter.

Everything goes by ROS services, so it works in one process and across several. The answers arrive
in the owner node's executor thread; methods that wait for one may be called from any other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lifecycle_msgs.msg import State, Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter, ParameterEvent, ParameterType, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.node import Node
from rclpy.parameter import Parameter as TypedParameter
from rclpy.parameter import parameter_value_to_python
from rclpy.qos import qos_profile_parameter_events

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_core.ros_parameters import limits_of

__all__ = ["GraphControl", "live_parameter"]

POLL_S = 1.0  # how often what is still unknown is asked for
ANSWER_S = 3.0
NO_EFFECTS = "The effects node does not answer; see the health of the mirror."


class GraphControl:
    """Knows and changes what the mirror shows.

    Args:
        node: the owner; its executor must spin.
        changed: called in the executor's thread whenever one of the attributes changes.

    Attributes:
        effects: names of all effects; empty until the effects node has answered.
        active_effects: the stack, in order.
        camera_is_on: False while the shutter is closed; None until the camera has answered.
        parameter_changes: counts changes to parameters of the effects node, by whomever.
    """

    def __init__(self, node: Node, changed: Callable[[], None] = lambda: None) -> None:
        self._node = node
        self._changed = changed
        self.effects: tuple[str, ...] = ()
        self.active_effects: tuple[str, ...] = ()
        self.camera_is_on: bool | None = None
        self.parameter_changes = 0
        create = node.create_client
        self._describe = create(DescribeParameters, "effects/describe_parameters")
        self._get = create(GetParameters, "effects/get_parameters")
        self._list = create(ListParameters, "effects/list_parameters")
        self._set = create(SetParameters, "effects/set_parameters")
        self._set_all = create(SetParametersAtomically, "effects/set_parameters_atomically")
        self._get_state = create(GetState, "camera/get_state")
        self._change_state = create(ChangeState, "camera/change_state")
        self._effects_node = node.resolve_topic_name("effects")
        self._subscriptions = [
            node.create_subscription(
                ParameterEvent, "/parameter_events", self._on_parameters, qos_profile_parameter_events
            ),
            node.create_subscription(TransitionEvent, "camera/transition_event", self._on_transition, 10),
        ]
        self._timer = node.create_timer(POLL_S, self._poll)

    def close(self) -> None:
        """Release the clients; call it in the owner's thread."""
        self._node.destroy_timer(self._timer)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        parameters = (self._describe, self._get, self._list, self._set, self._set_all)
        for client in (*parameters, self._get_state, self._change_state):
            self._node.destroy_client(client)

    # ---- what is known

    def _update(self, **values: Any) -> None:
        if any(getattr(self, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(self, name, value)
            self._changed()

    def _poll(self) -> None:
        if not self.effects and self._describe.service_is_ready():
            request = DescribeParameters.Request(names=["effects"])
            self._describe.call_async(request).add_done_callback(self._on_described)
        if not self.active_effects and self._get.service_is_ready():
            self._get.call_async(GetParameters.Request(names=["effects"])).add_done_callback(self._on_got)
        if self.camera_is_on is None and self._get_state.service_is_ready():
            self._get_state.call_async(GetState.Request()).add_done_callback(self._on_state)

    def _on_described(self, future: Any) -> None:
        descriptors = future.result().descriptors
        if descriptors:
            self._update(effects=tuple(descriptors[0].additional_constraints.split(" | ")))

    def _on_got(self, future: Any) -> None:
        values = future.result().values
        if values:
            self._update(active_effects=tuple(values[0].string_array_value))

    def _on_state(self, future: Any) -> None:
        self._update(camera_is_on=future.result().current_state.id == State.PRIMARY_STATE_ACTIVE)

    def _on_parameters(self, event: ParameterEvent) -> None:
        if event.node == self._effects_node:
            self._update(parameter_changes=self.parameter_changes + 1)
            for parameter in (*event.new_parameters, *event.changed_parameters):
                if parameter.name == "effects":
                    self._update(active_effects=tuple(parameter.value.string_array_value))

    def _on_transition(self, event: TransitionEvent) -> None:
        self._update(camera_is_on=event.goal_state.id == State.PRIMARY_STATE_ACTIVE)

    # ---- what can be changed

    def request_effects(self, names: Sequence[str]) -> Any:
        """Ask for another stack; returns the future of the answer, None where nobody would answer."""
        if not self._set.service_is_ready():
            return None
        value = ParameterValue(type=ParameterType.PARAMETER_STRING_ARRAY, string_array_value=list(names))
        return self._set.call_async(
            SetParameters.Request(parameters=[Parameter(name="effects", value=value)])
        )

    def request_effect_parameters(self, effect: str, values: Mapping[str, LiveValue]) -> Any:
        """Ask for parameters of an effect, all or none; returns a future as `request_effects`.

        Args:
            effect: the effect's name.
            values: by names without the effect's prefix.
        """
        if not self._set_all.service_is_ready():
            return None
        return self._set_all.call_async(_parameters_request(effect, values))

    def request_shutter(self, closed: bool) -> Any:
        """Ask the camera to stop or to go on; returns a future as `request_effects`."""
        if not self._change_state.service_is_ready():
            return None
        number = Transition.TRANSITION_DEACTIVATE if closed else Transition.TRANSITION_ACTIVATE
        return self._change_state.call_async(ChangeState.Request(transition=Transition(id=number)))

    def step_effect(self, step: int) -> None:
        """Show the next (1) or previous (-1) effect alone."""
        if not self.effects:
            return
        shown = self.active_effects[0] if self.active_effects else self.effects[0]
        index = self.effects.index(shown) if shown in self.effects else 0
        self.request_effects([self.effects[(index + step) % len(self.effects)]])

    def toggle_shutter(self) -> None:
        """Close the shutter if it is open, else open it."""
        self.request_shutter(closed=self.camera_is_on is not False)

    def set_effects(self, names: Sequence[str]) -> str:
        """Set the stack and wait for the answer; not from the executor's thread.

        Returns:
            "" if it was accepted, else one sentence that says why not.
        """
        answer = self._wait(self.request_effects(names))
        if answer is None:
            return NO_EFFECTS
        return "" if answer.results[0].successful else str(answer.results[0].reason)

    def effect_parameters(self, effect: str) -> tuple[LiveParameter, ...]:
        """An effect's parameters as they are now; waits for the answer, see `set_effects`.

        Returns:
            In the order in which the effect declares them; empty where nobody answers, or it has none.
        """
        prefix = f"{effect}."
        listed = self._ask(self._list, ListParameters.Request(prefixes=[effect], depth=0))
        names = [name for name in listed.result.names if name.startswith(prefix)] if listed else []
        if not names:
            return ()
        described = self._ask(self._describe, DescribeParameters.Request(names=names))
        got = self._ask(self._get, GetParameters.Request(names=names))
        if described is None or got is None:
            return ()
        return tuple(
            live_parameter(name.removeprefix(prefix), descriptor, value)
            for name, descriptor, value in zip(names, described.descriptors, got.values, strict=True)
        )

    def set_effect_parameters(self, effect: str, values: Mapping[str, LiveValue]) -> str:
        """Set parameters of an effect, all or none, and wait for the answer; see `set_effects`.

        Args:
            effect: the effect's name.
            values: by names without the effect's prefix.
        """
        answer = self._wait(self.request_effect_parameters(effect, values))
        if answer is None:
            return NO_EFFECTS
        return "" if answer.result.successful else str(answer.result.reason)

    def set_shutter(self, closed: bool) -> str:
        """Close or open the shutter and wait for the answer; see `set_effects`."""
        if self.camera_is_on is not None and self.camera_is_on != closed:
            return ""
        answer = self._wait(self.request_shutter(closed))
        if answer is None:
            return "The camera node does not answer; see the health of the mirror."
        return "" if answer.success else "The camera refused; see its diagnostics for the reason."

    def _ask(self, client: Any, request: Any) -> Any:
        return self._wait(client.call_async(request)) if client.service_is_ready() else None

    @staticmethod
    def _wait(future: Any) -> Any:
        if future is None:
            return None
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        return future.result() if done.wait(ANSWER_S) else None


def _parameters_request(effect: str, values: Mapping[str, LiveValue]) -> Any:
    parameters = [
        TypedParameter(
            f"{effect}.{name}", value=list(value) if isinstance(value, tuple) else value
        ).to_parameter_msg()
        for name, value in values.items()
    ]
    return SetParametersAtomically.Request(parameters=parameters)


def live_parameter(name: str, descriptor: Any, value: Any) -> LiveParameter:
    """A parameter from its descriptor and its `ParameterValue`."""
    low, high = limits_of(descriptor)
    now = parameter_value_to_python(value)
    is_words = value.type in (ParameterType.PARAMETER_STRING, ParameterType.PARAMETER_STRING_ARRAY)
    is_words = is_words or (value.type == ParameterType.PARAMETER_INTEGER and not descriptor.integer_range)
    words = descriptor.additional_constraints.split(" | ") if is_words else []
    return LiveParameter(
        name,
        tuple(now) if isinstance(now, (list, tuple)) or hasattr(now, "typecode") else now,
        descriptor.description,
        low,
        high,
        tuple(word for word in words if word),
    )
