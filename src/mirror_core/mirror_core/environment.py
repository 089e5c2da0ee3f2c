"""Environment variables that every Mirror process starts with, unless the user set them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

__all__ = ["PROFILES_VARIABLE", "STARTED_VARIABLE", "apply_defaults", "defaults"]

PROFILES_VARIABLE = "FASTDDS_DEFAULT_PROFILES_FILE"
RANGE_VARIABLE = "ROS_AUTOMATIC_DISCOVERY_RANGE"
# numpy's BLAS shares even a 3 × 3 matrix with a second thread, which then spins on a core that another
# node needs. It is read when numpy is loaded, so it counts for the processes that are started from here.
BLAS_THREADS_VARIABLE = "OPENBLAS_NUM_THREADS"
# glibc gives each new thread memory from a pool of its own, up to eight pools a core. A model that is loaded
# in one thread after the other leaves a hole of its size in each of them, and the mirror grows to twice its
# size. It is read when a process starts.
MALLOC_POOLS_VARIABLE = "MALLOC_ARENA_MAX"
# What a user may have set to choose a transport: the profile (its older name too), or a built-in one.
TRANSPORT_VARIABLES = (
    PROFILES_VARIABLE,
    "FASTRTPS_DEFAULT_PROFILES_FILE",
    "FASTDDS_BUILTIN_TRANSPORTS",
)
STARTED_VARIABLE = "MIRROR_STARTED_NS"  # when the first process of this mirror started, monotonic
SHARED_MEMORY = Path("/dev/shm")  # the fixed place where Fast DDS keeps its segments
SEGMENTS_BYTES = 6 * 64 * 2**20  # one 64 MB segment for each of six processes


def shared_memory_free() -> int:
    """Free bytes of shared memory; 0 where there is none."""
    try:
        return shutil.disk_usage(SHARED_MEMORY).free
    except OSError:
        return 0


def _profiles() -> Path | None:
    """The Fast DDS profile that fits this machine, None where the package `mirror` is not installed."""
    name = "fastdds_local.xml" if shared_memory_free() >= SEGMENTS_BYTES else "fastdds_local_small.xml"
    try:
        return Path(get_package_share_directory("mirror")) / "config" / name
    except (PackageNotFoundError, OSError):  # OSError: no ROS environment is sourced
        return None


def defaults(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables to add to `environment` (default: this process's)."""
    environment = os.environ if environment is None else environment
    # A bedroom camera must not appear on the whole network.
    wanted = {RANGE_VARIABLE: "LOCALHOST", BLAS_THREADS_VARIABLE: "1", MALLOC_POOLS_VARIABLE: "2"}
    profiles = _profiles()
    if profiles is not None and not any(name in environment for name in TRANSPORT_VARIABLES):
        wanted[PROFILES_VARIABLE] = str(profiles)
    return {name: value for name, value in wanted.items() if name not in environment}


def apply_defaults() -> None:
    """Set the variables in this process; call it before `rclpy.init`."""
    os.environ.update(defaults())
