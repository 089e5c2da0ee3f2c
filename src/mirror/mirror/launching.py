"""Renders the graph table into actions of ROS's launch system; the launch files are one line each."""

from __future__ import annotations

import shutil
from typing import Any

from launch.actions import (
    DeclareLaunchArgument,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.event_handlers import OnShutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from mirror.graph import Graph, Plan, graph_named
from mirror.locations import config_file
from mirror_core.environment import defaults
from mirror_core.settings import SETTINGS_VARIABLE
from mirror_core.store.ram_only import make_ram_folder, ram_variables

__all__ = ["launch_description"]

RESPAWN_DELAY_S = 1.0


def launch_description(name: str) -> LaunchDescription:
    """The launch description of the graph with this name."""
    graph = graph_named(name)
    declared = [
        DeclareLaunchArgument(
            argument.name,
            default_value=argument.default,
            description=argument.description,
            choices=list(argument.choices) or None,
        )
        for argument in graph.arguments
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=_render, args=[graph])])


def _render(context: LaunchContext, graph: Graph) -> list[Any]:
    values = {
        argument.name: LaunchConfiguration(argument.name).perform(context) for argument in graph.arguments
    }
    plan = graph.plan(values)
    wanted = {**defaults(), **plan.settings_variables}
    after: list[Any] = []
    if plan.ram_only and not plan.composed:  # the container makes a folder of its own
        folder = make_ram_folder()
        wanted |= {**ram_variables(folder), SETTINGS_VARIABLE: ""}
        forget = OpaqueFunction(function=lambda _: shutil.rmtree(folder, ignore_errors=True))
        after.append(RegisterEventHandler(OnShutdown(on_shutdown=[forget])))
    variables = [SetEnvironmentVariable(key, value) for key, value in wanted.items()]
    return [*variables, *after, *_nodes(graph, plan, values), *_rviz(plan)]


def _nodes(graph: Graph, plan: Plan, values: dict[str, str]) -> list[Any]:
    if plan.composed:
        words = [graph.name, *(f"{name}:={value}" for name, value in values.items())]
        return [Node(package="mirror", executable="container", arguments=words, output="screen")]
    return [
        Node(
            package=spec.package,
            executable=spec.executable,
            name=spec.name,
            namespace=plan.namespace,
            parameters=[str(plan.parameter_file)],
            # On the command line, where they count more than what was set on the page.
            ros_arguments=[*plan.parameter_words(spec), *plan.enclave_words(spec)],
            output="screen",
            respawn=True,
            respawn_delay=RESPAWN_DELAY_S,
        )
        for spec in plan.nodes
    ]


def _rviz(plan: Plan) -> list[Any]:
    if not plan.rviz:
        return []
    return [
        Node(
            package="rviz2",
            executable="rviz2",
            namespace=plan.namespace,
            arguments=["-d", str(config_file("mirror.rviz"))],
            parameters=[plan.clock_parameters] if plan.use_sim_time else [],
        )
    ]
