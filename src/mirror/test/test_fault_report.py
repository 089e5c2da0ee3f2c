"""A fault report holds what is needed to find a fault, and nothing that is nobody's business."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.serialization import serialize_message

from mirror import fault_report
from mirror.command import app
from mirror.discretion import Discretion
from mirror.doctor import Finding, Verdict
from mirror.fault_report import discretion, health_of_bag, write_report
from mirror_core.bags.writer import BagWriter
from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.gallery import open_store
from mirror_gallery.presets import load_preset, preset_names

PASSWORD = "hunter2/with@signs"
FINDINGS = [Finding("Camera", Verdict.NOTE, "None was found.", "Connect one.")]
HIDE = Discretion(["Ada"], "/home/somebody", "somebody", "attic")


def statuses(message: str) -> DiagnosticArray:
    values = [KeyValue(key="rate [Hz]", value="0.0"), KeyValue(key="worn", value="Ada")]
    status = DiagnosticStatus(level=b"\x01", name="mirror/camera", message=message, values=values)
    return DiagnosticArray(status=[status])


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    with BagWriter(tmp_path / "fault", keep_free_bytes=0) as writer:
        writer.add_topic("/diagnostics", "diagnostic_msgs/msg/DiagnosticArray")
        for second, message in enumerate(("Running.", "The camera is gone.")):
            writer.write("/diagnostics", serialize_message(statuses(message)), second * 10**9)
    return tmp_path / "fault"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(
        f"# the password is {PASSWORD}\n"
        "/**/gallery:\n  ros__parameters:\n"
        f"    database_url: postgresql://mirror:{PASSWORD}@db.example/faces\n"
        "/**/effects:\n  ros__parameters:\n    film.take: Ada\n    effects: [mask]\n"
    )
    return file


def parts_of(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name.split("/", 1)[0] for name in names} == {file.stem}
        return {name.split("/", 1)[1]: archive.read(name).decode() for name in names}


def test_no_password_and_no_name_is_in_it_and_all_else_is(
    bag: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "gallery.log").write_text(
        f"The gallery's database postgresql://mirror:{PASSWORD}@db.example/faces does not answer.\n"
        f"Ada wears a mask. /home/somebody/faces\nsecret_key={PASSWORD}\n" + "Running.\n" * 50
    )
    (logs / "tool.log").write_text("It ran for a moment.\n")
    monkeypatch.setenv("ROS_LOG_DIR", str(logs))
    monkeypatch.setenv("MIRROR_GALLERY_DATABASE", f"postgresql://mirror:{PASSWORD}@db.example/faces")
    summary, health = health_of_bag(bag)
    file = tmp_path / "report.zip"
    write_report(file, FINDINGS, hide=HIDE, health=health, bag=(bag, summary), config=config)
    parts = parts_of(file)
    for name, text in parts.items():
        assert PASSWORD not in text, name
        assert "hunter2" not in text, name
        assert "Ada" not in text, name
        assert "somebody" not in text, name
    assert "None was found." in parts["doctor.txt"]
    assert "rosbags " in parts["versions.txt"]
    assert "MIRROR_GALLERY_DATABASE=postgresql://***@db.example/faces" in parts["environment.txt"]
    assert "postgresql://***@db.example/faces does not answer." in parts["log/gallery.log"]
    assert "(a person) wears a mask. ~/faces" in parts["log/gallery.log"]
    assert "log/tool.log" not in parts
    assert "effects:\n    - mask" in parts["config/given_mine.yaml"]
    assert "stamps: bag" in parts["config/replay.yaml"]
    assert "diagnostic_msgs/msg/DiagnosticArray" in parts["bag.txt"]
    assert "Attach also the bag fault (the whole folder)" in parts["README.txt"]
    assert json.loads(parts["health.json"]) == {
        "mirror/camera": {
            "level": "warning",
            "message": "The camera is gone.",
            "figures": {"rate [Hz]": "0.0", "worn": "(a person)"},
        }
    }


def test_names_of_stored_faces_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said = "Zoë Müller wears the face of zoë müller."
    assert discretion().text(said) == said
    store = open_store()
    store.add(replace(load_preset(preset_names()[0]), name="Zoë Müller"), Consent(Scope.UNTIL_REVOKED))
    store.close()
    assert discretion().text(said) == "(a person) wears the face of (a person)."


def test_without_a_bag_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "none"))
    write_report(tmp_path / "report.zip", FINDINGS, hide=HIDE, health={})
    parts = parts_of(tmp_path / "report.zip")
    assert "mirror record --out fault --compressed --seconds 20" in parts["README.txt"]
    assert "no mirror was running" in parts["README.txt"]
    assert not any(name.startswith("log/") for name in parts)


def test_the_command_makes_it_and_hears_what_runs(
    tmp_path: Path, spinner: Any, monkeypatch: pytest.MonkeyPatch, start_process: Any
) -> None:
    monkeypatch.setattr("mirror.doctor.examine", lambda: FINDINGS)
    start_process(
        "import rclpy, time\n"
        "from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus\n"
        "rclpy.init(args=[])\n"
        "publisher = rclpy.create_node('other').create_publisher(DiagnosticArray, '/diagnostics', 10)\n"
        "while True:\n"
        "    status = DiagnosticStatus(name='mirror/faces', message='Running.')\n"
        "    publisher.publish(DiagnosticArray(status=[status]))\n"
        "    time.sleep(0.2)\n"
    )
    monkeypatch.setattr(fault_report, "LISTEN_S", 30.0)
    file = tmp_path / "report.zip"
    answer = CliRunner().invoke(app, ["doctor", "--report", str(file)])
    assert answer.exit_code == 0, answer.output
    assert "Attach a bag that shows the fault" in answer.output
    assert json.loads(parts_of(file)["health.json"])["mirror/faces"]["message"] == "Running."


def test_what_cannot_be_done_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.zip"
    file.touch()
    with pytest.raises(UsageError, match="exists already"):
        write_report(file, FINDINGS, hide=HIDE, health={})
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(tmp_path / "no" / "report.zip", FINDINGS, hide=HIDE, health={})
    with pytest.raises(UsageError, match="cannot be read"):
        write_report(tmp_path / "new.zip", FINDINGS, hide=HIDE, health={}, config=tmp_path / "none.yaml")
    monkeypatch.setattr("mirror.doctor.examine", lambda: FINDINGS)
    answer = CliRunner().invoke(app, ["doctor", "--bag", str(tmp_path)])
    assert isinstance(answer.exception, UsageError)
    assert "--bag and --config belong to a report" in str(answer.exception)
