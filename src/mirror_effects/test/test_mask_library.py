"""The masks that can be worn now: read in the background, found again when files change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.settling import settle
from mirror_effects.mask_library import MOST_TEXTURES, MaskLibrary
from mirror_effects.mask_names import PRESETS
from mirror_effects.mask_texture import Cut
from mirror_effects.texture_pyramid import TexturePyramid

CUT = Cut()
Wait = Callable[..., Any]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[MaskLibrary]:
    library = MaskLibrary(tmp_path / "masks", look_every_s=0.02)
    yield library
    library.close()


def drop(library: MaskLibrary, name: str, colour: tuple[int, int, int], age_s: int = 0) -> Path:
    library.folder.mkdir(exist_ok=True)
    path = library.folder / f"{name}.png"
    staged = library.folder.parent / "staged.png"  # a rename, so that no half-written file is ever seen
    cv2.imwrite(str(staged), np.full((32, 32, 3), colour, np.uint8))
    os.utime(staged, (1e9 - age_s, 1e9 - age_s))
    staged.replace(path)
    return path


def colour_of(texture: TexturePyramid | None) -> tuple[int, ...] | None:
    return None if texture is None else tuple(int(v) for v in texture.levels[0][500, 500, :3])


def test_get_does_not_wait_and_has_the_mask_later(library: MaskLibrary, eventually: Wait) -> None:
    assert library.get("gold", CUT) is None
    texture = eventually(lambda: library.get("gold", CUT), "gold")
    assert texture.size == (1024, 1024)


def test_where_all_settles_the_mask_is_there_at_once_afterwards(library: MaskLibrary) -> None:
    assert library.settle(0)  # nothing is wanted
    assert library.get("gold", CUT) is None
    assert library.get("nobody has painted this", CUT) is None
    settle()
    assert library.get("gold", CUT) is not None


def test_load_waits(library: MaskLibrary) -> None:
    assert library.load("kabuki", CUT) is not None
    assert library.load("kabuki", CUT) is library.get("kabuki", CUT)


def test_cuts_are_kept_apart(library: MaskLibrary) -> None:
    cut, whole = library.load("gold", CUT), library.load("gold", Cut(eyes=False, mouth=False))
    assert cut is not None
    assert whole is not None
    assert cut.levels[0][..., 3].sum() < whole.levels[0][..., 3].sum()


def test_a_file_dropped_later_is_found(library: MaskLibrary, eventually: Wait) -> None:
    library.load("gold", CUT)
    assert library.names == tuple(PRESETS)
    library.get("kabuki", CUT)  # the thread runs
    drop(library, "wolf", (10, 20, 200))
    eventually(lambda: "wolf" in library.names, "the new file's name")
    assert colour_of(library.load("wolf", CUT)) == (10, 20, 200)


def test_a_changed_file_replaces_what_is_worn_without_a_gap(library: MaskLibrary, eventually: Wait) -> None:
    drop(library, "wolf", (10, 20, 200), age_s=9)
    seen = (
        [colour_of(eventually(lambda: library.get("wolf", CUT), "the mask"))]
        if "wolf" in library.names
        else []
    )
    library.get("gold", CUT)
    eventually(lambda: library.get("wolf", CUT), "the mask")
    drop(library, "wolf", (200, 20, 10))

    def has_changed() -> bool:
        seen.append(colour_of(library.get("wolf", CUT)))
        return seen[-1] == (200, 20, 10)

    eventually(has_changed, "the changed mask")
    assert None not in seen


def test_a_file_replaces_the_preset_of_its_name(library: MaskLibrary, eventually: Wait) -> None:
    preset = colour_of(library.load("gold", CUT))
    library.get("kabuki", CUT)
    path = drop(library, "gold", (1, 2, 3))
    eventually(lambda: colour_of(library.get("gold", CUT)) == (1, 2, 3), "the file's colour")
    path.unlink()
    eventually(lambda: colour_of(library.get("gold", CUT)) == preset, "the preset again")


def test_a_bad_file_is_reported_once_and_again_only_when_it_changed(
    library: MaskLibrary, eventually: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    path = drop(library, "bad", (0, 0, 0), age_s=9)
    path.write_text("no picture")
    library.get("gold", CUT)
    eventually(lambda: "bad" in library.names, "the file")
    assert library.load("bad", CUT) is None
    for _ in range(5):
        assert library.load("bad", CUT) is None
        assert library.get("bad", CUT) is None
    assert [record.message for record in caplog.records] == [
        f"The mask {path} is no PNG picture: save it as PNG."
    ]
    assert library.problems == (caplog.records[0].message,)
    drop(library, "bad", (7, 8, 9))
    eventually(lambda: not library.problems, "the problem's end")
    assert colour_of(library.load("bad", CUT)) == (7, 8, 9)


def test_memory_is_bounded(library: MaskLibrary) -> None:
    for number in range(MOST_TEXTURES + 3):
        assert library.load("gold", Cut(feather=number / 100)) is not None
    assert library.get("gold", Cut(feather=(MOST_TEXTURES + 2) / 100)) is not None
    assert library.get("gold", Cut(feather=0.0)) is None  # the one unused for longest went first


def test_after_close_nothing_is_read_any_more(library: MaskLibrary) -> None:
    ready = library.load("gold", CUT)
    library.close()
    assert library.get("gold", CUT) is ready
    assert library.get("kabuki", CUT) is None
    assert library._thread is None or not library._thread.is_alive()
