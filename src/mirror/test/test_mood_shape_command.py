"""`mirror train mood-shape` and `mirror evaluate mood-shape` print their table, and say what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from mirror.mood_shape_command import print_mood_shape
from mirror.train_command import evaluate_app, train_app
from mirror_core.errors import UsageError
from mirror_training.classifier import score_of
from mirror_training.mood_shape import SITUATIONS, MoodShapeReport

RUNNER = CliRunner()


def test_the_table_has_every_situation_and_every_mood():
    confusion = np.diag([30, 20, 40, 90, 80]) + 10
    scores = {key: score_of(confusion) for key in SITUATIONS}
    report = MoodShapeReport(
        (80, 70, 90, 140, 130), 300, dict.fromkeys(("logistic", "forest", "both"), scores), 0.8, 0.06, 0.04
    )
    console = Console(width=200, record=True)
    print_mood_shape(report, console)
    text = console.export_text()
    for words in SITUATIONS.values():
        assert words in text
    for word in ("1 angry", "2 sad", "3 surprise", "4 happy", "5 neutral"):
        assert word in text
    assert f"{scores['all'].balanced:.1%}" in text
    assert "510 pictures of 300 people" in text
    assert "6.0%, 4.0% with temperature 0.80" in text


@pytest.mark.parametrize(
    ("app", "arguments"),
    [(train_app, ["mood-shape", "--out", "unused.npz"]), (evaluate_app, ["mood-shape"])],
)
def test_a_folder_without_photographs_is_refused(app, arguments, tmp_path):
    pytest.importorskip("sklearn", reason="training needs scikit-learn")
    result = RUNNER.invoke(app, [*arguments, "--data", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert "faces_dev_landmarks.npz is missing" in str(result.exception)
