"""The mirror in which people move a film's character: camera, body tracking, window and page."""

from launch import LaunchDescription
from mirror.launching import launch_description


def generate_launch_description() -> LaunchDescription:
    """Called by ros2 launch."""
    return launch_description("film")
