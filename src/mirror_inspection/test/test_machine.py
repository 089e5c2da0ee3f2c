"""What is read of the machine, and what a person is told of it."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from mirror_inspection.machine import HOT_C, Machine, hottest_c, machine_troubles, read_machine


def sensor(current: float | None, high: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(current=current, high=high)


def test_the_hottest_sensor_counts_with_its_own_limit() -> None:
    sensors = {"coretemp": [sensor(61.0, 100.0), sensor(72.5, 99.0)], "nvme": [sensor(40.0, 80.0)]}
    assert hottest_c(sensors) == (72.5, 99.0)


def test_a_sensor_without_a_sensible_limit_gets_the_usual_one() -> None:
    assert hottest_c({"cpu": [sensor(50.0)]}) == (50.0, HOT_C)
    assert hottest_c({"cpu": [sensor(50.0, 65261.85)]}) == (50.0, HOT_C)


def test_broken_sensors_are_left_out() -> None:
    assert hottest_c({"acpi": [sensor(-128.0), sensor(None), sensor(0.0)], "cpu": [sensor(45.0)]}) == (
        45.0,
        HOT_C,
    )
    assert hottest_c({}) == (None, HOT_C)


def test_heat_and_a_full_memory_are_told() -> None:
    assert list(machine_troubles(Machine(10.0, 50.0, 84.0, 85.0))) == []
    assert list(machine_troubles(Machine(10.0, 50.0))) == []
    hot, full = machine_troubles(Machine(10.0, 97.2, 91.6, 85.0))
    assert hot == ("temperature", "The machine is hot (92 °C) and may become slow: give it air.")
    assert full == ("memory", "97 % of the machine's memory are in use: end other programs.")


def test_this_machine_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: {"cpu": [sensor(55.0, 90.0)]}, raising=False)
    machine = read_machine()
    assert (machine.temperature_c, machine.hot_from_c) == (55.0, 90.0)
    assert 0 <= machine.cpu_percent <= 100
    assert 0 < machine.memory_percent <= 100


def test_a_system_without_sensors_has_no_temperature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    assert read_machine().temperature_c is None
