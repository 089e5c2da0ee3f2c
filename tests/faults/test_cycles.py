"""Effects are started and stopped thousands of times, and nothing grows: memory, threads, open files."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable, Iterator

import psutil
import pytest

from mirror_core.frame import read_only
from mirror_core.testing import synthetic_body
from mirror_effects import Scene
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.testing import painted, room, wearer

WARM = 0.1  # share of the cycles before memory counts: caches and the allocator fill up first
MOST_GROWN_BYTES = 8 * 2**20  # of the rest
# Threads that load a network or textures have heaps of their own, which settle in a dozen cycles; one that
# stays each time leaves more.
MOST_GROWN_LOADING_BYTES = 40 * 2**20
LOADING = ("film", "mask", "swap", "unmask", "wear_mask")
CYCLES = {
    "none": 3500,
    "then_and_now": 1500,
    "landmarks": 1500,
    "film": 1500,
    "caricature": 1000,
    "deform": 800,
    # These draw textures, load models or faces each time, up to a third of a second of one core:
    "unmask": 100,
    "expression": 40,
    "wear_mask": 60,
    "mask": 12,
    "swap": 8,
}
OTHERS = 200  # cycles of effects that are not named here
LIBC = ctypes.CDLL(None)
FACE = wearer((80.0, 60.0), 60.0)
PICTURE = read_only(painted(room(size=(160, 120)), [FACE]))


def figures() -> tuple[int, int, int]:
    """Resident bytes, threads, open files of this process."""
    gc.collect()
    LIBC.malloc_trim(0)  # what was freed does not count, although the allocator keeps it
    process = psutil.Process()
    return process.memory_info().rss, threading.active_count(), process.num_fds()


def cycles_of(name: str) -> int:
    return CYCLES.get(name, OTHERS)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Folders of the user's own masks and scenes, which are empty."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("home")))
        yield


def test_all_effects_together_are_cycled_often_enough() -> None:
    assert sum(cycles_of(name) for name in find_effects().effects) >= 10_000


@pytest.mark.parametrize("name", sorted(find_effects().effects))
def test_starting_and_stopping_an_effect_leaves_nothing_behind(
    name: str, eventually: Callable[..., object]
) -> None:
    stack = EffectStack(find_effects().effects)
    cycles = cycles_of(name)

    def cycle(number: int) -> None:
        stack.choose([name])
        scene = Scene(10**12 + number * 33_000_000, (FACE,), camera=PICTURE, bodies=(synthetic_body(),))
        assert stack.apply(PICTURE, scene).shape == PICTURE.shape
        assert not stack.failed
        stack.choose([])

    warm = max(3, round(WARM * cycles))
    for number in range(warm):
        cycle(number)
    memory, threads, files = figures()
    for number in range(warm, cycles):
        cycle(number)
    # A thread that loads something is not waited for by who closes the effect.
    eventually(lambda: threading.active_count() <= threads, "threads to end")
    grown, _, files_after = figures()
    assert files_after <= files
    most = MOST_GROWN_LOADING_BYTES if name in LOADING else MOST_GROWN_BYTES
    assert grown - memory < most, f"{(grown - memory) / 2**20:.1f} MiB in {cycles - warm} cycles"
