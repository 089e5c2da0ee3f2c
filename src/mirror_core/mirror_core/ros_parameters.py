"""Declares configuration dataclasses as ROS parameters and checks every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from mirror_core.errors import MirrorError, ParameterError
from mirror_core.parameters import ParameterSpec, present_names, specs_of, update

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


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) or hasattr(value, "typecode") else value


class ParameterGroups:
    """The configuration dataclasses of one node, each under a prefix ("" or "effect name.").

    The node is created with `automatically_declare_parameters_from_overrides=True`, so values from a
    parameter file or the command line are already declared, untyped; they are checked here and
    declared again with type, range and description.

    Args:
        node: the owner.
        configs: prefix → default configuration (frozen dataclass instance).
        settings: values by full name that a person set earlier; they go before the node's overrides.

    Attributes:
        left_out: a sentence for each of the settings that is allowed no more.
        renamed: a sentence for each value that stood under a former name.

    Raises:
        ParameterError: if an override has a wrong name, type or value.
    """

    def __init__(
        self, node: Node, configs: dict[str, Any], settings: Mapping[str, Any] | None = None
    ) -> None:
        self._node = node
        self.configs = dict(configs)
        self.left_out: list[str] = []
        self.renamed: list[str] = []
        overrides = self._take_overrides()
        for prefix, given in overrides.items():
            values, warnings = present_names(self.configs[prefix], given, prefix)
            self.renamed += warnings
            self.configs[prefix] = update(self.configs[prefix], values, prefix)
        for prefix, given in self._grouped(settings or {}).items():
            values, warnings = present_names(self.configs[prefix], given, prefix)
            self.renamed += warnings
            self._take_settings(prefix, values)
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

    def _grouped(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        groups: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            prefix = self.prefix_of(name)
            groups.setdefault(prefix, {})[name.removeprefix(prefix)] = value
        return groups

    def _take_settings(self, prefix: str, values: dict[str, Any]) -> None:
        """Take settings of a group: all together, or else each that is allowed by itself."""
        try:
            self.configs[prefix] = update(self.configs[prefix], values, prefix)
            return
        except ParameterError:
            pass  # an earlier release may have allowed what this one does not
        for name, value in values.items():
            try:
                self.configs[prefix] = update(self.configs[prefix], {name: value}, prefix)
            except ParameterError as error:
                self.left_out.append(f"A setting of the page is left out: {error}")

    def prefix_of(self, name: str) -> str:
        """The prefix of the group that a full parameter name belongs to."""
        fitting = [prefix for prefix in self.configs if name.startswith(prefix)]
        return max(fitting, key=len, default="")

    def is_ours(self, name: str) -> bool:
        """Whether a full parameter name belongs to one of the groups."""
        return not name.startswith(_FOREIGN)

    def checked(self, parameters: Sequence[Parameter]) -> tuple[dict[str, Any], list[Parameter]]:
        """Check changes that are made together.

        Returns:
            The new configurations by prefix, and the parameters with the declared types (an int becomes a
            float, one word a list of words).

        Raises:
            ParameterError: if they are refused.
        """
        values = {parameter.name: _plain(parameter.value) for parameter in parameters}
        configs = {
            prefix: update(self.configs[prefix], changes, prefix)
            for prefix, changes in self._grouped(values).items()
        }
        return configs, [self._typed(name, configs) for name in values]

    def _typed(self, name: str, configs: Mapping[str, Any]) -> Parameter:
        prefix = self.prefix_of(name)
        config, field = configs[prefix], name.removeprefix(prefix)
        kind = next(spec.kind for spec in specs_of(config) if spec.name == field)
        return Parameter(name, _TYPES[kind], _ros_value(getattr(config, field)))


def refused(error: MirrorError) -> SetParametersResult:
    """The answer to a refused change."""
    return SetParametersResult(successful=False, reason=str(error))
