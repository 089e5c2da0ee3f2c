"""The mirror that shows people without their medical mask: camera, face tracking, window and page."""

from launch import LaunchDescription
from mirror.launching import launch_description


def generate_launch_description() -> LaunchDescription:
    """Called by ros2 launch."""
    return launch_description("unmask")
