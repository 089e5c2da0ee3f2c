"""Shared memory of killed programs is found and removed; that of a living one is never touched."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror_core import dead_segments as module
from mirror_core.dead_segments import DeadSegment, dead_segments, remove_dead_segments
from mirror_core.environment import SHARED_MEMORY

DEAD, ALIVE = "fastdds_0123456789abcdef", "fastdds_fedcba9876543210"
NODE = """
import rclpy, sys, time
rclpy.init(args=[])
node = rclpy.create_node("left_behind")
print("up", flush=True)
while True:
    rclpy.spin_once(node, timeout_sec=0.1)
"""


def segment(folder: Path, name: str, size: int = 4096, age_s: float = 60.0) -> Path:
    (folder / name).write_bytes(bytes(size))
    lock = folder / f"{name}_el"
    lock.touch()
    then = time.time() - age_s
    os.utime(lock, (then, then))
    return lock


def test_what_nobody_holds_is_removed_and_what_somebody_holds_stays(tmp_path: Path) -> None:
    dead, alive = segment(tmp_path, DEAD, 10_000), segment(tmp_path, ALIVE)
    others = [
        "fastdds_port7400",
        "fastdds_port7400_el",
        "sem.fastdds_port7400_mutex",
        "fastdds_0123_el",
        "x_el",
    ]
    for name in others:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    with alive.open("ab") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        assert dead_segments(tmp_path) == [DeadSegment(tmp_path / DEAD, dead, 10_000)]
        assert remove_dead_segments(tmp_path) == 10_000
        assert dead_segments(tmp_path) == []
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, ALIVE, f"{ALIVE}_el"])
    assert remove_dead_segments(tmp_path) == 4096


def test_a_young_one_and_one_of_another_user_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment(tmp_path, DEAD, age_s=module.YOUNGEST_S / 2)
    assert remove_dead_segments(tmp_path) == 0
    segment(tmp_path, ALIVE)
    me = os.getuid()
    monkeypatch.setattr(module.os, "getuid", lambda: me + 1)
    assert remove_dead_segments(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 4


def test_a_link_is_not_followed_and_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch()
    (tmp_path / f"{DEAD}_el").symlink_to(target)
    os.utime(tmp_path / f"{DEAD}_el", (0, 0), follow_symlinks=False)
    assert remove_dead_segments(tmp_path) == 0
    assert target.exists()
    assert dead_segments(tmp_path / "nowhere") == []


def locks_of(process: int) -> set[str]:
    """The lock files of segments that a process holds open."""
    links = set()
    for entry in Path(f"/proc/{process}/fd").iterdir():
        try:
            name = entry.readlink().name
        except OSError:
            continue
        if module.LOCK.fullmatch(name):
            links.add(name)
    return links


def test_fast_dds_keeps_the_lock_while_it_lives_and_no_longer(
    start_process: Callable[..., Any],
    claim_domain: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    eventually: Any,
) -> None:
    pytest.importorskip("rclpy", reason="ROS 2 is not installed")
    if not SHARED_MEMORY.is_dir():
        pytest.skip("there is no /dev/shm")
    monkeypatch.setattr(module, "YOUNGEST_S", 0.0)
    peer = start_process(NODE, ROS_DOMAIN_ID=str(claim_domain()))
    peer.wait_for("up", 60.0)
    names = locks_of(peer.popen.pid)
    if not names:
        pytest.skip("this Fast DDS uses no shared memory")
    assert not names & {segment.lock.name for segment in dead_segments()}  # it lives
    peer.popen.send_signal(signal.SIGKILL)
    peer.popen.wait()
    eventually(lambda: names <= {segment.lock.name for segment in dead_segments()}, "the dead one's segments")
    for found in dead_segments():
        if found.lock.name in names:
            found.file.unlink()
            found.lock.unlink()
