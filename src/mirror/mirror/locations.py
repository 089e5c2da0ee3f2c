"""Where the package's launch and configuration files lie."""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

__all__ = ["config_file", "share_folder"]


def share_folder() -> Path:
    """The installed share folder of this package, or its source folder where it is not installed."""
    try:
        return Path(get_package_share_directory("mirror"))
    except (PackageNotFoundError, OSError):  # OSError: no ROS environment is sourced
        return Path(__file__).resolve().parent.parent


def config_file(name: str) -> Path:
    """The path of a file in the `config` folder."""
    return share_folder() / "config" / name
