"""RAM-only mode: one folder in memory, nothing anywhere else, and nothing afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.database import Database
from mirror_core.store.objects import FolderObjects, open_objects
from mirror_core.store.places import RAM_VARIABLE, private_folder, ram_folder, require_allowed, state_folder
from mirror_core.store.ram_only import MEMORY, PREFIX, ram_only, remove_left_overs
from mirror_core.store.schema import Schema

pytestmark = pytest.mark.skipif(not MEMORY.is_dir(), reason="this machine has no /dev/shm")


def test_everything_lies_in_memory_and_ends_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("MIRROR_SETTINGS", str(tmp_path / "settings.yaml"))
    before = dict(os.environ)
    with ram_only(True):
        folder = ram_folder()
        assert folder is not None
        assert folder.parent == MEMORY
        assert folder.stat().st_mode & 0o777 == 0o700
        assert state_folder() == folder / "state" / "mirror"
        private_folder(state_folder())
        (state_folder() / "a").write_text("x")
        for name in ("ROS_LOG_DIR", "XDG_CACHE_HOME", "MPLCONFIGDIR", "TMPDIR"):
            assert Path(os.environ[name]).is_relative_to(folder), name
        assert os.environ["PYTHONDONTWRITEBYTECODE"] == "1"
    assert dict(os.environ) == before
    assert not folder.exists()
    assert list(tmp_path.iterdir()) == []
    with ram_only(False):
        assert ram_folder() is None
        assert state_folder() == tmp_path / "mirror"


def test_other_places_are_refused(tmp_path: Path) -> None:
    schema = Schema("The toys", "toy_schema", "0001", tmp_path, "toys")
    with ram_only(True):
        inside = state_folder() / "x"
        require_allowed(inside, "It")
        for url in (
            str(tmp_path),
            f"file://{tmp_path}",
            "s3://bucket/prefix",
            f"{inside}/../../../../../tmp",
        ):
            with pytest.raises(UsageError, match=r"^A part is not kept anywhere with ram_only:=true; leave"):
                open_objects(url, "A part", "The URL")
        for url in (f"sqlite:///{tmp_path}/x", "postgresql://u:secret@host/db"):
            with pytest.raises(UsageError, match=r"^The toys is not kept anywhere") as caught:
                Database(url, schema, inside)
            assert "secret" not in str(caught.value)
        with pytest.raises(OSError, match="memory alone"):
            private_folder(tmp_path / "new")
        with pytest.raises(StoreError):
            FolderObjects(tmp_path / "new", "A part").write("a", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_mirror_s_folder_is_removed_by_the_next(tmp_path: Path) -> None:
    script = (
        "import os, signal; from mirror_core.store.ram_only import make_ram_folder\n"
        "print(make_ram_folder(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert left.name.startswith(PREFIX)
    assert left.exists()
    with ram_only(True):
        folder = ram_folder()
        assert not left.exists()
        remove_left_overs()  # that of a living one stays
        assert folder is not None
        assert folder.exists()
    assert RAM_VARIABLE not in os.environ
