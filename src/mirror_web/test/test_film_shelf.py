"""Scenes and takes on disc: found, told of, erased; and what is played of them in a browser."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import MirrorError, UsageError
from mirror_core.live_parameter import LiveParameter
from mirror_web.catalogue import spoken
from mirror_web.film_player import Film, moving_pictures
from mirror_web.film_quality import quality_lines, score_lines
from mirror_web.film_scenes import FilmScenes
from mirror_web.film_shelf import shelf_of, stop_take
from mirror_web.film_takes import FilmTakes
from mirror_web.film_testing import FAIR_REPORT, write_drawn_film, write_scene, write_take
from mirror_web.stream import BOUNDARY
from mirror_web.testing import FakeControl

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def scenes(tmp_path: Path) -> FilmScenes:
    return FilmScenes(lambda: tmp_path / "data" / "scenes")


@pytest.fixture
def takes(tmp_path: Path) -> FilmTakes:
    return FilmTakes(lambda: tmp_path / "takes")


def test_scenes_of_both_kinds_are_found_with_what_is_wrong(scenes: FilmScenes) -> None:
    write_scene(scenes.folder, "waltz", "Waltz")
    (scenes.folder / "torn").mkdir()
    (scenes.folder / "torn" / "scene.json").write_text("{")
    found = {scene.name: scene for scene in scenes.scenes()}
    assert next(iter(found)) == "detective"  # those that come with Mirror are first
    assert not found["detective"].is_own
    assert found["detective"].has_preview
    assert found["waltz"].is_own
    assert (found["waltz"].title, found["waltz"].side) == ("Waltz", 64)
    assert found["waltz"].quality == FAIR_REPORT["clip_quality"]
    assert "holds no JSON" in found["torn"].problem
    write_scene(scenes.folder, "torn", "Mended")
    assert {scene.title for scene in scenes.scenes()} >= {"Mended", "Waltz"}


def test_a_scene_of_ones_own_is_erased_with_all_that_it_was_made_from(scenes: FilmScenes) -> None:
    write_scene(scenes.folder, "waltz", "Waltz")
    work = scenes.work_folder("waltz") / "frames"
    work.mkdir(parents=True)
    scenes.erase("waltz")
    assert [scene.name for scene in scenes.scenes()] == ["detective"]
    assert not work.exists()
    assert list(scenes.folder.iterdir()) == []
    scenes.erase("waltz")  # somebody else was quicker
    with pytest.raises(UsageError, match="comes with Mirror"):
        scenes.erase("detective")
    with pytest.raises(UsageError, match="is refused"):
        scenes.erase("../takes")
    with pytest.raises(UsageError, match="no scene waltz"):
        scenes.folder_of("waltz")


def test_takes_are_found_newest_first_and_erased(takes: FilmTakes) -> None:
    ada = write_take(takes.folder, "Ada Lovelace", NOON)
    grace = write_take(takes.folder, "Grace", NOON + timedelta(hours=1), complete=False)
    (takes.folder / "notes.json").write_text("[]")
    found = takes.takes()
    assert [(take.id, take.name, take.is_complete) for take in found] == [
        (grace, "Grace", False),
        (ada, "Ada Lovelace", True),
    ]
    assert (found[1].seconds, found[1].size, found[1].scenes) == (4.0, (320, 180), ("detective",))
    assert found[1].megabytes > 0
    with pytest.raises(UsageError, match="being recorded"):
        takes.erase(grace)
    os.utime(takes.file_of(grace), (1.0, 1.0))  # nobody writes to it any more
    takes.erase(grace)
    takes.erase(ada)
    assert takes.takes() == ()
    assert [file.name for file in takes.folder.iterdir()] == ["notes.json"]
    for name in ("../notes", "", ada):
        with pytest.raises(UsageError, match="is gone"):
            takes.file_of(name)
    with pytest.raises(UsageError, match="is gone"):
        takes.erase("../notes")


def test_all_takes_are_erased_even_if_one_stays(takes: FilmTakes) -> None:
    write_take(takes.folder, "Ada", NOON)
    running = write_take(takes.folder, "Grace", NOON + timedelta(hours=1), complete=False)
    with pytest.raises(UsageError, match="being recorded"):
        takes.erase_all(patience_s=0.0)
    assert [take.id for take in takes.takes()] == [running]
    os.utime(takes.file_of(running), (1.0, 1.0))
    assert takes.erase_all() == 1


def test_the_shelf_follows_the_effects_folder_of_takes(tmp_path: Path) -> None:
    control = FakeControl(("none", "film"))
    assert shelf_of(control).takes.folder.parts[-2:] == ("mirror", "takes")
    folder = LiveParameter("takes_folder", str(tmp_path))
    control.parameters["film"] = (folder, LiveParameter("take", "Ada"))
    assert shelf_of(control).takes.folder == tmp_path
    assert stop_take(control) is None
    assert control.parameters["film"][1].value == ""
    control.refusal = "The effects do not answer."
    assert stop_take(control) is None  # there is nothing to end

    def silent(_: str) -> tuple[LiveParameter, ...]:
        raise MirrorError("The effects do not answer.")

    control.effect_parameters = silent  # type: ignore[method-assign]
    assert stop_take(control) is None
    assert shelf_of(control).takes.folder.parts[-2:] == ("mirror", "takes")


def test_a_report_becomes_sentences_in_the_language_of_the_page() -> None:
    lines = quality_lines(FAIR_REPORT["clip_quality"])
    assert lines[0] == "450 of 500 pictures can be used: 18 seconds."
    assert "Left out: without a body 20, with too little of the body 30." in lines
    assert "The background stands still." in lines
    assert lines[-1] == "Often not seen, so hardly learned: left foot."
    with spoken("de"):
        assert quality_lines(FAIR_REPORT["clip_quality"])[-1].endswith("kaum gelernt: linker Fuß.")
    moving = {**FAIR_REPORT["clip_quality"]["background"], "still": False, "shaking": 9.0}
    worse = quality_lines({**FAIR_REPORT["clip_quality"], "background": moving, "coverage": 0.3, "runs": 30})
    assert (
        sum(sentence in " ".join(worse) for sentence in ("not still", "stand", "cut the rest", "torn")) == 4
    )
    assert quality_lines({"used": 3}) == ["The report on the clip cannot be read."]


def test_scores_say_whether_the_network_is_better_than_the_clip() -> None:
    test = FAIR_REPORT["training"]["test"]
    first, second = score_lines(test)
    assert first.startswith("Likeness to the clip 74 %, flicker 2.5")
    assert second == "The clip’s nearest picture would reach 68 %, with a flicker of 4.5."
    worse = json.loads(json.dumps(test))
    worse["as they are"]["film"]["moving"]["ssim"] = 0.6
    assert score_lines(worse)[1].startswith("That is no better")
    assert score_lines({}) == []


def grey(jpeg: bytes) -> float:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return float(picture[4, 4])


def test_a_film_is_shown_from_where_it_is_wanted(tmp_path: Path) -> None:
    write_drawn_film(tmp_path / "film.mp4", 4.0, (1920, 1080))
    film = Film(tmp_path / "film.mp4")
    assert (film.fps, film.seconds) == (25.0, 4.0)
    film.seek(2.0)
    jpeg = film.next()
    assert jpeg is not None
    assert grey(jpeg) == pytest.approx(20, abs=4)  # it rises by ten a second
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (540, 960, 3)
    film.seek(99.0)
    assert film.next() is not None  # the last picture
    assert film.next() is None
    film.close()
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        Film(tmp_path / "broken.mp4")


def test_pictures_that_follow_are_whole_parts_and_end(tmp_path: Path) -> None:
    write_drawn_film(tmp_path / "film.mp4", 0.4)
    film = Film(tmp_path / "film.mp4")

    async def body() -> bytes:
        return b"".join([part async for part in moving_pictures(film)])

    content = asyncio.run(body())
    parts = content.split(b"--" + BOUNDARY + b"\r\n")
    assert parts[0] == b""
    assert parts[-1] == b""
    pictures = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]]
    assert 1 <= len(pictures) <= 10  # what comes late is left out
    assert all(cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_COLOR) is not None for each in pictures)
