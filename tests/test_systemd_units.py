"""The units for systemd: what they name exists, and systemd itself finds no fault in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "config" / "systemd"
UNITS = {"system": FOLDER / "mirror.service", "user": FOLDER / "user" / "mirror.service"}
HOMES = {"system": "/opt/mirror", "user": "%h/mirror"}
GUIDE = (ROOT / "docs" / "install-mirror.md").read_text("utf-8")


def settings_of(unit: Path) -> dict[str, dict[str, list[str]]]:
    """Section → name → all values, in order."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for number, line in enumerate(unit.read_text("utf-8").splitlines(), start=1):
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, f"{unit}:{number}"
            assert re.fullmatch(r"[A-Z][A-Za-z]*", name), f"{unit}:{number}"
            found[section][name].append(value)
    return found


@pytest.mark.parametrize("kind", UNITS)
def test_a_unit_starts_what_exists_with_arguments_that_are_allowed(kind: str) -> None:
    pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")
    from mirror.arguments import parse_arguments
    from mirror.graph import graph_named

    service = settings_of(UNITS[kind])["Service"]
    (command,) = service["ExecStart"]
    program, *words = command.split()
    assert service["WorkingDirectory"] == [HOMES[kind]]
    script = ROOT / Path(program).relative_to(HOMES[kind])
    assert os.access(script, os.X_OK)
    assert words == ["mirror", "run", "$MIRROR_ARGUMENTS"]
    variables = dict(pair.split("=", 1) for line in service["Environment"] for pair in line.split())
    name, *arguments = variables["MIRROR_ARGUMENTS"].split()
    graph = graph_named(name)
    assert graph.plan(parse_arguments(graph.arguments, arguments)).settings


@pytest.mark.parametrize("kind", UNITS)
def test_a_unit_waits_for_the_first_picture_and_comes_back(kind: str) -> None:
    from mirror.supervisor import EXIT_USAGE, STOP_S
    from mirror.watchdog import MISSING_S

    service = settings_of(UNITS[kind])["Service"]
    assert (service["Type"], service["NotifyAccess"]) == (["notify"], ["main"])
    assert float(service["WatchdogSec"][0]) > 3 * MISSING_S
    assert float(service["TimeoutStopSec"][0]) > STOP_S
    assert service["RestartPreventExitStatus"] == [str(EXIT_USAGE)]
    assert service["Restart"] == ["always" if kind == "system" else "on-failure"]


def test_the_service_keeps_its_state_where_its_mirror_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from mirror_core.store.places import state_folder

    service = settings_of(UNITS["system"])["Service"]
    variables = dict(pair.split("=", 1) for line in service["Environment"] for pair in line.split())
    monkeypatch.setenv("XDG_STATE_HOME", variables["XDG_STATE_HOME"])
    assert state_folder() == Path("/var/lib") / service["StateDirectory"][0]
    assert variables["PYTHONPYCACHEPREFIX"].startswith(f"/var/cache/{service['CacheDirectory'][0]}/")
    assert variables["ROS_LOG_DIR"].startswith(f"/run/{service['RuntimeDirectory'][0]}/")


def test_the_service_reaches_a_camera_a_screen_and_keys_and_little_else() -> None:
    service = settings_of(UNITS["system"])["Service"]
    devices = {line.split()[0] for line in service["DeviceAllow"]}
    assert {"char-video4linux", "char-drm", "char-input"} <= devices
    assert set(service["SupplementaryGroups"][0].split()) == {"video", "render", "input"}
    for name, value in {
        "DevicePolicy": "closed",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
    }.items():
        assert service[name] == [value], name


def test_the_guide_names_the_units_and_the_variables() -> None:
    for unit in UNITS.values():
        assert str(unit.relative_to(ROOT)) in GUIDE
    assert "/etc/mirror/environment" in GUIDE
    assert all(f"`{group}`" in GUIDE for group in ("video", "render", "input"))


@pytest.mark.parametrize("kind", UNITS)
def test_systemd_finds_no_fault(kind: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    # The program has to exist where the unit says; here the repository lies elsewhere.
    text = UNITS[kind].read_text("utf-8").replace(HOMES[kind], str(ROOT))
    (tmp_path / "mirror.service").write_text(text, "utf-8")
    words = [program, f"--{kind}", "verify", "--man=no", str(tmp_path / "mirror.service")]
    (tmp_path / "run").mkdir()
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    found = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (found.returncode, found.stderr) == (0, "")
