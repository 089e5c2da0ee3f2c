"""A recorded bag in place of the camera: the whole mirror sees again what was recorded."""

from launch import LaunchDescription
from mirror.launching import launch_description


def generate_launch_description() -> LaunchDescription:
    """Called by ros2 launch."""
    return launch_description("replay")
