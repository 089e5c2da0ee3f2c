"""Reading masks: what people drop into the folder, and what is cut out of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.mask_texture import Cut, finished, read_mask, read_preset
from mirror_effects.uv_chart import OUTLINES

UNCUT = Cut(eyes=False, mouth=False)


def saved(folder: Path, picture: np.ndarray, name: str = "mine.png") -> Path:
    path = folder / name
    assert cv2.imwrite(str(path), picture)
    return path


def opacity_at(cut: Cut, outline: str) -> int:
    solid = np.full((1024, 1024, 4), 255, np.uint8)
    x, y = OUTLINES[outline].mean(axis=0)
    return int(finished(solid, cut).levels[0][round(y), round(x), 3])


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 500, 3), (10, 20, 200), np.uint8),  # without transparency, not square
        np.full((2000, 2000, 4), (10, 20, 200, 255), np.uint8),
        np.full((64, 64, 3), (10 * 257, 20 * 257, 200 * 257), np.uint16),
    ],
)
def test_every_kind_of_png_becomes_a_texture(tmp_path: Path, picture: np.ndarray) -> None:
    texture = read_mask(saved(tmp_path, picture))
    assert texture.shape == (1024, 1024, 4)
    assert np.abs(texture.reshape(-1, 4).astype(int) - (10, 20, 200, 255)).max() <= 1


def test_a_grey_png_becomes_a_grey_texture(tmp_path: Path) -> None:
    texture = read_mask(saved(tmp_path, np.full((64, 64), 90, np.uint8)))
    assert (texture == (90, 90, 90, 255)).all()


def test_hidden_colours_do_not_bleed_in_when_scaled(tmp_path: Path) -> None:
    picture = np.zeros((512, 512, 4), np.uint8)
    picture[:, :256] = (0, 0, 255, 255)
    picture[:, 256:] = (0, 255, 0, 0)  # green, but transparent
    texture = read_mask(saved(tmp_path, picture))
    shown = texture[..., 3] > 8
    assert texture[..., 1][shown].max() <= 1


def test_a_picture_larger_than_allowed_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path, np.zeros((1, 4097, 3), np.uint8))
    with pytest.raises(UsageError, match="has 4097 × 1 pixels: at most 4096 × 4096 is allowed"):
        read_mask(path)
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2)
    with pytest.raises(UsageError, match="has 100000 × 100000 pixels"):
        read_mask(bomb)


def test_bad_files_are_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(UsageError, match=r"text\.png is no PNG picture: save it as PNG\.$"):
        read_mask(tmp_path / "text.png")
    whole = saved(tmp_path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).read_bytes()
    (tmp_path / "head.png").write_bytes(whole[:40])
    with pytest.raises(UsageError, match=r"head\.png is damaged: save it again\.$"):
        read_mask(tmp_path / "head.png")
    with pytest.raises(UsageError, match=r"gone\.png cannot be read: No such file"):
        read_mask(tmp_path / "gone.png")
    with pytest.raises(UsageError, match="plumber is not a preset mask"):
        read_preset("plumber")


def test_eyes_and_mouth_are_cut_as_asked() -> None:
    assert opacity_at(UNCUT, "right_eye") == opacity_at(UNCUT, "mouth") == 255
    only_eyes, only_mouth = Cut(eyes=True, mouth=False), Cut(eyes=False, mouth=True)
    assert [opacity_at(only_eyes, part) for part in ("right_eye", "left_eye", "mouth")] == [0, 0, 255]
    assert [opacity_at(only_mouth, part) for part in ("right_eye", "left_eye", "mouth")] == [255, 255, 0]


def test_feather_fades_the_outer_edge_only() -> None:
    solid = np.full((1024, 1024, 4), 255, np.uint8)
    worn = finished(solid, Cut(eyes=False, mouth=False, feather=0.1)).levels[0][..., 3]
    row = worn[512, 33:300].astype(int)
    assert row[0] < 10
    assert (np.diff(row) >= 0).all()
    assert 80 < row[50] < 180
    assert worn[512, 512] == 255


def test_the_picture_itself_is_not_changed() -> None:
    solid = np.full((1024, 1024, 4), 255, np.uint8)
    finished(solid, Cut(feather=0.2))
    assert (solid == 255).all()
