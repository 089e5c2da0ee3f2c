"""`mirror evaluate mood` prints the table for any data of its format, and refuses what it cannot use."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mirror.train_command import evaluate_app, train_app
from mirror_core.errors import UsageError

RUNNER = CliRunner()


@pytest.fixture
def data(tmp_path):
    """Twelve pictures to train with and six to test, of which two are copies."""
    rng = np.random.default_rng(6)
    images = rng.integers(0, 256, (18, 48, 48)).astype(np.uint8)
    images[12], images[13] = images[0], images[1]
    file = tmp_path / "faces.npz"
    labels = (np.arange(18) % 7).astype(np.uint8)
    np.savez(file, images=images, label=labels, split=np.repeat([0, 1], [12, 6]).astype(np.uint8))
    return file


def test_the_shipped_model_is_measured_and_the_report_written(data, tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    out = tmp_path / "report"
    result = RUNNER.invoke(
        evaluate_app, ["mood", "--data", str(data), "--out", str(out)], env={"COLUMNS": "160"}
    )
    assert result.exit_code == 0, result.output
    report = json.loads((out / "public.json").read_text())
    assert report["pictures"] == 6
    assert report["pictures_not_in_training"] == 4
    assert f"all 6: accuracy {report['accuracy']:.2%}" in result.output
    assert "identical to a training picture, 4:" in result.output
    assert (out / "public_confusion.png").stat().st_size > 1000
    assert (out / "public_calibration.png").stat().st_size > 1000


def test_a_split_that_is_not_there_is_refused(data):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    result = RUNNER.invoke(evaluate_app, ["mood", "--data", str(data), "--split", "private"])
    assert isinstance(result.exception, UsageError)
    assert "no picture of the split private" in str(result.exception)


def test_a_model_that_is_not_there_is_refused(data, tmp_path):
    arguments = ["mood", "--data", str(data), "--model", str(tmp_path / "none.tflite")]
    result = RUNNER.invoke(evaluate_app, arguments)
    assert isinstance(result.exception, UsageError)
    assert "is missing" in str(result.exception)


def test_an_unknown_precision_is_refused(data, tmp_path):
    arguments = ["mood", "--data", str(data), "--out", str(tmp_path), "--precision", "float8"]
    result = RUNNER.invoke(train_app, arguments)
    assert isinstance(result.exception, UsageError)
    assert "bfloat16 or float32" in str(result.exception)
