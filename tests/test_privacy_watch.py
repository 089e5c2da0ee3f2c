"""What the whole mirror writes and sends by itself: no picture on the disk, nothing off the machine.

A full graph runs on the demo reel while somebody looks at pictures, faces, bodies and moods. Where the tests
are root, it runs in namespaces in which every other folder is read-only and a cable leads to another host,
whose packets are counted; elsewhere files and sockets are watched without those.

MIRROR_WATCH_FRAMES sets how many pictures are shown meanwhile: 108000 are an hour at 30 a second.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from mirror_core.testing_watch import FileWatch, confinement, sockets_of

FRAMES = int(os.environ.get("MIRROR_WATCH_FRAMES", "300"))
SMALL = {"rate_hz": 120.0, "width": 320, "height": 240}
VIEWER = """
import sys, time
import rclpy
from mirror_msgs.msg import BodyArray, FaceArray, MoodArray
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node("viewer")
count = {}
def count_in(name):
    return lambda message: count.__setitem__(name, count.get(name, 0) + 1)
for kind, name in ((Image, "image"), (FaceArray, "faces"), (BodyArray, "bodies"), (MoodArray, "moods")):
    node.create_subscription(kind, f"/mirror/{name}", count_in(name), qos_profile_sensor_data)
while count.get("image", 0) < int(sys.argv[1]) or len(count) < 4:
    rclpy.spin_once(node, timeout_sec=0.1)
print("seen", count, flush=True)
sys.stdin.read()
"""
SENDER = """
import contextlib, socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.bind(("", 0))
sender.connect((sys.argv[1], int(sys.argv[2])))
for _ in range(5):
    with contextlib.suppress(ConnectionRefusedError):  # nobody listens there
        sender.send(b"a picture")
print("sent", flush=True)
sys.stdin.read()
"""
HERE, NEIGHBOUR = "10.213.9.1", "10.213.9.2"
ANSWERS = 2  # that Linux gives by itself: who has this address
DISCARD = 9  # a port at which nobody listens
# By default a mirror makes the empty table of faces and an empty lock for long work, ROS writes what its
# nodes say, and a library of mediapipe's lists this machine's fonts.
ALLOWED = (
    "state/mirror/gallery/faces.sqlite",
    "state/mirror/jobs/.lock",
    "log/",
    "cache/matplotlib/fontlist",
)


@dataclass
class Watched:
    """A mirror in its confinement, with what it wrote and sent."""

    mirror: Any
    files: FileWatch
    folder: Path
    host: tuple[str, ...]
    cable: str
    environment: dict[str, str]
    others_log: Path
    others: list[subprocess.Popen[str]] = field(default_factory=list)

    def written(self) -> list[str]:
        """Where something was written, below the folder that it may write to."""
        assert not self.files.missed
        return sorted(str(path.relative_to(self.folder)) for path in self.files.written)

    def packets(self) -> int:
        """How many packets went out over the cable; 0 where there is none."""
        if not self.cable:
            return 0
        words = [*self.host, "cat", f"/sys/class/net/{self.cable}/statistics/tx_packets"]
        # /sys shows the namespace in which it was mounted; ip netns exec mounts it anew
        return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    def processes(self) -> list[int]:
        """Of the mirror, without those that only look at it."""
        tree = [self.mirror.popen.pid, *(process.pid for process in self.mirror.children())]
        return [process for process in tree if psutil.pid_exists(process)]

    def start(self, *words: str, there: bool = False) -> subprocess.Popen[str]:
        """Another program in the same confinement, or on the other host; ended with the mirror."""
        host = ("ip", "netns", "exec", f"privacy{os.getpid()}b") if there else self.host
        program = subprocess.Popen(
            [*host, *words],
            env={
                **os.environ,
                **self.environment,
                "ROS_DOMAIN_ID": str(self.mirror.domain),
                "ROS_LOG_DIR": str(self.others_log),
            },
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.others.append(program)
        return program

    def look(self, frames: int) -> None:
        """Look at the mirror until so many pictures came, and faces, bodies and moods."""
        viewer = self.start(sys.executable, "-c", VIEWER, str(frames))
        assert viewer.stdout is not None
        assert viewer.stdout.readline().startswith("seen"), self.mirror.tail
        viewer.kill()


@contextmanager
def _cable() -> Iterator[tuple[tuple[str, ...], str]]:
    """A network of its own with a cable to another host; (), "" where that is not allowed."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        yield (), ""
        return
    names = [f"privacy{os.getpid()}{side}" for side in "ab"]
    ends = [f"mp{os.getpid() % 100000}{side}" for side in "ab"]
    quiet = ("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")  # Linux itself would greet its neighbours
    commands = [
        *(("ip", "netns", "add", name) for name in names),
        *(("ip", "netns", "exec", name, *quiet) for name in names),
        ("ip", "link", "add", ends[0], "netns", names[0], "type", "veth", "peer", ends[1], "netns", names[1]),
    ]
    for number, (name, end) in enumerate(zip(names, ends, strict=True), start=1):
        commands += [
            ("ip", "-n", name, "addr", "add", f"10.213.9.{number}/24", "dev", end),
            ("ip", "-n", name, "link", "set", "lo", "up"),
            ("ip", "-n", name, "link", "set", end, "up"),
        ]
    commands.append(("ip", "-n", names[0], "route", "add", "default", "via", "10.213.9.2"))
    try:
        done = [subprocess.run(words, capture_output=True, check=False).returncode for words in commands]
        yield (("ip", "netns", "exec", names[0]), ends[0]) if not any(done) else ((), "")
    finally:
        for name in names:
            subprocess.run(("ip", "netns", "del", name), capture_output=True, check=False)


@contextmanager
def watched(
    start_mirror: Callable[..., Any], folder: Path, *words: str, parameters: dict[str, Any] | None = None
) -> Iterator[Watched]:
    """A mirror whose files and packets are watched."""
    places = {
        "HOME": "home",
        "XDG_STATE_HOME": "state",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "home",
        "ROS_LOG_DIR": "log",
        "TMPDIR": "tmp",
    }
    environment = {name: str(folder / place) for name, place in places.items()}
    for place in set(places.values()):
        (folder / place).mkdir()
    with _cable() as (network, cable), FileWatch([folder]) as files:
        host = (*network, *confinement([folder]))
        mirror = start_mirror(
            *("camera:=demo", "mimic:=true", *words),
            parameters={"camera": SMALL, **(parameters or {})},
            host=host,
            **environment,
        )
        with tempfile.TemporaryDirectory(dir="/dev/shm") as others_log:
            found = Watched(mirror, files, folder, host, cable, environment, Path(others_log))
            try:
                yield found
            finally:
                for program in found.others:
                    program.kill()
                    program.wait()
                mirror.close()


@pytest.fixture(scope="module")
def plain(start_mirror: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The full graph as it is by default, after it was looked at for a while."""
    with watched(start_mirror, tmp_path_factory.mktemp("watched")) as found:
        found.look(FRAMES)
        yield found


@pytest.mark.timeout(max(300, FRAMES // 5))
def test_no_picture_and_no_face_touches_the_disk(plain: Watched) -> None:
    plain.files.look()
    assert plain.files.pictures == set()
    assert [path for path in plain.written() if not path.startswith(ALLOWED)] == []
    database = plain.folder / "state" / "mirror" / "gallery" / "faces.sqlite"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for table in ("gallery_faces", "gallery_thumbnails", "gallery_derived", "gallery_pending"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_nothing_leaves_the_machine(plain: Watched) -> None:
    sockets = sockets_of(plain.processes())
    assert any(each.kind == "tcp" and each.local[1] for each in sockets), "the page is not served"
    assert [each for each in sockets if each.is_talking_outside] == []
    assert plain.packets() == 0
    reachable = [each for each in sockets if each.can_be_reached]
    assert [each for each in reachable if each.kind != "udp"] == []
    if not plain.cable:
        pytest.skip("whether the remaining sockets hear another host needs root and the command ip")
    # Fast DDS binds those that it sends from to all addresses, and reads none of them.
    for each in reachable:
        sender = plain.start(sys.executable, "-c", SENDER, HERE, str(each.local[1]), there=True)
        assert sender.stdout is not None
        assert sender.stdout.readline() == "sent\n"
    waiting = {each.local: each.unread for each in sockets_of(plain.processes())}
    assert [each for each in reachable if not waiting[each.local]] == [], "read by somebody"
    assert plain.packets() <= len(reachable) * ANSWERS


def test_the_watch_sees_a_recorder(plain: Watched, eventually: Callable[..., Any]) -> None:
    """What is tested above fails where something does write pictures."""
    plain.start(sys.executable, "-m", "mirror.command", "record", "--out", str(plain.folder / "bag"))
    eventually(lambda: plain.files.pictures, "the recording of a picture", 60.0)
    assert any(not path.startswith(ALLOWED) for path in plain.written())


def test_the_watch_sees_what_leaves(plain: Watched) -> None:
    """What is tested above fails where something does send."""
    if not plain.cable:
        pytest.skip("network namespaces need root and the command ip")
    sender = plain.start(sys.executable, "-c", SENDER, NEIGHBOUR, str(DISCARD))
    assert sender.stdout is not None
    assert sender.stdout.readline() == "sent\n"
    (socket,) = [each for each in sockets_of([sender.pid]) if each.kind == "udp"]
    assert socket.is_talking_outside
    assert socket.can_be_reached
    assert plain.packets() > 0


@pytest.fixture(scope="module")
def in_memory(
    start_mirror: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """The same with ram_only:=true, and moods kept."""
    with watched(
        start_mirror,
        tmp_path_factory.mktemp("in-memory"),
        "ram_only:=true",
        parameters={"mood_log": {"log": True, "write_period": 0.2}},
    ) as found:
        found.look(FRAMES)
        yield found


@pytest.mark.timeout(max(300, FRAMES // 5))
def test_in_memory_nothing_at_all_is_written(in_memory: Watched, eventually: Callable[..., Any]) -> None:
    (memory,) = Path("/dev/shm").glob(f"mirror-ram-{in_memory.mirror.popen.pid}-*")
    eventually((memory / "state" / "mirror" / "mood" / "moods.sqlite").exists, "moods in memory", 60.0)
    assert (memory / "state" / "mirror" / "gallery" / "faces.sqlite").exists()
    assert in_memory.written() == []
    in_memory.mirror.interrupt()
    assert in_memory.mirror.wait() == 0, in_memory.mirror.tail
    assert in_memory.written() == []
    assert not memory.exists()
