"""The parameters of one running node over its ROS services; answers come in the owner's executor thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from rcl_interfaces.srv import DescribeParameters, GetParameters, ListParameters, SetParametersAtomically
from rclpy.node import Node
from rclpy.parameter import Parameter

from mirror_core.graph_control import live_parameter
from mirror_core.live_parameter import LiveParameter, LiveValue

__all__ = ["NodeParameters"]

ANSWER_S = 3.0
FOREIGN = ("qos_overrides.", "start_type_description_service", "use_sim_time")  # ROS's own
SERVICES = {
    "list_parameters": ListParameters,
    "describe_parameters": DescribeParameters,
    "get_parameters": GetParameters,
    "set_parameters_atomically": SetParametersAtomically,
}


class NodeParameters:
    """Reads and sets parameters; calls come from any thread but the executor's, and wait for an answer.

    Args:
        owner: makes the requests; its executor must spin.
        name: of the node that has the parameters, relative to the owner's namespace.
        only: names of parameters and of groups of them that are read; empty: all.
    """

    def __init__(self, owner: Node, name: str, only: tuple[str, ...] = ()) -> None:
        self._owner = owner
        self._only = only
        self._clients = {
            service: owner.create_client(kind, f"{name}/{service}") for service, kind in SERVICES.items()
        }

    def close(self) -> None:
        """Release the clients; call it in the owner's thread."""
        for client in self._clients.values():
            self._owner.destroy_client(client)

    def read(self) -> tuple[LiveParameter, ...]:
        """All parameters in the order of their declaration; empty where nobody answers."""
        listed = self._ask("list_parameters", ListParameters.Request(prefixes=self._only, depth=0))
        names = [name for name in listed.result.names if self._is_wanted(name)] if listed else []
        described = self._ask("describe_parameters", DescribeParameters.Request(names=names))
        got = self._ask("get_parameters", GetParameters.Request(names=names))
        if not names or described is None or got is None:
            return ()
        return tuple(
            live_parameter(name, descriptor, value)
            for name, descriptor, value in zip(names, described.descriptors, got.values, strict=True)
        )

    def _is_wanted(self, name: str) -> bool:
        return not name.startswith(FOREIGN) and (not self._only or name.partition(".")[0] in self._only)

    def set(self, values: Mapping[str, LiveValue]) -> str | None:
        """Set parameters, all or none; None, or why not ("" where nobody answers)."""
        parameters = [
            Parameter(name, value=list(value) if isinstance(value, tuple) else value).to_parameter_msg()
            for name, value in values.items()
        ]
        request = SetParametersAtomically.Request(parameters=parameters)
        # A mirror that has just been started is still getting to know its parts.
        self._clients["set_parameters_atomically"].wait_for_service(ANSWER_S)
        answer = self._ask("set_parameters_atomically", request)
        if answer is None:
            return ""
        return None if answer.result.successful else str(answer.result.reason)

    def _ask(self, service: str, request: Any) -> Any:
        client = self._clients[service]
        if not client.service_is_ready():
            return None
        done = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        return future.result() if done.wait(ANSWER_S) else None
