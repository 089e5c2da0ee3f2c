"""The watermark on the Settings page: which parameters are offered, and how an own picture is kept."""

from __future__ import annotations

import stat

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.live_parameter import LiveParameter
from mirror_effects.watermark import LARGEST_SIDE_PX, Watermark, WatermarkParameters
from mirror_web.settings_watermark import is_of_watermark, keep_picture, watermark_rows


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("MIRROR_RAM_FOLDER", raising=False)
    return tmp_path / "mirror"


def logo(blue: int = 10) -> np.ndarray:
    image = np.full((20, 40, 4), (blue, 200, 30, 255), np.uint8)
    image[:, :20, 3] = 0
    return image


def encoded(image: np.ndarray, ending: str = ".png") -> bytes:
    return cv2.imencode(ending, image)[1].tobytes()


def test_the_watermark_and_the_language_of_its_text_are_offered():
    mine = ("watermark.show", "watermark.text", "language", "watermark.size")
    effects = {name: LiveParameter(name, "") for name in ("effects", *mine, "mask.mask")}
    effects = {"language": LiveParameter("language", "en"), **effects}
    assert tuple(row.name for row in watermark_rows(effects)) == mine
    assert {name for name in effects if is_of_watermark(name)} == set(mine)
    assert watermark_rows({}) == ()


def test_a_picture_is_kept_with_its_transparency_for_this_user_alone(folder):
    path = keep_picture(encoded(logo()))
    assert path.parent == folder
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), logo())
    mark = Watermark(WatermarkParameters(show="picture", picture=str(path), opacity=1.0, size=0.3))
    marked = mark.mark(np.zeros((100, 200, 3), np.uint8))
    assert (marked == (10, 200, 30)).all(axis=-1).any()


def test_another_picture_takes_the_place_of_the_first_under_another_name(folder):
    first = keep_picture(encoded(logo(10)))
    second = keep_picture(encoded(logo(90), ".webp"))
    assert first != second
    assert list(folder.iterdir()) == [second]
    assert keep_picture(encoded(logo(90), ".webp")) == second


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n and nothing else",
        encoded(np.zeros((4, LARGEST_SIDE_PX + 1), np.uint8)),
        encoded(np.zeros((4, 4), np.uint16)),
        encoded(np.zeros((20_000, 20_000), np.uint8)),  # 400 MB when decoded
    ],
)
def test_what_the_watermark_would_not_take_is_refused_and_leaves_nothing(folder, data):
    with pytest.raises(UsageError, match="no picture that can be a watermark"):
        keep_picture(data)
    assert not folder.exists()
