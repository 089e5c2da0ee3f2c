"""Trials of storage addresses: what works is told, what does not too, and nothing is left behind."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mirror_core.store.places import state_folder
from mirror_mood.log.store import MoodStore
from mirror_web.catalogue import spoken
from mirror_web.settings_storage import PLACES, Place, Trial, in_time, try_address

FACES, PICTURES, MOODS, EXPORT = PLACES


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for place in PLACES:
        monkeypatch.delenv(place.variable, raising=False)


def test_the_default_places_work_and_nothing_is_made(tmp_path: Path) -> None:
    for place in (FACES, PICTURES, MOODS):
        assert try_address(place, "").works, place
    assert try_address(EXPORT, "") == Trial(True, "Without an address nothing is uploaded.")
    assert not state_folder().exists()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_and_database_work_and_stay(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    assert "written, read and removed" in try_address(PICTURES, str(folder)).sentence
    assert [path.name for path in folder.iterdir()] == ["kept"]
    MoodStore(str(tmp_path / "moods.sqlite")).close()
    trial = try_address(MOODS, f"sqlite:///{tmp_path}/moods.sqlite")
    assert trial.works
    assert trial.sentence.startswith("The database can be opened and written")


@pytest.mark.parametrize(
    ("place", "address", "sentence"),
    [
        (FACES, "mysql://me:hush@db/faces", "not mysql"),
        (FACES, "postgresql://me:hush@127.0.0.1:1/faces", "cannot be reached"),
        (PICTURES, "s3://", "must be s3://bucket/prefix"),
        (EXPORT, "nosuch://bucket", "is not understood"),
    ],
)
def test_what_does_not_work_is_one_sentence_without_the_password(
    place: Place, address: str, sentence: str
) -> None:
    trial = try_address(place, address)
    assert not trial.works
    assert sentence in trial.sentence
    assert "hush" not in trial.sentence


def test_a_file_in_the_way_and_a_folder_of_others_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is no folder" in try_address(MOODS, str(tmp_path / "file" / "moods.sqlite")).sentence
    assert not try_address(PICTURES, str(tmp_path / "file")).works
    if os.geteuid() != 0:
        assert "may not write" in try_address(MOODS, "/usr/moods.sqlite").sentence


def test_a_trial_that_takes_too_long_is_given_up_in_the_language_of_who_asks() -> None:
    end = threading.Event()

    def slow() -> Trial:
        end.wait(60)
        return Trial(True, "late")

    with spoken("de"):
        trial = in_time(slow, 0.05)
        broken = in_time(lambda: Trial(True, str(1 / 0)))
    end.set()
    assert trial == Trial(False, "Innerhalb von 0 Sekunden kam keine Antwort; prüfen Sie Adresse und Netz.")
    assert broken.sentence == "Der Test misslang (ZeroDivisionError); prüfen Sie die Adresse."
