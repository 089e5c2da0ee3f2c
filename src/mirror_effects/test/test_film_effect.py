"""The effect `film`: who is shown where, that the frame path never waits, and takes."""

from __future__ import annotations

import json
from dataclasses import fields

import cv2
import numpy as np
import pytest

import mirror_effects.film_effect
from mirror_core.errors import ModelError
from mirror_core.frame import read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.film.player import Mode
from mirror_effects.film.testing import spread
from mirror_effects.film.testing_stage import FIGURE_COLOUR, body_of, painted_stage
from mirror_effects.film_effect import FilmEffect, FilmParameters

SIZE = (640, 360)
CAMERA = (200, 40, 150)  # blue, green, red: what no scene has
STEP_S = 1 / 30


class Scenes:
    """Loads painted scenes of any name, and remembers which."""

    def __init__(self) -> None:
        self.stages = {}

    def __call__(self, name: str, threads: int, network: str):
        if name == "missing":
            raise ModelError("missing is not a film scene: installed are noir.")
        stage = painted_stage(name or "noir")
        self.stages[name, threads, network] = stage
        return stage


@pytest.fixture
def scenes(monkeypatch):
    scenes = Scenes()
    monkeypatch.setattr(mirror_effects.film_effect, "load_stage", scenes)
    return scenes


@pytest.fixture
def effect(scenes):
    effect = FilmEffect()
    effect.parameters = FilmParameters(smoothing=0.0)
    yield effect
    for stage in scenes.stages.values():
        stage.network.may_go.set()
    effect.close()


def camera_picture():
    """Read-only; its left quarter is darker."""
    image = np.full((SIZE[1], SIZE[0], 3), CAMERA, np.uint8)
    image[:, : SIZE[0] // 4] = [c // 2 for c in CAMERA]
    return read_only(image)


def body(arms: float = 0.5, track_id: int = 1, x: float = 320.0):
    return body_of(spread(200.0, (x, 60.0), arms), track_id)


class Mirror:
    """Calls the effect as the graph does, but lets it play each frame."""

    def __init__(self, effect: FilmEffect) -> None:
        self.effect = effect
        self.now_s = 10.0
        self.image = camera_picture()

    def show(self, *bodies, frames: int = 1):
        for _ in range(frames):
            self.now_s += STEP_S
            stamp_ns = int(self.now_s * 1e9)
            result = self.effect.apply(self.image, Scene(stamp_ns, bodies=bodies))
            self.effect.shown(result, stamp_ns)
            assert self.effect.playing.wait(10)
        return result

    def change(self, **values) -> None:
        self.effect.parameters = update(self.effect.parameters, values)

    @property
    def shown(self):
        return self.effect.playing.shown()


@pytest.fixture
def mirror(effect):
    return Mirror(effect)


def figure(picture):
    """Where the figure is."""
    return np.abs(picture.astype(int) - FIGURE_COLOUR).max(axis=2) < 12


def camera(picture):
    """Where the camera's picture is, bright or dark."""
    return sum(np.abs(picture.astype(int) - np.array(CAMERA) // by).max(axis=2) < 3 for by in (1, 2)) > 0


def test_until_the_scene_is_there_the_mirror_shows_what_the_camera_sees(mirror):
    assert mirror.effect.apply(mirror.image, Scene(1)) is mirror.image


def test_the_character_fills_the_picture_s_height_and_moves_as_the_person_does(mirror):
    mirror.show(body(0.2), frames=3)
    tops = []
    for number in range(20):
        result = mirror.show(body(0.2 + 0.14 * number))
        assert result.shape == mirror.image.shape
        assert not camera(result).any()
        tops.append(int(np.flatnonzero(figure(result).any(axis=1))[0]))
    assert tops[-1] < tops[0] - 20
    assert tops == sorted(tops, reverse=True)
    assert (result[:, :140] == 0).all()  # black beside the square scene
    assert (result[:, 500:] == 0).all()
    assert result[:, 145:495].max(axis=2).min() > 0


def test_the_frame_path_never_waits_for_the_network(mirror, scenes):
    first = mirror.show(body(0.2), frames=3)
    (stage,) = scenes.stages.values()
    stage.network.may_go.clear()
    asked = len(stage.network.asked)
    for tick in range(20):
        mirror.now_s += STEP_S
        result = mirror.effect.apply(mirror.image, Scene(int(mirror.now_s * 1e9), bodies=(body(0.1 * tick),)))
        assert result.shape == first.shape
    assert len(stage.network.asked) <= asked + 1
    stage.network.may_go.set()
    assert mirror.effect.playing.wait(10)
    assert len(stage.network.asked) == asked + 1  # of twenty frames one was played: the others cost nothing


def test_who_leaves_comes_back_and_is_awaited_by_the_film(mirror):
    mirror.change(attract_after=1.0)
    modes = []
    for people, frames in (((), 5), ((body(),), 10), ((), 60), ((body(),), 10)):
        for _ in range(frames):
            mirror.show(*people)
            modes.append(mirror.shown.modes[0])
    changes = [mode for number, mode in enumerate(modes) if number == 0 or mode is not modes[number - 1]]
    assert changes == [Mode.ATTRACT, Mode.PLAYED, Mode.HELD, Mode.ATTRACT, Mode.PLAYED]
    held = modes.count(Mode.HELD) * STEP_S
    assert held == pytest.approx(1.0, abs=0.1)


def test_a_mirrored_picture_has_the_scene_the_other_way_round(mirror):
    result = mirror.show(frames=3)
    place = slice(140, 500)
    shown = result[:, ::-1][:, place]
    assert shown[:, :100].mean() < shown[:, 260:].mean() - 30  # the scene's left half is darker
    mirror.change(mirrored=False)
    plain = mirror.show(frames=3)[:, place]
    assert plain[:, :100].mean() < plain[:, 260:].mean() - 30


def test_beside_the_scene_the_person_is_seen_and_inset_in_the_corner(mirror):
    mirror.change(view="beside", mirrored=False)
    result = mirror.show(body(), frames=3)
    seen = camera(result)
    assert seen[:, 360:].all()
    assert not seen[:, :360].any()
    mirror.change(mirrored=True)
    assert camera(mirror.show(body(), frames=3))[:, :280].all()  # on the right, when it is mirrored
    mirror.change(view="inset", corner="top_left", inset_size=0.25, mirrored=False)
    rows, columns = np.nonzero(camera(mirror.show(body(), frames=3)))
    assert (rows.min(), columns.min()) == (8, 8)
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == (88, 158)  # within its edge
    mirror.change(mirrored=True)
    shown = mirror.show(body(), frames=3)[:, ::-1]
    part = shown[7:97, 7:167]
    assert camera(part)[2:-2, 2:-2].all()
    np.testing.assert_array_equal(part[45, 150], [c // 2 for c in CAMERA])  # left and right as in a mirror


def test_the_person_is_taken_from_the_camera_s_picture_whatever_came_before(mirror):
    mirror.change(view="beside", mirrored=False)
    mirror.show(body(), frames=3)
    drawn_on = np.zeros_like(mirror.image)
    scene = Scene(int(20e9), bodies=(body(),), camera=mirror.image)
    assert camera(mirror.effect.apply(drawn_on, scene))[:, 360:].all()


def test_two_people_play_two_scenes_side_by_side(mirror, scenes):
    mirror.change(participants="two", second_scene="western", mirrored=False)
    left, right = body(0.2, 1, x=480.0), body(2.4, 2, x=160.0)
    result = mirror.show(left, right, frames=8)
    assert mirror.shown.names == ("noir", "western")
    assert mirror.shown.modes == (Mode.PLAYED, Mode.PLAYED)
    one, other = figure(result)[:, :320], figure(result)[:, 320:]
    assert one.any()
    assert other.any()
    tops = [int(np.flatnonzero(half.any(axis=1))[0]) for half in (one, other)]
    assert tops[1] < tops[0] - 20  # only the second has the arms up
    mirror.show(right, frames=3)
    assert mirror.shown.modes == (Mode.HELD, Mode.PLAYED)
    mirror.change(second_scene="")
    mirror.show(left, right, frames=3)
    assert mirror.shown.names == ("noir", "noir")


def test_in_turns_one_after_the_other_plays(mirror):
    mirror.change(participants="turns", turn=3.0)
    up, down = body(2.4, 1), body(0.1, 2, x=330.0)

    def top() -> int:
        return int(np.flatnonzero(figure(mirror.show(up, down, frames=2)).any(axis=1))[0])

    mirror.show(up, down, frames=30)
    first = top()
    mirror.show(up, down, frames=90)
    assert top() > first + 20


def test_a_score_appears_only_where_it_is_wanted(mirror):
    plain = mirror.show(body(), frames=4)
    assert mirror.shown.standings == (None,)
    mirror.change(show_score=True)
    scored = mirror.show(body(), frames=4)
    assert 0 <= mirror.shown.standings[0].points <= 100
    label = (plain != scored).any(axis=2)
    assert label[300:].any()
    assert not label[130:300].any()
    mirror.show(body(), frames=90)
    assert mirror.shown.standings[0].has_begun
    mirror.show(frames=120)
    assert mirror.shown.standings == (None,)  # nobody there


def test_the_rate_bounds_how_often_the_network_works(mirror, scenes):
    mirror.change(rate=10.0)
    for number in range(61):
        mirror.show(body(0.2 + 0.01 * number))
    (stage,) = scenes.stages.values()
    assert 18 <= len(stage.network.asked) <= 32


def test_smoothing_threads_and_network_reach_the_player(mirror, scenes):
    mirror.change(threads=3, smoothing=0.5, network="keras")
    mirror.show(body(), frames=2)
    assert list(scenes.stages) == [("", 3, "keras")]
    assert mirror.shown.settings.smoothing_s == 0.5


def test_a_missing_scene_is_said_in_one_sentence_and_another_goes_on(mirror):
    mirror.change(scene="missing")
    mirror.show()
    with pytest.raises(ModelError, match=r"^missing is not a film scene: installed are noir\.$"):
        mirror.show()
    mirror.change(scene="noir")
    assert not camera(mirror.show(frames=3)).any()


def test_no_scene_at_all_says_how_to_make_one(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("mirror_effects.film.scene.shipped_scenes_folder", lambda: tmp_path / "none")
    effect = FilmEffect()
    try:
        image = camera_picture()
        assert effect.apply(image, Scene(10**9)) is image
        assert effect.playing.wait(10)
        with pytest.raises(
            ModelError, match=r"^No film scene is installed: .*`mirror film make CLIP --name NAME`"
        ):
            effect.apply(image, Scene(2 * 10**9))
    finally:
        effect.close()


def test_effects_behind_it_find_nobody(effect):
    after = effect.scene_after(Scene(1, bodies=(body(),), faces=()))
    assert after.bodies == ()
    assert after.faces == ()


def test_a_new_picture_size_is_taken_up(mirror):
    mirror.show(frames=3)
    mirror.image = read_only(np.full((240, 320, 3), CAMERA, np.uint8))
    first = mirror.show()
    assert first.shape == (240, 320, 3)
    assert mirror.show(frames=2).shape == (240, 320, 3)
    assert not camera(mirror.show()).any()


def test_a_take_is_written_only_while_there_is_a_name(mirror, tmp_path):
    mirror.change(takes_folder=str(tmp_path))
    mirror.show(body(), frames=20)
    assert mirror.effect.take is None
    assert list(tmp_path.iterdir()) == []
    mirror.change(take="Ada")
    stamped = mirror.show(body(), frames=30)
    take = mirror.effect.take
    assert take.name == "Ada"
    assert (stamped[340:] != mirror.shown.picture[340:]).any()  # who is recorded sees it
    np.testing.assert_array_equal(stamped[:330], mirror.shown.picture[:330])
    mirror.change(take="")
    after = mirror.show(body(), frames=5)
    np.testing.assert_array_equal(after[330:], mirror.shown.picture[330:])
    assert take.close()
    note = json.loads(take.file.with_suffix(".json").read_text(encoding="utf-8"))
    assert note["name"] == "Ada"
    assert note["consent"] == "recorded with consent"
    assert note["scenes"] == ["noir"]
    assert note["complete"]
    video = cv2.VideoCapture(str(take.file))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    assert count == note["frames"]
    assert count == pytest.approx(25, abs=2)
    is_there, frame = video.read()
    assert is_there
    assert figure(cv2.GaussianBlur(frame, (5, 5), 0)).any() or frame[..., 2].max() > 180
    # As it was shown: the scene's left half is the darker one.
    assert frame[:300, 150:220].mean() < frame[:300, 420:490].mean() - 30
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".mp4"]


def test_another_name_begins_another_take(mirror, tmp_path):
    mirror.change(takes_folder=str(tmp_path), take="Ada")
    mirror.show(frames=5)
    first = mirror.effect.take
    mirror.change(take="Bob")
    mirror.show(frames=5)
    second = mirror.effect.take
    assert first.close()
    assert second.close()
    names = [
        json.loads(t.file.with_suffix(".json").read_text(encoding="utf-8"))["name"] for t in (first, second)
    ]
    assert names == ["Ada", "Bob"]


def test_every_parameter_has_a_test():
    source = open(__file__, encoding="utf-8").read()  # noqa: PTH123, SIM115
    for field in fields(FilmParameters):
        assert f"{field.name}=" in source, field.name


@pytest.mark.parametrize(
    ("rate", "level", "played"), [(30.0, 0, 30), (30.0, 1, 15), (15.0, 0, 15), (20.0, 4, 10)]
)
def test_it_plays_at_most_so_often_and_less_where_time_is_short(mirror, rate, level, played):
    mirror.change(rate=rate)
    mirror.show(body())
    mirror.effect.level = level
    before = mirror.effect.playing.played
    mirror.show(body(), frames=60)  # two seconds
    assert mirror.effect.playing.played - before == pytest.approx(2 * played, abs=2)
