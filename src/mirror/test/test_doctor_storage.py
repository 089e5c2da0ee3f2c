"""What the doctor says of graphics processors, of room on the disk, and of settings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mirror import doctor_storage
from mirror.doctor_storage import graphics, settings, storage
from mirror.findings import Verdict
from mirror_core.settings import SETTINGS_VARIABLE, SettingsFile


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv(SETTINGS_VARIABLE, raising=False)


def test_a_missing_graphics_processor_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_storage, "graphics_words", lambda: "none was found; the mirror needs none")
    (finding,) = graphics()
    assert (finding.verdict, finding.found) == (Verdict.OK, "None was found; the mirror needs none.")
    monkeypatch.setattr(doctor_storage, "graphics_words", lambda: "/dev/dri/renderD128")
    assert next(graphics()).found == "/dev/dri/renderD128."


@pytest.mark.parametrize(
    ("free", "verdict", "words"),
    [(5 * 2**30, Verdict.OK, "5.0 GB free"), (20 * 2**20, Verdict.NOTE, "Only 20 MB are free")],
)
def test_little_room_is_noted(
    monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict, words: str
) -> None:
    monkeypatch.setattr(doctor_storage.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    (finding,) = storage()
    assert finding.verdict is verdict
    assert words in finding.found


def test_a_folder_of_others_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_storage.os, "access", lambda *_: False)
    (finding,) = storage()
    assert finding.is_error
    assert "may not write" in finding.found


def test_settings_are_counted_and_a_damaged_file_is_noted(tmp_path: Path) -> None:
    assert next(settings()).found == "None were changed on the page."
    file = SettingsFile(tmp_path / "mirror" / "settings.yaml")
    file.keep("/mirror/camera", {"width": 640, "height": 480})
    assert next(settings()).found.startswith("2 from the page")
    file.path.write_text("broken: [")
    (finding,) = settings()
    assert finding.verdict is Verdict.NOTE
    assert "mirror settings reset" in finding.advice
