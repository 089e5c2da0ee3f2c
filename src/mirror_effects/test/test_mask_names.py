"""Which masks there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror_effects.mask_names import PRESETS, default_folder, mask_files, mask_names, named_folder


def test_the_default_folder_follows_the_xdg_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "mirror" / "masks"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")  # to be ignored, says the specification
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named_folder("") == tmp_path / ".local" / "share" / "mirror" / "masks"
    assert named_folder("~/mine") == tmp_path / "mine"


def test_a_missing_folder_holds_no_files(tmp_path: Path) -> None:
    assert mask_files(tmp_path / "missing") == {}
    assert mask_names(tmp_path / "missing") == tuple(PRESETS)


def test_files_follow_the_presets_by_name_and_only_png_counts(tmp_path: Path) -> None:
    for name in ("wolf.png", "Dragon.PNG", "notes.txt", ".hidden.png", "gold.png"):
        (tmp_path / name).touch()
    assert set(mask_files(tmp_path)) == {"wolf", "Dragon", "gold"}
    assert mask_names(tmp_path) == (*PRESETS, "Dragon", "wolf")
