"""What the machine itself says: processor, memory, temperature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

__all__ = ["Machine", "hottest_c", "machine_troubles", "read_machine"]

HOT_C = 85.0  # from here on most processors slow down, where the sensor names no limit of its own
FULL_PERCENT = 95.0  # of the memory: from here on the system begins to swap or to kill
LIKELY_C = (1.0, 150.0)  # outside, a sensor is broken or not connected


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine at one moment.

    Attributes:
        cpu_percent: of all cores together, 0 … 100, since the reading before.
        memory_percent: of the memory that is in use.
        temperature_c: of the hottest sensor; None where the machine tells none.
        hot_from_c: from where that sensor counts as hot.
    """

    cpu_percent: float
    memory_percent: float
    temperature_c: float | None = None
    hot_from_c: float = HOT_C


def hottest_c(sensors: Mapping[str, Sequence[Any]]) -> tuple[float | None, float]:
    """The highest plausible temperature and that sensor's limit, both in °C.

    Args:
        sensors: as `psutil.sensors_temperatures` gives them.
    """
    readings = [
        (float(sensor.current), float(sensor.high) if _is_likely(sensor.high) else HOT_C)
        for group in sensors.values()
        for sensor in group
        if _is_likely(sensor.current)
    ]
    return max(readings, default=(None, HOT_C))


def _is_likely(celsius: float | None) -> bool:
    return celsius is not None and LIKELY_C[0] < celsius < LIKELY_C[1]


def read_machine() -> Machine:
    """The machine now; the first reading of a process has no processor share (0)."""
    sensors: Mapping[str, Sequence[Any]] = getattr(
        psutil, "sensors_temperatures", dict
    )()  # not on every system
    temperature_c, hot_from_c = hottest_c(sensors)
    return Machine(psutil.cpu_percent(), psutil.virtual_memory().percent, temperature_c, hot_from_c)


def machine_troubles(machine: Machine) -> Iterator[tuple[str, str]]:
    """(key, sentence) of each thing about the machine that a person should know."""
    if machine.temperature_c is not None and machine.temperature_c >= machine.hot_from_c:
        yield (
            "temperature",
            f"The machine is hot ({machine.temperature_c:.0f} °C) and may become slow: give it air.",
        )
    if machine.memory_percent >= FULL_PERCENT:
        yield (
            "memory",
            f"{machine.memory_percent:.0f} % of the machine's memory are in use: end other programs.",
        )
