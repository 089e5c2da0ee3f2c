"""The network in a process of its own: answers, mistakes, crashes and ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_gallery.dlib_network import CHIP_PX, EMBEDDING_SIZE
from mirror_gallery.network_process import NetworkProcess

# A child like the real one, with another network: 128 times the mean of each picture. 255 is a crash.
CHILD = """
import os, sys
import numpy as np
from mirror_gallery.network_process import READY, serve
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
class Network:
    def describe(self, chips):
        means = np.array([chip.mean() for chip in chips], np.float32)
        if (means == 255).any():
            os._exit(3)
        return np.repeat(means[:, None], 128, axis=1)
sys.stdout.buffer.write(READY + b"\\n")
sys.stdout.flush()
serve(Network(), sys.stdin.buffer, sys.stdout.buffer)
open(sys.argv[1], "a").write("ended\\n")
"""


def chip(value: int) -> NDArray[np.uint8]:
    return np.full((CHIP_PX, CHIP_PX, 3), value, np.uint8)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """What the children write down."""
    return tmp_path / "notes"


@pytest.fixture
def network(notes: Path) -> Iterator[NetworkProcess]:
    network = NetworkProcess([sys.executable, "-c", CHILD, str(notes)])
    yield network
    network.close()


def test_pictures_go_there_and_numbers_come_back_in_order(network: NetworkProcess, notes: Path) -> None:
    for values in ([7], [1, 2, 3], [200, 0]):
        answer = network.describe([chip(value) for value in values])
        assert answer.shape == (len(values), EMBEDDING_SIZE)
        assert (answer == np.array(values, np.float32)[:, None]).all()
    assert len(notes.read_text().split()) == 1  # one child for all


def test_a_mirrored_view_of_a_picture_goes_through(network: NetworkProcess) -> None:
    assert (network.describe([chip(9)[:, ::-1]]) == 9).all()


def test_pictures_of_another_size_are_refused_before_anything_is_sent(network: NetworkProcess) -> None:
    with pytest.raises(ModelError, match="150 × 150"):
        network.describe([np.zeros((10, 10, 3), np.uint8)])
    for count in (0, 256):
        with pytest.raises(ModelError, match=f"1 … 255 pictures at once, not {count}"):
            network.describe([chip(0)] * count)
    assert (network.describe([chip(4)]) == 4).all()


def test_a_child_that_crashes_is_reported_and_another_takes_over(network: NetworkProcess) -> None:
    assert (network.describe([chip(1)]) == 1).all()
    with pytest.raises(ModelError, match="dlib's process failed"):
        network.describe([chip(255)])
    assert (network.describe([chip(2)]) == 2).all()


def test_a_killed_child_is_replaced(network: NetworkProcess, notes: Path) -> None:
    network.describe([chip(1)])
    os.kill(int(notes.read_text().split()[0]), 9)
    try:
        answer = network.describe([chip(3)])
    except ModelError:  # it was seen to be gone only when it was written to
        answer = network.describe([chip(3)])
    assert (answer == 3).all()
    assert len(notes.read_text().split()) == 2


def test_closing_ends_the_child(network: NetworkProcess, notes: Path) -> None:
    network.describe([chip(1)])
    pid = int(notes.read_text().split()[0])
    network.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ModelError, match="was ended"):
        network.describe([chip(1)])


def test_what_keeps_a_child_from_starting_is_said() -> None:
    network = NetworkProcess([sys.executable, "-c", "print('There is no dlib here; install it.')"])
    with pytest.raises(ModelError, match=r"^There is no dlib here; install it\.$"):
        network.describe([chip(1)])
    silent = NetworkProcess([sys.executable, "-c", ""])
    with pytest.raises(ModelError, match="does not start"):
        silent.describe([chip(1)])


def test_the_child_ends_with_its_parent(
    notes: Path, start_process: Callable[..., object], eventually: Callable[..., object]
) -> None:
    parent = start_process(
        "import os, sys, numpy as np\n"
        "from mirror_gallery.network_process import NetworkProcess\n"
        "network = NetworkProcess([sys.executable, '-c', sys.argv[1], sys.argv[2]])\n"
        "network.describe([np.zeros((150, 150, 3), np.uint8)])\n"
        "os._exit(0)",
        CHILD,
        str(notes),
    )
    assert parent.wait() == 0
    eventually(lambda: "ended" in notes.read_text(), "the orphaned child to end by itself")
