"""Renders the graph table into actions of ROS's launch system; the launch files are one line each."""

from __future__ import annotations

from typing import Any

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from mirror.graph import Graph, Plan, graph_named
from mirror.locations import config_file
from mirror_core.environment import defaults

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
    variables = [SetEnvironmentVariable(key, value) for key, value in defaults().items()]
    return [*variables, *_nodes(graph, plan, values), *_rviz(plan)]


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
            parameters=[str(plan.parameter_file), {**spec.parameters, **plan.clock_parameters}],
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
