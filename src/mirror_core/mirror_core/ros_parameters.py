"""Declares configuration dataclasses as ROS parameters and checks every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from mirror_core.errors import MirrorError
from mirror_core.parameters import ParameterSpec, specs_of, update

__all__ = ["ParameterGroups", "descriptor_of", "limits_of"]

_FOREIGN = ("use_sim_time", "start_type_description_service", "qos_overrides.")
_TYPES = {
    bool: Parameter.Type.BOOL,
    int: Parameter.Type.INTEGER,
    float: Parameter.Type.DOUBLE,
    str: Parameter.Type.STRING,
    tuple: Parameter.Type.STRING_ARRAY,
}
_UNLIMITED_FLOAT = 1.7e308
_UNLIMITED_INTEGER = 2**62


def descriptor_of(spec: ParameterSpec) -> ParameterDescriptor:
    """The ROS descriptor of a parameter: description, range (for sliders), allowed values in words."""
    live = "" if spec.live else " Takes effect at the node's next start."
    descriptor = ParameterDescriptor(
        description=spec.description + live, additional_constraints=spec.constraint
    )
    if spec.minimum is not None or spec.maximum is not None:
        low, high = spec.minimum, spec.maximum
        if spec.kind is float:
            descriptor.floating_point_range = [
                FloatingPointRange(
                    from_value=float(-_UNLIMITED_FLOAT if low is None else low),
                    to_value=float(_UNLIMITED_FLOAT if high is None else high),
                )
            ]
        elif spec.kind is int:
            descriptor.integer_range = [
                IntegerRange(
                    from_value=int(-_UNLIMITED_INTEGER if low is None else low),
                    to_value=int(_UNLIMITED_INTEGER if high is None else high),
                    step=1,
                )
            ]
    return descriptor


def limits_of(descriptor: ParameterDescriptor) -> tuple[float | None, float | None]:
    """The smallest and the largest allowed number, None where there is no limit; see `descriptor_of`."""
    for limits, unlimited in (
        *((found, _UNLIMITED_FLOAT) for found in descriptor.floating_point_range),
        *((found, _UNLIMITED_INTEGER) for found in descriptor.integer_range),
    ):
        low, high = limits.from_value, limits.to_value
        return (None if low <= -unlimited else low), (None if high >= unlimited else high)
    return None, None


def _ros_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class ParameterGroups:
    """The configuration dataclasses of one node, each under a prefix ("" or "effect name.").

    The node is created with `automatically_declare_parameters_from_overrides=True`, so values from a
    parameter file or the command line are already declared, untyped; they are checked here and
    declared again with type, range and description.

    Args:
        node: the owner.
        configs: prefix → default configuration (frozen dataclass instance).

    Raises:
        ParameterError: if an override has a wrong name, type or value.
    """

    def __init__(self, node: Node, configs: dict[str, Any]) -> None:
        self._node = node
        self.configs = dict(configs)
        overrides = self._take_overrides()
        for prefix, values in overrides.items():
            self.configs[prefix] = update(self.configs[prefix], values, prefix)
        for prefix, config in self.configs.items():
            for spec in specs_of(config):
                value = getattr(config, spec.name)
                node.declare_parameter(
                    prefix + spec.name, _ros_value(value), descriptor_of(spec), ignore_override=True
                )

    def _take_overrides(self) -> dict[str, dict[str, Any]]:
        overrides: dict[str, dict[str, Any]] = {}
        for name in sorted(self._node.get_parameters_by_prefix("")):
            if name.startswith(_FOREIGN):
                continue
            prefix = self.prefix_of(name)
            value = self._node.get_parameter(name).value
            self._node.undeclare_parameter(name)
            overrides.setdefault(prefix, {})[name.removeprefix(prefix)] = value
        return overrides

    def prefix_of(self, name: str) -> str:
        """The prefix of the group that a full parameter name belongs to."""
        fitting = [prefix for prefix in self.configs if name.startswith(prefix)]
        return max(fitting, key=len, default="")

    def is_ours(self, name: str) -> bool:
        """Whether a full parameter name belongs to one of the groups."""
        return not name.startswith(_FOREIGN)

    def checked(self, parameter: Parameter) -> tuple[str, Any, Parameter]:
        """Check one change.

        Returns:
            The group's prefix, its configuration with the change, and the parameter with the declared
            type (an int becomes a float, one word a list of words).

        Raises:
            ParameterError: if the change is refused.
        """
        prefix = self.prefix_of(parameter.name)
        name = parameter.name.removeprefix(prefix)
        value = parameter.value
        if isinstance(value, (list, tuple)) or hasattr(value, "typecode"):
            value = list(value)
        config = update(self.configs[prefix], {name: value}, prefix)
        kind = next(spec.kind for spec in specs_of(config) if spec.name == name)
        typed = Parameter(parameter.name, _TYPES[kind], _ros_value(getattr(config, name)))
        return prefix, config, typed


def refused(error: MirrorError) -> SetParametersResult:
    """The answer to a refused change."""
    return SetParametersResult(successful=False, reason=str(error))


def all_accepted(results: Sequence[SetParametersResult]) -> bool:
    """Whether every change was accepted."""
    return all(result.successful for result in results)
