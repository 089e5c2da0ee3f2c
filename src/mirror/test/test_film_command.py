"""`mirror film`: the commands of docs/film.md on a short clip, and what is said when something is wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mirror.command import app
from mirror_core.errors import UsageError
from mirror_effects.film.scene import load_scene
from mirror_training.film_scene import maker
from mirror_training.film_scene.testing import ToyFinder, plain_trainer, write_toy_film
from mirror_training.film_scene.training import WaitingError

runner = CliRunner()
PAGE = Path(__file__).resolve().parents[3] / "docs" / "film.md"
COMMANDS = re.findall(r"^    mirror (film .*)$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_film(tmp_path_factory.mktemp("film") / "clip.avi", 160, 64)


@pytest.fixture
def home(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with clip.avi, to be in; the figure's poses are known and the training takes no time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(maker, "TrackedFinder", ToyFinder)
    monkeypatch.setattr(maker, "train_here", plain_trainer)
    (tmp_path / "clip.avi").symlink_to(film)
    return tmp_path


def run(words: str, *more: str) -> Result:
    return runner.invoke(app, [*shlex.split(words), *more], catch_exceptions=False)


def test_the_commands_of_the_page_make_a_scene(home: Path) -> None:
    assert [shlex.split(command)[1] for command in COMMANDS] == ["make", "report", "make", "list"]
    looked, reported, made, listed = (run(command) for command in COMMANDS)
    assert [each.exit_code for each in (looked, reported, made, listed)] == [0, 0, 0, 0]
    assert "used       │ 160 frames in 1 runs" in looked.output
    assert "used       │ 160 frames in 1 runs" in reported.output
    assert "The scene is not finished yet." in reported.output
    folder = home / "data" / "mirror" / "scenes" / "noir"
    assert f"Wrote {folder}" in made.output
    assert load_scene(folder).scene.consent == "I am seen, and agree."
    assert {file.name for file in folder.iterdir()} == set(
        re.findall(r"^\| `([a-z_]+\.[a-z0-9]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    )
    assert "noir" in listed.output
    assert "your own" in listed.output
    again = run("film report noir")
    assert "The scene is not finished yet." not in again.output
    assert "160 frames in 1 runs" in again.output


def test_a_training_elsewhere_is_asked_for_with_a_status_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(*_: object) -> str:
        raise WaitingError("Train elsewhere.")

    monkeypatch.setattr(maker, "train_here", elsewhere)
    result = run(COMMANDS[2])
    assert result.exit_code == 3
    assert "Train elsewhere." in result.output
    assert not (home / "data" / "mirror" / "scenes").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("film make clip.avi --name noir", "needs --licence"),
        ("film make clip.avi --name noir --licence CC0", "and --consent"),
        ("film make clip.avi --name Noir --only-report", "The name 'Noir' is refused"),
        ("film make clip.avi --name noir --only-report --size large", "The size large is unknown"),
        ("film make clip.avi --name noir --only-report --crop left", "crop = left is refused"),
        ("film make none.avi --name noir --only-report", r"none\.avi is missing"),
        ("film report unknown", "There is no scene unknown"),
        ("film report ../x", "The name '../x' is refused"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_is_wrong_is_said_in_a_sentence(words: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        run(words)


def test_list_names_damaged_scenes(home: Path) -> None:
    folder = home / "data" / "mirror" / "scenes" / "torn"
    folder.mkdir(parents=True)
    (folder / "scene.json").write_text("{")
    result = run("film list")
    assert result.exit_code == 1
    assert "scene.json is damaged: it holds no JSON; make the scene anew." in result.output.replace("\n", "")
