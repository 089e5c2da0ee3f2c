"""`mirror masks`: what it lists, writes and reports."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data
from typer.testing import CliRunner

from mirror.command import app
from mirror_core.errors import UsageError

runner = CliRunner()


def test_list_names_presets_own_masks_and_what_is_wrong(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wolf.png"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "torn.png").write_text("no picture")
    result = runner.invoke(app, ["masks", "list", "--folder", str(tmp_path)])
    assert result.exit_code == 1
    assert "gold" in result.output
    assert "wolf" in result.output
    assert "torn.png is no PNG picture: save it as PNG." in result.output.replace("\n", "")


def test_list_says_where_the_folder_would_be(tmp_path: Path) -> None:
    result = runner.invoke(app, ["masks", "list", "--folder", str(tmp_path / "later")])
    assert result.exit_code == 0
    assert f"{tmp_path / 'later'} (not there yet)" in result.output


def test_template_writes_picture_and_guide(tmp_path: Path) -> None:
    result = runner.invoke(app, ["masks", "template", "--out", str(tmp_path), "--folder", "/my/masks"])
    assert result.exit_code == 0
    assert result.output.split() == [str(tmp_path / "mask-template.png"), str(tmp_path / "mask-guide.txt")]
    assert "/my/masks" in (tmp_path / "mask-guide.txt").read_text()


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file cannot be written to: "):
        runner.invoke(app, ["masks", "template", "--out", str(tmp_path / "file")], catch_exceptions=False)


def photographs_of(folder: Path) -> Path:
    """Two photographs of the same portrait and one of a wall."""
    folder.mkdir()
    picture: NDArray[np.uint8] = data.astronaut()  # type: ignore[no-untyped-call]
    portrait = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)[:300, 80:380]
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(folder / name), portrait)
    cv2.imwrite(str(folder / "wall.png"), np.full((64, 64, 3), 90, np.uint8))
    return folder


def test_make_masks_photographs_and_resumes(tmp_path: Path) -> None:
    images, out = photographs_of(tmp_path / "in"), tmp_path / "out"
    (tmp_path / "options.yaml").write_text("kinds: {gas: 1}\n")
    call = ["masks", "make", "--images", str(images), "--out", str(out), "--alpha", "--jobs", "1"]
    call += ["--options", str(tmp_path / "options.yaml")]
    result = runner.invoke(app, call)
    assert result.exit_code == 0, result.output
    assert "wall.png: no face was found in it." in result.output
    assert f"2 made, 0 kept, 1 without a mask; {out / 'manifest.jsonl'}" in result.output
    assert "Masks: gas 2" in result.output
    assert sorted(path.name for path in out.iterdir()) == [
        *("a.alpha.png", "a.png", "b.alpha.png", "b.png", "manifest.jsonl"),
    ]
    again = runner.invoke(app, call)
    assert "0 made, 2 kept, 1 without a mask" in again.output


def test_make_refuses_unknown_options_in_one_sentence(tmp_path: Path) -> None:
    images = photographs_of(tmp_path / "in")
    (tmp_path / "options.json").write_text('{"sise": 1}')
    call = ["masks", "make", "--images", str(images), "--out", str(tmp_path / "out")]
    with pytest.raises(UsageError, match=r"options\.json: sise is not an option: allowed are kinds, "):
        runner.invoke(app, [*call, "--options", str(tmp_path / "options.json")], catch_exceptions=False)
