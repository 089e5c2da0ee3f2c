"""`mirror mood view`: pictures of the emotion directions, and mistakes in one sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data
from typer.testing import CliRunner

from mirror.command import app
from mirror.mood_sheet import clay_rows, photo_rows
from mirror_core.errors import UsageError
from mirror_gallery.photo import find_faces
from mirror_tracking.emotion_directions import EMOTIONS, shared_emotion_directions
from mirror_tracking.shape_model import shared_shape_model

runner = CliRunner()


def run(*words: str) -> str:
    result = runner.invoke(app, ["mood", "view", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def astronaut() -> np.ndarray:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


def test_directions_are_drawn_on_the_mean_face(tmp_path: Path) -> None:
    out = tmp_path / "new" / "moods.jpg"
    assert str(out) in run("--out", str(out)).replace("\n", "")
    assert cv2.imread(str(out)).shape[1] == 7 * 240


def test_each_emotion_and_each_opposite_is_a_face_of_its_own() -> None:
    rows = clay_rows(shared_emotion_directions(), shared_shape_model())
    tiles = [rows[0][0], *rows[0][1:], *rows[1][1:]]
    assert len(tiles) == 1 + 2 * len(EMOTIONS)
    for number, tile in enumerate(tiles):
        for other in tiles[:number]:
            assert np.abs(tile.astype(int) - other).mean() > 1


def test_a_photograph_is_shown_with_each_emotion_and_its_opposite(tmp_path: Path) -> None:
    photo, out = tmp_path / "ada.png", tmp_path / "sheet.png"
    cv2.imwrite(str(photo), astronaut())
    run("--photo", str(photo), "--out", str(out))
    alone = tmp_path / "alone.png"
    run("--out", str(alone))
    sheet, clay = cv2.imread(str(out)), cv2.imread(str(alone))
    assert sheet.shape == (2 * clay.shape[0], clay.shape[1], 3)
    np.testing.assert_array_equal(sheet[: len(clay)], clay)
    own, *others = (
        tile
        for row in photo_rows(astronaut(), find_faces(astronaut())[0], shared_emotion_directions())
        for tile in row
    )
    assert sum(bool((tile == own).all()) for tile in others) == 1, (
        "only the second row's first tile is untouched"
    )


def test_mistakes_are_answered_in_one_sentence(tmp_path: Path) -> None:
    blank, text, pair = tmp_path / "blank.png", tmp_path / "text.png", tmp_path / "pair.png"
    cv2.imwrite(str(blank), np.full((120, 160, 3), 128, np.uint8))
    text.write_text("no picture")
    cv2.imwrite(str(pair), np.hstack([astronaut(), astronaut()]))
    for words, message in (
        (("--photo", str(tmp_path / "none.jpg")), "cannot be read"),
        (("--photo", str(text)), "can(not)? be read"),
        (("--photo", str(blank)), "No face was found"),
        (("--photo", str(pair)), "shows 2 faces: give a photograph of one person"),
        (("--directions", str(text)), "no emotion directions in"),
        (("--out", str(tmp_path / "sheet.gif")), r"must end in \.png or \.jpg"),
        (("--out", str(text / "sheet.png")), "cannot be written"),
    ):
        with pytest.raises(UsageError, match=message):
            run(*words)
