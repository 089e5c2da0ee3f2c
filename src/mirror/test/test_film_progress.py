"""`mirror film make --progress json`: one line of JSON for each step, the results, and always an end."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mirror.command import app
from mirror.film_progress import JsonLines
from mirror_core.errors import UsageError
from mirror_training.film_scene import maker
from mirror_training.film_scene.testing import ToyFinder, plain_trainer, write_toy_film
from mirror_training.film_scene.training import WaitingError

MAKE = ["film", "make", "clip.avi", "--name", "noir", "--progress", "json"]
RIGHTS = ["--licence", "CC0", "--consent", "Nobody is seen."]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_toy_film(tmp_path / "clip.avi", 160, 64)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(maker, "TrackedFinder", ToyFinder)
    monkeypatch.setattr(maker, "train_here", plain_trainer)
    return tmp_path


def lines_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_every_step_and_result_is_a_line(home: Path) -> None:
    said = CliRunner().invoke(app, [*MAKE, *RIGHTS], catch_exceptions=False)
    assert said.exit_code == 0
    lines = lines_of(said.stdout)
    assert len(lines) == len(said.stdout.splitlines())  # nothing else stands there
    steps = [line["step"] for line in lines if line["event"] == "step"]
    assert list(dict.fromkeys(steps)) == ["cuts", "frames", "poses", "figure", "training", "preview"]
    last = {line["step"]: line for line in lines if line["event"] == "step"}
    assert (last["poses"]["done"], last["poses"]["total"]) == (160, 160)
    results = {line["name"]: line["value"] for line in lines if line["event"] == "result"}
    assert results["quality"]["used"] == 160
    assert results["scene"]["folder"] == str(home / "data" / "mirror" / "scenes" / "noir")
    assert results["scores"]["pieces"]
    kinds = [line.get("name", line.get("step")) for line in lines]
    assert kinds.index("quality") < kinds.index("training")  # the report can be read while it learns
    assert (lines[-1]["event"], lines[-1]["how"]) == ("end", "done")


def test_what_fails_says_so_in_its_last_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = CliRunner().invoke(app, MAKE)
    assert isinstance(said.exception, UsageError)
    (line,) = lines_of(said.stdout)
    assert (line["event"], line["how"]) == ("end", "failed")
    assert "needs --licence" in line["words"]

    def elsewhere(*_: object) -> str:
        raise WaitingError("Train elsewhere.")

    monkeypatch.setattr(maker, "train_here", elsewhere)
    said = CliRunner().invoke(app, [*MAKE, *RIGHTS], catch_exceptions=False)
    assert said.exit_code == 3
    end = lines_of(said.stdout)[-1]
    assert (end["event"], end["how"], end["words"]) == ("end", "failed", "Train elsewhere.")


def test_a_clip_that_is_too_short_still_has_its_report(home: Path) -> None:
    write_toy_film(home / "clip.avi", 60, 64)
    said = CliRunner().invoke(app, [*MAKE, "--only-report"])
    lines = lines_of(said.stdout)
    assert [line["event"] for line in lines[-2:]] == ["result", "end"]
    assert lines[-2]["value"]["used"] == 60
    assert "only 60 usable frames" in lines[-1]["words"]


def test_an_unknown_form_is_refused(home: Path) -> None:
    with pytest.raises(UsageError, match="--progress xml is refused: allowed is bar or json"):
        CliRunner().invoke(app, [*MAKE[:-1], "xml"], catch_exceptions=False)


def test_a_training_tells_how_far_and_how_good_it_is() -> None:
    stream = io.StringIO()
    training = logging.getLogger("mirror.training")
    before = training.level
    training.setLevel(logging.INFO)
    try:
        with JsonLines.on(stream):
            logging.getLogger("mirror.training.progress").debug('{"progress": 0.25}')
            training.info('{"epoch": 2, "progress": 0.5, "ssim": 0.71, "stage": 1.0}')
            training.info("Going on after 2 epochs.")
    finally:
        training.setLevel(before)
    logging.getLogger("mirror.training.progress").debug('{"progress": 0.75}')
    lines = lines_of(stream.getvalue())
    steps = [(line["done"], line["total"]) for line in lines if line["event"] == "step"]
    assert steps[0] == (250, 1000)
    assert 750 not in dict(steps)
    (figures,) = [line["figures"] for line in lines if line["event"] == "figures"]
    assert figures == {"ssim": 0.71, "epoch": 2}
    assert lines[-1]["event"] == "end"


def test_lines_come_four_times_a_second_at_most_but_never_miss_the_end() -> None:
    stream, now = io.StringIO(), [1000.0]
    lines = JsonLines(stream, lambda: now[0])
    for done in range(1, 101):
        lines.told("poses", done, 100)
        now[0] += 0.01
    said = [line["done"] for line in lines_of(stream.getvalue())]
    assert said[0] == 1
    assert said[-1] == 100
    assert 4 <= len(said) <= 6
