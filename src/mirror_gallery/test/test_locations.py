"""Where faces are kept by default: in the XDG state folder, for this user alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mirror_gallery.locations import default_database, default_pictures, private_folder, state_folder


def test_the_state_folder_is_the_environment_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "mirror"
    assert default_database() == tmp_path / "mirror" / "gallery" / "faces.sqlite"
    assert default_pictures() == tmp_path / "mirror" / "gallery" / "pictures"


@pytest.mark.parametrize("value", ["", "not/absolute"])  # to be ignored, says the specification
def test_without_one_it_is_in_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".local" / "state" / "mirror"


def test_new_folders_are_private_and_existing_ones_stay(tmp_path: Path) -> None:
    existing = tmp_path / "existing"
    existing.mkdir(0o755)
    existing.chmod(0o755)
    before = os.umask(0o000)
    try:
        private_folder(existing / "a" / "b")
    finally:
        os.umask(before)
    assert (existing / "a").stat().st_mode & 0o777 == 0o700
    assert (existing / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert existing.stat().st_mode & 0o777 == 0o755
    private_folder(existing / "a" / "b")  # nothing to do


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        private_folder(tmp_path / "file")
