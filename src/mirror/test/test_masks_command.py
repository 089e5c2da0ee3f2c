"""`mirror masks`: what it lists, writes and reports."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
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
