"""The environment that Mirror's processes start with: defaults that never override the user."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from ament_index_python.packages import PackageNotFoundError

from mirror_core import environment
from mirror_core.environment import PROFILES_VARIABLE, SEGMENTS_BYTES, apply_defaults, defaults

WITHOUT_PROFILE = {
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the package `mirror` were installed in /prefix, with ample shared memory."""
    monkeypatch.setattr(environment, "get_package_share_directory", lambda name: f"/prefix/share/{name}")
    monkeypatch.setattr(environment, "shared_memory_free", lambda: SEGMENTS_BYTES)


def test_a_plain_environment_gets_the_loopback_range_and_the_local_profile() -> None:
    assert defaults({}) == {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        PROFILES_VARIABLE: "/prefix/share/mirror/config/fastdds_local.xml",
    }


def test_little_shared_memory_chooses_the_small_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "shared_memory_free", lambda: SEGMENTS_BYTES - 1)
    assert Path(defaults({})[PROFILES_VARIABLE]).name == "fastdds_local_small.xml"


@pytest.mark.parametrize(
    "variable",
    ["FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_BUILTIN_TRANSPORTS"],
)
def test_a_transport_that_the_user_chose_is_kept(variable: str) -> None:
    assert defaults({variable: "mine"}) == WITHOUT_PROFILE


def test_a_range_that_the_user_chose_is_kept() -> None:
    assert "ROS_AUTOMATIC_DISCOVERY_RANGE" not in defaults({"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"})


def test_without_the_installed_package_no_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(environment, "get_package_share_directory", missing)
    assert defaults({}) == WITHOUT_PROFILE


def test_applying_sets_what_is_missing_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET", "OPENBLAS_NUM_THREADS": "2"}
    monkeypatch.setattr(os, "environ", changed)
    apply_defaults()
    assert changed == {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET",
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "2",
        PROFILES_VARIABLE: "/prefix/share/mirror/config/fastdds_local.xml",
    }


def test_free_shared_memory_is_what_the_file_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: SimpleNamespace(free=12345))
    assert environment.shared_memory_free() == 12345


def test_a_machine_without_shared_memory_has_none_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(environment, "SHARED_MEMORY", Path("/nowhere/shm"))
    assert environment.shared_memory_free() == 0
