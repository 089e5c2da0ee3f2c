"""`mirror shape view`, and `mirror train classifier`'s report."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console
from skimage import data
from typer.testing import CliRunner

from mirror.classifier_report import print_report
from mirror.command import app
from mirror_core.errors import UsageError
from mirror_tracking.shape_classifier import Logistic, ShapeClassifier
from mirror_tracking.shape_model import ShapeModel, shared_shape_model
from mirror_training.classifier import Score, Trained

runner = CliRunner()


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """A model file with two components."""
    model = shared_shape_model()
    few = ShapeModel("pca", model.mean, model.components[:2], model.deviations[:2])
    path = tmp_path / "small.npz"
    path.write_bytes(few.to_bytes())
    return path


def run(*words: str) -> str:
    result = runner.invoke(app, ["shape", "view", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_components_are_drawn_into_a_picture(tmp_path: Path, small_model: Path) -> None:
    out = tmp_path / "new" / "sheet.png"
    assert str(out) in run("--out", str(out), "--model", str(small_model)).replace("\n", "")
    sheet = cv2.imread(str(out))
    assert sheet.shape[1] > 3 * 4 * 180
    assert sheet.std() > 10


def test_a_photograph_is_shown_with_its_reconstruction(tmp_path: Path) -> None:
    photo, out = tmp_path / "ada.png", tmp_path / "sheet.jpg"
    cv2.imwrite(str(photo), cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))
    run("--photo", str(photo), "--sparse", "--out", str(out))
    sheet = cv2.imread(str(out))
    assert sheet.shape[1] > 2 * 560


def test_a_photograph_is_classified(tmp_path: Path) -> None:
    model = shared_shape_model()
    photo, file = tmp_path / "ada.png", tmp_path / "smile.npz"
    cv2.imwrite(str(photo), cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))
    weights = np.zeros((2, model.count))
    for index, step in enumerate(np.eye(model.count)[:3]):  # how much wider each makes the mouth
        wide, narrow = model.shape(step), model.shape(-step)
        weights[1, index] = 10 * (np.ptp(wide[[61, 291], 0]) - np.ptp(narrow[[61, 291], 0]))
    file.write_bytes(ShapeClassifier(("calm", "smiling"), Logistic(weights, np.zeros(2))).to_bytes())
    result = runner.invoke(app, ["shape", "classify", "--photo", str(photo), "--classifier", str(file)])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[-2].startswith("smiling: ")
    assert lines[-1].startswith("calm: ")
    result = runner.invoke(app, ["shape", "classify", "--photo", str(photo), "--classifier", str(photo)])
    assert isinstance(result.exception, UsageError)


def test_mistakes_are_answered_in_one_sentence(tmp_path: Path, small_model: Path) -> None:
    blank, text = tmp_path / "blank.png", tmp_path / "text.png"
    cv2.imwrite(str(blank), np.full((120, 160, 3), 128, np.uint8))
    text.write_text("no picture")
    for words, message in (
        (("--photo", str(tmp_path / "none.jpg")), "cannot be read"),
        (("--photo", str(text)), "can(not)? be read"),
        (("--photo", str(blank)), "No face was found"),
        (("--model", str(text)), "no shape model in"),
        (("--model", str(small_model), "--sparse"), "give one of the two"),
        (("--model", str(small_model), "--out", str(tmp_path / "sheet.gif")), r"must end in \.png or \.jpg"),
        (("--model", str(small_model), "--out", str(text / "sheet.png")), "cannot be written"),
    ):
        with pytest.raises(UsageError, match=message):
            run(*words)


def test_the_report_shows_scores_and_confusions_of_both_methods() -> None:
    good = Score(0.75, np.array([0.8, 0.7]), np.array([0.9, 0.6]), np.array([[27, 3], [8, 12]]))
    bad = Score(0.5, np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.array([[30, 0], [20, 0]]))
    trained = Trained(("glasses", "none"), (30, 20), 50, {"logistic": good, "forest": bad}, {})
    assert trained.best == "logistic"
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as captured:
        print_report(trained, console)
    text = " ".join(captured.get().split())
    assert "logistic regression, the better one: balanced accuracy 75.0% (chance 50.0%)" in text
    assert "random forest: balanced accuracy 50.0%" in text
    assert "90.0%" in text
    assert "27" in text
    assert "50 pictures of 50 people" in text
