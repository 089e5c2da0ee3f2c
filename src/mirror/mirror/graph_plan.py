"""What a graph is: its arguments, the nodes they lead to, and what is started for given values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.arguments import Argument, check_values, is_true
from mirror.locations import config_file
from mirror.parameter_file import check_parameter_file
from mirror_core.errors import UsageError
from mirror_core.settings import PARAMETER_FILE_VARIABLE, SETTINGS_VARIABLE, default_settings_file

__all__ = ["Graph", "NodeSpec", "Plan"]

NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node of a graph.

    Attributes:
        name: node name; also its key in the parameter file.
        package, executable: what `ros2 run` would start.
        factory: "module:Class" of the same node for the container.
        parameters: values that come from the launch arguments.
    """

    name: str
    package: str
    executable: str
    factory: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start for a given set of arguments.

    Attributes:
        namespace: of all nodes.
        parameter_file: what differs from the defaults.
        nodes: what is started.
        composed: whether all of them run in one process.
        rviz: whether rviz2 is started too.
        use_sim_time: whether time is that of /clock.
        settings: whether what people set on the page is used and kept.
        ram_only: whether nothing is written but memory.
        browser: whether the page is opened in a browser: "auto", "true" or "false".
    """

    namespace: str
    parameter_file: Path
    nodes: tuple[NodeSpec, ...]
    composed: bool
    rviz: bool
    use_sim_time: bool = False
    settings: bool = False
    ram_only: bool = False
    browser: str = "false"

    @property
    def clock_parameters(self) -> dict[str, Any]:
        """What lets every node, rviz too, follow /clock; empty where time is the machine's."""
        return {"use_sim_time": True} if self.use_sim_time else {}

    @property
    def settings_variables(self) -> dict[str, str]:
        """The environment variables that let the nodes use and keep what is set on the page."""
        if not self.settings:
            return {SETTINGS_VARIABLE: ""}
        return {
            SETTINGS_VARIABLE: str(default_settings_file()),
            PARAMETER_FILE_VARIABLE: str(self.parameter_file),
        }

    def ros_arguments(self, node: NodeSpec) -> list[str]:
        """The `--ros-args` of one node: name, namespace, parameter file, then its own parameters."""
        words = ["--ros-args", "-r", f"__node:={node.name}", "-r", f"__ns:=/{self.namespace}"]
        words += ["--params-file", str(self.parameter_file)]
        return [*words, *self.parameter_words(node)]

    def enclave_words(self, node: NodeSpec) -> list[str]:
        """Names the SROS2 enclave of a node that is a process of its own; without SROS2 it is a name only."""
        return ["--enclave", f"/{self.namespace}/{node.name}"]

    def parameter_words(self, node: NodeSpec) -> list[str]:
        """The parameters that launch arguments set, as ROS arguments."""
        words = []
        for name, value in {**node.parameters, **self.clock_parameters}.items():
            # JSON is YAML with all words quoted, so that "123" or "on" stays a text.
            words += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
        return words


@dataclass(frozen=True, slots=True)
class Graph:
    """One launch file: its arguments and the nodes they lead to."""

    name: str
    description: str
    arguments: tuple[Argument, ...]
    nodes: Callable[[Mapping[str, str]], tuple[NodeSpec, ...]]

    def plan(self, values: Mapping[str, str]) -> Plan:
        """Check the arguments and say what to start.

        Raises:
            UsageError: on an unknown name, a refused value or a missing file.
        """
        checked = check_values(self.arguments, values)
        namespace = checked["namespace"].strip("/")
        if not NAMESPACE.fullmatch(namespace):
            raise UsageError(
                f"namespace:={checked['namespace']} is refused: allowed are letters, digits, _ and / "
                "(each part starts with a letter), e.g. mirror or hall/mirror2."
            )
        given = checked["config"]
        parameter_file = Path(given).expanduser() if given else config_file(f"{self.name}.yaml")
        if not parameter_file.is_file():
            raise UsageError(f"config:={parameter_file} is refused: there is no such file.")
        check_parameter_file(parameter_file)
        return Plan(
            namespace=namespace,
            parameter_file=parameter_file.resolve(),
            nodes=self.nodes(checked),
            composed=is_true(checked["composed"]),
            rviz=is_true(checked["rviz"]),
            use_sim_time=is_true(checked.get("use_sim_time", "false")),
            settings=is_true(checked.get("settings", "false")),
            ram_only=is_true(checked["ram_only"]),
            browser=checked["browser"],
        )
