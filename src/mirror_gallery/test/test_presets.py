"""Presets: found by name, read once, and those that ship are whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_gallery import presets
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import encode


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of presets of the test's own."""
    monkeypatch.setattr(presets, "FOLDER", tmp_path)
    presets.preset_names.cache_clear()
    presets.load_preset.cache_clear()
    yield tmp_path
    presets.preset_names.cache_clear()
    presets.load_preset.cache_clear()


def put(folder: Path, name: str, shown: str) -> None:
    view = FaceView(
        np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8), np.full((468, 3), 2, np.float32)
    )
    portrait = Portrait(f"preset:{name}", shown, (view,), preset=True)
    (folder / f"{name}.mirrorface").write_bytes(encode(portrait, datetime(2026, 1, 1, tzinfo=UTC), None))


def test_presets_are_found_by_name(folder: Path) -> None:
    put(folder, "young", "Average of the young")
    put(folder, "old", "Average of the old")
    (folder / "README.md").write_text("not a face")
    assert presets.preset_names() == ("old", "young")
    face = presets.load_preset("young")
    assert (face.id, face.name, face.preset) == ("preset:young", "Average of the young", True)
    assert (face.views[0].landmarks == 2).all()


def test_a_preset_is_read_once_and_cannot_be_changed(folder: Path) -> None:
    put(folder, "old", "Old")
    face = presets.load_preset("old")
    (folder / "old.mirrorface").unlink()
    assert presets.load_preset("old") is face
    with pytest.raises(ValueError, match="read-only"):
        face.views[0].image[0, 0] = 1


@pytest.mark.parametrize("name", ["nobody", "../secret", "", "preset:nobody"])
def test_an_unknown_preset_is_an_error_that_names_the_known_ones(folder: Path, name: str) -> None:
    put(folder, "old", "Old")
    with pytest.raises(UsageError, match="there are: old"):
        presets.load_preset(name)


def test_there_may_be_none(folder: Path) -> None:
    assert presets.preset_names() == ()
    with pytest.raises(UsageError, match="there are: none"):
        presets.load_preset("old")


@pytest.mark.parametrize("name", presets.preset_names())
def test_every_preset_that_ships_can_be_worn(name: str) -> None:
    face = presets.load_preset(name)
    assert face.id == f"preset:{name}"
    assert face.preset
    front = face.views[0]
    inside = (front.landmarks[:468, :2] >= 0) & (front.landmarks[:468, :2] <= front.image.shape[1::-1])
    assert inside.mean() > 0.9
    assert front.opacity.max() >= 240  # paint lets a little of the skin through
